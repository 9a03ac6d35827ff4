//! Stories, golden files and end-to-end tests over real processes.
//!
//! What the tests share: reading a workspace from disk, and the repository's own sample. Deliberately absent: any
//! logic of taiwa; a test goes through the same doors as everybody else.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

pub mod generated;
pub mod unkind;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use taiwa_config::{Content, InputFile, Project};
use taiwa_validator::{Options, Report};

/// The root of the repository, which is the sample workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a workspace by path, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Every file of the sample workspace.
///
/// # Panics
/// When the repository cannot be read.
pub fn sample() -> Files {
    let mut files = Files::new();
    for part in ["channels", "environments"] {
        files.extend(below(&root(), part));
    }
    let workspace = fs::read(root().join("taiwa.yaml")).unwrap_or_default();
    files.insert("taiwa.yaml".to_owned(), workspace);
    files
}

/// Every file below a folder of `root`, by its path from `root`.
pub fn below(root: &Path, part: &str) -> Files {
    walkdir::WalkDir::new(root.join(part))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|it| it.file_type().is_file())
        .filter_map(|it| {
            let path = it.path().strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
            Some((path, fs::read(it.path()).ok()?))
        })
        .collect()
}

/// What the validator says of these files, and the project it read in them.
pub fn findings(files: Files, options: &Options) -> (Report, Project) {
    let input = files
        .into_iter()
        .map(|(path, bytes)| InputFile { path, content: Content::Bytes(bytes) })
        .collect();
    let (project, parsing) = taiwa_config::load(input);
    let report = taiwa_validator::check(&project, parsing, options);
    (report, project)
}

/// The bytes of a release that is another one, whole by its digest: `change` is given the components by id.
///
/// # Panics
/// When the bytes are no release.
pub fn altered(bytes: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let (prefix, json) = bytes.split_at(16);
    let mut tree: serde_json::Value = serde_json::from_slice(json).expect("a release");
    change(&mut tree["components"]);
    // Members of a `Value` are sorted by name, which is the canonical order of ASCII names.
    [prefix, &serde_json::to_vec(&tree).expect("text")].concat()
}
