//! Placeholders in the content of treatments: `{{ profile.name ?? "friend" }}`, `{{ offer.headline }}`.
//!
//! **Invariants.** What a placeholder stands for is found when a release is compiled; filling it in cannot fail, and a
//! filled-in value is never read again as a template. A value that is missing after all is the empty text.
//! The text is plain: whoever puts it into HTML escapes it there, as for any JSON.

use taiwa_model::{AttributeName, Value};

/// Most bytes that one filled-in text may have; more is cut at a character.
pub const MAX_FILLED_BYTES: usize = 256 * 1024;

/// A text with holes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Attribute { name: AttributeName, otherwise: Option<String> },
}

/// What a name in a placeholder stands for.
pub(super) enum Meaning {
    /// An attribute of the profile.
    Attribute(AttributeName),
    /// A text that is known already.
    Text(String),
}

impl Template {
    /// Reads a text; `resolve` says what `profile.x` and `offer.y` stand for.
    pub(super) fn read(
        text: &str,
        resolve: &dyn Fn(&str) -> Result<Meaning, String>,
    ) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after
                .split_once("}}")
                .ok_or_else(|| "a placeholder is opened by `{{` and never closed".to_owned())?;
            parts.push(Part::Text(before.to_owned()));
            let (name, otherwise) = match inside.split_once("??") {
                Some((name, otherwise)) => (name.trim(), Some(quoted(otherwise.trim())?)),
                None => (inside.trim(), None),
            };
            parts.push(match resolve(name)? {
                Meaning::Attribute(name) => Part::Attribute { name, otherwise },
                Meaning::Text(text) => Part::Text(text),
            });
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|it| *it != Part::Text(String::new()));
        Ok(Self(parts))
    }

    /// Fills the holes.
    pub(crate) fn fill<'a>(
        &self,
        attribute: impl Fn(&AttributeName) -> Option<std::borrow::Cow<'a, Value>>,
    ) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(it) => text.push_str(it),
                Part::Attribute { name, otherwise } => match (attribute(name), otherwise) {
                    (Some(value), _) => show(&value, &mut text),
                    (None, Some(otherwise)) => text.push_str(otherwise),
                    (None, None) => {}
                },
            }
            if text.len() > MAX_FILLED_BYTES {
                text.truncate(text.floor_char_boundary(MAX_FILLED_BYTES));
                break;
            }
        }
        text
    }

    /// The text itself, if it has no holes.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(it)] => Some(it),
            _ => None,
        }
    }
}

/// A text in double or single quotes.
fn quoted(text: &str) -> Result<String, String> {
    let inner = ['"', '\''].iter().find_map(|it| text.strip_prefix(*it)?.strip_suffix(*it));
    inner
        .map(str::to_owned)
        .ok_or_else(|| format!("after `??` comes a text in quotes, not `{text}`"))
}

/// A value as people read it: lists with commas, times in RFC 3339.
fn show(value: &Value, to: &mut String) {
    match value {
        Value::Bool(it) => to.push_str(if *it { "true" } else { "false" }),
        Value::Int(it) => to.push_str(&it.to_string()),
        Value::Number(it) => to.push_str(&it.to_string()),
        Value::Text(it) => to.push_str(it),
        Value::Time(it) => to.push_str(&it.to_string()),
        Value::Texts(it) => to.push_str(&it.join(", ")),
        Value::Ints(it) => {
            let texts: Vec<_> = it.iter().map(ToString::to_string).collect();
            to.push_str(&texts.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn resolve(name: &str) -> Result<Meaning, String> {
        match name.split_once('.') {
            Some(("profile", it)) => Ok(Meaning::Attribute(it.into())),
            Some(("offer", _)) => Ok(Meaning::Text("Kit {{ profile.name }}".into())),
            _ => Err(format!("`{name}` is unknown")),
        }
    }

    #[track_caller]
    fn check(text: &str, expect: Result<&str, &str>) {
        let filled = Template::read(text, &resolve).map(|it| {
            it.fill(|name| match name.as_str() {
                "name" => Some(Cow::Owned(Value::Text("{{ profile.age }} & <b>".into()))),
                "age" => Some(Cow::Owned(Value::Int(7))),
                "list" => Some(Cow::Owned(Value::Ints(vec![1, 2]))),
                _ => None,
            })
        });
        assert_eq!(filled.as_deref().map_err(String::as_str), expect);
    }

    #[test]
    fn placeholders_are_filled_once() {
        check("plain { } text", Ok("plain { } text"));
        check("", Ok(""));
        check("{{profile.age}}", Ok("7"));
        check("Hi {{ profile.name }}!", Ok("Hi {{ profile.age }} & <b>!"));
        check("{{ profile.nick ?? \"friend\" }}{{ profile.nick }}.", Ok("friend."));
        check("{{ profile.nick ?? '' }}{{ profile.list }}", Ok("1, 2"));
        check("こんにちは、{{ offer.headline }}。", Ok("こんにちは、Kit {{ profile.name }}。"));
        check("{{ profile.age", Err("a placeholder is opened by `{{` and never closed"));
        check("{{ x }}", Err("`x` is unknown"));
        check("{{ profile.x ?? y }}", Err("after `??` comes a text in quotes, not `y`"));
    }

    #[test]
    fn a_filled_text_is_bounded() {
        let long = "あ".repeat(MAX_FILLED_BYTES);
        let template = Template::read("{{ profile.a }}{{ profile.a }}", &resolve).unwrap();
        let filled = template.fill(|_| Some(Cow::Owned(Value::Text(long.clone()))));
        assert!(filled.len() <= MAX_FILLED_BYTES && filled.len() > MAX_FILLED_BYTES - 3);
    }
}
