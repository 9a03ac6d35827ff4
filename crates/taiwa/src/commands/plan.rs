//! `taiwa plan`

use std::path::PathBuf;

use taiwa_model::EnvironmentName;
use taiwa_plan::{Plan, PlanKind};

use crate::{
    Cx, Exit, Failure,
    edge::{
        files,
        ledger::Book,
        marked::Head,
        servers::{Group, condition},
        signals,
    },
    moves::{self, Change, Planned, Promotion},
};

/// Say what a deployment would change, from what is live on the servers to what is marked
///
/// Changes nothing on any server. The saved plan can be carried out exactly: taiwa deploy --plan FILE.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment
    #[arg(long, value_name = "ENV")]
    to: EnvironmentName,
    /// Save the plan to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Answer like `git diff --exit-code`: 1 if something would change
    #[arg(long)]
    exit_code: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    let target = moves::target(cx, &head, &group, None)?;
    let wish = Promotion {
        origin: target.origin(),
        ..Promotion::new(PlanKind::Change, target.release.digest(), None)
    };
    let plan = match moves::planned(cx, &group, &states, &mut book, &wish)? {
        Planned::Plan(plan) => plan,
        Planned::NothingToDo(what) => return Ok(nothing(cx, args, &what)),
    };
    let change = signals::block_on(moves::between(&group, plan.from, &target.release))?;
    if let Some(out) = &args.out {
        let bytes = plan.to_bytes().map_err(|it| Failure::no("limit", it.to_string()))?;
        files::write_file(&cx.path(out), &bytes)?;
    }
    let mut open = moves::unmet(cx, &group, &book, &plan, target.origin())?.refusals;
    open.extend(moves::returning(&group, &book, &plan, &target.release)?);
    if cx.json() {
        let wrote = moves::who_wrote(&head, &group, &book, &plan).ok().flatten();
        let mut told = json(args, &plan, &change);
        told["contributors"] = serde_json::json!(plan.contributors);
        told["unknown"] = serde_json::json!(plan.unknown);
        told["written_by"] = wrote.map_or(serde_json::Value::Null, |it| it.json());
        cx.print_json(&told);
    } else {
        if cx.format() == crate::Format::Markdown {
            cx.print(format!("### taiwa plan: `{}`\n", moves::headline(&plan)));
        } else {
            cx.tell(moves::headline(&plan));
        }
        moves::tell(cx, &change);
        let lines = moves::written_by(&head, &group, &book, &plan);
        if !lines.is_empty() {
            cx.say("written by:");
        }
        for line in lines {
            cx.say(format!("  {line}"));
        }
        if !open.is_empty() {
            cx.say("what stands against it now:");
            for refusal in &open {
                cx.say(format!("  {}", condition(refusal)));
            }
        }
        next(cx, args, target.origin.is_some());
    }
    if args.exit_code {
        return Err(Failure::no("differs", format!("something would change on {}", args.to)));
    }
    Ok(Exit::Yes)
}

fn nothing(cx: &mut Cx<'_>, args: &Args, what: &str) -> Exit {
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "changes": false, "what": what }));
    } else {
        cx.print(format!("nothing to do: {what}"));
    }
    Exit::Yes
}

fn next(cx: &mut Cx<'_>, args: &Args, promoted: bool) {
    let verb = if promoted { "promote" } else { "deploy" };
    match &args.out {
        Some(file) if !promoted => {
            cx.say(format!("next: taiwa deploy --to {} --plan {}", args.to, file.display()));
        }
        _ => cx.say(format!("next: taiwa {verb} --to {}", args.to)),
    }
}

fn json(args: &Args, plan: &Plan, change: &Change) -> serde_json::Value {
    let digest = plan.to_bytes().ok().map(|it| Plan::digest_of(&it));
    serde_json::json!({
        "version": 1,
        "environment": args.to,
        "changes": true,
        "plan": digest,
        "from": plan.from,
        "base": plan.base,
        "to": plan.to,
        "target": plan.target,
        "not_after": plan.not_after,
        "summary": change.diff.summary(),
        "diff": change.diff,
        "out": args.out,
    })
}
