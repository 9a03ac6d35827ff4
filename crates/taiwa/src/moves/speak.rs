//! Statements that a person sends ahead: signed, filed in the ledger, told to every server that can be reached.

use std::{collections::BTreeMap, path::Path, time::Duration};

use taiwa_deployer::{CallError, Server};
use taiwa_model::{Digest, PersonId, RoleName, ServerId, Timestamp};
use taiwa_plan::{
    Body, Envelope, Payload, Person, PublicKey, Signer, Statement, ledger::RecordKind,
};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Cx, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry},
        servers::{Group, call},
        signals,
    },
};

/// How long a server may think about what it knows already.
const PATIENCE: Duration = Duration::from_secs(3);

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

/// The keys of everybody who has a role; that nobody has it is said before anything else.
pub(crate) fn keys_of(group: &Group, role: &RoleName) -> Result<Vec<PublicKey>, Failure> {
    let people = group.policy.document().people_of(role);
    let keys: Vec<PublicKey> = people.flat_map(|it| it.keys.iter().cloned()).collect();
    if keys.is_empty() {
        let text = format!("nobody has the role {role} in the policy of {}", group.name);
        return Err(Failure::no("unknown-role", text)
            .help(format!("see who has which: taiwa policy show {}", group.name)));
    }
    Ok(keys)
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
    let answers = signals::block_on(async { Ok(told(&group.servers, &envelope).await) })?;
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
            .help("it is in the ledger; the next command that moves something passes it on"));
    }
    cx.tell(format!("{known} of {} servers know {}", answers.len(), speech.name));
    Ok(known)
}

/// Tells every server at once.
async fn told(
    servers: &[Server],
    envelope: &Envelope,
) -> Vec<(ServerId, Result<taiwa_api::admin::StatementAnswer, CallError>)> {
    let mut asked = JoinSet::new();
    for server in servers {
        let (server, envelope) = (server.clone(), envelope.clone());
        asked.spawn(async move { (server.id.clone(), server.statement(&envelope).await) });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    answers
}

/// Passes on what people said while a server could not hear it: holds in force, lifts of what still holds there, and
/// rejections of plans that could still be carried out. The ledger knows them; who they are by, each server checks. Gives
/// what was passed on, in words.
pub(crate) fn pass_on(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
) -> Result<Vec<String>, Failure> {
    let said = Said::of(group, book, cx.now());
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let lines = signals::block_on(async {
        let mut asked = JoinSet::new();
        for server in &group.servers {
            let (server, said) = (server.clone(), said.clone());
            asked.spawn(async move { caught_up(&server, &said).await });
        }
        Ok(asked.join_all().await)
    })?;
    let mut lines: Vec<String> = lines.into_iter().flatten().collect();
    lines.sort();
    for line in &lines {
        cx.say(line);
    }
    Ok(lines)
}

/// What is in force by the ledger, as the policy lets people say it.
#[derive(Clone, Default)]
struct Said {
    holds: BTreeMap<String, Envelope>,
    lifts: BTreeMap<String, Envelope>,
    rejections: BTreeMap<Digest, Envelope>,
}

impl Said {
    fn of(group: &Group, book: &Book<'_>, now: Timestamp) -> Self {
        let document = group.policy.document();
        let by = |statement: &Statement, may: &dyn Fn(&RoleName) -> bool| {
            let people = document.people.iter().filter(|it| it.roles.iter().any(may));
            people.flat_map(|it| &it.keys).any(|key| statement.signed_by(key))
        };
        let (holds, rejects) = (
            |role: &RoleName| document.hold.contains(role),
            |role: &RoleName| document.approves(role),
        );
        let mut said = Self::default();
        let open = |plan: &Digest| book.story.plan(plan).is_none_or(|it| it.not_after >= now);
        for (envelope, statement) in book.story.statements() {
            if *statement.payload.environment() != group.name {
                continue;
            }
            match &statement.payload {
                Payload::Hold(it) if it.expires > now && by(statement, &holds) => {
                    said.holds.insert(it.id.clone(), envelope.clone());
                }
                Payload::Lift(it) if by(statement, &holds) => {
                    said.lifts.insert(it.id.clone(), envelope.clone());
                }
                Payload::Reject(it) if open(&it.plan) && by(statement, &rejects) => {
                    said.rejections.insert(it.plan, envelope.clone());
                }
                _ => {}
            }
        }
        said.holds.retain(|id, _| !said.lifts.contains_key(id));
        said
    }

    fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.lifts.is_empty() && self.rejections.is_empty()
    }
}

/// Tells one server what it lacks. One that does not answer is asked by the next command.
async fn caught_up(server: &Server, said: &Said) -> Vec<String> {
    let Ok(Ok(status)) = timeout(PATIENCE, server.status()).await else { return Vec::new() };
    let holds = |id: &String| status.holds.iter().any(|it| it.id == *id);
    let rejects = |plan: &Digest| status.rejections.iter().any(|it| it.plan == *plan);
    let missing =
        said.holds.iter().filter(|it| !holds(it.0)).map(|it| (format!("the hold {}", it.0), it.1));
    let lifted = said
        .lifts
        .iter()
        .filter(|it| holds(it.0))
        .map(|it| (format!("the lift of {}", it.0), it.1));
    let rejected = said.rejections.iter().filter(|it| !rejects(it.0));
    let rejected = rejected.map(|it| (format!("the rejection of plan {}", it.0.short()), it.1));
    let mut lines = Vec::new();
    for (name, envelope) in missing.chain(lifted).chain(rejected) {
        match server.statement(envelope).await {
            Ok(_) => lines.push(format!("{} has heard now of {name}", server.id)),
            Err(error) if error.is_answer() => {
                lines.push(format!("{} did not take {name}: {error}", server.id));
            }
            Err(_) => break,
        }
    }
    lines
}
