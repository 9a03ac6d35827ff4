//! The findings as workflow commands of GitHub Actions, which put them beside the line in a pull request.
//!
//! **Invariants.** One line each; no text can end its command, add a property or begin another command.

use taiwa_text::is_hidden;

use super::{JsonFinding, View};

/// One command for each finding.
pub fn github(view: &View<'_>) -> Vec<String> {
    view.json().findings.iter().map(|it| annotation(it, view)).collect()
}

fn annotation(it: &JsonFinding, view: &View<'_>) -> String {
    let command = match it.severity.as_str() {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
    format!(
        "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
        escaped(&view.path(&it.file), &[':', ',']),
        it.line,
        it.end_line,
        it.column,
        it.end_column,
        escaped(&it.title(), &[':', ',']),
        escaped(&it.said(view.language), &[]),
    )
}

fn escaped(text: &str, further: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\n' => out.push_str("%0A"),
            '\r' => out.push_str("%0D"),
            ':' if further.contains(&c) => out.push_str("%3A"),
            ',' if further.contains(&c) => out.push_str("%2C"),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use taiwa_text::{Language, Severity};

    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn a_name_cannot_start_a_command() {
        let (report, sources) = sample();
        let (language, folder, fails) = (Language::En, "shop/", Severity::Error);
        let (report, sources, files) = (&report, &sources, &[][..]);
        let lines = github(&View { report, sources, files, language, folder, fails });
        assert_eq!(
            lines[1],
            "::error file=shop/channels/a%2Cb%3Ac.yaml,line=2,endLine=2,col=4,endColumn=8,\
             title=TW0101 unknown-offer::no `x`%0D%0A::set-output name=a::b \\u{1b}[31m 100%25\
             %0Ahelp: did you mean `y`?"
        );
        assert!(lines.iter().all(|it| !it.contains('\n') && !it.contains('\u{1b}')));
    }
}
