//! Who wrote what changes, and who therefore cannot approve it.
//!
//! What git knows of a change comes in as [`Contribution`]s; whom they are of is decided here, by the signed policy alone:
//! a valid signature's key, else the exact address in lower case. Whoever cannot be mapped is *unknown*: a contributor
//! who may be anybody's second name, so that one person more has to approve.
//! **Invariants.** The same commits under the same policy give the same people, whatever their order. More people rather
//! than fewer: what is doubtful is unknown, never nobody.
//! Deliberately absent: git (`taiwa-git` finds the commits), and proof that a name in a commit is true: only a signature
//! proves anything, and only that its key signed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use taiwa_model::{Digest, PersonId};

use crate::{
    Evidence, EvidenceResult, Gate, Outcome, Payload, Policy, PolicyDocument, Separation,
    Statement, key::Seal,
};

/// Most unknown names that are listed; of the rest only the number is.
pub const MAX_UNKNOWN: usize = 128;
/// Longest unknown name that is kept, in characters.
pub const MAX_NAME_CHARS: usize = 160;
/// What git signs commits for.
const COMMIT_NAMESPACE: &str = "git";

/// Somebody, as git names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The name; anybody may write any.
    pub name: String,
    /// The address, as it is written; empty where there is none.
    pub email: String,
}

/// The signature in a commit, not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitSignature {
    /// The armoured text. Anything but an SSHSIG counts as none.
    pub armour: String,
    /// What is signed: the bytes of the commit without the signature.
    pub message: Vec<u8>,
}

/// A commit that had a part in a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Its id, in hex.
    pub commit: String,
    /// Who wrote it, as it says.
    pub author: Identity,
    /// Who committed it, as it says.
    pub committer: Identity,
    /// Everybody whom a `Co-authored-by` names.
    pub co_authors: Vec<Identity>,
    /// Its signature.
    pub signature: Option<CommitSignature>,
}

/// The people behind a change, each with the commits that say so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Authors {
    /// People of the policy.
    pub people: BTreeMap<PersonId, BTreeSet<String>>,
    /// Names that stand for nobody of the policy.
    pub unknown: BTreeMap<String, BTreeSet<String>>,
}

impl Authors {
    /// The people, sorted.
    pub fn contributors(&self) -> Vec<PersonId> {
        self.people.keys().cloned().collect()
    }

    /// The unknown names, sorted; those beyond [`MAX_UNKNOWN`] as one entry that says how many they are.
    pub fn unknown(&self) -> Vec<String> {
        let mut names: Vec<String> = self.unknown.keys().take(MAX_UNKNOWN).cloned().collect();
        if self.unknown.len() > MAX_UNKNOWN {
            names.push(format!("and {} more", self.unknown.len() - MAX_UNKNOWN));
            names.sort();
        }
        names
    }
}

/// Whom a policy takes the authors of these commits for.
pub fn authors(policy: &PolicyDocument, contributions: &[Contribution]) -> Authors {
    let mut authors = Authors::default();
    for it in contributions {
        let signer = signer(policy, it);
        let committer = Part { identity: &it.committer, key: signer, commits_only: true };
        committer.take(policy, &it.commit, &mut authors);
        // Whoever signs is the committer; of the author a key says something only where both are one.
        let same = address(&it.author) == address(&it.committer);
        let key = signer.filter(|_| same);
        let author = Part { identity: &it.author, key, commits_only: false };
        author.take(policy, &it.commit, &mut authors);
        for identity in &it.co_authors {
            let part = Part { identity, key: None, commits_only: false };
            part.take(policy, &it.commit, &mut authors);
        }
    }
    authors
}

/// Who signed a commit, if it is somebody of the policy.
fn signer<'a>(policy: &'a PolicyDocument, it: &Contribution) -> Option<&'a PersonId> {
    let signature = it.signature.as_ref()?;
    let seal = Seal::parse(&signature.armour)?;
    let by = |key: &crate::PublicKey| seal.is_by(key, COMMIT_NAMESPACE, &signature.message);
    policy.people.iter().find(|person| person.keys.iter().any(by)).map(|it| &it.id)
}

/// The address of an identity as people are known by it.
fn address(it: &Identity) -> String {
    it.email.trim().to_lowercase()
}

/// One part that somebody had in a commit.
struct Part<'a> {
    identity: &'a Identity,
    key: Option<&'a PersonId>,
    /// Whether it is that of a committer, in which a forge's own address stands for nobody.
    commits_only: bool,
}

impl Part<'_> {
    fn take(&self, policy: &PolicyDocument, commit: &str, into: &mut Authors) {
        let address = address(self.identity);
        let person = policy.people.iter().find(|it| it.emails.contains(&address)).map(|it| &it.id);
        let bot = policy.bots.iter().find(|it| it.email == address);
        let stands_for = bot.map(|it| it.people.as_slice()).unwrap_or_default();
        let mut anybody = false;
        for person in self.key.into_iter().chain(person).chain(stands_for) {
            anybody = true;
            into.people.entry(person.clone()).or_default().insert(commit.to_owned());
        }
        let nobody = bot.is_some_and(|it| it.people.is_empty()) && self.commits_only;
        if !anybody && !nobody {
            let name = shown(&address, &self.identity.name);
            into.unknown.entry(name).or_default().insert(commit.to_owned());
        }
    }
}

/// What an unknown person is called: the address, else the name; no control characters, not too long.
fn shown(address: &str, name: &str) -> String {
    let text = [address, name.trim()].into_iter().find(|it| !it.is_empty()).unwrap_or("nobody");
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(plain).take(MAX_NAME_CHARS).collect()
}

/// A release, and the commit whose marks make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Built {
    /// The release.
    pub release: Digest,
    /// The full id of the commit; null where none was found: then the whole history counts.
    pub commit: Option<String>,
}

/// What the evidence of the gate `authorship` says, in its `inputs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorship {
    /// Digest of the policy by which people were known.
    pub policy: Digest,
    /// What is live; null where nothing is.
    pub from: Option<Built>,
    /// What is to be live.
    pub to: Built,
    /// [`digest_of_commits`] of the commits that were looked at.
    pub commits: Digest,
    /// The people of the policy, sorted.
    pub contributors: Vec<PersonId>,
    /// The unknown names, sorted.
    pub unknown: Vec<String>,
}

/// The digest of a set of commits: over their full ids in hex, sorted, each once, a line each.
pub fn digest_of_commits<'a>(ids: impl IntoIterator<Item = &'a str>) -> Digest {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let text: String = ids.into_iter().flat_map(|it| [it, "\n"]).collect();
    Digest::of_kind("commits", text.as_bytes())
}

impl Authorship {
    /// As the inputs of evidence.
    pub fn inputs(&self) -> BTreeMap<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields.into_iter().collect(),
            _ => BTreeMap::new(),
        }
    }

    /// The numbers that belong to it; `commits` is how many were looked at.
    pub fn numbers(&self, commits: u64) -> BTreeMap<String, u64> {
        [
            ("commits".to_owned(), commits),
            ("contributors".to_owned(), self.contributors.len() as u64),
            ("unknown".to_owned(), self.unknown.len() as u64),
        ]
        .into()
    }

    /// What evidence says, if it is evidence of authorship and says it in full.
    pub fn of(evidence: &Evidence) -> Option<Self> {
        if evidence.gate != Gate::Authorship.name() {
            return None;
        }
        let fields = evidence.inputs.clone().into_iter().collect();
        serde_json::from_value(Value::Object(fields)).ok()
    }
}

/// What the gate says of one piece of evidence, its signature, place and time apart.
pub(crate) fn judge(evidence: &Evidence) -> (Outcome, String) {
    let inconclusive = |why: &str| (Outcome::Inconclusive, why.to_owned());
    let Some(said) = Authorship::of(evidence) else {
        return inconclusive(
            "its inputs are not policy, from, to, commits, contributors and unknown",
        );
    };
    let sorted = said.contributors.is_sorted_by(|a, b| a < b)
        && said.unknown.is_sorted_by(|a, b| a < b)
        && said.unknown.len() <= MAX_UNKNOWN + 1;
    if !sorted {
        return inconclusive("its people are not sorted, each once");
    }
    let commits = evidence.numbers.get("commits").copied().unwrap_or(0);
    if evidence.numbers != said.numbers(commits) {
        return inconclusive("its numbers are not those of its commits, contributors and unknown");
    }
    if said.to.release != evidence.release || said.to.commit.is_none() {
        return inconclusive("it does not say at which commit the release was built");
    }
    if evidence.result == EvidenceResult::Failed {
        return (Outcome::Failed, "the runner found that something does not hold".to_owned());
    }
    if evidence.result != EvidenceResult::Passed {
        return (Outcome::NoData, "the runner could not say who wrote it".to_owned());
    }
    if commits == 0 || said.contributors.is_empty() && said.unknown.is_empty() {
        return (Outcome::NoData, "it names nobody who wrote the change".to_owned());
    }
    let people: Vec<&str> = said.contributors.iter().map(PersonId::as_str).collect();
    let people =
        if people.is_empty() { "nobody of the policy".to_owned() } else { people.join(", ") };
    let unknown = match said.unknown.len() {
        0 => String::new(),
        number => format!(" and {number} unknown"),
    };
    (Outcome::Passed, format!("{commits} commits, by {people}{unknown}"))
}

/// The statements that speak of a change from `from` under this policy: evidence of authorship that speaks of another
/// one proves nothing here, however new it is. All others stay.
pub fn of_change(
    policy: &Policy,
    from: Option<Digest>,
    statements: &[Statement],
) -> Vec<Statement> {
    let fits = |it: &&Statement| match &it.payload {
        Payload::Evidence(evidence) => Authorship::of(evidence).is_none_or(|said| {
            said.policy == *policy.digest() && said.from.map(|it| it.release) == from
        }),
        _ => true,
    };
    statements.iter().filter(fits).cloned().collect()
}

/// Whether a policy keeps those who wrote a change from approving it.
pub(crate) fn separates(policy: &PolicyDocument) -> bool {
    policy.separation != Separation::Off
}

/// What the evidence with one of these digests says of authorship.
pub(crate) fn said(statements: &[Statement], named: &[Digest]) -> Option<Authorship> {
    statements.iter().filter(|it| named.contains(&it.digest)).find_map(|it| match &it.payload {
        Payload::Evidence(evidence) => Authorship::of(evidence),
        _ => None,
    })
}
