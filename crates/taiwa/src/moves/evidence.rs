//! Evidence: what a run on an environment's servers showed, signed with a runner's key and filed for every environment
//! that takes its releases from there and believes that runner.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;
use taiwa_deployer::States;
use taiwa_model::{Digest, EnvironmentName, Timestamp};
use taiwa_plan::{
    Envelope, Evidence, EvidenceResult, Gate, Payload, Policy, RanOn, Runner, Signer,
    ledger::RecordKind,
};

use crate::{
    Cx, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry},
        marked::Head,
        servers::{Group, refused},
    },
};

/// What a run showed of one gate.
pub(crate) struct Found {
    /// The gate.
    pub(crate) gate: Gate,
    /// The release that the servers ran.
    pub(crate) release: Digest,
    /// Their generation.
    pub(crate) generation: u64,
    /// What they signed before the run.
    pub(crate) before: States,
    /// And after it; empty if it was interrupted.
    pub(crate) after: States,
    /// When it began.
    pub(crate) started: Timestamp,
    /// When it ended.
    pub(crate) ended: Timestamp,
    /// The gate's numbers.
    pub(crate) numbers: BTreeMap<String, u64>,
    /// The gate's inputs.
    pub(crate) inputs: BTreeMap<String, Value>,
}

impl Found {
    /// Whether the servers ran one release, in one generation, from before the run until after it.
    pub(crate) fn is_of_one_release(&self, group: &Group) -> bool {
        self.after.group.settled(&group.policy) == Ok((Some(self.release), self.generation))
    }

    /// What is offered to an environment, as it is before it is signed.
    pub(crate) fn evidence(
        &self,
        group: &Group,
        to: &EnvironmentName,
        (result, attempt): (EvidenceResult, u64),
    ) -> Evidence {
        Evidence {
            environment: to.clone(),
            issued: self.ended,
            gate: self.gate.name().to_owned(),
            release: self.release,
            ran_on: RanOn {
                environment: group.name.clone(),
                servers: group.servers.iter().map(|it| it.id.clone()).collect(),
                generation: self.generation,
            },
            result,
            numbers: self.numbers.clone(),
            attempt,
            started: self.started,
            ended: self.ended,
            inputs: self.inputs.clone(),
        }
    }
}

/// The release and generation of a group that is at rest.
pub(crate) fn at_rest(group: &Group, states: &States) -> Result<(Digest, u64), Failure> {
    match states.group.settled(&group.policy) {
        Ok((Some(release), generation)) => Ok((release, generation)),
        Ok((None, _)) => {
            Err(Failure::no("not-running", format!("{} runs no release yet", group.name))
                .help(format!("taiwa deploy --to {}", group.name)))
        }
        Err(refusals) => Err(refused(&format!("{} cannot be tested now", group.name), &refusals)),
    }
}

/// The runner's key, if there is one: without it nothing that was found is evidence, and that is said.
pub(crate) fn runners_key(cx: &mut Cx<'_>, named: Option<&Path>) -> Option<PathBuf> {
    let key = named.map(Path::to_owned).or_else(|| cx.var("TAIWA_RUNNER_KEY").map(PathBuf::from));
    if key.is_none() {
        cx.say("this is no evidence: it is not signed; CI signs with --key or TAIWA_RUNNER_KEY");
    }
    key
}

/// Signs and files what was found, if there is a runner's key; gives the environments for which it is filed. A key that
/// nobody believes is a no.
pub(crate) fn offered(
    cx: &mut Cx<'_>,
    of: (&Head, &Group),
    found: &Found,
    key: Option<&Path>,
    result: &dyn Fn(&EnvironmentName) -> Option<EvidenceResult>,
) -> Result<Vec<EnvironmentName>, Failure> {
    let Some(key) = runners_key(cx, key) else { return Ok(Vec::new()) };
    let (offered, believed) = file(cx, of, found, &key, result)?;
    if believed { Ok(offered) } else { Err(unbelieved(cx, &key)) }
}

/// Signs what was found for every environment that takes its releases from here and believes this runner; `result` is
/// the runner's word for an environment, none where there is nothing to file for it. Gives those for which it is filed,
/// and whether anybody believes the key.
pub(crate) fn file(
    cx: &mut Cx<'_>,
    (head, group): (&Head, &Group),
    found: &Found,
    key: &Path,
    result: &dyn Fn(&EnvironmentName) -> Option<EvidenceResult>,
) -> Result<(Vec<EnvironmentName>, bool), Failure> {
    let signer = keys::from_file(&cx.path(key))?;
    let mut book = Book::open(cx, head)?;
    let gate = found.gate.name();
    let (mut filed, mut believed) = (Vec::new(), false);
    for name in downstream(head, group) {
        let Some(policy) = policy(head, name)? else {
            cx.say(format!("note: {name} has no policy yet, so nothing can be proven for it"));
            continue;
        };
        if runner(&policy, signer.as_ref(), gate).is_none() {
            cx.say(format!(
                "note: this key is no runner of {name} for the gate {gate}; nothing is filed for it"
            ));
            continue;
        }
        believed = true;
        let Some(result) = result(name) else { continue };
        let attempt = attempts(&book, name, &found.release, gate) + 1;
        let evidence = found.evidence(group, name, (result, attempt));
        let envelope = Envelope::signed(&evidence, signer.as_ref())
            .map_err(|it| Failure::no("not-signed", it.to_string()))?;
        let states = found.before.envelopes.values().chain(found.after.envelopes.values());
        let objects =
            std::iter::once(&envelope).chain(states).filter_map(ledger::statement).collect();
        let word = serde_json::to_value(result).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().to_owned();
        let (on, release) = (&group.name, found.release.short());
        let text = format!("{gate} {word} on {on} for release {release} (attempt {attempt})");
        book.append(
            cx,
            &Entry { kind: RecordKind::Statement, environment: name, plan: None, objects, text },
        )?;
        cx.tell(format!("evidence for {name}: {gate} {word}, attempt {attempt}, signed and filed"));
        filed.push(name.clone());
    }
    Ok((filed, believed))
}

/// A key that proves nothing to anybody is the wrong one.
pub(crate) fn unbelieved(cx: &Cx<'_>, key: &Path) -> Failure {
    let signer = match keys::from_file(&cx.path(key)) {
        Ok(signer) => signer,
        Err(failure) => return failure,
    };
    Failure::no(
        "bad-signature",
        "this key is a runner of no environment that takes its releases from here",
    )
    .help(format!("the key is {}", signer.public_key().fingerprint()))
    .help("runners are named in environments/ENV/environment.yaml and in the signed policy")
}

/// The environments that take their releases from a group's.
pub(crate) fn downstream<'a>(
    head: &'a Head,
    group: &Group,
) -> impl Iterator<Item = &'a EnvironmentName> {
    let all = head.project.environments.iter();
    let from = group.name.clone();
    all.filter(move |it| it.1.from.as_ref() == Some(&from)).map(|it| it.0)
}

/// How often a gate was proven, or not, for a release.
pub(crate) fn attempts(
    book: &Book<'_>,
    name: &EnvironmentName,
    release: &Digest,
    gate: &str,
) -> u64 {
    let of = |it: &&Envelope| {
        it.open().is_ok_and(|it| matches!(it.payload, Payload::Evidence(it) if it.gate == gate))
    };
    book.story.evidence_of(name, release).into_iter().filter(of).count() as u64
}

/// The committed policy of an environment, if it has one that counts.
pub(crate) fn policy(head: &Head, name: &EnvironmentName) -> Result<Option<Policy>, Failure> {
    let Some(bytes) = head.file(&format!("environments/{name}/policy.json"))? else {
        return Ok(None);
    };
    Ok(Envelope::read(bytes.trim_ascii_end()).ok().and_then(|it| Policy::accept(&it).ok()))
}

/// The runner that has a key and may speak of a gate.
pub(crate) fn runner<'a>(
    policy: &'a Policy,
    signer: &dyn Signer,
    gate: &str,
) -> Option<&'a Runner> {
    let of =
        |it: &&Runner| it.key == *signer.public_key() && it.gates.iter().any(|name| name == gate);
    policy.document().runners.iter().find(of)
}
