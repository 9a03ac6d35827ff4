//! `taiwa lift`

use std::{collections::BTreeSet, path::PathBuf};

use taiwa_model::{EnvironmentName, PersonId};
use taiwa_plan::{Lift, Payload, Person};

use crate::{
    Cx, Exit, Failure,
    edge::{ledger::Book, marked::Head, servers::Group, signals},
    moves::{self, Speech},
    notify::{self, Event},
};

/// End a hold, for good
///
/// Whoever may hold may lift, also what somebody else held. The name of a hold says `taiwa status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name of the hold
    id: String,
    /// The environment
    #[arg(long, value_name = "ENV")]
    on: EnvironmentName,
    /// The key to sign with; else the agent's, else `~/.ssh/id_ed25519`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Say what would be signed, and sign nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.on)?;
    let document = group.policy.document();
    let (signer, who) = moves::signer_of(cx, &group, args.key.as_deref(), |it| {
        it.roles.iter().any(|role| document.hold.contains(role))
    })?;
    let id = &args.id;
    let mut book = Book::open(cx, &head)?;
    known(&group, &book, id)?;
    if args.dry_run {
        cx.tell(format!("{who} would lift the hold {id} on {}", args.on));
        cx.tell("this was a dry run; nothing was signed");
        return Ok(Exit::Yes);
    }
    let issued = cx.now().whole_second();
    let lift = Lift { environment: args.on.clone(), issued, id: id.clone() };
    let speech = Speech {
        plan: None,
        text: format!("{who} lifts the hold {id} on {}", args.on),
        name: "the lift",
    };
    let known = moves::speak(cx, &group, &mut book, (&lift, signer.as_ref()), speech)?;
    notify::tell(cx, &group, &Event::lifted(id, who.as_str()));
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": args.on, "lifted": id, "by": who, "servers_told": known,
        }));
        return Ok(Exit::Yes);
    }
    cx.say(format!("what waits for what now: taiwa status {}", args.on));
    Ok(Exit::Yes)
}

/// Who has lifted a hold already, as the policy lets them.
fn lifted(group: &Group, book: &Book<'_>, id: &str) -> Option<PersonId> {
    let document = group.policy.document();
    book.story.statements().find_map(|(_, it)| match &it.payload {
        Payload::Lift(lift) if lift.environment == group.name && lift.id == id => {
            let may = |who: &&Person| who.roles.iter().any(|role| document.hold.contains(role));
            let mut people = document.people.iter().filter(may);
            people.find(|who| who.keys.iter().any(|key| it.signed_by(key))).map(|it| it.id.clone())
        }
        _ => None,
    })
}

/// Somebody said this hold, as far as the ledger and the servers know: a name that is not quite right lifts nothing.
fn known(group: &Group, book: &Book<'_>, id: &str) -> Result<(), Failure> {
    if let Some(who) = lifted(group, book, id) {
        let text = format!("{who} has lifted the hold {id} on {} already", group.name);
        return Err(Failure::no("nothing-to-do", text).help(format!(
            "a server that has not heard of it is told by: taiwa status {} --heal",
            group.name
        )));
    }
    let filed = book.story.statements().filter_map(|(_, it)| match &it.payload {
        Payload::Hold(hold) if hold.environment == group.name => Some(hold.id.clone()),
        _ => None,
    });
    let mut holds: BTreeSet<String> = filed.collect();
    if holds.contains(id) {
        return Ok(());
    }
    let mut silent = Vec::new();
    for server in &group.servers {
        let status = signals::block_on(async { Ok(server.status().await) })?;
        match status {
            Ok(status) => holds.extend(status.holds.into_iter().map(|it| it.id)),
            Err(_) => silent.push(server.id.as_str()),
        }
    }
    // Who is silent may hold it.
    if holds.contains(id) || !silent.is_empty() {
        return Ok(());
    }
    let failure =
        Failure::no("nothing-to-do", format!("nobody holds {} by the name {id}", group.name));
    Err(holds.iter().fold(failure, |it, id| it.help(format!("known: {id}"))))
}
