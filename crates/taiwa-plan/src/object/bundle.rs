//! The bundle: a plan with everything that proves it. Whoever carries it decides only when it arrives.

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, canonical};

use super::{Envelope, Plan, ReadError, Statement};

/// Largest bundle that is read, in bytes of its canonical JSON.
pub const MAX_BUNDLE_BYTES: usize = 2 << 20;
/// Most statements in one bundle.
pub const MAX_STATEMENTS: usize = 64;

/// A plan, and the statements that prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the format: 1.
    pub format: u64,
    /// The plan's canonical bytes; base64 on the wire.
    #[serde(with = "crate::base64_text")]
    pub plan: Vec<u8>,
    /// Approvals, evidence and the origin's receipts.
    pub statements: Vec<Envelope>,
    /// Policies newer than the server's; here always empty.
    pub policies: Vec<Envelope>,
}

/// A bundle with all its parts read.
#[derive(Clone, Debug)]
pub struct OpenBundle {
    /// The plan.
    pub plan: Plan,
    /// Its digest.
    pub digest: Digest,
    /// The statements, in the bundle's order.
    pub statements: Vec<Statement>,
}

impl Bundle {
    /// A bundle of a plan and statements.
    ///
    /// # Errors
    /// [`ReadError`] when it would be beyond a limit.
    pub fn new(plan: &Plan, statements: Vec<Envelope>) -> Result<Self, ReadError> {
        let bundle = Self { format: 1, plan: plan.to_bytes()?, statements, policies: Vec::new() };
        bundle.to_bytes()?;
        Ok(bundle)
    }

    /// The canonical bytes, for a file.
    ///
    /// # Errors
    /// [`ReadError`] when it is beyond a limit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReadError> {
        self.within()?;
        let bytes = canonical::to_bytes(self)
            .map_err(|source| ReadError::Malformed { what: "the bundle", source })?;
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(ReadError::Limit { what: "the bundle", limit: MAX_BUNDLE_BYTES });
        }
        Ok(bytes)
    }

    /// Reads a bundle from exactly its canonical bytes. Its parts are read by [`Self::open`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(ReadError::Limit { what: "the bundle", limit: MAX_BUNDLE_BYTES });
        }
        let bundle: Self = canonical::from_bytes(bytes)
            .map_err(|source| ReadError::Malformed { what: "the bundle", source })?;
        bundle.within()?;
        Ok(bundle)
    }

    /// Reads plan and statements, strictly, before anything is believed.
    ///
    /// # Errors
    /// [`ReadError`] of the first part that cannot be read.
    pub fn open(&self) -> Result<OpenBundle, ReadError> {
        self.within()?;
        if self.format != 1 {
            return Err(ReadError::Unsupported("a bundle of another format than 1".to_owned()));
        }
        if !self.policies.is_empty() {
            return Err(ReadError::Unsupported("a bundle with policies".to_owned()));
        }
        let (plan, digest) = Plan::read(&self.plan)?;
        let mut statements: Vec<Statement> = Vec::new();
        for envelope in &self.statements {
            statements.push(envelope.open()?);
        }
        Ok(OpenBundle { plan, digest, statements })
    }

    /// The digest of the plan inside.
    pub fn plan_digest(&self) -> Digest {
        Plan::digest_of(&self.plan)
    }

    fn within(&self) -> Result<(), ReadError> {
        if self.statements.len() + self.policies.len() > MAX_STATEMENTS {
            return Err(ReadError::Limit {
                what: "the number of statements",
                limit: MAX_STATEMENTS,
            });
        }
        let size = self.plan.len()
            + self
                .statements
                .iter()
                .chain(&self.policies)
                .map(|it| it.payload.len())
                .sum::<usize>();
        if size > MAX_BUNDLE_BYTES {
            return Err(ReadError::Limit { what: "the bundle", limit: MAX_BUNDLE_BYTES });
        }
        Ok(())
    }
}
