//! The findings as workflow commands of GitHub Actions, which put them beside the line in a pull request.

use taiwa_text::{Language, Sources};

use super::{JsonFinding, Report};
use crate::rules::by_code;

/// The findings as workflow commands of GitHub Actions, one a line; texts cannot start another command.
pub fn github_annotations(report: &Report, sources: &Sources, language: Language) -> Vec<String> {
    let json = report.json(sources, language);
    json.findings.iter().map(annotation).collect()
}

fn annotation(it: &JsonFinding) -> String {
    let command = match it.severity.as_str() {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
    let name = by_code(&it.code).map_or("", |rule| rule.name);
    let title = format!("{} {name}", it.code);
    let help = it.help.iter().map(|help| format!("\nhelp: {help}"));
    let text: String = [it.message.clone()].into_iter().chain(help).collect();
    format!(
        "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
        escaped(&it.file, &[':', ',']),
        it.line,
        it.end_line,
        it.column,
        it.end_column,
        escaped(title.trim_end(), &[':', ',']),
        escaped(&text, &[]),
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
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn a_name_cannot_start_a_command() {
        let (report, sources) = sample();
        let lines = github_annotations(&report, &sources, Language::En);
        assert_eq!(
            lines[1],
            "::error file=channels/a%2Cb%3Ac.yaml,line=2,endLine=2,col=4,endColumn=8,\
             title=TW0101 unknown-offer::no `x`%0D%0A::set-output name=a::b \u{fffd}[31m 100%25\
             %0Ahelp: did you mean `y`?"
        );
        assert!(lines.iter().all(|it| !it.contains('\n') && !it.contains('\u{1b}')));
    }
}
