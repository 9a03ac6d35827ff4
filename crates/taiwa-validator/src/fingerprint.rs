//! What a finding is recognised by in the next run, when lines have moved.

use taiwa_model::Digest;
use taiwa_text::{Finding, Source};

/// Longest part of the text of a file that goes into a fingerprint, in characters.
const MOST_TEXT: usize = 200;

/// 16 hex digits made of the code, the component (or the file), the text it points at and the names in its message;
/// not of line numbers, and not of the wording. `nth` tells equal findings of one file apart, from 0.
pub fn fingerprint(source: Option<&Source>, finding: &Finding, nth: usize) -> String {
    let path = source.map_or("", |it| it.path.as_str());
    let home = finding.component.as_deref().unwrap_or(path);
    let pieces = [finding.code, home, &pointed(source, finding), &names(&finding.message)];
    let mut hex =
        Digest::of_kind("finding", format!("{}\0{nth}", pieces.join("\0")).as_bytes()).hex();
    hex.truncate(16);
    hex
}

/// What identifies equal findings: everything but `nth`.
pub(crate) fn key(source: Option<&Source>, finding: &Finding) -> String {
    fingerprint(source, finding, 0)
}

fn pointed(source: Option<&Source>, finding: &Finding) -> String {
    let span = finding.place.span;
    let text = source
        .and_then(|it| it.text.get(span.start as usize..span.end as usize))
        .unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MOST_TEXT).collect()
}

fn names(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::{FileId, Place, Span, Text};

    fn made(text: &str, at: u32, message: &str) -> String {
        let source = Source { path: "a.yaml".into(), text: text.into() };
        let place = Place { file: FileId(0), span: Span::new(at, at + 4) };
        fingerprint(Some(&source), &Finding::error("TW0101", place, Text::same(message)), 0)
    }

    #[test]
    fn moved_lines_and_other_words_keep_it_another_name_does_not() {
        let first = made("a: gold", 3, "no offer `gold`");
        assert_eq!(first, made("# new\na: gold", 9, "there is no offer `gold`"));
        assert_ne!(first, made("a: glod", 3, "no offer `glod`"));
        assert_ne!(first, made("a: gold", 3, "no offer `gold` for `x`"));
        assert_eq!(first.len(), 16);
    }
}
