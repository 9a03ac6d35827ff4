//! A tree and a shape to normalised JSON, with every finding and the place of every part.
//!
//! **Invariants.** Never fails, never panics; a mistake costs the smallest part around it: an item, an entry, an optional
//! field. Paths of [`Places`] are paths of the model, not of the file. What cannot be read is said once.
//! Deliberately absent: words about what is declared in other files.

mod entries;
mod made;
mod mend;
mod names;
mod text;

use std::{collections::BTreeMap, mem};

use serde_json::Value as Json;
use taiwa_model::Scope;
use taiwa_syntax::{NodeId, NodeKind, Style, Tree};
use taiwa_text::{FileId, Finding, Place, Safety, Span, Text, say};

use crate::shape::{Form, Record};

pub(crate) use entries::near;
pub(crate) use names::{RESERVED, misspelled};

/// Key and value of each part of a lowered file, by its path in the model.
pub type Places = BTreeMap<String, (Option<NodeId>, NodeId)>;

/// A file that is to be lowered.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Which file.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// What it says.
    pub tree: &'a Tree,
    /// The folder that owns it.
    pub scope: &'a Scope,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The component as the model writes it; none where something that it needs is missing or wrong.
    pub json: Option<Json>,
    /// Where each part stands.
    pub places: Places,
    /// Everything that is wrong with the file by itself.
    pub findings: Vec<Finding>,
}

/// Walks the tree along a shape.
pub fn lower(ground: Ground<'_>, shape: &Record) -> Lowered {
    let mut walker =
        Walker { ground, places: Places::new(), findings: Vec::new(), path: Vec::new() };
    let json = if let Some(root) = ground.tree.root() {
        walker.places.insert(String::new(), (None, root));
        walker.record(shape, At { key: None, node: root, name: "" })
    } else {
        let required: Vec<&str> =
            shape.fields.iter().filter(|it| it.required).map(|it| it.name).collect();
        let place = Place { file: ground.file, span: Span::default() };
        let help = say!(en: "it needs {}", ja: "必要な項目は {} です", words(&required));
        walker.findings.push(
            Finding::error(
                "TW0005",
                place,
                say!(en: "this file is empty", ja: "このファイルは空です"),
            )
            .help(help),
        );
        None
    };
    let mut findings = walker.findings;
    for it in &mut findings {
        it.message = mem::take(&mut it.message).map(|it| shortened(it, MESSAGE_CHARS));
        it.help = it.help.take().map(|it| it.map(|it| shortened(it, HELP_CHARS)));
    }
    Lowered { json, places: walker.places, findings }
}

/// Most characters of a message; a value that is quoted in it may be 64 KiB long.
const MESSAGE_CHARS: usize = 300;
/// Most characters of a help.
const HELP_CHARS: usize = 600;

fn shortened(mut text: String, most: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// A value with its key, and what it is called in messages.
#[derive(Clone, Copy)]
struct At<'n> {
    key: Option<NodeId>,
    node: NodeId,
    name: &'n str,
}

impl At<'_> {
    /// `tags`, an item of `tags`, or this file.
    fn words(self) -> Text {
        match self.key {
            Some(_) => Text::same(format!("`{}`", self.name)),
            None if self.name.is_empty() => say!(en: "this file", ja: "このファイル"),
            None => say!(en: "an item of `{}`", ja: "`{}` の項目", self.name),
        }
    }
}

struct Walker<'a> {
    ground: Ground<'a>,
    places: Places,
    findings: Vec<Finding>,
    path: Vec<String>,
}

impl<'a> Walker<'a> {
    fn walk(&mut self, form: &Form, at: At<'_>) -> Option<Json> {
        if self.is_hole(at.node) {
            return None; // refused already
        }
        if self.is_empty(at.node) && !matches!(form, Form::List(_) | Form::Many(_) | Form::Map(..))
        {
            let message = say!(en: "{} has no value", ja: "{}に値がありません", at.words());
            let place = self.place(at.key.unwrap_or(at.node));
            let help = say!(
                en: "write {}, or delete the line",
                ja: "{}を書くか、この行を消してください",
                form.words(),
            );
            self.findings.push(Finding::error("TW0004", place, message).help(help));
            return None;
        }
        match form {
            Form::Record(record) => self.record(record, at),
            Form::Map(spelling, value) => self.map(*spelling, value, at),
            Form::NamedList(spelling, record) => self.named_list(*spelling, record, at),
            Form::List(item) => self.list(item, at),
            Form::Many(item) => self.many(item, at),
            Form::OneOrMany(item) => self.one_or_many(item, at),
            Form::Variants(variants) => self.variants(variants, at),
            Form::Short(short, field, long) => self.short(short, field, long, at),
            Form::Default(field, value, long) => self.or_default(field, value, long, at),
            Form::Title => self.title(at),
            Form::Value => self.value(at),
            Form::Interactions => self.interactions(at),
            _ => self.scalar(form, at),
        }
    }

    fn list(&mut self, item: &Form, at: At<'_>) -> Option<Json> {
        if self.is_empty(at.node) {
            return self.nothing(at, "[]");
        }
        let NodeKind::List { items, .. } = &self.ground.tree.node(at.node).kind else {
            let single = !matches!(item, Form::Record(_) | Form::Variants(_))
                && self.ground.tree.scalar(at.node).is_some();
            let help = if single {
                say!(en: "write [{}]", ja: "`[{}]` と書いてください", self.raw(at.node))
            } else {
                say!(en: "begin each with `- `", ja: "それぞれの項目を `- ` で始めてください")
            };
            self.wrong(at, &say!(en: "a list", ja: "リスト"), Some(help));
            if single && !self.raw(at.node).contains([',', '[', ']', '{', '}']) {
                self.replace(at.node, format!("[{}]", self.raw(at.node)), Safety::Safe);
            }
            return None;
        };
        let mut values = Vec::new();
        for node in items {
            let inner = At { key: None, node: *node, name: at.name };
            values.extend(self.within(&values.len().to_string(), inner, |it| it.walk(item, inner)));
        }
        Some(values.into())
    }

    fn many(&mut self, item: &Form, at: At<'_>) -> Option<Json> {
        let list = self.list(item, at)?;
        if list.as_array().is_some_and(Vec::is_empty) && self.raw(at.node).starts_with('[') {
            let said = self.findings.iter().any(|it| self.holds(at.node, it.place.span));
            if !said {
                let message = say!(en: "{} is empty", ja: "{}が空です", at.words());
                let finding = Finding::error("TW0005", self.place(at.node), message);
                self.findings.push(finding.help(say!(
                    en: "write at least one item",
                    ja: "少なくとも 1 つの項目を書いてください",
                )));
            }
            return None;
        }
        Some(list)
    }

    /// Whether a span lies within a node.
    fn holds(&self, node: NodeId, span: Span) -> bool {
        let outer = self.ground.tree.node(node).span;
        outer.start <= span.start && span.end <= outer.end
    }

    fn one_or_many(&mut self, item: &Form, at: At<'_>) -> Option<Json> {
        if matches!(self.ground.tree.node(at.node).kind, NodeKind::List { .. }) {
            return self.list(item, at);
        }
        let value = self.within("0", at, |it| it.walk(item, at))?;
        Some(vec![value].into())
    }

    fn short(&mut self, short: &Form, field: &str, long: &Record, at: At<'_>) -> Option<Json> {
        if self.ground.tree.scalar(at.node).is_none() {
            return self.record(long, at);
        }
        let value = self.within(field, at, |it| it.walk(short, at))?;
        Some(serde_json::json!({ field: value }))
    }

    fn or_default(&mut self, field: &str, value: &str, long: &Record, at: At<'_>) -> Option<Json> {
        match self.ground.tree.scalar(at.node) {
            None => self.record(long, at),
            Some("true") => {
                self.places.insert(self.joined(field), (at.key, at.node));
                Some(serde_json::json!({ field: value }))
            }
            Some("false") => None,
            Some(other) => {
                let help = text::bool_meant(&other.to_ascii_lowercase());
                self.wrong(
                    at,
                    &say!(en: "`true`, or {{ {field}: … }}", ja: "`true` または `{{ {field}: … }}` "),
                    help,
                );
                self.boolean(at.node, other);
                None
            }
        }
    }

    /// An empty list or map that is written as nothing.
    fn nothing(&mut self, at: At<'_>, instead: &str) -> Option<Json> {
        let message = say!(en: "{} has no value", ja: "{}に値がありません", at.words());
        let place = self.place(at.key.unwrap_or(at.node));
        let help = say!(
            en: "write {instead} where nothing is meant, or delete the line",
            ja: "何もないのであれば `{instead}` と書くか、この行を消してください",
        );
        self.findings.push(Finding::error("TW0004", place, message).help(help));
        None
    }

    /// Does something one level deeper in the model, and remembers where that stands.
    fn within<T>(&mut self, step: &str, at: At<'_>, act: impl FnOnce(&mut Self) -> T) -> T {
        let steps = step.split('/').map(str::to_owned);
        let before = self.path.len();
        self.path.extend(steps);
        self.places.insert(self.path.join("/"), (at.key, at.node));
        let done = act(self);
        self.path.truncate(before);
        done
    }

    fn joined(&self, step: &str) -> String {
        let mut path = self.path.join("/");
        if !path.is_empty() {
            path.push('/');
        }
        path + step
    }

    fn wrong(&mut self, at: At<'_>, expected: &Text, help: Option<Text>) {
        let message = say!(
            en: "{} must be {}, not {}",
            ja: "{}には{}が必要です。今は{}です",
            at.words(),
            expected,
            self.found(at.node),
        );
        let mut finding = Finding::error("TW0004", self.place(at.node), message);
        finding.help = help;
        self.findings.push(finding);
    }

    /// What stands there, in words.
    fn found(&self, node: NodeId) -> Text {
        match &self.ground.tree.node(node).kind {
            NodeKind::List { .. } => say!(en: "a list", ja: "リスト"),
            NodeKind::Map { .. } => say!(en: "entries (`key: …`)", ja: "項目 (`key: …`)"),
            NodeKind::Hole => say!(en: "this", ja: "これ"),
            NodeKind::Scalar { text, style } => match crate::scalar::resolve(text, *style) {
                crate::scalar::Scalar::Null => say!(en: "nothing", ja: "空"),
                crate::scalar::Scalar::Bool(_) => say!(en: "true or false", ja: "真偽値"),
                crate::scalar::Scalar::Text => say!(en: "text", ja: "文字列"),
                _ => say!(en: "a number", ja: "数値"),
            },
        }
    }

    fn place(&self, node: NodeId) -> Place {
        Place { file: self.ground.file, span: self.ground.tree.node(node).span }
    }

    /// The text of a node as it stands in the file.
    fn raw(&self, node: NodeId) -> &'a str {
        let span = self.ground.tree.node(node).span;
        self.ground.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn plain(&self, node: NodeId) -> Option<(&'a str, Style)> {
        match &self.ground.tree.node(node).kind {
            NodeKind::Scalar { text, style } => Some((text, *style)),
            _ => None,
        }
    }

    fn is_hole(&self, node: NodeId) -> bool {
        self.ground.tree.node(node).kind == NodeKind::Hole
    }

    fn is_empty(&self, node: NodeId) -> bool {
        self.plain(node).is_some_and(|(text, style)| {
            style == Style::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL")
        })
    }
}

/// `a`, `b` and `c`.
fn words(names: &[&str]) -> Text {
    if names.is_empty() {
        return say!(en: "nothing", ja: "ありません");
    }
    let quoted: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    Text::all_of(&quoted)
}
