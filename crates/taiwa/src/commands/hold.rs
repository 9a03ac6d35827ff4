//! `taiwa hold`

use std::path::PathBuf;

use taiwa_model::{EnvironmentName, SpanOfTime};
use taiwa_plan::{Hold, server::MAX_HOLD_S};

use crate::{
    Cx, Exit, Failure,
    edge::{ledger::Book, marked::Head, servers::Group},
    moves::{self, Speech},
    notify::{self, Event},
    render::lasting,
};

/// Stop the line: no change reaches an environment until the hold is lifted or over
///
/// Every server refuses changes from then on, whoever brings them. Going back stays possible: `taiwa rollback` and a
/// parachute are never held. Who may hold says the policy.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment
    #[arg(long, value_name = "ENV")]
    on: EnvironmentName,
    /// Why; whoever is stopped by it reads this
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// For how long, at most 14 days
    #[arg(long = "for", value_name = "SPAN", default_value = "1d")]
    lasts: String,
    /// The name of the hold, by which it is lifted (default: made from the time)
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// The key to sign with; else the agent's, else `~/.ssh/id_ed25519`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Say what would be signed, and sign nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let span = SpanOfTime::parse(&args.lasts)
        .map_err(|it| Failure::usage(format!("--for: {it}")).help("write for example 12h or 3d"))?;
    let lasts_ms = span.as_seconds().saturating_mul(1000);
    let longest_ms = i64::try_from(MAX_HOLD_S).unwrap_or(i64::MAX).saturating_mul(1000);
    if lasts_ms <= 0 || lasts_ms > longest_ms {
        return Err(Failure::usage("--for: a hold lasts more than nothing and at most 14 days"));
    }
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.on)?;
    let document = group.policy.document();
    let (signer, who) = moves::signer_of(cx, &group, args.key.as_deref(), |it| {
        it.roles.iter().any(|role| document.hold.contains(role))
    })?;
    let issued = cx.now().whole_second();
    let id = args.id.clone().unwrap_or_else(|| format!("h{}", issued.as_seconds()));
    let hold = Hold {
        environment: args.on.clone(),
        issued,
        id: id.clone(),
        why: args.why.clone(),
        expires: issued.plus_millis(lasts_ms),
    };
    if args.dry_run {
        cx.tell(format!("{who} would stop changes on {} for {}", args.on, lasting(lasts_ms)));
        cx.tell("this was a dry run; nothing was signed");
        return Ok(Exit::Yes);
    }
    let mut book = Book::even_so(cx, &head)?;
    let speech = Speech {
        plan: None,
        text: format!("{who} stops changes on {} ({id}): {}", args.on, args.why),
        name: "the hold",
    };
    let known = moves::speak(cx, &group, &mut book, (&hold, signer.as_ref()), speech)?;
    notify::tell(cx, &group, &Event::held((&id, who.as_str()), hold.expires, &args.why));
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": args.on, "hold": id, "by": who, "until": hold.expires, "servers_told": known,
        }));
        return Ok(Exit::Yes);
    }
    cx.tell(format!("{} takes no change until {}, or until it is lifted", args.on, hold.expires));
    cx.say(format!("to go on: taiwa lift {id} --on {}", args.on));
    Ok(Exit::Yes)
}
