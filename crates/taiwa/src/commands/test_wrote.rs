//! The evidence of authorship: who wrote what would change elsewhere, signed by the runner beside the scenarios.
//!
//! What is live elsewhere is asked of its servers, whose word their keys prove; no token is needed for that. Where they do
//! not answer, the ledger's word is taken, and said: evidence of a change from something else than what is live proves
//! nothing, and is refused later.

use std::path::Path;

use taiwa_config::environment::Environment;
use taiwa_deployer::{Server, states};
use taiwa_model::{Digest, EnvironmentName, Timestamp};
use taiwa_plan::{
    Envelope, Evidence, EvidenceResult, Plan, PlanKind, Policy, RanOn, Separation,
    ledger::{OutcomeWord, Record, RecordKind},
};

use crate::{
    Cx, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry, known_release},
        marked::Head,
        servers::{Group, http},
        signals,
    },
    moves::{self, Asked, Wrote, attempts, policy, runner},
};

/// The gate.
const GATE: &str = "authorship";

/// Where the release runs that is spoken of.
pub(super) struct Ran<'a> {
    /// The servers that run it.
    pub(super) group: &'a Group,
    /// The release.
    pub(super) release: Digest,
    /// Their generation.
    pub(super) generation: u64,
    /// When the run began.
    pub(super) started: Timestamp,
}

/// Signs who wrote the change for every environment that takes its releases from here, keeps its authors from approving,
/// and believes this runner; gives which those are.
pub(super) fn file(
    cx: &mut Cx<'_>,
    head: &Head,
    ran: &Ran<'_>,
    key: &Path,
) -> Result<Vec<EnvironmentName>, Failure> {
    let signer = keys::from_file(&cx.path(key))?;
    let mut book = Book::open(cx, head)?;
    let mut filed = Vec::new();
    for (name, environment) in &head.project.environments {
        if environment.from.as_ref() != Some(&ran.group.name) {
            continue;
        }
        let Some(policy) = policy(head, name)? else { continue };
        if policy.document().separation == Separation::Off
            || runner(&policy, signer.as_ref(), GATE).is_none()
        {
            continue;
        }
        let from = match live(cx, head, environment, &policy)? {
            Some(live) if live == ran.release => match before(&book, name, &live) {
                None => continue,
                from => from,
            },
            live => live,
        };
        let strict = policy.document().separation == Separation::Strict;
        let asked = Asked { policy: &policy, from, to: ran.release };
        let wrote = match moves::wrote(head, &asked) {
            Ok(wrote) => wrote,
            // Before it is marked it cannot be known who marks it: that is no failure of the run.
            Err(failure) if strict && failure.reason == "authorship-unknown" => {
                cx.say(format!("note: nothing is filed for {name} of who wrote it: {failure}"));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let evidence =
            evidence(cx, ran, name, &wrote, attempts(&book, name, &ran.release, GATE) + 1);
        let envelope = Envelope::signed(&evidence, signer.as_ref())
            .map_err(|it| Failure::no("not-signed", it.to_string()))?;
        let people = moves::people(&wrote.said);
        let entry = Entry {
            kind: RecordKind::Statement,
            environment: name,
            plan: None,
            objects: ledger::statement(&envelope).into_iter().collect(),
            text: format!("release {} was written by {people}", ran.release.short()),
        };
        book.append(cx, &entry)?;
        cx.tell(format!("evidence for {name}: written by {people}, signed and filed"));
        filed.push(name.clone());
    }
    Ok(filed)
}

fn evidence(
    cx: &Cx<'_>,
    ran: &Ran<'_>,
    name: &EnvironmentName,
    wrote: &Wrote,
    attempt: u64,
) -> Evidence {
    let ended = cx.now().whole_second();
    Evidence {
        environment: name.clone(),
        issued: ended,
        gate: GATE.to_owned(),
        release: ran.release,
        ran_on: RanOn {
            environment: ran.group.name.clone(),
            servers: ran.group.servers.iter().map(|it| it.id.clone()).collect(),
            generation: ran.generation,
        },
        result: EvidenceResult::Passed,
        numbers: wrote.said.numbers(wrote.writings.len() as u64),
        attempt,
        started: ran.started.min(ended),
        ended,
        inputs: wrote.said.inputs(),
    }
}

/// What an environment runs, by the signed word of its servers; where they cannot say it, by the ledger.
fn live(
    cx: &mut Cx<'_>,
    head: &Head,
    environment: &Environment,
    policy: &Policy,
) -> Result<Option<Digest>, Failure> {
    let http = http(cx)?;
    let server =
        |it: &taiwa_config::environment::Server| Server::new(&http, it.name.clone(), &it.url, None);
    let servers: Vec<Server> = environment.servers.iter().map(server).collect();
    let states = signals::block_on(async { Ok(states(policy, &servers).await) })?;
    let document = policy.document();
    if let Some(state) = states.group.state(&document.anchor) {
        return Ok(state.release);
    }
    let known = known_release(cx, &head.repository, &document.environment)?;
    let word = known.map_or_else(|| "nothing".to_owned(), |it| it.short());
    cx.say(format!(
        "note: the anchor of {} does not answer; by the ledger it runs {word}",
        document.environment
    ));
    Ok(known)
}

/// What ran before an emergency that is still to be ratified, or before a rollout that is not at its end.
fn before(book: &Book<'_>, name: &EnvironmentName, live: &Digest) -> Option<Digest> {
    let mut plans = book.story.records.iter().rev().filter(|it| it.0.environment == *name);
    let plan = plans.find_map(|it| book.story.plan(&it.0.plan?))?;
    let digest = Plan::digest_of(&plan.to_bytes().ok()?);
    let done = |it: &&(Record, Digest)| {
        it.0.plan == Some(digest) && it.0.outcome() == Some(OutcomeWord::Done)
    };
    let steps = book.story.records.iter().filter(done).count();
    let begun = steps > 0 || plan.choices.goes_on_bp.is_some();
    let under_way = begun && steps < plan.steps.len();
    plan.from.filter(|_| (plan.kind == PlanKind::Emergency || under_way) && plan.to == *live)
}
