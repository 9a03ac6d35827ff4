//! `taiwa promote`

use taiwa_config::marks::Marks;
use taiwa_deployer::Deployed;
use taiwa_model::{Digest, EnvironmentName};
use taiwa_plan::PlanKind;

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
        signals,
    },
    moves::{self, Cargo, Mending, Planned, Promotion},
};

/// Deploy a proven and approved release: the same bytes that the environment before ran
///
/// Refused until everything that the servers' policy asks for is there; each unmet condition is named, with who can meet
/// it and by which command.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The release (its digest or the beginning of it); without it the one that is marked
    release: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENV")]
    to: EnvironmentName,
    /// Promote a release again that was rolled back there
    #[arg(long)]
    again: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would happen, and change nothing on any server
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    let from = origin_name(&group)?;
    let origin = Group::of(cx, &head, &from)?;
    let to = wanted(cx, &head, &args.to, args.release.as_deref())?;
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::mend(cx, &group, Mending::Wait)?;
    let wish = Promotion { kind: PlanKind::Change, to, again: args.again };
    let plan = match moves::promotion(cx, &group, &states, &mut book, &wish)? {
        Planned::Plan(plan) => *plan,
        Planned::NothingToDo(what) => return Ok(nothing(cx, args, &what)),
    };
    let origin_states = signals::block_on(async { Ok(origin.states().await) })?;
    let proof = moves::unmet(cx, &group, &book, &plan, Some((&origin, &origin_states)))?;
    if !proof.refusals.is_empty() {
        return Err(refused(
            &format!("release {} cannot go to {} yet", to.short(), args.to),
            &proof.refusals,
        ));
    }
    let bytes = signals::block_on(origin.release(&to))?;
    let release = moves::read(&bytes)?;
    let change = signals::block_on(moves::between(&group, plan.from, &release))?;
    cx.tell(moves::headline(&plan));
    moves::tell(cx, &change);
    if args.dry_run {
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("promote this to {}?", args.to))?;
    let cargo = Cargo { bundle: proof.bundle, plan, bytes };
    let done = moves::carry(cx, &group, &mut book, &cargo)?;
    if cx.json() {
        cx.print_json(&self::done(&args.to, &cargo, &done));
    }
    cx.say(format!("next: taiwa status; if it was a mistake: taiwa rollback --on {}", args.to));
    Ok(Exit::Yes)
}

/// The environment that a group's releases come from.
pub(super) fn origin_name(group: &Group) -> Result<EnvironmentName, Failure> {
    group.environment.from.clone().ok_or_else(|| {
        Failure::usage(format!("{} takes its releases from no other environment", group.name))
            .help(format!("taiwa deploy --to {}", group.name))
    })
}

/// The release that is marked for an environment.
pub(super) fn marked(
    cx: &mut Cx<'_>,
    head: &Head,
    name: &EnvironmentName,
) -> Result<Digest, Failure> {
    match head.marks(cx, name)? {
        Marks::Release(digest) => Ok(digest),
        Marks::Components(_) => Err(Failure::no("nothing-marked", format!("no release is marked for {name}"))
            .help(format!("a manager marks what runs on the environment before: taiwa mark staging --for {name}, then commit"))),
    }
}

/// The marked release, which must be the one that was named, if one was.
pub(super) fn wanted(
    cx: &mut Cx<'_>,
    head: &Head,
    name: &EnvironmentName,
    word: Option<&str>,
) -> Result<Digest, Failure> {
    let marked = marked(cx, head, name)?;
    match word {
        Some(word) if !(marked.hex().starts_with(word) || marked.to_string().starts_with(word)) => {
            Err(Failure::no(
                "not-marked",
                format!("the release `{word}` is not marked for {name}; {} is", marked.short()),
            )
            .help(format!("taiwa mark {word} --for {name}, then commit")))
        }
        _ => Ok(marked),
    }
}

fn nothing(cx: &mut Cx<'_>, args: &Args, what: &str) -> Exit {
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "changed": false, "what": what }));
    } else {
        cx.print(format!("nothing to do: {what}"));
    }
    Exit::Yes
}

/// What a moving command tells a program.
pub(super) fn done(name: &EnvironmentName, cargo: &Cargo, done: &Deployed) -> serde_json::Value {
    serde_json::json!({
        "version": 1,
        "environment": name,
        "changed": true,
        "from": cargo.plan.from,
        "release": cargo.plan.to,
        "generation": done.generation,
        "servers": cargo.plan.servers,
        "total_ms": done.total_ms,
        "mixed_window_ms": done.mixed_window_ms,
    })
}
