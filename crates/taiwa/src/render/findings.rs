//! Findings, drawn under the offending text.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};
use taiwa_text::{Finding, Language, Place, Severity, Sources};

use super::safe;

/// Longest text that is drawn; in a longer file only the lines around the place are.
const MAX_DRAWN_BYTES: usize = 256 * 1024;

/// Most further places of one cause that are named.
const MAX_PLACES: usize = 5;

/// Findings of one cause as a block of text: message, place, the text with what is wrong underlined, the way out. Empty
/// when there are none.
pub(crate) fn findings(
    sources: &Sources,
    group: &[&Finding],
    language: Language,
    colour: bool,
) -> String {
    let [finding, others @ ..] = group else { return String::new() };
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let name = |en, ja| match language {
        Language::En => en,
        Language::Ja => ja,
    };
    let level = match finding.severity {
        Severity::Error => Level::ERROR.with_name(name("error", "エラー")),
        Severity::Warning => Level::WARNING.with_name(name("warning", "警告")),
        Severity::Info => Level::INFO.with_name(name("info", "情報")),
    };
    let (help, note) = (
        Level::HELP.with_name(name("help", "ヒント")),
        Level::NOTE.with_name(name("note", "補足")),
    );
    let message = safe(finding.message.to(language));
    let mut group = Group::with_title(level.primary_title(&message).id(finding.code));
    group = group.element(snippet(sources, finding.place, AnnotationKind::Primary, None));
    for related in &finding.related {
        group = group.element(snippet(
            sources,
            related.place,
            AnnotationKind::Context,
            Some(safe(related.message.to(language))),
        ));
    }
    if let Some(text) = &finding.help {
        group = group.element(help.message(safe(text.to(language))));
    }
    if let Some(witness) = &finding.witness {
        let said = witness.said.to(language);
        let example = name("for example", "例");
        group = group.element(note.clone().message(safe(&format!("{example}: {said}"))));
    }
    if !others.is_empty() {
        group = group.element(note.message(places(sources, others, language)));
    }
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}

/// "the same at a.yaml:3:4, b.yaml:1:1".
fn places(sources: &Sources, others: &[&Finding], language: Language) -> String {
    let named = others.iter().take(MAX_PLACES).map(|it| {
        let source = sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        format!("{}:{}:{}", shown(&source.path), at.line, at.column)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match (language, others.len().saturating_sub(MAX_PLACES)) {
        (Language::En, 0) => format!("the same at {named}"),
        (Language::En, more) => format!("the same at {named} and {more} more places"),
        (Language::Ja, 0) => format!("ほかに同じ箇所: {named}"),
        (Language::Ja, more) => format!("ほかに同じ箇所: {named} ほか {more} か所"),
    }
}

/// A file's name is text from outside, too; a line break in it would forge a line of the answer.
fn shown(path: &str) -> String {
    safe(path).replace('\n', "\\n")
}

fn snippet(
    sources: &Sources,
    place: Place,
    kind: AnnotationKind,
    label: Option<String>,
) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let source = sources.get(place.file);
    let (text, first_line, base) = window(&source.text, place.span.start as usize);
    let end = text.len();
    let inside = |at: u32| boundary(text, (at as usize).saturating_sub(base).min(end));
    let (from, to) = (inside(place.span.start), inside(place.span.end));
    let mut annotation = kind.span(from..to.max(from));
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    Snippet::source(text).path(shown(&source.path)).line_start(first_line).annotation(annotation)
}

/// The text to draw: all of a usual file, a few lines of a huge one.
fn window(text: &str, at: usize) -> (&str, usize, usize) {
    if text.len() <= MAX_DRAWN_BYTES {
        return (text, 1, 0);
    }
    let at = boundary(text, at.min(text.len()));
    let floor = boundary(text, at.saturating_sub(400));
    let before = text.get(floor..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(floor, |it| floor + it + 1);
    let stop = boundary(text, (at + 400).min(text.len()));
    let first_line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    (text.get(start..stop).unwrap_or_default(), first_line, start)
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::{Source, Span, Text, say};

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add(Source { path: "channels/shared/segments/a.yaml".into(), text: text.into() });
        sources
    }

    #[test]
    fn drawn_under_the_offending_text() {
        let place = Place { span: Span::new(12, 16), ..Place::default() };
        let finding = Finding::error(
            "TW0318",
            place,
            say!(en: "profile has no attribute `teir`", ja: "`profile` に属性 `teir` はありません"),
        )
        .help(say!(en: "did you mean `tier`?", ja: "もしかして `tier` ですか？"));
        let text = findings(&sources("when: profi.teir\n"), &[&finding], Language::En, false);
        let expect = "error[TW0318]: profile has no attribute `teir`\n \
                      --> channels/shared/segments/a.yaml:1:13\n  |\n1 | when: profi.teir\n  |             ^^^^\n  |\n  = help: did you mean `tier`?";
        assert_eq!(text, expect);
    }

    #[test]
    fn wide_characters_are_underlined_where_they_stand() {
        // Text, what is wrong in it, and how the terminal shows both: blanks before, carets below.
        for (text, wrong, before, below) in [
            ("when: 飲む", "飲む", 6, 4),
            ("題名: x", "x", 6, 1),
            ("e\u{301}e\u{301}: x", "x", 4, 1),
            ("👍: x", "x", 4, 1),
            ("ﾊﾝｶｸ: ｘ", "ｘ", 6, 2),
        ] {
            let start = text.rfind(wrong).unwrap();
            let span = Span::new(u32::try_from(start).unwrap(), u32::try_from(text.len()).unwrap());
            let finding = Finding::error(
                "TW0001",
                Place { span, ..Place::default() },
                taiwa_text::Text::same("x"),
            );
            let drawn = findings(&sources(text), &[&finding], Language::En, false);
            let line = format!("\n  | {}{}\n", " ".repeat(before), "^".repeat(below));
            assert!((drawn.clone() + "\n").contains(&line), "{text}\n{drawn}");
        }
    }

    #[test]
    fn the_name_of_a_file_moves_no_terminal() {
        let mut sources = Sources::default();
        sources.add(Source {
            path: "a\n\u{1b}[31mb.yaml".into(),
            text: "title: \u{1b}[2J\u{202e}x".into(),
        });
        let place = Place { span: Span::new(0, 5), ..Place::default() };
        let text = findings(
            &sources,
            &[&Finding::error("TW0001", place, Text::same("x"))],
            Language::En,
            false,
        );
        assert!(text.contains("--> a\\n\\u{1b}[31mb.yaml:1:1\n"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }

    #[test]
    fn a_place_beyond_the_text_or_inside_a_character_does_no_harm() {
        for (start, end) in [(0, 0), (1, 2), (99, 120), (3, 1)] {
            let place = Place { span: Span::new(start, end), ..Place::default() };
            assert!(
                findings(
                    &sources("日本"),
                    &[&Finding::error("TW0001", place, Text::same("x"))],
                    Language::En,
                    false
                )
                .contains("TW0001")
            );
        }
    }
}
