//! `taiwa promote`

use taiwa_deployer::Deployed;
use taiwa_model::{Digest, EnvironmentName};
use taiwa_plan::{Goal, Move, PlanKind};

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
        signals,
    },
    moves::{self, Cargo, Change, Pace, Planned, Promotion, Without},
};

/// Deploy a proven and approved release: the same bytes that the environment before ran
///
/// Refused until everything that the servers' policy asks for is there; each unmet condition is named, with who can meet
/// it and by which command.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Args {
    /// The release (its digest or the beginning of it); without it the one that is marked
    release: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENV")]
    pub(super) to: EnvironmentName,
    /// Promote a release again that was rolled back there
    #[arg(long)]
    again: bool,
    /// Break the glass for this long, at most 4h: other approvals, no gates, no windows; it goes back by itself
    #[arg(long, value_name = "SPAN", requires = "why", conflicts_with = "ratify")]
    emergency: Option<String>,
    /// Let the emergency that is live stay: with the approvals and gates of an ordinary promotion
    #[arg(long, conflicts_with_all = ["release", "again", "without"])]
    ratify: bool,
    #[command(flatten)]
    without: Without,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Say what would happen, and change nothing on any server
    #[arg(long, conflicts_with = "go_on")]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pace: Pace,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if !args.dry_run {
        moves::from_protected_ref(cx)?;
    }
    if args.ratify {
        return super::promote_ratify::run(cx, args);
    }
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    if group.environment.from.is_none() {
        let what = format!("{} takes its releases from no other environment", group.name);
        return Err(Failure::usage(what).help(format!("taiwa deploy --to {}", group.name)));
    }
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    if args.pace.go_on {
        return go_on(cx, &head, (&group, &mut book), &args.pace, args.yes);
    }
    if args.emergency.is_none() {
        moves::no_other(&group)?;
    }
    let target = moves::target(cx, &head, &group, args.release.as_deref())?;
    let to = target.release.digest();
    let wish = Promotion { origin: target.origin(), ..wish(args, to)? };
    let plan = match moves::planned(cx, &group, &states, &mut book, &wish)
        .map_err(|it| moves::denied(cx, (&group, args.dry_run), &mut book, (to, None), it))?
    {
        Planned::Plan(plan) => *plan,
        Planned::NothingToDo(what) => return Ok(nothing(cx, args, &what)),
    };
    let mut proof = moves::unmet(cx, &group, &book, &plan, target.origin())?;
    proof.refusals.extend(moves::returning(&group, &book, &plan, &target.release)?);
    if !proof.refusals.is_empty() {
        let what = format!("release {} cannot go to {} yet", to.short(), args.to);
        let failure = refused(&what, &proof.refusals);
        let failure = moves::with_authors(failure, &moves::written_by(&head, &group, &book, &plan));
        let of = (plan.to, Some(&plan));
        return Err(moves::denied(cx, (&group, args.dry_run), &mut book, of, failure));
    }
    let change = signals::block_on(moves::between(&group, plan.from, &target.release))?;
    cx.tell(moves::headline(&plan));
    moves::tell(cx, &change);
    if args.dry_run {
        dry(cx, &args.to, plan.goal(Move::FIRST, plan.base), &change);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("promote this to {}?", args.to))?;
    let bytes = target.release.bytes().to_vec();
    let cargo = Cargo { bundle: proof.bundle, live: plan.base, plan, step: Move::FIRST, bytes };
    let done = moves::carry(cx, &group, &mut book, &cargo)?;
    let made = moves::walk(cx, &head, (&group, &mut book), &args.pace, Some((cargo, done)))?;
    if let (true, Some((cargo, done))) = (cx.json(), &made) {
        cx.print_json(&self::done(&args.to, cargo, done));
    }
    cx.say(format!("next: taiwa status; if it was a mistake: taiwa rollback --on {}", args.to));
    Ok(Exit::Yes)
}

/// What the flags choose beyond the ordinary.
fn wish(args: &Args, to: Digest) -> Result<Promotion<'static>, Failure> {
    let emergency_s = args.emergency.as_deref().map(moves::emergency_s).transpose()?;
    let kind = if emergency_s.is_some() { PlanKind::Emergency } else { PlanKind::Change };
    let (absent, why) = (args.without.absent(), args.without.why.clone());
    // Without the flag the open plan decides: what was approved with it is not thrown away.
    let again = args.again.then_some(true);
    Ok(Promotion { absent, emergency_s, why, ..Promotion::new(kind, to, again) })
}

/// Goes on with the rollout that is under way.
pub(super) fn go_on(
    cx: &mut Cx<'_>,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    pace: &Pace,
    yes: bool,
) -> Result<Exit, Failure> {
    let name = &group.name;
    let Some((rollout, judgement)) = signals::block_on(async { Ok(moves::guarded(group).await) })?
    else {
        let what = format!("no rollout is under way on {name}");
        return Err(Failure::no("nothing-to-do", what).help(format!("taiwa status {name}")));
    };
    cx.tell(rollout.status(group, &judgement));
    moves::confirm(cx, yes, &format!("go on with it on {name}?"))?;
    let made = moves::walk(cx, head, (group, book), pace, None)?;
    if let (true, Some((cargo, done))) = (cx.json(), &made) {
        cx.print_json(&self::done(name, cargo, done));
    }
    Ok(Exit::Yes)
}

fn nothing(cx: &mut Cx<'_>, args: &Args, what: &str) -> Exit {
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "changed": false, "what": what }));
    } else {
        cx.print(format!("nothing to do: {what}"));
    }
    Exit::Yes
}

/// What a dry run tells a program.
pub(super) fn dry(cx: &mut Cx<'_>, name: &EnvironmentName, goal: Goal, change: &Change) {
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": name, "changed": false, "dry_run": true, "from": goal.from, "release": goal.to,
            "generation": goal.target, "summary": change.diff.summary(),
        }));
    }
}

/// What a moving command tells a program.
pub(super) fn done(name: &EnvironmentName, cargo: &Cargo, done: &Deployed) -> serde_json::Value {
    let goal = cargo.plan.goal(cargo.step, cargo.live);
    serde_json::json!({
        "version": 1,
        "environment": name,
        "changed": true,
        "from": goal.from,
        "release": goal.to,
        "generation": done.generation,
        "move": cargo.step,
        "share_bp": goal.share_bp,
        "servers": cargo.plan.servers,
        "total_ms": done.total_ms,
        "mixed_window_ms": done.mixed_window_ms,
    })
}
