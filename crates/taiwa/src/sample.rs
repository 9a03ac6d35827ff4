//! The sample workspace, Contoso Coffee, as it is compiled into the binary.

use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};
use taiwa_config::editor;

use crate::{Failure, edge::files};

static CHANNELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../channels");
static ENVIRONMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../environments");
static WORKSPACE: &str = include_str!("../../../taiwa.yaml");
static WORKFLOW: &str = include_str!("../../../.github/workflows/taiwa-validate.yml");

/// Every file of the sample with its path in a workspace, sorted by path.
pub(crate) fn files() -> Vec<(String, &'static [u8])> {
    let mut files = vec![("taiwa.yaml".to_owned(), WORKSPACE.as_bytes())];
    collect("channels", &CHANNELS, &mut files);
    collect("environments", &ENVIRONMENTS, &mut files);
    files.sort_unstable();
    files
}

/// The sample as it is written into a new workspace: the first line of each file tells an editor its schema.
pub(crate) fn begun() -> Vec<(String, Vec<u8>)> {
    let told = |(path, bytes): (String, &[u8])| {
        let line = editor::modeline(&path, editor::SCHEMAS).unwrap_or_default();
        (path, [line.as_bytes(), bytes].concat())
    };
    files().into_iter().map(told).collect()
}

/// The schemas of a workspace; they are of this version, so that a newer one writes them anew.
pub(crate) fn schemas() -> Vec<(String, Vec<u8>)> {
    let schemas = editor::schemas(editor::SCHEMAS).into_iter();
    schemas.map(|(path, text)| (path, text.into_bytes())).collect()
}

/// What a new workspace has besides: a workflow that gates pull requests, and settings of editors.
pub(crate) fn extras() -> Vec<(String, Vec<u8>)> {
    let settings = editor::settings(editor::SCHEMAS);
    let mut extras = vec![(".vscode/settings.json".to_owned(), settings.into_bytes())];
    extras.extend(editor::layout().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
    extras.push((".github/workflows/taiwa-validate.yml".to_owned(), WORKFLOW.as_bytes().to_vec()));
    extras.sort_unstable();
    extras
}

fn collect(prefix: &str, dir: &Dir<'static>, files: &mut Vec<(String, &'static [u8])>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(it) => collect(prefix, it, files),
            DirEntry::File(it) => {
                files.push((format!("{prefix}/{}", it.path().display()), it.contents()));
            }
        }
    }
}

/// Writes files below a folder.
pub(crate) fn write<B: AsRef<[u8]>>(root: &Path, files: &[(String, B)]) -> Result<(), Failure> {
    files.iter().try_for_each(|(path, bytes)| files::write_file(&root.join(path), bytes.as_ref()))
}
