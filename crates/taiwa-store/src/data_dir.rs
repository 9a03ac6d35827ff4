//! The data directory of a server: one lock, one key, one database, one folder of releases.
//!
//! Invariants: one process at a time; the key is made once, readable by its owner only, and never leaves the folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{FileReleases, SqliteStore, StoreError, releases::sync_dir};

/// A secret key of OpenSSH is a few hundred bytes; more than this is no key.
const KEY_MAX_BYTES: u64 = 16 * 1024;

/// More than this is no note.
const NOTE_MAX_BYTES: u64 = 4 * 1024;

/// A data directory that this process holds. Dropping it gives it free.
#[derive(Debug)]
pub struct DataDir {
    dir: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Opens a directory, makes it (0700) if there is none, and holds it against other processes.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        let failed = |it: &io::Error| {
            StoreError::io(format!("cannot open the data directory {}", dir.display()), it)
        };
        make_dir(&dir).map_err(|it| failed(&it))?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join("lock"))
            .map_err(|it| failed(&it))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock, dir }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::InUse { dir: dir.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The state.
    pub fn store(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(&self.dir.join("state.sqlite"))
    }

    /// The releases.
    pub fn releases(&self) -> Result<FileReleases, StoreError> {
        FileReleases::open(self.dir.join("releases"))
    }

    /// A small file for what is good to have after a restart, and never missed for long.
    pub fn note(&self, name: &'static str) -> Note {
        Note { path: self.dir.join(name) }
    }

    /// The text of the secret key of a directory that another process may hold; `None` if there is none yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn existing_key(dir: &Path) -> Result<Option<String>, StoreError> {
        let file = match File::open(dir.join("server.key")) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("the server's key", &error)),
        };
        let mut text = String::new();
        let read = file.take(KEY_MAX_BYTES).read_to_string(&mut text);
        read.map_err(|it| StoreError::io("the server's key", &it))?;
        Ok(Some(text))
    }

    /// The text of the server's secret key; the first time it is `made`.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn key(&self, make: impl FnOnce() -> String) -> Result<String, StoreError> {
        let path = self.dir.join("server.key");
        let failed = |it: &io::Error| StoreError::io("the server's key", it);
        if let Some(text) = Self::existing_key(&self.dir)? {
            return Ok(text);
        }
        let text = make();
        let part = self.dir.join("server.key.part");
        drop(fs::remove_file(&part));
        write_secret(&part, &text).map_err(|it| failed(&it))?;
        fs::rename(&part, &path).map_err(|it| failed(&it))?;
        sync_dir(&self.dir)?;
        Ok(text)
    }
}

/// A small file that is replaced as a whole. What a crash leaves of it may be the one before, or nothing.
#[derive(Debug)]
pub struct Note {
    path: PathBuf,
}

impl Note {
    /// What was written last; `None` if there is nothing, or nothing that can be read.
    pub fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(&self.path).ok()?;
        file.take(NOTE_MAX_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Puts `bytes` in its place.
    ///
    /// # Errors
    /// When it cannot be written; then the one before is there.
    pub fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |it: &io::Error| {
            let what = self.path.file_name().unwrap_or_default().to_string_lossy();
            StoreError::io(format!("cannot write {what}"), it)
        };
        let part = self.path.with_extension("part");
        fs::write(&part, bytes).map_err(|it| failed(&it))?;
        fs::rename(&part, &self.path).map_err(|it| failed(&it))
    }
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_never_share_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDir::open(dir.path()).unwrap();
        assert!(matches!(DataDir::open(dir.path()), Err(StoreError::InUse { .. })));
        drop(first);
        assert!(DataDir::open(dir.path()).is_ok());
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path().join("new/data")).unwrap();
        assert_eq!(data.key(|| "secret".into()), Ok("secret".into()));
        assert_eq!(data.key(|| unreachable!()), Ok("secret".into()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |it: &Path| fs::metadata(it).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&data.path().join("server.key")), 0o600);
            assert_eq!(mode(data.path()), 0o700);
        }
    }
}
