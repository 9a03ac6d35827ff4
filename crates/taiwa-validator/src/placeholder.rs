//! What stands between `{{` and `}}` in a text.

use taiwa_model::{is_kebab, is_snake};
use taiwa_text::Span;

/// One placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placeholder<'a> {
    /// Bytes of the text, of what is inside, without blanks.
    pub span: Span,
    /// What is inside.
    pub text: &'a str,
    /// What it means.
    pub kind: Hole<'a>,
    /// Whether it says what stands there otherwise: `?? "…"`.
    pub otherwise: bool,
}

/// What a placeholder means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hole<'a> {
    /// `profile.name`
    Name {
        /// `profile`, `offer`, `link`.
        root: &'a str,
        /// What of it.
        name: &'a str,
    },
    /// Not of that form.
    Malformed,
    /// Never closed.
    Open,
}

/// Every placeholder of a text, from left to right.
pub(crate) fn placeholders(text: &str) -> Vec<Placeholder<'_>> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(begin) = text.get(from..).and_then(|it| it.find("{{")).map(|it| from + it) {
        let rest = text.get(begin + 2..).unwrap_or_default();
        let Some(length) = rest.find("}}") else {
            let span = span(begin, begin + 2);
            all.push(Placeholder { span, text: "{{", kind: Hole::Open, otherwise: false });
            break;
        };
        let inside = rest.get(..length).unwrap_or_default();
        let blanks = inside.len() - inside.trim_start().len();
        let trimmed = inside.trim();
        let at = begin + 2 + blanks;
        let (kind, otherwise) = meaning(trimmed);
        let end = (at + trimmed.len()).max(at);
        all.push(Placeholder { span: span(at, end), text: trimmed, kind, otherwise });
        from = begin + 2 + length + 2;
    }
    all
}

/// The text with every placeholder taken out: what is certain of its length.
pub(crate) fn without_placeholders(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((_, tail)) = after.split_once("}}") else { break };
        out.push_str(before);
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn meaning(text: &str) -> (Hole<'_>, bool) {
    let (path, otherwise) = match text.split_once("??") {
        None => (text, None),
        Some((path, otherwise)) => (path.trim_end(), Some(otherwise.trim())),
    };
    let quoted = |it: &str| {
        it.len() >= 2 && ['"', '\''].iter().any(|q| it.starts_with(*q) && it.ends_with(*q))
    };
    let well = |it: &str| is_snake(it) || is_kebab(it);
    match path.split_once('.') {
        Some((root, name)) if well(root) && well(name) && otherwise.is_none_or(quoted) => {
            (Hole::Name { root, name }, otherwise.is_some())
        }
        _ => (Hole::Malformed, false),
    }
}

fn span(from: usize, to: usize) -> Span {
    Span::new(u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, bool)]) {
        let found: Vec<(String, bool)> = placeholders(text)
            .iter()
            .map(|it| {
                assert_eq!(text.get(it.span.start as usize..it.span.end as usize), Some(it.text));
                let kind = match it.kind {
                    Hole::Name { root, name } => format!("{root}.{name}"),
                    Hole::Malformed => "malformed".into(),
                    Hole::Open => "open".into(),
                };
                (kind, it.otherwise)
            })
            .collect();
        let expect: Vec<(String, bool)> = expect.iter().map(|it| (it.0.into(), it.1)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn forms() {
        check("こんにちは {{ profile.name }}!", &[("profile.name", false)]);
        check(
            "{{profile.name ?? \"friend\"}} {{ link.order }}",
            &[("profile.name", true), ("link.order", false)],
        );
        check("{{ profile.name ?? friend }}", &[("malformed", false)]);
        check("{{ }} {{ name }}", &[("malformed", false), ("malformed", false)]);
        check("{{ profile.name", &[("open", false)]);
        check("} {a} {{{ x.y }}}", &[("malformed", false)]);
        assert_eq!(without_placeholders("a{{ x.y }}b {{ z"), "ab {{ z");
    }
}
