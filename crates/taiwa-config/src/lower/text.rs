//! Scalars by form: texts, numbers, words; and the few forms that are text or something else.
//! Long because every mistake is said in two languages at its place.

use serde_json::{Map, Value as Json, json};
use taiwa_model::EventRef;
use taiwa_syntax::{NodeKind, Style};
use taiwa_text::{Finding, Place, Safety, Span, Text, say};

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
                    let message = say!(
                        en: "`{text}` is a reserved name",
                        ja: "`{text}` は予約された名前です",
                    );
                    let finding = Finding::error("TW0015", self.place(at.node), message);
                    self.findings.push(
                        finding.help(say!(en: "choose another", ja: "別の名前にしてください")),
                    );
                }
                Some(text.into())
            }
            Form::Event(naming) => self.event(*naming, at, text),
            Form::Whole(least, most) => self.whole(at, &resolve(text, style), (*least, *most)),
            Form::Number(least, most) => self.number(at, &resolve(text, style), (*least, *most)),
            Form::BoolOr(word, _) if text == *word => Some((*word).into()),
            Form::Bool | Form::BoolOr(..) => self.bool(at, &resolve(text, style)).map(Json::from),
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
            let message = say!(
                en: "`{text}` is true or false, and text is wanted here",
                ja: "`{text}` は真偽値ですが、ここには文字列が必要です",
            );
            self.warn(
                at,
                message,
                say!(
                    en: "write \"{text}\" if the word is meant",
                    ja: "文字列のつもりであれば `\"{text}\"` と書いてください",
                ),
            );
            self.quote(at.node);
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
            self.wrong(at, &say!(en: "a name", ja: "名前"), None);
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
                let message = say!(
                    en: "`{text}` must say its channel: channel/event",
                    ja: "`{text}` にはチャネルが必要です: `channel/event`",
                );
                let help =
                    self.ground.scope.channel().map(
                        |it| say!(en: "write {it}/{text}", ja: "`{it}/{text}` と書いてください"),
                    );
                let mut finding = Finding::error("TW0112", self.place(at.node), message);
                finding.help = help.filter(|_| !text.contains('/'));
                self.findings.push(finding);
                if let Some(channel) = self.ground.scope.channel().filter(|_| !text.contains('/')) {
                    self.respell(at.node, &format!("{channel}/{text}"), Safety::Unsafe);
                }
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
                let message = say!(
                    en: "{} is {it}, but must be {least} to {most}",
                    ja: "{} は {it} ですが、{least} から {most} まででなければなりません",
                    at.words(),
                );
                self.findings.push(Finding::error("TW0019", self.place(at.node), message));
                None
            }
            Scalar::Huge => self.too_large(at),
            _ => self.not_a_number(at, &say!(en: "a whole number", ja: "整数")),
        }
    }

    fn number(&mut self, at: At<'_>, scalar: &Scalar, (least, most): (f64, f64)) -> Option<Json> {
        let number = match scalar {
            Scalar::Whole(_) | Scalar::Number(_) => scalar.as_f64(),
            Scalar::Huge | Scalar::Infinite => return self.too_large(at),
            _ => return self.not_a_number(at, &say!(en: "a number", ja: "数値")),
        };
        if number < least || number > most {
            let message = say!(
                en: "{} is {number}, but must be {least} to {most}",
                ja: "{} は {number} ですが、{least} から {most} まででなければなりません",
                at.words(),
            );
            self.findings.push(Finding::error("TW0019", self.place(at.node), message));
            return None;
        }
        self.noted(at);
        scalar.to_json()
    }

    /// A number that other programs read differently.
    fn noted(&mut self, at: At<'_>) {
        if let Some((text, style)) = self.plain(at.node)
            && self.ambiguous(at, text, style)
        {
            self.plain_number(at, &resolve(text, style));
        }
    }

    /// The same number as every program reads it.
    fn plain_number(&mut self, at: At<'_>, scalar: &Scalar) {
        if let Some(number) = scalar.to_json().filter(Json::is_number) {
            self.replace(at.node, number.to_string(), Safety::Safe);
        }
    }

    fn too_large(&mut self, at: At<'_>) -> Option<Json> {
        let message = say!(
            en: "{} is not a number that every program reads alike",
            ja: "{} は、どのプログラムでも同じように読める数値ではありません",
            self.raw(at.node),
        );
        let help = say!(
            en: "whole numbers go up to 9007199254740991 (2^53 − 1); an id is text: put it in quotes",
            ja: "整数の上限は 9007199254740991 (2^53 − 1) です。ID であれば文字列なので引用符で囲んでください",
        );
        self.findings.push(Finding::error("TW0010", self.place(at.node), message).help(help));
        None
    }

    fn not_a_number(&mut self, at: At<'_>, expected: &Text) -> Option<Json> {
        let quoted = self.plain(at.node).is_some_and(|(text, style)| {
            style != Style::Plain && resolve(text, Style::Plain) != Scalar::Text
        });
        let plainly = self.plain(at.node).and_then(|it| plainly(it.0));
        let help = if quoted {
            Some(say!(en: "write it without quotes", ja: "引用符を付けずに書いてください"))
        } else {
            plainly.as_ref().map(|it| say!(en: "write {it}", ja: "`{it}` と書いてください"))
        };
        self.wrong(at, expected, help);
        let text = self.plain(at.node).map_or("", |it| it.0);
        if quoted {
            self.replace(at.node, text.to_owned(), Safety::Safe);
        } else if let Some(number) = plainly {
            self.replace(at.node, number, Safety::Unsafe);
        }
        None
    }

    fn bool(&mut self, at: At<'_>, scalar: &Scalar) -> Option<bool> {
        if let Scalar::Bool(it) = scalar {
            return Some(*it);
        }
        let text = self.plain(at.node).map_or("", |it| it.0).to_ascii_lowercase();
        self.wrong(at, &say!(en: "true or false", ja: "真偽値"), bool_meant(&text));
        self.boolean(at.node, &text);
        None
    }

    fn choice<'w>(&mut self, at: At<'_>, text: &str, words: &[&'w str]) -> Option<&'w str> {
        if let Some(found) = words.iter().find(|it| **it == text) {
            return Some(found);
        }
        let meant = words.iter().find(|it| near(text, it));
        let message = say!(
            en: "`{text}` is not one of {}",
            ja: "`{text}` は使えません。使えるのは {} です",
            super::words(words),
        );
        let mut finding = Finding::error("TW0004", self.place(at.node), message);
        finding.help =
            meant.map(|it| say!(en: "did you mean `{it}`?", ja: "もしかして `{it}` ですか？"));
        self.findings.push(finding);
        if let Some(meant) = meant {
            self.respell(at.node, meant, Safety::Unsafe);
        }
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
        let message = say!(
            en: "format {} is not known to this version of taiwa",
            ja: "この版の taiwa は形式 {} を読めません",
            self.raw(at.node),
        );
        let help =
            say!(en: "this version reads `format: 1`", ja: "この版が読めるのは `format: 1` です");
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
            let finding = Finding::error(
                "TW0005",
                self.place(at.node),
                say!(en: "{} is empty", ja: "{}が空です", at.words()),
            );
            self.findings.push(
                finding.help(
                    say!(en: "write what people should read", ja: "人が読む文を書いてください"),
                ),
            );
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
                    &say!(en: "a list of texts or of whole numbers", ja: "文字列か整数のリスト"),
                    Some(say!(en: "put all items in quotes", ja: "すべての項目を引用符で囲んでください")),
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
                self.wrong(
                    at,
                    &say!(
                        en: "text, a number, true or false, or a list",
                        ja: "文字列、数値、真偽値、リストのいずれか",
                    ),
                    None,
                );
            }
            return None;
        };
        self.ambiguous(at, text, style);
        let scalar = resolve(text, style);
        match scalar {
            Scalar::Null => {
                self.wrong(
                    at,
                    &say!(en: "a value", ja: "値"),
                    Some(say!(
                        en: "leave it out where nothing is known",
                        ja: "値がわからないときは、この項目を書かないでください",
                    )),
                );
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
                self.wrong(
                    at,
                    &say!(en: "`standard`, or a list of signals", ja: "`standard` またはシグナルのリスト"),
                    None,
                );
                None
            }
        }
    }

    /// Says it where a plain scalar is read in several ways.
    fn ambiguous(&mut self, at: At<'_>, text: &str, style: Style) -> bool {
        let ambiguity = ambiguity(text, style);
        let found = ambiguity.is_some();
        if let Some(message) = ambiguity {
            let help = say!(
                en: "write it in quotes: \"{}\"",
                ja: "引用符で囲んでください: `\"{}\"`",
                text.trim_start_matches('\u{3000}'),
            );
            self.warn(at, message, help);
            if text.starts_with('\u{3000}') {
                let text = text.trim_start_matches('\u{3000}');
                self.replace(at.node, format!("'{}'", text.replace('\'', "''")), Safety::Unsafe);
            } else {
                self.quote(at.node);
            }
        }
        found
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
            let help = say!(
                en: "put the whole value in single quotes: '{}'",
                ja: "値全体を一重引用符で囲んでください: `'{}'`",
                format!("{raw}{line}").replace('\'', "''"),
            );
            let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            let place = Place {
                file: self.ground.file,
                span: Span::new(at(start), at(start + comment.trim_end().len())),
            };
            let message = say!(
                en: "` #` begins a comment: what follows is not part of the value",
                ja: "空白に続く `#` からはコメントになり、値に含まれません",
            );
            self.findings.push(Finding::error("TW0006", place, message).help(help).warning());
            let end = at(span.end as usize + line.len());
            self.enclose(span.start, end);
        }
    }

    fn warn(&mut self, at: At<'_>, message: Text, help: Text) {
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
pub(super) fn bool_meant(text: &str) -> Option<Text> {
    match text {
        "yes" | "on" | "y" | "true" => Some(say!(en: "write true", ja: "`true` と書いてください")),
        "no" | "off" | "n" | "false" => {
            Some(say!(en: "write false", ja: "`false` と書いてください"))
        }
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
