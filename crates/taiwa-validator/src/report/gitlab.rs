//! The findings as a code quality report of GitLab: what its merge requests show beside the line.
//!
//! **Invariants.** Fingerprints are unique within the report; paths count from the root of the repository.

use serde_json::{Value, json};

use super::{JsonFinding, View, visible::in_line};

/// An array with one issue for each finding.
pub fn gitlab(view: &View<'_>) -> Value {
    view.json().findings.iter().map(|it| issue(it, view)).collect()
}

fn issue(it: &JsonFinding, view: &View<'_>) -> Value {
    let severity = match it.severity.as_str() {
        "error" => "critical",
        "warning" => "minor",
        _ => "info",
    };
    json!({
        "description": in_line(&it.said(view.language).replace('\n', " ")),
        "check_name": it.code,
        "fingerprint": it.fingerprint,
        "severity": severity,
        "location": {
            "path": view.path(&it.file),
            "lines": { "begin": it.line, "end": it.end_line.max(it.line) },
        },
    })
}
