//! The findings as test results: a suite for each file, a failed case for each finding that fails the check, and a
//! passed one for every file in which nothing is wrong, so that the counts tell how much was looked at.
//!
//! Written by hand, because the form is small and what matters is that no text can leave its place: see [`escaped`].

use std::{collections::BTreeMap, fmt::Write as _};

use taiwa_text::Severity;

use super::{
    JsonFinding, View,
    visible::{in_line, visible},
};

/// The XML document.
pub fn junit(view: &View<'_>) -> String {
    let findings = view.json().findings;
    let files = view.files.iter().map(|it| (*it, Vec::new()));
    let mut files: BTreeMap<&str, Vec<&JsonFinding>> = files.collect();
    for it in &findings {
        files.entry(&it.file).or_default().push(it);
    }
    let (mut tests, mut failures, mut suites) = (0, 0, String::new());
    for (file, here) in files {
        let failed = here.iter().filter(|it| fails(it, view)).count();
        tests += here.len().max(1);
        failures += failed;
        suite(&mut suites, view, file, &here, failed);
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"taiwa validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">\n\
         {suites}</testsuites>"
    )
}

fn suite(out: &mut String, view: &View<'_>, file: &str, findings: &[&JsonFinding], failed: usize) {
    let path = escaped(&in_line(&view.path(file)));
    let tests = findings.len().max(1);
    writeln!(
        out,
        "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"0\">"
    )
    .ok();
    if findings.is_empty() {
        let name = view.say("no findings", "指摘なし");
        writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{name}\" file=\"{path}\" time=\"0\"/>"
        )
        .ok();
    }
    for it in findings {
        case(out, view, &path, it);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, view: &View<'_>, path: &str, it: &JsonFinding) {
    let title = escaped(&format!("{} {}:{} [{}]", it.title(), it.line, it.column, it.fingerprint));
    let (line, message) = (it.line, escaped(&in_line(&it.message)));
    let place = format!("{}:{line}:{}", in_line(&view.path(&it.file)), it.column);
    let text = escaped(&visible(&format!("{}: {}\n{place}", it.severity, it.said(view.language))));
    let code = escaped(&it.code);
    writeln!(
        out,
        "    <testcase classname=\"{path}\" name=\"{title}\" file=\"{path}\" line=\"{line}\" time=\"0\">"
    )
    .ok();
    if fails(it, view) {
        writeln!(out, "      <failure type=\"{code}\" message=\"{message}\">{text}</failure>").ok();
    } else {
        writeln!(out, "      <system-out>{text}</system-out>").ok();
    }
    out.push_str("    </testcase>\n");
}

fn fails(it: &JsonFinding, view: &View<'_>) -> bool {
    let severity = match it.severity.as_str() {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Info,
    };
    severity >= view.fails
}

/// Text for an attribute or an element. What XML 1.0 forbids was made visible before.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use taiwa_text::Language;

    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn a_case_for_each_finding_and_for_each_clean_file() {
        let (report, sources) = sample();
        let files = &["channels/a,b:c.yaml", "taiwa.yaml"][..];
        let view = |fails| View {
            report: &report,
            sources: &sources,
            files,
            language: Language::En,
            folder: "",
            fails,
        };
        let text = junit(&view(Severity::Error));
        assert!(
            text.contains(r#"<testsuites name="taiwa validate" tests="3" failures="1" "#),
            "{text}"
        );
        assert!(text.contains(r#"classname="taiwa.yaml" name="no findings""#), "{text}");
        assert!(text.contains("no `x`\\u{d}\n::set-output name=a::b \\u{1b}[31m 100%"), "{text}");
        assert!(junit(&view(Severity::Warning)).contains("failures=\"2\""), "strict");
        assert_eq!(escaped("]]> \"'&<"), "]]&gt; &quot;&apos;&amp;&lt;");
    }
}
