//! Puts mended texts in the place of what was read.
//!
//! **Invariants.** Only regular files of the workspace are written, each whole or not at all, with the permissions it
//! had; a link is never followed, a file that may not be written is left alone. A file that is no longer what was read
//! is refused, and then nothing at all is written. Dying between two files leaves each of them old or new.
#![expect(clippy::disallowed_methods, reason = "edge: this is the file system")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use taiwa_validator::Rewritten;

use super::files::write_file;
use crate::Failure;

/// Writes all of them; looks at all of them before the first is touched.
pub(crate) fn rewrite(root: &Path, texts: &[Rewritten]) -> Result<(), Failure> {
    for it in texts {
        unchanged(root, it)?;
    }
    for (done, it) in texts.iter().enumerate() {
        let written = unchanged(root, it).and_then(|path| write_file(&path, it.after.as_bytes()));
        if let Err(mut failure) = written {
            let names: Vec<&str> = texts.iter().take(done).map(|it| it.path.as_str()).collect();
            failure.help.push(match names.as_slice() {
                [] => "no file was changed".to_owned(),
                _ => format!("changed before that: {}", names.join(", ")),
            });
            return Err(failure);
        }
    }
    Ok(())
}

/// The path of a file that is still what was read, and may be written.
fn unchanged(root: &Path, it: &Rewritten) -> Result<PathBuf, Failure> {
    let path = root.join(&it.path);
    let refused = |why: &str| Failure::no("changed-meanwhile", format!("{} {why}", it.path));
    let gone = |_| refused("cannot be read any more");
    let folder = path.parent().unwrap_or(root).canonicalize().map_err(gone)?;
    let kind = fs::symlink_metadata(&path).map_err(gone)?;
    if !folder.starts_with(root) || !kind.is_file() {
        return Err(refused("is a link now; only regular files of the workspace are changed"));
    }
    if kind.permissions().readonly() {
        let text = format!("{} may not be written", it.path);
        return Err(Failure::no("read-only", text).help("make it writable, or leave it out"));
    }
    if fs::read(&path).map_err(gone)? != it.before.as_bytes() {
        return Err(refused("was changed while it was being mended").help("run it again"));
    }
    Ok(path)
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn text(path: &str, before: &str, after: &str) -> Rewritten {
        Rewritten { path: path.into(), before: before.into(), after: after.into() }
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["a.yaml", "b.yaml"] {
            fs::write(root.join(name), "old\r\n").unwrap();
        }
        (dir, root)
    }

    fn read(root: &Path) -> Vec<String> {
        ["a.yaml", "b.yaml"].map(|it| fs::read_to_string(root.join(it)).unwrap()).to_vec()
    }

    #[test]
    fn files_are_written_whole_and_keep_their_permissions() {
        let (_dir, root) = folder();
        fs::set_permissions(root.join("a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        rewrite(&root, &[text("a.yaml", "old\r\n", "new\r\n")]).unwrap();
        assert_eq!(read(&root), ["new\r\n", "old\r\n"]);
        let mode = fs::metadata(root.join("a.yaml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 2, "nothing is left behind");
    }

    #[test]
    fn one_file_that_changed_meanwhile_stops_all() {
        let (_dir, root) = folder();
        let texts = [text("a.yaml", "old\r\n", "new"), text("b.yaml", "other", "new")];
        let failure = rewrite(&root, &texts).unwrap_err();
        assert_eq!((failure.reason, failure.exit), ("changed-meanwhile", crate::Exit::No));
        assert_eq!(read(&root), ["old\r\n", "old\r\n"]);
    }

    #[test]
    fn a_link_and_what_lies_outside_is_never_written() {
        let (_dir, root) = folder();
        let (_other, outside) = folder();
        fs::remove_file(root.join("a.yaml")).unwrap();
        symlink(outside.join("a.yaml"), root.join("a.yaml")).unwrap();
        symlink(&outside, root.join("sub")).unwrap();
        let up = format!("../{}/a.yaml", outside.file_name().unwrap().to_str().unwrap());
        for path in ["a.yaml", "sub/b.yaml", up.as_str(), "gone.yaml", "gone/a.yaml"] {
            rewrite(&root, &[text(path, "old\r\n", "new")]).unwrap_err();
        }
        assert_eq!(read(&outside), ["old\r\n", "old\r\n"]);
    }

    #[test]
    fn a_file_that_may_not_be_written_is_left_alone() {
        let (_dir, root) = folder();
        fs::set_permissions(root.join("b.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
        let texts = [text("a.yaml", "old\r\n", "new"), text("b.yaml", "old\r\n", "new")];
        assert_eq!(rewrite(&root, &texts).unwrap_err().reason, "read-only");
        assert_eq!(read(&root), ["old\r\n", "old\r\n"]);
    }
}
