//! `taiwa deploy`

use std::path::{Path, PathBuf};

use taiwa_deployer::States;
use taiwa_model::EnvironmentName;
use taiwa_plan::{Move, Plan, PlanKind, plan_against_world};
use taiwa_release::Release;

use crate::{
    Cx, Exit, Failure,
    edge::{
        files,
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
        signals,
    },
    moves::{self, Cargo, Mending, Pace, Planned, Promotion, Without},
};

/// Put what is marked on every server of an environment, everywhere or nowhere
///
/// Builds the release, stores it on every server, prepares it everywhere, and activates it. A failure before the commit
/// changes nothing anywhere. An environment that takes its releases from another one wants `taiwa promote`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Args {
    /// The environment
    #[arg(long, value_name = "ENV")]
    to: EnvironmentName,
    /// Carry out exactly this saved plan; refused if the servers have moved since
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Deploy again what was rolled back there
    #[arg(long, conflicts_with_all = ["plan", "resume", "abort"])]
    again: bool,
    #[command(flatten)]
    without: Without,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Carry an interrupted deployment to its end, and nothing more
    #[arg(long, conflicts_with_all = ["plan", "abort"])]
    resume: bool,
    /// End an interrupted deployment that has not committed, and nothing more
    #[arg(long, conflicts_with = "plan")]
    abort: bool,
    #[command(flatten)]
    pace: Pace,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if !args.dry_run {
        moves::from_protected_ref(cx)?;
    }
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    if args.resume || args.abort {
        return mend(cx, args, &group);
    }
    if let Some(from) = &group.environment.from {
        return Err(Failure::usage(format!(
            "{} takes its releases from {from}, as they ran there",
            args.to
        ))
        .help(format!("taiwa promote --to {}", args.to)));
    }
    if args.pace.go_on {
        let mut book = Book::open(cx, &head)?;
        moves::begin(cx, &group, &book)?;
        let way = (&group, &mut book);
        return super::promote::go_on(cx, &head, way, &args.pace, args.yes);
    }
    let release = head.release(cx, &args.to)?;
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    moves::no_other(&group)?;
    let (again, asked) = (args.again.then_some(true), (&group, args.dry_run));
    let wish = Promotion {
        absent: args.without.absent(),
        why: args.without.why.clone(),
        ..Promotion::new(PlanKind::Change, release.digest(), again)
    };
    let plan = if let Some(file) = &args.plan {
        saved(cx, file, &group, &release, &states)?
    } else {
        match moves::planned(cx, &group, &states, &mut book, &wish)
            .map_err(|it| moves::denied(cx, asked, &mut book, (wish.to, None), it))?
        {
            Planned::Plan(plan) => *plan,
            Planned::NothingToDo(what) => return Ok(nothing(cx, args, &what)),
        }
    };
    let change = signals::block_on(moves::between(&group, plan.from, &release))?;
    cx.tell(moves::headline(&plan));
    moves::tell(cx, &change);
    let mut proof = moves::unmet(cx, &group, &book, &plan, None)?;
    proof.refusals.extend(moves::returning(&group, &book, &plan, &release)?);
    if !proof.refusals.is_empty() {
        let failure = refused(&format!("{} does not take this yet", args.to), &proof.refusals);
        return Err(moves::denied(cx, asked, &mut book, (plan.to, Some(&plan)), failure));
    }
    if args.dry_run {
        super::promote::dry(cx, &args.to, plan.goal(Move::FIRST, plan.base), &change);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("deploy this to {}?", args.to))?;
    let cargo = Cargo {
        bundle: proof.bundle,
        live: plan.base,
        plan,
        step: Move::FIRST,
        bytes: release.bytes().to_vec(),
    };
    let done = moves::carry(cx, &group, &mut book, &cargo)?;
    let made = moves::walk(cx, &head, (&group, &mut book), &args.pace, Some((cargo, done)))?;
    if let (true, Some((cargo, done))) = (cx.json(), &made) {
        cx.print_json(&super::promote::done(&args.to, cargo, done));
    }
    cx.say(format!("next: taiwa test --on {}", args.to));
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

fn mend(cx: &mut Cx<'_>, args: &Args, group: &Group) -> Result<Exit, Failure> {
    let mending = if args.resume { Mending::Resume } else { Mending::Abort };
    let (states, mended) = moves::mend(cx, group, mending)?;
    if let Err(refusals) = states.group.settled(&group.policy) {
        return Err(refused(&format!("{} is not in step", args.to), &refusals));
    }
    let what = if mended {
        "every server is in step"
    } else {
        "nothing was interrupted; every server is in step"
    };
    if cx.json() {
        cx.print_json(
            &serde_json::json!({ "version": 1, "environment": args.to, "mended": mended }),
        );
    } else {
        cx.print(format!("{}: {what}", args.to));
    }
    Ok(Exit::Yes)
}

/// A saved plan, if the world is still the one it was made for.
fn saved(
    cx: &Cx<'_>,
    file: &Path,
    group: &Group,
    release: &Release,
    states: &States,
) -> Result<Plan, Failure> {
    let bytes = files::read_file(&cx.path(file))?;
    let (plan, _) = Plan::read(bytes.trim_ascii_end()).map_err(|it| {
        Failure::wrong("malformed", format!("{} is no saved plan: {it}", file.display()))
    })?;
    let refusals = plan_against_world(&plan, &group.policy, &states.group, cx.now());
    let again = format!("plan again: taiwa plan --to {} --out {}", group.name, file.display());
    if !refusals.is_empty() {
        return Err(
            refused("the plan no longer fits the servers; nothing was sent", &refusals).help(again)
        );
    }
    if plan.to != release.digest() {
        let text = format!(
            "the plan is for release {}, what is marked now is {}; nothing was sent",
            plan.to.short(),
            release.digest().short()
        );
        return Err(Failure::no("stale-plan", text).help(again));
    }
    Ok(plan)
}
