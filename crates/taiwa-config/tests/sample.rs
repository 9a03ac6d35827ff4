//! The sample workspace loads without a finding, in any order of its files.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the sample")]

use std::path::Path;

use taiwa_config::{Content, InputFile, Project, load};
use taiwa_text::Finding;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn collect(folder: &Path, files: &mut Vec<InputFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(InputFile {
                path: name,
                content: Content::Bytes(std::fs::read(&path).unwrap()),
            });
        }
    }
}

fn sample() -> Vec<InputFile> {
    let mut files = Vec::new();
    for folder in ["channels", "environments"] {
        collect(&root().join(folder), &mut files);
    }
    let bytes = std::fs::read(root().join("taiwa.yaml")).unwrap();
    files.push(InputFile { path: "taiwa.yaml".into(), content: Content::Bytes(bytes) });
    files
}

fn shown(project: &Project, findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        format!(
            "{}:{}:{} {} {} ({:?})",
            source.path, at.line, at.column, it.code, &*it.message, it.help
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn the_sample_has_no_finding() {
    let (project, findings) = load(sample());
    assert_eq!(shown(&project, &findings), Vec::<String>::new());
    let lowered = project.components.ids();
    let written: Vec<_> = project.documents.keys().cloned().collect();
    assert!(lowered.len() > 30);
    assert_eq!(lowered, written, "every file became a component");
    assert_eq!(project.environments.len(), 2);
}
