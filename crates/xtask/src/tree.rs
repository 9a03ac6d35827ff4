//! The files of this repository: those that git knows or would take.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).unwrap_or_else(|| Path::new("."))
}

/// One text file of the repository.
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    /// Its text; empty for a file that is not UTF-8.
    pub(crate) text: String,
}

/// Every file that is tracked, or new and not ignored, sorted by path.
pub(crate) fn files() -> Vec<File> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = output.map(|it| it.stdout).unwrap_or_default();
    let mut paths: Vec<String> = listed
        .split(|it| *it == 0)
        .filter(|it| !it.is_empty())
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().filter_map(read).collect()
}

fn read(path: String) -> Option<File> {
    let full: PathBuf = root().join(&path);
    let bytes = fs::read(full).ok()?;
    Some(File { path, text: String::from_utf8(bytes).unwrap_or_default() })
}
