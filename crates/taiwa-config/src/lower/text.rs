//! Scalars by form: texts, numbers, words; and the few forms that are text or something else.

use serde_json::{Map, Value as Json, json};
use taiwa_model::EventRef;
use taiwa_syntax::{NodeKind, Style};
use taiwa_text::{Finding, Place, Span};

use super::{At, Walker, entries::near, names::RESERVED};
use crate::{
    scalar::{Scalar, ambiguity, resolve},
    shape::{Form, Naming, SIGNAL, Spelling},
};

/// Longer than this is no empty text; whatever is wrong with it was said.
const EMPTY_BYTES: usize = 8;

impl Walker<'_> {
    pub(super) fn scalar(&mut self, form: &Form, at: At<'_>) -> Option<Json> {
        let Some((text, style)) = self.plain(at.node) else {
            self.wrong(at, &form.words(), None);
            return None;
        };
        match form {
            Form::Text => Some(self.text(at, text, style)),
            Form::Made(make) => self.made(*make, at, text, style),
            Form::Condition => Some(self.condition(at, text, style)),
            Form::Word(spelling) | Form::Declared(spelling) => {
                self.spelled(*spelling, at.node, text);
                self.ambiguous(at, text, style);
                if matches!(form, Form::Declared(_)) && RESERVED.contains(&text) {
                    let message = format!("`{text}` is a reserved name");
                    let finding = Finding::error("TW0015", self.place(at.node), message);
                    self.findings.push(finding.help("choose another"));
                }
                Some(text.into())
            }
            Form::Event(naming) => self.event(*naming, at, text),
            Form::Whole(least, most) => self.whole(at, &resolve(text, style), (*least, *most)),
            Form::Number(least, most) => self.number(at, &resolve(text, style), (*least, *most)),
            Form::Bool => self.bool(at, &resolve(text, style)).map(Json::from),
            Form::Opposite => self.bool(at, &resolve(text, style)).map(|it| (!it).into()),
            Form::Choice(words) => {
                let words: Vec<&str> = words.iter().map(|it| it.0).collect();
                self.choice(at, text, &words).map(Json::from)
            }
            Form::Switch(no, yes) => {
                self.choice(at, text, &[no, yes]).map(|it| (it == *yes).into())
            }
            Form::Score => self.score(at, text, style),
            Form::FieldKind => self.field_kind(at, text),
            Form::Fallback if text == "none" => Some(Json::Null),
            Form::Fallback | Form::Reference(_) => self.reference(at, text),
            Form::Format => self.format(at, &resolve(text, style)),
            _ => None,
        }
    }

    fn text(&mut self, at: At<'_>, text: &str, style: Style) -> Json {
        self.ambiguous(at, text, style);
        self.comment(at, style);
        if let Scalar::Bool(_) = resolve(text, style) {
            let message = format!("`{text}` is true or false, and text is wanted here");
            self.warn(at, message, format!("write \"{text}\" if the word is meant"));
        }
        text.into()
    }

    /// CEL is taken as it stands; what YAML may have done to it is said.
    fn condition(&mut self, at: At<'_>, text: &str, style: Style) -> Json {
        self.comment(at, style);
        text.trim_end().into()
    }

    fn reference(&mut self, at: At<'_>, text: &str) -> Option<Json> {
        if text.is_empty() {
            self.wrong(at, "a name", None);
            return None;
        }
        self.comment(at, self.plain(at.node)?.1);
        Some(text.into())
    }

    fn event(&mut self, naming: Naming, at: At<'_>, text: &str) -> Option<Json> {
        let channel = self.ground.scope.channel().filter(|_| naming == Naming::Bare);
        match EventRef::parse(text, channel) {
            Some(it) if !it.event.as_str().is_empty() && !it.event.as_str().contains('/') => {
                Some(it.to_string().into())
            }
            _ => {
                let message = format!("`{text}` must say its channel: channel/event");
                let help = self.ground.scope.channel().map(|it| format!("write {it}/{text}"));
                let mut finding = Finding::error("TW0112", self.place(at.node), message);
                finding.help = help.filter(|_| !text.contains('/')).map(Into::into);
                self.findings.push(finding);
                None
            }
        }
    }

    fn whole(&mut self, at: At<'_>, scalar: &Scalar, (least, most): (i64, i64)) -> Option<Json> {
        match scalar {
            Scalar::Whole(it) if (least..=most).contains(it) => {
                self.noted(at);
                Some((*it).into())
            }
            Scalar::Whole(it) => {
                let message = format!("{} is {it}, but must be {least} to {most}", at.words());
                self.findings.push(Finding::error("TW0019", self.place(at.node), message));
                None
            }
            Scalar::Huge => self.too_large(at),
            _ => self.not_a_number(at, "a whole number"),
        }
    }

    fn number(&mut self, at: At<'_>, scalar: &Scalar, (least, most): (f64, f64)) -> Option<Json> {
        let number = match scalar {
            Scalar::Whole(_) | Scalar::Number(_) => scalar.as_f64(),
            Scalar::Huge | Scalar::Infinite => return self.too_large(at),
            _ => return self.not_a_number(at, "a number"),
        };
        if number < least || number > most {
            let message = format!("{} is {number}, but must be {least} to {most}", at.words());
            self.findings.push(Finding::error("TW0019", self.place(at.node), message));
            return None;
        }
        self.noted(at);
        scalar.to_json()
    }

    /// A number that other programs read differently.
    fn noted(&mut self, at: At<'_>) {
        if let Some((text, style)) = self.plain(at.node) {
            self.ambiguous(at, text, style);
        }
    }

    fn too_large(&mut self, at: At<'_>) -> Option<Json> {
        let message =
            format!("{} is not a number that every program reads alike", self.raw(at.node));
        let help =
            "whole numbers go up to 9007199254740991 (2^53 − 1); an id is text: put it in quotes";
        self.findings.push(Finding::error("TW0010", self.place(at.node), message).help(help));
        None
    }

    fn not_a_number(&mut self, at: At<'_>, expected: &str) -> Option<Json> {
        let quoted = self.plain(at.node).is_some_and(|(text, style)| {
            style != Style::Plain && resolve(text, Style::Plain) != Scalar::Text
        });
        let plainly = self.plain(at.node).and_then(|it| plainly(it.0));
        let help = if quoted {
            Some("write it without quotes".to_owned())
        } else {
            plainly.map(|it| format!("write {it}"))
        };
        self.wrong(at, expected, help);
        None
    }

    fn bool(&mut self, at: At<'_>, scalar: &Scalar) -> Option<bool> {
        if let Scalar::Bool(it) = scalar {
            return Some(*it);
        }
        let text = self.plain(at.node).map_or("", |it| it.0).to_ascii_lowercase();
        self.wrong(at, "true or false", bool_meant(&text));
        None
    }

    fn choice<'w>(&mut self, at: At<'_>, text: &str, words: &[&'w str]) -> Option<&'w str> {
        if let Some(found) = words.iter().find(|it| **it == text) {
            return Some(found);
        }
        let meant = words.iter().find(|it| near(text, it));
        let message = format!("`{text}` is not one of {}", super::words(words));
        let mut finding = Finding::error("TW0004", self.place(at.node), message);
        finding.help = meant.map(|it| format!("did you mean `{it}`?").into());
        self.findings.push(finding);
        None
    }

    fn score(&mut self, at: At<'_>, text: &str, style: Style) -> Option<Json> {
        match resolve(text, style) {
            Scalar::Text | Scalar::Bool(_) => {
                let cel = self.within("cel", at, |it| it.condition(at, text, style));
                Some(json!({ "cel": cel }))
            }
            scalar => {
                let number =
                    self.within("fixed", at, |it| it.number(at, &scalar, (0.0, 1000.0)))?;
                Some(json!({ "fixed": number }))
            }
        }
    }

    fn field_kind(&mut self, at: At<'_>, text: &str) -> Option<Json> {
        let most = text.strip_prefix("string(").and_then(|it| it.strip_suffix(')'));
        if let Some(most) = most.and_then(|it| it.trim().parse::<u32>().ok()).filter(|it| *it > 0) {
            return Some(json!({ "string": { "max": most } }));
        }
        let words = ["string", "url", "number", "bool", "list"];
        match self.choice(at, text, &words)? {
            "string" => Some(json!({ "string": {} })),
            other => Some(other.into()),
        }
    }

    fn format(&mut self, at: At<'_>, scalar: &Scalar) -> Option<Json> {
        if *scalar == Scalar::Whole(1) {
            return Some(1.into());
        }
        let message = format!("format {} is not known to this version of taiwa", self.raw(at.node));
        let help = "this version reads `format: 1`";
        self.findings.push(Finding::error("TW0012", self.place(at.node), message).help(help));
        None
    }

    pub(super) fn title(&mut self, at: At<'_>) -> Option<Json> {
        let json = if matches!(self.ground.tree.node(at.node).kind, NodeKind::Map { .. }) {
            self.map(Spelling::Locale, &Form::Text, at)?
        } else {
            let text = self.within("und", at, |it| it.scalar(&Form::Text, at))?;
            json!({ "und": text })
        };
        let mut texts = json.as_object().into_iter().flat_map(Map::values).filter_map(Json::as_str);
        if texts.all(|it| it.trim().is_empty()) && self.raw(at.node).len() <= EMPTY_BYTES {
            let finding =
                Finding::error("TW0005", self.place(at.node), format!("{} is empty", at.words()));
            self.findings.push(finding.help("write what people should read"));
        }
        Some(json)
    }

    pub(super) fn value(&mut self, at: At<'_>) -> Option<Json> {
        if let NodeKind::List { items, .. } = &self.ground.tree.node(at.node).kind {
            let mut values = Vec::new();
            for node in items {
                let inner = At { key: None, node: *node, name: at.name };
                values.extend(self.within(&values.len().to_string(), inner, |it| it.single(inner)));
            }
            if !(values.iter().all(Json::is_string) || values.iter().all(Json::is_i64)) {
                self.wrong(
                    at,
                    "a list of texts or of whole numbers",
                    Some("put all items in quotes".into()),
                );
                return None;
            }
            return Some(values.into());
        }
        self.single(at)
    }

    fn single(&mut self, at: At<'_>) -> Option<Json> {
        let Some((text, style)) = self.plain(at.node) else {
            if !self.is_hole(at.node) {
                self.wrong(at, "text, a number, true or false, or a list", None);
            }
            return None;
        };
        self.ambiguous(at, text, style);
        let scalar = resolve(text, style);
        match scalar {
            Scalar::Null => {
                self.wrong(at, "a value", Some("leave it out where nothing is known".into()));
                None
            }
            Scalar::Huge | Scalar::Infinite => self.too_large(at),
            Scalar::Text => {
                self.comment(at, style);
                Some(text.into())
            }
            _ => scalar.to_json(),
        }
    }

    pub(super) fn interactions(&mut self, at: At<'_>) -> Option<Json> {
        match &self.ground.tree.node(at.node).kind {
            NodeKind::Map { .. } => self.map(Spelling::Snake, &Form::Record(&SIGNAL), at),
            NodeKind::List { .. } => {
                let names = self.list(&Form::Word(Spelling::Snake), at)?;
                let names = names.as_array().into_iter().flatten().filter_map(Json::as_str);
                Some(names.map(|it| (it.to_owned(), json!({}))).collect::<Map<_, _>>().into())
            }
            _ if self.plain(at.node).is_some_and(|it| it.0 == "standard") => None,
            _ => {
                self.wrong(at, "`standard`, or a list of signals", None);
                None
            }
        }
    }

    fn ambiguous(&mut self, at: At<'_>, text: &str, style: Style) {
        if let Some(message) = ambiguity(text, style) {
            let help = format!("write it in quotes: \"{}\"", text.trim_start_matches('\u{3000}'));
            self.warn(at, message, help);
        }
    }

    /// ` #` behind a plain text cut it off: said where that was hardly meant.
    fn comment(&mut self, at: At<'_>, style: Style) {
        let span = self.ground.tree.node(at.node).span;
        let rest = self.ground.text.get(span.end as usize..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let comment = line.trim_start();
        if style != Style::Plain || !comment.starts_with('#') || comment.len() == line.len() {
            return;
        }
        let raw = self.raw(at.node);
        let open = raw.matches('"').count() % 2 == 1 || raw.matches('\'').count() % 2 == 1;
        let word = comment
            .get(1..)
            .and_then(|it| it.chars().next())
            .is_some_and(|it| !it.is_whitespace() && it != '#');
        if open || word {
            let start = span.end as usize + line.len() - comment.len();
            let help = format!(
                "put the whole value in single quotes: '{}'",
                format!("{raw}{line}").replace('\'', "''")
            );
            let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            let place = Place {
                file: self.ground.file,
                span: Span::new(at(start), at(start + comment.trim_end().len())),
            };
            let message = "` #` begins a comment: what follows is not part of the value";
            self.findings.push(Finding::error("TW0006", place, message).help(help).warning());
        }
    }

    fn warn(&mut self, at: At<'_>, message: String, help: String) {
        let finding = Finding::error("TW0006", self.place(at.node), message).help(help);
        self.findings.push(finding.warning());
    }
}

impl Scalar {
    fn as_f64(&self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "whole numbers lie within 2^53")]
            Self::Whole(it) => *it as f64,
            Self::Number(it) => *it,
            _ => 0.0,
        }
    }

    fn to_json(&self) -> Option<Json> {
        match self {
            Self::Bool(it) => Some((*it).into()),
            Self::Whole(it) => Some((*it).into()),
            Self::Number(it) => Some((*it).into()),
            _ => None,
        }
    }
}

/// The way out for a word that people take for true or false.
pub(super) fn bool_meant(text: &str) -> Option<String> {
    match text {
        "yes" | "on" | "y" | "true" => Some("write true".to_owned()),
        "no" | "off" | "n" | "false" => Some("write false".to_owned()),
        _ => None,
    }
}

/// The number that is meant by one with full-width digits, commas between thousands, or a currency or percent sign.
fn plainly(text: &str) -> Option<String> {
    let signs = [',', '，', '¥', '￥', '円', '$', '€', '%', '％', ' ', '\u{3000}'];
    let narrow = |c: char| match c {
        '０'..='９' | '．' | '－' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    let thousands = text
        .rsplit([',', '，'])
        .next()
        .is_some_and(|it| it.chars().take_while(|c| narrow(*c).is_ascii_digit()).count() == 3);
    if text.contains([',', '，']) && !thousands {
        return None; // 62,5: who knows which it was
    }
    let number: String = text.chars().filter(|it| !signs.contains(it)).map(narrow).collect();
    let digits = number.chars().any(|it| it.is_ascii_digit());
    (digits && number.parse::<f64>().is_ok()).then_some(number)
}
