//! The bytes of releases: files named by their digest.
//!
//! Invariant: a file with a final name is whole. Written to a temporary name, flushed, renamed, and the folder
//! flushed; so whoever names the digest afterwards names bytes that survive. What is read is verified.
//! Deliberately absent: what a release means, and removing one (earlier ones are kept for rollback).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use taiwa_model::Digest;
use taiwa_release::MAX_RELEASE_BYTES;

use crate::StoreError;

/// The bytes of releases by digest.
pub trait Releases: Send + Sync {
    /// Stores bytes durably; answers whether they were there before. Repeating it changes nothing.
    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<bool, StoreError>;

    /// The bytes, verified.
    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// Every release that is stored, sorted.
    fn list(&self) -> Result<Vec<Digest>, StoreError>;
}

/// Releases as files of one folder.
#[derive(Debug)]
pub struct FileReleases {
    dir: PathBuf,
    attempt: AtomicU64,
}

impl FileReleases {
    /// Opens the folder, makes it if there is none, and removes what an interrupted write left behind.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        let failed = |it: &io::Error| StoreError::io(format!("cannot open {}", dir.display()), it);
        fs::create_dir_all(&dir).map_err(|it| failed(&it))?;
        for entry in fs::read_dir(&dir).map_err(|it| failed(&it))? {
            let path = entry.map_err(|it| failed(&it))?.path();
            if path.extension().is_some_and(|it| it == "part") {
                fs::remove_file(&path).map_err(|it| failed(&it))?;
            }
        }
        sync_dir(&dir)?;
        Ok(Self { dir, attempt: AtomicU64::new(0) })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{}.release", digest.hex()))
    }

    fn write(&self, part: &Path, digest: &Digest, bytes: &[u8]) -> Result<(), io::Error> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(part, self.path(digest))?;
        Ok(())
    }
}

impl Releases for FileReleases {
    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<bool, StoreError> {
        if bytes.len() > MAX_RELEASE_BYTES {
            return Err(StoreError::Limit {
                what: format!("a release of {} bytes", bytes.len()),
                limit: MAX_RELEASE_BYTES as u64,
            });
        }
        // Damaged bytes under a right name are replaced: the caller has the right ones.
        if let Ok(Some(_)) = self.get(digest) {
            return Ok(true);
        }
        let attempt = self.attempt.fetch_add(1, Ordering::Relaxed);
        let part = self.dir.join(format!("{}.{attempt}.part", digest.hex()));
        if let Err(error) = self.write(&part, digest, bytes) {
            drop(fs::remove_file(&part));
            return Err(StoreError::io(
                format!("cannot store the release {}", digest.short()),
                &error,
            ));
        }
        sync_dir(&self.dir)?;
        Ok(false)
    }

    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let what = || format!("the stored release {}", digest.short());
        let file = match File::open(self.path(digest)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(what(), &error)),
        };
        let mut bytes = Vec::new();
        let limit = MAX_RELEASE_BYTES as u64 + 1;
        file.take(limit).read_to_end(&mut bytes).map_err(|it| StoreError::io(what(), &it))?;
        let found = Digest::of(&bytes);
        if found != *digest {
            let why = format!("its bytes have the digest {}", found.short());
            return Err(StoreError::Damaged { what: what(), why });
        }
        Ok(Some(bytes))
    }

    fn list(&self) -> Result<Vec<Digest>, StoreError> {
        let failed =
            |it: io::Error| StoreError::io(format!("cannot list {}", self.dir.display()), &it);
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let hex = name.to_str().and_then(|it| it.strip_suffix(".release"));
            all.extend(hex.and_then(|it| Digest::parse(&format!("sha256:{it}")).ok()));
        }
        all.sort_unstable();
        Ok(all)
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    let failed = |it: io::Error| StoreError::io(format!("cannot flush {}", dir.display()), &it);
    File::open(dir).map_err(failed)?.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_left_is_removed_and_never_taken_for_a_release() {
        let dir = tempfile::tempdir().unwrap();
        let digest = Digest::of(b"whole");
        let part = dir.path().join(format!("{}.0.part", digest.hex()));
        fs::write(&part, b"who").unwrap();
        let releases = FileReleases::open(dir.path()).unwrap();
        assert!(!part.exists());
        assert_eq!(releases.get(&digest), Ok(None));
        assert_eq!(releases.put(&digest, b"whole"), Ok(false));
        assert_eq!(releases.put(&digest, b"whole"), Ok(true));
    }

    #[test]
    fn damaged_bytes_are_said_so_and_mended_by_storing_again() {
        let dir = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(dir.path()).unwrap();
        let digest = Digest::of(b"whole");
        releases.put(&digest, b"whole").unwrap();
        fs::write(releases.path(&digest), b"whale").unwrap();
        assert!(matches!(releases.get(&digest), Err(StoreError::Damaged { .. })));
        assert_eq!(releases.put(&digest, b"whole"), Ok(false));
        assert_eq!(releases.get(&digest), Ok(Some(b"whole".to_vec())));
    }

    #[test]
    fn too_much_is_refused_before_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(dir.path()).unwrap();
        let bytes = vec![0; MAX_RELEASE_BYTES + 1];
        let refused = releases.put(&Digest::of(b""), &bytes);
        assert!(matches!(refused, Err(StoreError::Limit { .. })));
        assert_eq!(releases.list(), Ok(Vec::new()));
    }
}
