//! Reads a workspace's files from the work tree: regular files only, links are named and never followed.
#![expect(clippy::disallowed_methods, reason = "edge: this is the file system")]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use taiwa_config::{Content, InputFile};
use walkdir::WalkDir;

use crate::Failure;

/// Most files that a workspace may have; beyond it the folder is likely not a workspace.
pub(crate) const MAX_FILES: usize = 200_000;
/// Most folders within folders; what lies deeper is not looked at.
const MAX_DEPTH: usize = 32;
/// Most bytes of one file that are read at all; the reader of each kind has its own, lower limit.
pub(crate) const MAX_BYTES: u64 = 8 << 20;

/// The nearest folder at or above `start` that holds `taiwa.yaml`.
pub(crate) fn root(start: &Path) -> Result<PathBuf, Failure> {
    let start = start.canonicalize().map_err(|error| {
        Failure::wrong(
            "no-workspace",
            format!("cannot open the folder {}: {error}", start.display()),
        )
    })?;
    let found = start.ancestors().find(|it| it.join("taiwa.yaml").symlink_metadata().is_ok());
    found.map(Path::to_owned).ok_or_else(|| {
        Failure::wrong(
            "no-workspace",
            format!("there is no taiwa.yaml in {} or above it", start.display()),
        )
        .help("a workspace is the folder with taiwa.yaml, channels/ and environments/")
        .help("begin one with: taiwa init my-brand")
    })
}

/// A file that may have a meaning, as it was listed.
pub(crate) struct Listed {
    /// Relative to the workspace, with `/`.
    pub(crate) path: String,
    full: PathBuf,
    /// What tells it from a changed one.
    pub(crate) stamp: Stamp,
}

/// What the file system says about a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Stamp {
    /// A regular file: bytes, when written, when changed in any way, and which one it is. Times in ns since 1970.
    File {
        /// Its size.
        bytes: u64,
        /// When it was written.
        modified_ns: u64,
        /// When anything about it changed; nobody can set that back.
        changed_ns: u64,
        /// Which one it is.
        inode: u64,
    },
    /// A link, a device, a pipe.
    Special,
    /// A link to a folder.
    Folder,
    /// It cannot be looked at: why.
    Unknown(String),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Self::Unknown(error.to_string())),
            Ok(it) if !it.is_file() => Some(Self::Special),
            Ok(it) => Some(Self::file(&it)),
        }
    }

    /// Of a file that has to be a regular one.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        meta.is_file().then(|| Self::file(&meta))
    }

    fn file(meta: &fs::Metadata) -> Self {
        let since = |it: io::Result<std::time::SystemTime>| {
            let since = it.ok().and_then(|it| it.duration_since(std::time::UNIX_EPOCH).ok());
            since.map_or(0, |it| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX))
        };
        let modified_ns = since(meta.modified());
        #[cfg(unix)]
        let (changed_ns, inode) = {
            use std::os::unix::fs::MetadataExt as _;
            let seconds = u64::try_from(meta.ctime()).unwrap_or(0);
            let rest = u64::try_from(meta.ctime_nsec()).unwrap_or(0);
            (seconds.saturating_mul(1_000_000_000).saturating_add(rest), meta.ino())
        };
        #[cfg(not(unix))]
        let (changed_ns, inode) = (0, 0);
        Self::File { bytes: meta.len(), modified_ns, changed_ns, inode }
    }
}

/// Every file of the workspace that may have a meaning, sorted by path.
pub(crate) fn list(root: &Path) -> Result<Vec<Listed>, Failure> {
    let mut paths = vec![(root.join("taiwa.yaml"), false)];
    for folder in ["channels", "environments"] {
        let top = root.join(folder);
        match top.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Ok(it) if it.is_symlink() => {
                paths.push((top, true));
                continue;
            }
            _ => {}
        }
        let walk = WalkDir::new(&top).follow_links(false).max_depth(MAX_DEPTH).into_iter();
        for entry in walk.filter_entry(|it| it.depth() == 0 || !hidden(it.file_name())) {
            let entry = entry.map_err(|error| {
                let at = error.path().unwrap_or(&top).to_owned();
                unreadable(&at, &error.into())
            })?;
            let kind = entry.file_type();
            // of a link that leads nowhere it is not known whether a folder was meant
            let folder =
                kind.is_symlink() && fs::metadata(entry.path()).map_or(true, |it| it.is_dir());
            if folder || (!kind.is_dir() && is_yaml(entry.path())) {
                let folder = folder && !is_yaml(entry.path());
                paths.push((entry.into_path(), folder));
            }
            if paths.len() > MAX_FILES {
                let text = format!("{} holds more than {MAX_FILES} files", root.display());
                return Err(Failure::wrong("too-large", text));
            }
        }
    }
    let one = |(full, folder): (PathBuf, bool)| {
        let relative = full.strip_prefix(root).unwrap_or(&full).components();
        let parts: Vec<_> = relative.map(|it| it.as_os_str().to_string_lossy()).collect();
        let path = parts.join("/");
        let stamp = if folder { Stamp::Folder } else { Stamp::of(&full)? };
        Some(Listed { path, full, stamp })
    };
    let mut all: Vec<Listed> = paths.into_par_iter().filter_map(one).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Every file of the workspace that may have a meaning, with what is in it.
pub(crate) fn read(root: &Path) -> Result<Vec<InputFile>, Failure> {
    Ok(list(root)?.par_iter().filter_map(content).collect())
}

/// A listed file with what is in it; nothing where it has gone since.
pub(crate) fn content(it: &Listed) -> Option<InputFile> {
    let content = match &it.stamp {
        Stamp::Unknown(why) => Content::Unreadable(why.clone()),
        Stamp::Special => Content::NotRegular,
        Stamp::Folder => Content::Folder(None),
        Stamp::File { bytes, .. } if *bytes > MAX_BYTES => Content::TooLarge(*bytes),
        Stamp::File { .. } => match bytes_of(&it.full) {
            Ok(it) => it,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => Content::Unreadable(error.to_string()),
        },
    };
    Some(InputFile { path: it.path.clone(), content })
}

/// What is in a file: never more than the limit, however it grows, and never half of one text and half of another.
fn bytes_of(path: &Path) -> io::Result<Content> {
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        let mut file = fs::File::open(path)?;
        let before = file.metadata()?;
        if !before.is_file() {
            return Ok(Content::NotRegular);
        }
        let mut bytes =
            Vec::with_capacity(usize::try_from(before.len().min(MAX_BYTES)).unwrap_or(0) + 1);
        io::Read::read_to_end(&mut io::Read::take(&mut file, MAX_BYTES + 1), &mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Ok(Content::TooLarge(bytes.len() as u64));
        }
        if bytes.len() as u64 == before.len()
            && Stamp::file(&file.metadata()?) == Stamp::file(&before)
        {
            return Ok(Content::Bytes(bytes));
        }
    }
    Ok(Content::Unreadable("it changes while it is read".to_owned()))
}

pub(crate) fn hidden(name: &std::ffi::OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "yaml" || it == "yml")
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::wrong("unreadable", format!("cannot read {}: {error}", path.display()))
}

/// Reads a file that a person named.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Writes a file whole or not at all: a temporary file beside it, flushed, then renamed over it.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use io::Write as _;
    let fail = |error: &io::Error| {
        Failure::world("write-failed", format!("cannot write {}: {error}", path.display()))
    };
    let dir = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(|it| fail(&it))?;
    let mut temporary = tempfile::NamedTempFile::new_in(dir).map_err(|it| fail(&it))?;
    temporary
        .write_all(bytes)
        .and_then(|()| temporary.as_file().sync_all())
        .map_err(|it| fail(&it))?;
    if let Ok(before) = fs::metadata(path) {
        fs::set_permissions(temporary.path(), before.permissions()).map_err(|it| fail(&it))?;
    } else {
        public(temporary.path()).map_err(|it| fail(&it))?;
    }
    temporary.persist(path).map_err(|it| fail(&it.error))?;
    Ok(())
}

/// A temporary file is for its owner only; what is committed and shared is not secret.
#[cfg(unix)]
fn public(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn public(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_regular_files_and_names_links() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        write_file(&at("taiwa.yaml"), b"format: 1\n").unwrap();
        write_file(&at("channels/shared/offers/a.yaml"), b"title: A\n").unwrap();
        write_file(&at("channels/shared/offers/notes.txt"), b"x").unwrap();
        write_file(&at("channels/.hidden/a.yaml"), b"x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", at("channels/shared/offers/b.yaml")).unwrap();
        let files = read(dir.path()).unwrap();
        let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(
            paths,
            ["channels/shared/offers/a.yaml", "channels/shared/offers/b.yaml", "taiwa.yaml"]
        );
        assert!(matches!(files[1].content, Content::NotRegular));
        assert_eq!(root(&at("channels/shared")).unwrap(), dir.path().canonicalize().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_and_loops_are_named() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        write_file(&at("taiwa.yaml"), b"format: 1\n").unwrap();
        write_file(&at("channels/shared/offers/a.yaml"), b"title: A\n").unwrap();
        symlink(at("channels/shared"), at("channels/other")).unwrap();
        symlink(at("channels"), at("channels/shared/offers/loop")).unwrap();
        symlink("round", at("channels/shared/round")).unwrap();
        symlink(at("taiwa.yaml"), at("channels/shared/README")).unwrap();
        symlink(at("channels"), at("environments")).unwrap();
        let files = read(dir.path()).unwrap();
        let named =
            files.iter().map(|it| (it.path.as_str(), matches!(it.content, Content::Folder(None))));
        let expect = [
            ("channels/other", true),
            ("channels/shared/offers/a.yaml", false),
            ("channels/shared/offers/loop", true),
            ("channels/shared/round", true),
            ("environments", true),
            ("taiwa.yaml", false),
        ];
        assert_eq!(named.collect::<Vec<_>>(), expect);
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_files_that_grow_are_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        write_file(&at("taiwa.yaml"), b"format: 1\n").unwrap();
        std::fs::create_dir_all(at("channels/shared")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("channels/shared/a.yaml")).status();
        assert!(made.unwrap().success());
        let large = std::fs::File::create(at("channels/shared/b.yaml")).unwrap();
        large.set_len(1 << 40).unwrap();
        let files = read(dir.path()).unwrap();
        assert_eq!(files[0].content, Content::NotRegular);
        assert_eq!(files[1].content, Content::TooLarge(1 << 40));
        // listed while it was small, and grown since: no more is read than may be
        let listed = Listed {
            path: "b".to_owned(),
            full: at("channels/shared/b.yaml"),
            stamp: Stamp::File { bytes: 1, modified_ns: 0, changed_ns: 0, inode: 0 },
        };
        assert!(matches!(content(&listed).unwrap().content, Content::TooLarge(_)));
        let gone = Listed { full: at("gone.yaml"), ..listed };
        assert_eq!(content(&gone), None);
    }

    #[test]
    fn a_folder_without_workspace_is_the_wrong_question() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(root(dir.path()).unwrap_err().exit, crate::Exit::Usage);
    }
}
