//! Contents by id.

use taiwa_model::BlobId;

use crate::{GitError, Repository};

/// Why a content cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The clone does not have it.
    #[error("content {id} is not in this clone")]
    Missing {
        /// The id.
        id: BlobId,
    },
    /// The id is that of a folder, a commit or a tag.
    #[error("{id} is not the content of a file")]
    NotAFile {
        /// The id.
        id: BlobId,
    },
    /// Longer than asked for.
    #[error("content {id} has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// The id.
        id: BlobId,
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Anything else, for instance a damaged object.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Repository {
    /// The content with this id, from the object database, without any filter.
    ///
    /// # Errors
    /// When it is not there, not a file's, longer than `limit_bytes`, or damaged.
    pub fn read_blob(&self, id: &BlobId, limit_bytes: u64) -> Result<Vec<u8>, BlobError> {
        let oid = git2::Oid::from_str(id.as_str()).map_err(GitError::from)?;
        let odb = self.git.odb().map_err(GitError::from)?;
        let (length, kind) = odb.read_header(oid).map_err(|error| match error.code() {
            git2::ErrorCode::NotFound => BlobError::Missing { id: id.clone() },
            _ => BlobError::Git(error.into()),
        })?;
        if kind != git2::ObjectType::Blob {
            return Err(BlobError::NotAFile { id: id.clone() });
        }
        let bytes = u64::try_from(length).unwrap_or(u64::MAX);
        if bytes > limit_bytes {
            return Err(BlobError::TooLarge { id: id.clone(), bytes, limit: limit_bytes });
        }
        Ok(odb.read(oid).map_err(GitError::from)?.data().to_vec())
    }
}

/// The id that git gives to a content (SHA-1, as nearly every repository has it); needs no repository.
///
/// # Errors
/// When git cannot compute it, which has not been seen.
pub fn blob_id(content: &[u8]) -> Result<BlobId, GitError> {
    let oid = git2::Oid::hash_object(git2::ObjectType::Blob, content)?;
    Ok(to_blob_id(oid))
}

pub(crate) fn to_blob_id(oid: git2::Oid) -> BlobId {
    // git prints 40 or 64 lower-case hex digits, which is what a blob id is.
    BlobId::parse(&oid.to_string()).unwrap_or_else(|| unreachable!("git printed {oid}"))
}
