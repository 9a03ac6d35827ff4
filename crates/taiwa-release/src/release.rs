//! A release: the components, the one sequence of bytes that says them, and its digest.
//!
//! **Invariants.** A release is made only here, from components or from exactly the bytes that `seal` writes; it never
//! changes. What its components say is what its bytes say: sealing brings values to their one form first.
//! The encoding is defined in `docs/reference/release-encoding.md`.

use std::sync::Arc;

use taiwa_model::{Components, Digest};

use crate::encoding;

/// What the bytes of every release begin with, so that `sha256sum` of the file is its digest and no other object has it.
pub const PREFIX: &[u8] = b"taiwa/release/1\0";

/// The longest release, in bytes, prefix included: 64 MiB.
pub const MAX_RELEASE_BYTES: usize = 64 << 20;

/// The most components of a release.
pub const MAX_COMPONENTS: usize = 100_000;

/// The deepest nesting of lists and objects in a release; the deepest component of today needs 10.
pub const MAX_DEPTH: usize = 32;

/// An immutable, content-addressed set of components.
#[derive(Clone, PartialEq)]
pub struct Release {
    digest: Digest,
    bytes: Arc<[u8]>,
    components: Components,
}

/// Why components cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A release of nothing is refused: nothing to serve is never a release.
    #[error("a release holds at least one component")]
    Empty,
    /// More than [`MAX_COMPONENTS`].
    #[error("{count} components are more than a release holds ({MAX_COMPONENTS})")]
    TooManyComponents {
        /// How many there are.
        count: usize,
    },
    /// Longer than [`MAX_RELEASE_BYTES`].
    #[error("{bytes} bytes are more than a release may have ({MAX_RELEASE_BYTES})")]
    TooLarge {
        /// Length so far.
        bytes: usize,
    },
    /// A name that no file can have: not kebab-case.
    #[error("`{id}` is not a name of a component")]
    Name {
        /// The component.
        id: String,
    },
    /// A value that has no one form: a number that is not finite, or a whole number beyond 2^53 − 1.
    #[error("{id} holds a value that cannot be written: {why}")]
    Value {
        /// The component.
        id: String,
        /// Why not.
        why: String,
    },
}

/// Why bytes are not a release.
#[derive(Debug, thiserror::Error)]
pub enum ReadReleaseError {
    /// Longer than [`MAX_RELEASE_BYTES`].
    #[error("{bytes} bytes are more than a release may have ({MAX_RELEASE_BYTES})")]
    TooLarge {
        /// Length given.
        bytes: usize,
    },
    /// The bytes do not begin with [`PREFIX`].
    #[error("not a release: the bytes do not begin with taiwa/release/1")]
    Prefix,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels at byte {at}")]
    TooDeep {
        /// Offset of the bracket.
        at: usize,
    },
    /// Another `format` than 1.
    #[error("format {format} of releases is not known to this version, which reads format 1")]
    Format {
        /// What stands there.
        format: u64,
    },
    /// More than [`MAX_COMPONENTS`].
    #[error("more components than a release holds ({MAX_COMPONENTS})")]
    TooManyComponents,
    /// No component at all.
    #[error("a release holds at least one component")]
    Empty,
    /// Not JSON, or not of the shape of a release: unknown, missing or mistyped fields.
    #[error("not the shape of a release: {why}")]
    Shape {
        /// What is wrong, with line and column.
        why: String,
    },
    /// The content is right, but not written in the one canonical way.
    #[error("not the canonical bytes of this release: they differ at byte {at}")]
    NotCanonical {
        /// Offset of the first byte that differs.
        at: usize,
    },
    /// The digest is not the expected one.
    #[error("the bytes have the digest {found}, not {expected}")]
    Digest {
        /// What was asked for.
        expected: Digest,
        /// What came.
        found: Digest,
    },
}

impl Release {
    /// Makes the release of these components.
    ///
    /// # Errors
    /// When there are none or too many, a name is not kebab-case, or a value cannot be written.
    pub fn seal(components: Components) -> Result<Self, SealError> {
        let bytes = encoding::encode(&components)?;
        drop(components);
        match Self::read(&bytes) {
            Ok(release) => Ok(release),
            Err(error) => {
                Err(SealError::Value { id: "the release".into(), why: error.to_string() })
            }
        }
    }

    /// Reads a release from exactly the bytes that [`Release::seal`] writes.
    ///
    /// # Errors
    /// When they are too long, too deep, of another format, or not those bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadReleaseError> {
        let components = encoding::decode(bytes)?;
        Ok(Self { digest: Digest::of(bytes), bytes: bytes.into(), components })
    }

    /// Reads the release with this digest; the digest is looked at before anything is parsed.
    ///
    /// # Errors
    /// When the bytes are another release's, or none.
    pub fn read_expecting(bytes: &[u8], expected: &Digest) -> Result<Self, ReadReleaseError> {
        if bytes.len() > MAX_RELEASE_BYTES {
            return Err(ReadReleaseError::TooLarge { bytes: bytes.len() });
        }
        let found = Digest::of(bytes);
        if found != *expected {
            return Err(ReadReleaseError::Digest { expected: *expected, found });
        }
        Self::read(bytes)
    }

    /// SHA-256 of the bytes.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes: [`PREFIX`] and canonical JSON.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The components.
    pub const fn components(&self) -> &Components {
        &self.components
    }
}

impl std::fmt::Debug for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Release")
            .field("digest", &self.digest)
            .field("bytes", &self.bytes.len())
            .field("components", &self.components.ids().len())
            .finish()
    }
}
