//! Statements that a person sends ahead: signed, filed in the ledger, told to every server that can be reached.

use std::path::Path;

use taiwa_model::{Digest, PersonId};
use taiwa_plan::{Body, Envelope, Person, PublicKey, Signer, ledger::RecordKind};

use crate::{
    Cx, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry},
        servers::{Group, call},
        signals,
    },
};

/// What is said, and to whom it matters.
pub(crate) struct Speech<'a> {
    /// The plan that it is about.
    pub(crate) plan: Option<Digest>,
    /// The line of the ledger.
    pub(crate) text: String,
    /// What the terminal calls it: "the hold".
    pub(crate) name: &'a str,
}

/// The key of one of the people who may sign, and who that is.
pub(crate) fn signer_of(
    cx: &Cx<'_>,
    group: &Group,
    key: Option<&Path>,
    may: impl Fn(&Person) -> bool,
) -> Result<(Box<dyn Signer>, PersonId), Failure> {
    let people: Vec<&Person> = group.policy.document().people.iter().filter(|it| may(it)).collect();
    let wanted: Vec<PublicKey> = people.iter().flat_map(|it| it.keys.iter().cloned()).collect();
    if wanted.is_empty() {
        return Err(Failure::no("unknown-role", format!("nobody may do this on {}", group.name))
            .help(format!("see who has which role: taiwa policy show {}", group.name)));
    }
    let signer = keys::choose(cx, key, &wanted)?;
    let Some(who) = people.iter().find(|it| it.keys.contains(signer.public_key())) else {
        let names: Vec<&str> = people.iter().map(|it| it.id.as_str()).collect();
        let text = format!("this key is of nobody who may do this on {}", group.name);
        return Err(Failure::no("bad-signature", text)
            .help(format!("the key is {}", signer.public_key().fingerprint()))
            .help(format!("these may: {}", names.join(", "))));
    };
    Ok((signer, who.id.clone()))
}

/// Signs, files and tells; gives how many servers know it. A server that refuses it is an answer, one that cannot be
/// reached is said.
pub(crate) fn speak<T: Body>(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    (body, signer): (&T, &dyn Signer),
    speech: Speech<'_>,
) -> Result<usize, Failure> {
    let envelope =
        Envelope::signed(body, signer).map_err(|it| Failure::no("not-signed", it.to_string()))?;
    let entry = Entry {
        kind: RecordKind::Statement,
        environment: &group.name,
        plan: speech.plan,
        objects: ledger::statement(&envelope).into_iter().collect(),
        text: speech.text,
    };
    book.append(cx, &entry)?;
    let answers = signals::block_on(async {
        let mut answers = Vec::new();
        for server in &group.servers {
            answers.push((server.id.clone(), server.statement(&envelope).await));
        }
        Ok(answers)
    })?;
    let known = answers.iter().filter(|it| it.1.is_ok()).count();
    for (server, answer) in &answers {
        match answer {
            Ok(_) => {}
            Err(error) if error.is_answer() => return Err(call(error)),
            Err(error) => cx.say(format!("{server} does not know {} yet: {error}", speech.name)),
        }
    }
    if known == 0 {
        let text = format!("no server of {} knows {}", group.name, speech.name);
        return Err(Failure::world("unreachable", text)
            .help("it is in the ledger; say it again when the servers answer"));
    }
    cx.tell(format!("{known} of {} servers know {}", answers.len(), speech.name));
    Ok(known)
}
