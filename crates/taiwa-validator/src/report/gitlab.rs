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

#[cfg(test)]
mod tests {
    use taiwa_text::{Language, Severity};

    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn an_issue_for_each_finding() {
        let (report, sources) = sample();
        let (language, folder, fails) = (Language::En, "shop/", Severity::Error);
        let (report, sources, files) = (&report, &sources, &[][..]);
        let issues = gitlab(&View { report, sources, files, language, folder, fails });
        let place =
            json!({ "path": "shop/channels/a,b:c.yaml", "lines": { "begin": 2, "end": 2 } });
        assert_eq!((&issues[1]["location"], &issues[1]["severity"]), (&place, &json!("critical")));
        assert_eq!(issues[0]["severity"], "minor");
        assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    }
}
