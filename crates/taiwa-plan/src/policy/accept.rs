//! From a document to a policy that is obeyed: validity, its own threshold, and what a server keeps to.

use taiwa_model::{Digest, EnvironmentName, ServerId, Timestamp};

use super::{InDoubt, PolicyDocument, Separation, Server, validate};
use crate::{
    Envelope, Payload, PublicKey, ReadError, Reason, Refusal, Refusals, SignError,
    approvals::signed_roles,
};

/// A policy in force: valid, and signed by its own `policy` threshold if it is protected. Only made by
/// [`Policy::accept`], so that nothing unsigned is ever obeyed.
#[derive(Clone, Debug)]
pub struct Policy {
    document: PolicyDocument,
    digest: Digest,
    envelope: Envelope,
}

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
    /// The server has another one already; in this version there is no way from one to the next.
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
            let count = signed_roles(&statement, document);
            refusals.extend(count.roles.iter().filter(|it| it.have < it.want).map(|it| {
                let (role, have, want) = (&it.role, it.have, it.want);
                let who: Vec<_> = document.people_of(role).map(|it| it.id.as_str()).collect();
                Refusal::new(
                    Reason::ApprovalMissing,
                    format!("the policy is signed by {have} of {want} in the role {role}"),
                )
                .by(who.join(", "))
                .with(format!("taiwa policy sign {}", document.environment))
            }));
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
        Some(other) if other.digest != stored.digest => {
            Err(PolicyError::Another { stored: stored.digest, offered: other.digest })
        }
        _ => Ok(Some(stored)),
    }
}
