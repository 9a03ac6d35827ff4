//! `taiwa rollback`

use std::path::PathBuf;

use taiwa_deployer::States;
use taiwa_model::{Digest, EnvironmentName, PersonId, RoleName, ServerId};
use taiwa_plan::{Move, Person, PlanKind, Seen, Signer};

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, call, refused},
        signals,
    },
    moves::{self, Cargo, Parachute, Part, Planned, Promotion, Without},
};

/// Go back to an earlier release of an environment
///
/// Without --to: the one that ran before. After a promotion whose approvals cover its way back (a parachute), one
/// person's signature is enough; else it needs the approvals that the policy asks for a rollback, and --as signs yours in
/// the same go. It needs no gate, and no hold or freeze stops it. A parachute takes every server back; with --without it is
/// a rollback by its approvals, which leaves out a server that is down.
/// With --only, these components alone go back, and what they need so that the whole is in order; each of those is
/// explained. That is a release which never ran: an environment without approvals takes it at once, another one by its
/// gates and approvals, and the commands that lead there are named.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment
    #[arg(long, value_name = "ENV")]
    pub(super) on: EnvironmentName,
    /// The release (its digest or the beginning of it)
    #[arg(long, value_name = "RELEASE")]
    pub(super) to: Option<String>,
    /// Only these components, with commas between: `offer/gold,segment/vip`
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Approve it in this role, too
    #[arg(long = "as", value_name = "ROLE")]
    role: Option<RoleName>,
    /// The key to sign with; else the agent's, else `~/.ssh/id_ed25519`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) without: Without,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Say what would happen, and change nothing on any server
    #[arg(long)]
    pub(super) dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if !args.dry_run {
        moves::from_protected_ref(cx)?;
    }
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.on)?;
    if let Some(role) = &args.role {
        moves::keys_of(&group, role)?;
    }
    let mut book = Book::even_so(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    if !args.only.is_empty() {
        return super::rollback_only::run(cx, args, &head, (&group, &mut book), &states);
    }
    // A parachute takes everybody back: who leaves a server out needs a plan that says so.
    if args.without.absent().is_none()
        && let Some(parachute) = moves::parachute(cx, &group, args.to.as_deref())?
        && let Some(signer) = signer(cx, args, &group)?
    {
        return pulled(cx, args, (&group, &mut book), &parachute, signer);
    }
    let to = target(&group, &book, args.to.as_deref())?;
    if let Some(done) = whole(cx, args, (&group, &mut book), (&states, to), None)?
        && cx.json()
    {
        cx.print_json(&done);
    }
    Ok(Exit::Yes)
}

/// Back to a release that ran here; what a program is told of it, unless it was a dry run. `taken` is what runs and the
/// part of it that was asked for, where that comes to the whole.
pub(super) fn whole(
    cx: &mut Cx<'_>,
    args: &Args,
    (group, book): (&Group, &mut Book<'_>),
    (states, to): (&States, Digest),
    taken: Option<(&Digest, &Part)>,
) -> Result<Option<serde_json::Value>, Failure> {
    let wish = Promotion {
        absent: args.without.absent(),
        why: args.without.why.clone(),
        ..Promotion::new(PlanKind::Rollback, to, Some(true))
    };
    let plan = match moves::planned(cx, group, states, book, &wish) {
        Ok(Planned::Plan(plan)) => *plan,
        Ok(Planned::NothingToDo(what)) => return Err(Failure::no("nothing-to-do", what)),
        Err(failure) => return Err(way_round(group, to, failure)),
    };
    let bytes = signals::block_on(group.release(&to))?;
    let release = moves::read(&bytes)?;
    let change = signals::block_on(moves::between(group, plan.from, &release))?;
    cx.tell(format!("back: {}", moves::headline(&plan)));
    moves::tell(cx, &change);
    if args.dry_run {
        super::promote::dry(cx, &args.on, plan.goal(Move::FIRST, plan.base), &change);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(None);
    }
    moves::confirm(cx, args.yes, &format!("take {} back to release {}?", args.on, to.short()))?;
    if let Some(role) = &args.role {
        let signature = super::approve::Signature {
            role,
            key: args.key.as_deref(),
            comment: "rollback",
            parachute: false,
            apart: None,
        };
        super::approve::sign(cx, group, book, &plan, &signature)?;
    }
    let proof = moves::unmet(cx, group, book, &plan, None)?;
    if !proof.refusals.is_empty() {
        let failure = refused(&format!("{} cannot go back yet", args.on), &proof.refusals);
        let of = (plan.to, Some(&plan));
        return Err(moves::denied(cx, (group, args.dry_run), book, of, failure));
    }
    if let Some(taken) = taken {
        moves::remember(cx, group, book, taken)?;
    }
    let cargo = Cargo { bundle: proof.bundle, live: plan.base, plan, step: Move::FIRST, bytes };
    let done =
        moves::carry(cx, group, book, &cargo).map_err(|failure| way_round(group, to, failure))?;
    if group.policy.document().protected {
        cx.say("the release that was left does not come back by accident: that takes --again");
    }
    Ok(Some(super::promote::done(&args.on, &cargo, &done)))
}

/// Where a server does not answer, the way back that leaves it out; the anchor cannot be left out.
fn way_round(group: &Group, to: Digest, failure: Failure) -> Failure {
    if failure.reason != "unreachable" {
        return failure;
    }
    let Ok(states) = signals::block_on(async { Ok(group.states().await) }) else { return failure };
    let document = group.policy.document();
    let silent =
        |id: &&ServerId| matches!(states.group.servers.get(*id), Some(Seen::Unreachable(_)) | None);
    let members = document.members();
    let away: Vec<&ServerId> = members.iter().filter(silent).collect();
    if away.is_empty() || away.contains(&&document.anchor) {
        return failure;
    }
    let mut words = format!("taiwa rollback --on {} --to {}", group.name, to.short());
    for id in away {
        words.push_str(" --without ");
        words.push_str(id.as_str());
    }
    words.push_str(" --why '…'");
    if let Some(first) = document.rollback.first().filter(|_| document.protected) {
        words.push_str(" --as ");
        words.push_str(first.role.as_str());
    }
    failure.help(format!("without whoever is away, by the approvals of a rollback: {words}"))
}

/// A key, and whose it is.
type Hand = (Box<dyn Signer>, PersonId);

/// Who pulls; nobody where no key was named and none fits: then the approvals of a rollback decide.
fn signer(cx: &Cx<'_>, args: &Args, group: &Group) -> Result<Option<Hand>, Failure> {
    let document = group.policy.document();
    let may = |person: &Person| {
        let role = args.role.as_ref().is_none_or(|it| person.roles.contains(it));
        role && Parachute::may_be_pulled_by(document, person)
    };
    match moves::signer_of(cx, group, args.key.as_deref(), may) {
        Ok(it) => Ok(Some(it)),
        Err(_) if args.key.is_none() && args.role.is_none() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Back by one signature.
fn pulled(
    cx: &mut Cx<'_>,
    args: &Args,
    (group, book): (&Group, &mut Book<'_>),
    parachute: &Parachute,
    (signer, who): Hand,
) -> Result<Exit, Failure> {
    let bytes = signals::block_on(group.release(&parachute.to))?;
    let release = moves::read(&bytes)?;
    let change = signals::block_on(moves::between(group, Some(parachute.plan.to), &release))?;
    let (from, to) = (parachute.plan.to.short(), parachute.to.short());
    cx.tell(format!(
        "back by parachute: {} from release {from} to release {to}, by the signature of {who}",
        args.on
    ));
    moves::tell(cx, &change);
    if args.dry_run {
        let goal = parachute.plan.goal(Move::Back, parachute.live);
        super::promote::dry(cx, &args.on, goal, &change);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("take {} back to release {to}?", args.on))?;
    let bundle = parachute.pull(cx, signer.as_ref())?;
    let cargo = Cargo {
        bundle,
        plan: parachute.plan.clone(),
        step: Move::Back,
        live: parachute.live,
        bytes,
    };
    let done = moves::carry(cx, group, book, &cargo)
        .map_err(|failure| way_round(group, parachute.to, failure))?;
    if cx.json() {
        cx.print_json(&super::promote::done(&args.on, &cargo, &done));
    }
    cx.say("the release that was left does not come back by accident: that takes --again");
    Ok(Exit::Yes)
}

/// What an environment has run.
pub(super) struct Past {
    /// The present release.
    now: Option<Digest>,
    /// The releases before it, the last one first.
    pub(super) ran: Vec<Digest>,
    /// Those that were left on purpose.
    pub(super) left: Vec<Digest>,
}

pub(super) fn past(group: &Group, book: &Book<'_>) -> Result<Past, Failure> {
    let status =
        signals::block_on(async { group.anchor().status().await.map_err(|it| call(&it)) })?;
    let now = status.active.as_ref().map(|it| it.release);
    let mut ran: Vec<Digest> = Vec::new();
    for entry in status.journal.iter().filter(|it| it.what == "activated") {
        ran.extend(entry.release.filter(|it| Some(*it) != now && !ran.contains(it)));
    }
    let left = status.rolled_back.into_iter().chain(moves::left(group, book)).collect();
    Ok(Past { now, ran, left })
}

fn named(release: &Digest, word: &str) -> bool {
    release.hex().starts_with(word) || release.to_string().starts_with(word)
}

/// The release that was named, or the last one before the present one that nobody left on purpose: what was taken back
/// once is no way back.
pub(super) fn target(
    group: &Group,
    book: &Book<'_>,
    word: Option<&str>,
) -> Result<Digest, Failure> {
    let Past { now, ran, left } = past(group, book)?;
    let found = match word {
        None => ran.iter().find(|it| !left.contains(it)).copied(),
        Some(word) => ran.iter().copied().find(|it| named(it, word)),
    };
    found.ok_or_else(|| {
        if let Some(now) = now.filter(|it| word.is_some_and(|word| named(it, word))) {
            let what = format!("{} runs release {} already", group.name, now.short());
            return Failure::no("nothing-to-do", what);
        }
        let what = match word {
            Some(word) => format!("`{word}` has not run on {}", group.name),
            None if ran.is_empty() => format!("no other release has run on {} yet", group.name),
            None => format!("every other release that ran on {} was taken back there", group.name),
        };
        let names: Vec<String> = ran.iter().map(Digest::short).collect();
        let failure = Failure::no("never-ran", what);
        if names.is_empty() {
            failure
        } else {
            failure.help(format!(
                "these have, the last one first: {}; name it: --to",
                names.join(", ")
            ))
        }
    })
}
