//! The ledger as read, and the questions that commands ask of it.

use std::collections::BTreeMap;

use taiwa_model::{Digest, EnvironmentName, Timestamp};

use super::{OutcomeWord, Problem, Record};
use crate::{Count, Envelope, Payload, Phase, Plan, Policy, ReadError, Statement, count};

/// An object of the ledger.
#[derive(Clone, Debug)]
pub enum Object {
    /// A plan.
    Plan(Box<Plan>),
    /// A statement: its envelope, and it opened.
    Statement(Box<(Envelope, Statement)>),
}

impl Object {
    /// Reads an object, and with it its digest.
    ///
    /// # Errors
    /// [`ReadError`] when it is neither a statement nor a plan.
    pub fn read(bytes: &[u8]) -> Result<(Self, Digest), ReadError> {
        match Envelope::read(bytes) {
            Ok(envelope) => {
                let statement = envelope.open()?;
                let digest = statement.digest;
                Ok((Self::Statement(Box::new((envelope, statement))), digest))
            }
            Err(not_a_statement) => match Plan::read(bytes) {
                Ok((plan, digest)) => Ok((Self::Plan(Box::new(plan)), digest)),
                Err(_) if bytes.starts_with(b"{\"payload\"") => Err(not_a_statement),
                Err(not_a_plan) => Err(not_a_plan),
            },
        }
    }
}

/// The records in their order, and the objects by digest.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The records with the digest of their bytes, by `seq`.
    pub records: Vec<(Record, Digest)>,
    /// The objects.
    pub objects: BTreeMap<Digest, Object>,
}

impl Ledger {
    /// Reads what lies in the ledger's folders. What cannot be read is left out, and said.
    pub fn read(
        records: impl IntoIterator<Item = (String, Vec<u8>)>,
        objects: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> (Self, Vec<Problem>) {
        let mut ledger = Self::default();
        let mut problems = Vec::new();
        for (path, bytes) in records {
            match Record::read(&bytes) {
                Ok(record) if super::record_path(record.seq) != path => {
                    problems.push(Problem::new(path, "the record is not the one of its name"));
                }
                Ok(record) => ledger.records.push((record, Record::digest_of(&bytes))),
                Err(error) => problems.push(Problem::new(path, error.to_string())),
            }
        }
        ledger.records.sort_by_key(|it| it.0.seq);
        for (path, bytes) in objects {
            match Object::read(&bytes) {
                Ok((_, digest)) if super::object_path(&digest) != path => {
                    let what = format!("the object is not the one of its name but {digest}");
                    problems.push(Problem::new(path, what));
                }
                Ok((object, digest)) => drop(ledger.objects.insert(digest, object)),
                Err(error) => problems.push(Problem::new(path, error.to_string())),
            }
        }
        (ledger, problems)
    }

    /// The last record's number and digest: what the next one follows, and what a plan names.
    pub fn head(&self) -> Option<(u64, Digest)> {
        self.records.last().map(|(record, digest)| (record.seq, *digest))
    }

    /// A plan by its digest.
    pub fn plan(&self, digest: &Digest) -> Option<&Plan> {
        match self.objects.get(digest) {
            Some(Object::Plan(it)) => Some(it),
            _ => None,
        }
    }

    /// The open plan of an environment: the last one filed that was neither carried out nor rejected.
    /// Whether it still fits the world is the caller's question.
    pub fn open_plan(&self, policy: &Policy) -> Option<(&Plan, Digest)> {
        let environment = &policy.document().environment;
        let mut open = None;
        for (record, _) in self.records.iter().filter(|it| it.0.environment == *environment) {
            match (record.plan, record.outcome()) {
                (Some(_), Some(OutcomeWord::Done | OutcomeWord::PartlyActivated)) => open = None,
                (Some(plan), _) if record.objects.contains(&plan) => open = Some(plan),
                _ => {}
            }
        }
        let digest = open.filter(|it| !self.is_rejected(policy, it))?;
        self.plan(&digest).map(|it| (it, digest))
    }

    /// Whether somebody with an approving role rejected a plan.
    pub fn is_rejected(&self, policy: &Policy, plan: &Digest) -> bool {
        let document = policy.document();
        self.statements().any(|(_, statement)| match &statement.payload {
            Payload::Reject(it) => {
                it.plan == *plan
                    && it.environment == document.environment
                    && crate::server::rejecter(document, statement).is_some()
            }
            _ => false,
        })
    }

    /// What is filed about a plan: approvals and rejections.
    pub fn about_plan(&self, plan: &Digest) -> Vec<&Envelope> {
        self.pick(|payload| match payload {
            Payload::Approve(it) => it.plan == *plan,
            Payload::Reject(it) => it.plan == *plan,
            Payload::Pull(it) => it.plan == *plan,
            _ => false,
        })
    }

    /// What is filed of runs of a release, offered to an environment.
    pub fn evidence_of(&self, environment: &EnvironmentName, release: &Digest) -> Vec<&Envelope> {
        self.pick(|payload| match payload {
            Payload::Evidence(it) => it.environment == *environment && it.release == *release,
            _ => false,
        })
    }

    /// The signed states of an environment's servers that run a release.
    pub fn states_of(&self, environment: &EnvironmentName, release: &Digest) -> Vec<&Envelope> {
        self.pick(|payload| match payload {
            Payload::Receipt(it) => {
                it.phase == Phase::State
                    && it.environment == *environment
                    && it.release == Some(*release)
            }
            _ => false,
        })
    }

    /// Counts the filed approvals of a plan at an instant.
    pub fn count(&self, plan: &Plan, policy: &Policy, now: Timestamp) -> Count {
        let statements: Vec<_> = self.statements().map(|it| it.1.clone()).collect();
        count(plan, policy, &statements, now)
    }

    /// Every statement, in the order of digests.
    pub fn statements(&self) -> impl Iterator<Item = (&Envelope, &Statement)> {
        self.objects.values().filter_map(|it| match it {
            Object::Statement(it) => Some((&it.0, &it.1)),
            Object::Plan(_) => None,
        })
    }

    fn pick(&self, wanted: impl Fn(&Payload) -> bool) -> Vec<&Envelope> {
        self.statements().filter(|it| wanted(&it.1.payload)).map(|it| it.0).collect()
    }
}
