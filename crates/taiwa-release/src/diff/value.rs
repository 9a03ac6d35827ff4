//! Values as they are compared, and as people read them.

use serde_json::{Map, Value as Json};

/// The same JSON with every whole double written as a whole number, as canonical JSON does: 15.0 is 15.
pub(super) fn normal(json: Json) -> Json {
    match json {
        Json::Number(number) => {
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let double = number.as_f64().filter(|it| number.is_f64() && it.abs() < EXACT);
            #[expect(clippy::cast_possible_truncation, reason = "checked: whole and within 2^53")]
            double
                .filter(|it| it.fract() == 0.0)
                .map_or(Json::Number(number), |it| Json::from(it as i64))
        }
        Json::Array(items) => Json::Array(items.into_iter().map(normal).collect()),
        Json::Object(fields) => Json::Object(normal_fields(fields)),
        other => other,
    }
}

/// The same for the fields of an object.
pub(super) fn normal_fields(fields: Map<String, Json>) -> Map<String, Json> {
    fields.into_iter().map(|(key, value)| (key, normal(value))).collect()
}

/// A value in the words of the files: `15`, `gold`, “two words”, `[a, b]`, `{ shown: 3, per: 7d }`.
pub(super) fn show(json: &Json) -> String {
    match json {
        Json::String(text) => show_text(text),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Json::Object(fields) => show_object(fields),
        other => other.to_string(),
    }
}

fn show_object(fields: &Map<String, Json>) -> String {
    let mut entries = fields.iter();
    if let (Some((key, value)), None) = (entries.next(), entries.next()) {
        match (key.as_str(), value) {
            // How the model tells forms apart that the files do not: a score, a text without locale, a field's kind.
            ("fixed" | "cel" | "und" | "channel", value) => return show(value),
            ("string", Json::Object(it)) => {
                return it.get("max").map_or("string".to_owned(), |max| format!("string({max})"));
            }
            _ => {}
        }
    }
    if fields.is_empty() {
        return "{}".to_owned();
    }
    let shown = fields.iter().map(|(key, value)| format!("{}: {}", clean(key), show(value)));
    format!("{{ {} }}", shown.collect::<Vec<_>>().join(", "))
}

fn show_text(text: &str) -> String {
    let word = !text.is_empty() && !text.contains(char::is_whitespace);
    if word { clean(text) } else { format!("“{}”", clean(text)) }
}

/// A text without what could move a cursor or turn the direction of writing: such characters are shown by their number.
pub(super) fn clean(text: &str) -> String {
    let unseen = |it: char| {
        it.is_control()
            || matches!(it, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(unseen) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        if it == '\n' {
            out.push_str("\\n");
        } else if unseen(it) {
            out.extend(it.escape_unicode());
        } else {
            out.push(it);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: &Json, expect: &str) {
        assert_eq!(show(value), expect);
    }

    #[test]
    fn values_read_like_the_files() {
        check(&json!(12.5), "12.5");
        check(&json!("gold"), "gold");
        check(&json!("two words"), "“two words”");
        check(&json!(""), "“”");
        check(&json!({"fixed": 80}), "80");
        check(&json!({"string": {"max": 40}}), "string(40)");
        check(&json!({"string": {}}), "string");
        check(&json!({"shown": 3, "per": "7d"}), "{ per: 7d, shown: 3 }");
        check(&json!(["a", "b"]), "[a, b]");
        check(&json!("a\u{1b}[2J\u{202e}\n"), "“a\\u{1b}[2J\\u{202e}\\n”");
    }

    #[test]
    fn whole_doubles_are_whole_numbers() {
        assert_eq!(
            normal(json!([15.0, 1.5, {"a": -0.0}, 1e300])),
            json!([15, 1.5, {"a": 0}, 1e300])
        );
    }
}
