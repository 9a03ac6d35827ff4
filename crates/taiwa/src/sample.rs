//! The sample workspace, Contoso Coffee, as it is compiled into the binary.

use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

use crate::{Failure, edge::files};

static CHANNELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../channels");
static ENVIRONMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../environments");
static WORKSPACE: &str = include_str!("../../../taiwa.yaml");
static WORKFLOW: &str = include_str!("../../../.github/workflows/taiwa-validate.yml");

const EDITOR: &str = r#"{
  "recommendations": ["redhat.vscode-yaml"]
}
"#;

/// Every file of the sample with its path in a workspace, sorted by path.
pub(crate) fn files() -> Vec<(String, &'static [u8])> {
    let mut files = vec![("taiwa.yaml".to_owned(), WORKSPACE.as_bytes())];
    collect("channels", &CHANNELS, &mut files);
    collect("environments", &ENVIRONMENTS, &mut files);
    files.sort_unstable();
    files
}

/// What a new workspace has besides: a workflow that gates pull requests, and a word to editors.
pub(crate) fn extras() -> Vec<(String, &'static [u8])> {
    vec![
        (".github/workflows/taiwa-validate.yml".to_owned(), WORKFLOW.as_bytes()),
        (".vscode/extensions.json".to_owned(), EDITOR.as_bytes()),
    ]
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
pub(crate) fn write(root: &Path, files: &[(String, &'static [u8])]) -> Result<(), Failure> {
    files.iter().try_for_each(|(path, bytes)| files::write_file(&root.join(path), bytes))
}
