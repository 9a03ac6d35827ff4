//! Reads a workspace's files from the work tree: regular files only, links are named and never followed.
#![expect(clippy::disallowed_methods, reason = "edge: this is the file system")]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use taiwa_config::{Content, InputFile};
use walkdir::WalkDir;

use crate::Failure;

/// Most files that a workspace may have; beyond it the folder is likely not a workspace.
pub(crate) const MAX_FILES: usize = 200_000;
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

/// Every file of the workspace that may have a meaning, in no particular order.
pub(crate) fn read(root: &Path) -> Result<Vec<InputFile>, Failure> {
    let mut paths = vec![root.join("taiwa.yaml")];
    for folder in ["channels", "environments"] {
        let top = root.join(folder);
        if !top.exists() {
            continue;
        }
        let walk = WalkDir::new(&top).follow_links(false).max_depth(32).into_iter();
        for entry in walk.filter_entry(|it| it.depth() == 0 || !hidden(it.file_name())) {
            let entry = entry.map_err(|error| unreadable(&top, &error.into()))?;
            if !entry.file_type().is_dir() && is_yaml(entry.path()) {
                paths.push(entry.into_path());
            }
            if paths.len() > MAX_FILES {
                let text = format!("{} holds more than {MAX_FILES} files", root.display());
                return Err(Failure::wrong("too-large", text));
            }
        }
    }
    Ok(paths.into_par_iter().filter_map(|path| one(root, &path)).collect())
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

fn one(root: &Path, path: &Path) -> Option<InputFile> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    let content = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Content::Unreadable(error.to_string()),
        Ok(it) if !it.is_file() => Content::NotRegular,
        Ok(it) if it.len() > MAX_BYTES => Content::TooLarge(it.len()),
        Ok(_) => fs::read(path)
            .map_or_else(|error| Content::Unreadable(error.to_string()), Content::Bytes),
    };
    Some(InputFile { path: parts.join("/"), content })
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
        let mut files = read(dir.path()).unwrap();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(
            paths,
            ["channels/shared/offers/a.yaml", "channels/shared/offers/b.yaml", "taiwa.yaml"]
        );
        assert!(matches!(files[1].content, Content::NotRegular));
        assert_eq!(root(&at("channels/shared")).unwrap(), dir.path().canonicalize().unwrap());
    }

    #[test]
    fn a_folder_without_workspace_is_the_wrong_question() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(root(dir.path()).unwrap_err().exit, crate::Exit::Usage);
    }
}
