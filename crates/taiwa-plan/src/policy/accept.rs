//! From a document to a policy that is obeyed: validity, its own threshold, and what a server keeps to.

use taiwa_model::{Digest, EnvironmentName, ServerId, Timestamp};

use super::{InDoubt, PolicyDocument, Separation, Server, validate};
use crate::{
    Envelope, Payload, PublicKey, ReadError, Reason, Refusal, Refusals, RoleCount, SignError,
    Statement, approvals::signed_roles,
};

/// A policy in force: valid, and signed by its own `policy` threshold if it is protected. Only made by
/// [`Policy::accept`], so that nothing unsigned is ever obeyed.
#[derive(Clone, Debug)]
pub struct Policy {
    document: PolicyDocument,
    digest: Digest,
    envelope: Envelope,
}

/// Most earlier policies that are followed back.
const MAX_EARLIER: usize = 1000;

/// Why a policy is not obeyed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no policy.
    #[error("the statement is no policy")]
    NotAPolicy,
    /// It is invalid, or too few signed it; every reason.
    #[error("the policy is refused: {}", list(.0))]
    Refused(Refusals),
    /// The server has another one already, and the one offered does not follow it.
    #[error("this server obeys the policy {stored}; {offered} is another one")]
    Another {
        /// The one in force.
        stored: Digest,
        /// The one offered.
        offered: Digest,
    },
}

fn list(refusals: &Refusals) -> String {
    let texts: Vec<_> = refusals.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// The roles that a policy's threshold asks for and that have not signed a statement.
fn unsigned(statement: &Statement, document: &PolicyDocument, said: &str) -> Refusals {
    let count = signed_roles(statement, document);
    let missing = count.roles.iter().filter(|it| it.have < it.want);
    let refusal = |it: &RoleCount| {
        let (role, have, want) = (&it.role, it.have, it.want);
        let who: Vec<_> = document.people_of(role).map(|it| it.id.as_str()).collect();
        let what = format!("{said} {have} of {want} in the role {role}");
        Refusal::new(Reason::ApprovalMissing, what)
            .by(who.join(", "))
            .with(format!("taiwa policy sign {}", document.environment))
    };
    missing.map(refusal).collect()
}

/// Who leaves the group is `retired`, by which people sign that it is shut down; for good, and its key with it.
fn members(new: &PolicyDocument, was: &PolicyDocument, out: &mut Refusals) {
    let mut say = |what: String| out.push(Refusal::new(Reason::PolicyInvalid, what));
    let gone: Vec<_> = was.servers.iter().filter(|it| new.server(&it.id).is_none()).collect();
    for server in gone.iter().filter(|it| !new.retired.contains(&it.id)) {
        let id = &server.id;
        say(format!("{id} leaves the group and is not `retired`: is it shut down for good?"));
    }
    for id in was.retired.iter().filter(|it| !new.retired.contains(it)) {
        say(format!("{id} was retired, and the policy forgets it"));
    }
    for server in &new.servers {
        if let Some(old) = gone.iter().find(|it| it.key == server.key) {
            say(format!("{} has the key of {}, which is retired", server.id, old.id));
        }
    }
}

impl Policy {
    /// Takes a policy that is valid and, if protected, signed by its own threshold.
    ///
    /// # Errors
    /// [`PolicyError`] with every reason at once.
    pub fn accept(envelope: &Envelope) -> Result<Self, PolicyError> {
        let statement = envelope.open()?;
        let Payload::Policy(document) = &statement.payload else {
            return Err(PolicyError::NotAPolicy);
        };
        let mut refusals = validate(document);
        if document.protected && refusals.is_empty() {
            refusals.extend(unsigned(&statement, document, "the policy is signed by"));
        }
        if !refusals.is_empty() {
            return Err(PolicyError::Refused(refusals));
        }
        let document = document.as_ref().clone();
        Ok(Self {
            document,
            digest: Self::digest_of(&envelope.payload),
            envelope: envelope.clone(),
        })
    }

    /// Whether this policy may take the place of the one in force: the next version of it, wanted by as many of its
    /// people as it asks for. (That its own people want it too, [`Self::accept`] has seen.)
    ///
    /// # Errors
    /// Everything that stands against it.
    pub fn follows(&self, old: &Self) -> Result<(), Refusals> {
        let mut out = Refusals::new();
        let (new, was) = (&self.document, &old.document);
        if new.environment != was.environment {
            let what = format!("the policy is for {}, not {}", new.environment, was.environment);
            out.push(Refusal::new(Reason::WrongEnvironment, what));
        }
        if new.version != was.version + 1 || new.previous != Some(old.digest) {
            let (next, now) = (new.version, was.version);
            let what = format!("version {next} does not follow version {now}, which is in force");
            let refusal = Refusal::new(Reason::WrongPolicy, what);
            out.push(refusal.with(format!("taiwa policy propose {}", was.environment)));
        }
        members(new, was, &mut out);
        if was.protected {
            match self.envelope.open() {
                Ok(statement) => out.extend(unsigned(
                    &statement,
                    was,
                    "the policy in force wants more signatures:",
                )),
                Err(error) => out.push(Refusal::from(&error)),
            }
        }
        if out.is_empty() { Ok(()) } else { Err(out) }
    }

    /// Whether another server, or the same one with another key, decides than did under the policy before: it has to
    /// see first that nobody can be moved by the old word.
    pub fn hands_over(&self, old: &Self) -> bool {
        let key = |it: &PolicyDocument| it.server(&it.anchor).map(|it| it.key.clone());
        let (new, was) = (&self.document, &old.document);
        new.anchor != was.anchor || key(new) != key(was)
    }

    /// The earlier policies that lead to this one, the latest first: each is named by the digest in the one after it,
    /// so that nobody needs to be believed who brings them. It ends where one is missing.
    pub fn earlier(&self, brought: &[Envelope]) -> Vec<Self> {
        let of = |digest: &Digest| {
            let found = brought.iter().find(|it| Self::digest_of(&it.payload) == *digest);
            found.and_then(|it| Self::accept(it).ok())
        };
        let mut chain: Vec<Self> = Vec::new();
        let mut next = self.document.previous.as_ref().and_then(of);
        while let Some(policy) = next.take().filter(|_| chain.len() < MAX_EARLIER) {
            next = policy.document.previous.as_ref().and_then(of);
            chain.push(policy);
        }
        chain
    }

    /// The digest of a policy's canonical payload.
    pub fn digest_of(payload: &[u8]) -> Digest {
        Digest::of_kind("policy", payload)
    }

    /// What it says.
    pub fn document(&self) -> &PolicyDocument {
        &self.document
    }

    /// Its digest, by which plans and receipts name it.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The signed form, for the disk.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// The policy that a server without one makes for itself: version 0, unprotected, alone, on loopback only.
///
/// # Errors
/// [`PolicyError`] when a name is not well spelled.
pub fn own_policy(
    environment: EnvironmentName,
    server: ServerId,
    url: String,
    key: PublicKey,
) -> Result<Policy, PolicyError> {
    let document = PolicyDocument {
        format: 1,
        environment,
        issued: Timestamp::default(),
        version: 0,
        previous: None,
        protected: false,
        origin: None,
        anchor: server.clone(),
        servers: vec![Server { id: server, url, key }],
        retired: Vec::new(),
        people: Vec::new(),
        bots: Vec::new(),
        runners: Vec::new(),
        approvals: Vec::new(),
        rollback: Vec::new(),
        emergency: Vec::new(),
        policy: Vec::new(),
        hold: Vec::new(),
        separation: Separation::Off,
        gates: std::collections::BTreeMap::new(),
        freeze: Vec::new(),
        windows: Vec::new(),
        max_age_s: super::propose::MAX_AGE_S,
        in_doubt: InDoubt::Serve,
        lease_s: super::propose::LEASE_S,
        deadline_s: super::propose::DEADLINE_S,
        skew_s: super::propose::SKEW_S,
    };
    let refuse =
        |it: SignError| PolicyError::Refused(vec![Refusal::new(Reason::Malformed, it.to_string())]);
    Policy::accept(&Envelope::unsigned(&document).map_err(refuse)?)
}

/// Which policy a server obeys at its start: the stored one; else the one offered; the same again is
/// fine, another one is not. What a server made for itself (version 0) gives way, as people never
/// decided it. `None` means that it has to make its own.
///
/// # Errors
/// [`PolicyError`]: the server does not start.
pub fn adopt(
    stored: Option<&Envelope>,
    offered: Option<&Envelope>,
) -> Result<Option<Policy>, PolicyError> {
    let offered = offered.map(Policy::accept).transpose()?;
    let stored = stored.map(Policy::accept).transpose()?;
    let Some(stored) = stored.filter(|it| it.document.version > 0) else {
        return Ok(offered);
    };
    match offered {
        // What is stored came later: the file is of an earlier start.
        Some(older) if stored.document.version > older.document.version => Ok(Some(stored)),
        Some(next) if next.follows(&stored).is_ok() => Ok(Some(next)),
        Some(other) if other.digest != stored.digest => {
            Err(PolicyError::Another { stored: stored.digest, offered: other.digest })
        }
        _ => Ok(Some(stored)),
    }
}
