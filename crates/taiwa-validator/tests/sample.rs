//! The sample workspace of the repository is without any finding, today and in ten years.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "test edge: reads the sample workspace"
)]

mod base;

use std::{fs, path::Path};

use base::{Stored, checked_at, line};
use taiwa_validator::Stage;

#[test]
fn the_sample_has_no_finding_at_any_time() {
    let files = sample();
    assert!(files.len() > 40, "{} files", files.len());
    for at in ["2026-11-21T10:00:00+09:00", "2028-02-29T12:00:00Z", "2030-01-01T00:00:00Z"] {
        for stage in Stage::ALL {
            let (report, sources) = checked_at(&files, stage, at);
            let lines: Vec<String> = report.findings.iter().map(|it| line(it, &sources)).collect();
            assert!(lines.is_empty(), "{at} {stage:?}:\n{}", lines.join("\n"));
        }
    }
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let mut files = sample();
    // Something to report: whatever refers to these offers is wrong.
    let gone = ["espresso-starter.yaml", "double-points.yaml", "come-back-latte.yaml"];
    files.retain(|it| !gone.iter().any(|gone| it.0.ends_with(gone)));
    let lines = |files: &[Stored]| {
        let (report, sources) = checked_at(files, Stage::Edit, "2026-11-21T10:00:00Z");
        let text: Vec<String> = report.findings.iter().map(|it| line(it, &sources)).collect();
        (text, report.fingerprints)
    };
    let forwards = lines(&files);
    assert!(forwards.0.len() > 5, "{:?}", forwards.0);
    files.reverse();
    assert_eq!(forwards, lines(&files));
}

/// What is missing is one mistake, however much refers to it.
#[test]
fn a_missing_file_is_said_once() {
    for (gone, most) in [("shared/audience.yaml", 3), ("mobile-app/channel.yaml", 4)] {
        let mut files = sample();
        files.retain(|it| !it.0.ends_with(gone));
        let (report, sources) = checked_at(&files, Stage::Edit, "2026-11-21T10:00:00Z");
        let lines: Vec<String> = report.findings.iter().map(|it| line(it, &sources)).collect();
        let said = lines.iter().any(|it| it.contains(gone));
        assert!(said && lines.len() <= most, "{gone}:\n{}", lines.join("\n"));
    }
}

fn sample() -> Vec<Stored> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files =
        vec![("taiwa.yaml".to_owned(), fs::read_to_string(root.join("taiwa.yaml")).unwrap())];
    for folder in ["channels", "environments"] {
        collect(&root, &root.join(folder), &mut files);
    }
    files.sort();
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<Stored>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
