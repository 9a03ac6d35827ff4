//! The envelope of a statement, its signatures, and the opened statement.
//!
//! Signed is DSSE's pre-authentication encoding of type and payload, by an SSHSIG whose namespace is the
//! type, so that a signature for one purpose is useless for another. Verification is over the received
//! bytes; only then are they parsed, and the parsed value must be their one canonical text.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, canonical};

use super::{Body, Payload, ReadError};
use crate::{
    PublicKey, SignError, Signer,
    key::{MAX_SIGNATURE_BYTES, Seal},
};

/// Largest payload of a statement, in bytes.
pub const MAX_STATEMENT_BYTES: usize = 64 << 10;
/// Most signatures in one envelope.
pub const MAX_SIGNATURES: usize = 64;

/// The type of a statement: the namespace of its signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Namespace {
    /// An approval.
    #[serde(rename = "approve@taiwa")]
    Approve,
    /// A rejection.
    #[serde(rename = "reject@taiwa")]
    Reject,
    /// Evidence of a gate.
    #[serde(rename = "evidence@taiwa")]
    Evidence,
    /// A server's receipt.
    #[serde(rename = "receipt@taiwa")]
    Receipt,
    /// A policy.
    #[serde(rename = "policy@taiwa")]
    Policy,
    /// Pulling a parachute.
    #[serde(rename = "pull@taiwa")]
    Pull,
    /// Stopping the line.
    #[serde(rename = "hold@taiwa")]
    Hold,
    /// Going on after a hold.
    #[serde(rename = "lift@taiwa")]
    Lift,
}

impl Namespace {
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve@taiwa",
            Self::Reject => "reject@taiwa",
            Self::Evidence => "evidence@taiwa",
            Self::Receipt => "receipt@taiwa",
            Self::Policy => "policy@taiwa",
            Self::Pull => "pull@taiwa",
            Self::Hold => "hold@taiwa",
            Self::Lift => "lift@taiwa",
        }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A payload of a type, and signatures over both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// What sort of statement.
    #[serde(rename = "type")]
    pub kind: Namespace,
    /// The canonical JSON of the payload; base64 on the wire.
    #[serde(with = "crate::base64_text")]
    pub payload: Vec<u8>,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The fingerprint of the key, as a hint for people; never believed.
    pub key: String,
    /// The armoured SSHSIG, as `ssh-keygen -Y sign` writes it.
    pub sig: String,
}

/// An opened statement: read, within limits, canonical. Its signatures are checked against keys that
/// the caller takes from a policy.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The digest over the pre-authentication encoding, so without signatures.
    pub digest: Digest,
    /// What it says.
    pub payload: Payload,
    kind: Namespace,
    message: Vec<u8>,
    seals: Vec<(String, Option<Checked>)>,
}

/// A signature of a statement, verified once, when it is first asked for: it names its own key, and neither it nor the
/// statement can change. Copies of the statement share what came out.
#[derive(Clone, Debug)]
struct Checked {
    seal: Seal,
    holds: Arc<OnceLock<bool>>,
}

impl Envelope {
    /// An envelope that nobody has signed yet.
    ///
    /// # Errors
    /// [`SignError::Unwritable`] when the payload has no canonical text within the limit.
    pub fn unsigned<T: Body>(body: &T) -> Result<Self, SignError> {
        let payload =
            canonical::to_bytes(body).map_err(|it| SignError::Unwritable(it.to_string()))?;
        if payload.len() > MAX_STATEMENT_BYTES {
            let error = ReadError::Limit { what: "a statement", limit: MAX_STATEMENT_BYTES };
            return Err(SignError::Unwritable(error.to_string()));
        }
        Ok(Self { kind: T::NAMESPACE, payload, signatures: Vec::new() })
    }

    /// An envelope with one signature.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn signed<T: Body>(body: &T, signer: &dyn Signer) -> Result<Self, SignError> {
        let mut envelope = Self::unsigned(body)?;
        envelope.add_signature(signer)?;
        Ok(envelope)
    }

    /// Adds a signature; one that this key made before is replaced.
    ///
    /// # Errors
    /// [`SignError`]; what the signer gave back is verified before it is taken.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), SignError> {
        let message = self.message();
        let key = signer.public_key();
        let sig = signer.sign(self.kind.as_str(), &message)?;
        if !Seal::parse(&sig).is_some_and(|it| it.is_by(key, self.kind.as_str(), &message)) {
            return Err(SignError::NotASignature);
        }
        let hint = key.fingerprint();
        self.signatures.retain(|it| it.key != hint);
        self.signatures.push(Signature { key: hint, sig });
        Ok(())
    }

    /// What is signed: DSSE's pre-authentication encoding.
    pub fn message(&self) -> Vec<u8> {
        let kind = self.kind.as_str();
        let head = format!("DSSEv1 {} {kind} {} ", kind.len(), self.payload.len());
        [head.as_bytes(), &self.payload].concat()
    }

    /// The statement's digest, which does not depend on its signatures.
    pub fn digest(&self) -> Digest {
        Digest::of_kind("statement", &self.message())
    }

    /// The canonical bytes of the whole envelope, for a file.
    ///
    /// # Errors
    /// [`ReadError::Malformed`], which an envelope never gives in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReadError> {
        canonical::to_bytes(self)
            .map_err(|source| ReadError::Malformed { what: "an envelope", source })
    }

    /// Reads an envelope from exactly its canonical bytes. Its payload is read by [`Self::open`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        const LIMIT: usize = 2 * MAX_STATEMENT_BYTES + MAX_SIGNATURES * (MAX_SIGNATURE_BYTES + 256);
        if bytes.len() > LIMIT {
            return Err(ReadError::Limit { what: "an envelope", limit: LIMIT });
        }
        let envelope: Self = canonical::from_bytes(bytes)
            .map_err(|source| ReadError::Malformed { what: "an envelope", source })?;
        envelope.within()?;
        Ok(envelope)
    }

    /// Reads the payload strictly; checks no signature.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn open(&self) -> Result<Statement, ReadError> {
        let payload = Payload::read(self)?;
        Ok(Statement {
            digest: self.digest(),
            payload,
            kind: self.kind,
            message: self.message(),
            seals: self
                .signatures
                .iter()
                .map(|it| (it.key.clone(), Seal::parse(&it.sig).map(Checked::of)))
                .collect(),
        })
    }

    pub(super) fn body<T: Body>(&self) -> Result<T, ReadError> {
        self.within()?;
        canonical::from_bytes(&self.payload)
            .map_err(|source| ReadError::Malformed { what: T::NAMESPACE.as_str(), source })
    }

    fn within(&self) -> Result<(), ReadError> {
        let limits = [
            (self.payload.len(), "a statement", MAX_STATEMENT_BYTES),
            (self.signatures.len(), "the number of signatures", MAX_SIGNATURES),
        ];
        let long = |it: &Signature| it.sig.len() > MAX_SIGNATURE_BYTES || it.key.len() > 256;
        if self.signatures.iter().any(long) {
            return Err(ReadError::Limit { what: "a signature", limit: MAX_SIGNATURE_BYTES });
        }
        match limits.into_iter().find(|(size, _, limit)| size > limit) {
            Some((_, what, limit)) => Err(ReadError::Limit { what, limit }),
            None => Ok(()),
        }
    }
}

impl Checked {
    fn of(seal: Seal) -> Self {
        Self { seal, holds: Arc::default() }
    }

    fn is_by(&self, key: &PublicKey, kind: Namespace, message: &[u8]) -> bool {
        self.seal.names(key)
            && *self.holds.get_or_init(|| self.seal.is_by(key, kind.as_str(), message))
    }
}

impl Statement {
    /// Whether this key signed it, under the statement's own type.
    pub fn signed_by(&self, key: &PublicKey) -> bool {
        self.seals
            .iter()
            .filter_map(|it| it.1.as_ref())
            .any(|it| it.is_by(key, self.kind, &self.message))
    }

    /// The fingerprints that the signatures claim, for telling people whom we ignored.
    pub fn hints(&self) -> impl Iterator<Item = &str> {
        self.seals.iter().map(|it| it.0.as_str())
    }
}
