//! A difference in the words of the domain.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value as Json;
use taiwa_model::{ComponentId, Kind};

use super::{
    Change, Diff, FieldChange, ORDER, Piece, SCOPE, What,
    compare::{join, parts, split},
    keyed,
    text::pieces,
    value::{clean, show},
};

/// A difference in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Counts by kind: `3 offers changed`.
    pub summary: Vec<String>,
    /// By kind, in the order of [`Kind::ALL`].
    pub groups: Vec<Group>,
}

/// The changed components of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The kind.
    pub kind: Kind,
    /// Its components by name.
    pub changes: Vec<RenderedChange>,
}

/// One changed component in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedChange {
    /// Which.
    pub component: ComponentId,
    /// `added`, `removed` or `changed`.
    pub verb: &'static str,
    /// Its title where the difference knows it, else empty.
    pub title: String,
    /// What it holds now, or what changed; empty for a removed one.
    pub lines: Vec<Line>,
}

/// One fact about an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The path, as in [`FieldChange`].
    pub path: String,
    /// The attribute in words: `rule home-hero, gold, espresso-starter: score`.
    pub label: String,
    /// What became of it.
    pub body: Body,
}

/// What became of an attribute. Values are shown without characters that could deceive a reader or a terminal, texts of
/// [`Body::Text`] raw: whoever shows them escapes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// It is new.
    Added(String),
    /// It is gone.
    Removed(String),
    /// It was the one and is the other.
    Replaced {
        /// What it was.
        old: String,
        /// What it is.
        new: String,
    },
    /// A text, changed in places.
    Text(Vec<Piece>),
    /// The elements of a list stand in another order.
    Reordered,
}

/// In words.
pub(super) fn render(diff: &Diff) -> Rendered {
    let mut groups: Vec<Group> = Vec::new();
    for change in &diff.changes {
        let kind = change.component.kind;
        match groups.last_mut() {
            Some(group) if group.kind == kind => group.changes.push(one(change)),
            _ => groups.push(Group { kind, changes: vec![one(change)] }),
        }
    }
    Rendered { summary: summary(diff), groups }
}

/// Counts by kind.
pub(super) fn summary(diff: &Diff) -> Vec<String> {
    let mut counts: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
    for change in &diff.changes {
        *counts.entry((change.component.kind, verb(&change.what))).or_default() += 1;
    }
    let said = |((kind, verb), count): ((Kind, &str), usize)| match (count, kind) {
        (1, _) => format!("1 {kind} {verb}"),
        (_, Kind::Policy) => format!("{count} policies {verb}"),
        (_, Kind::Strategy) => format!("{count} strategies {verb}"),
        _ => format!("{count} {kind}s {verb}"),
    };
    counts.into_iter().map(said).collect()
}

const fn verb(what: &What) -> &'static str {
    match what {
        What::Added(_) => "added",
        What::Removed(_) => "removed",
        What::Changed(_) => "changed",
    }
}

fn one(change: &Change) -> RenderedChange {
    let kind = change.component.kind;
    let (title, lines) = match &change.what {
        What::Added(document) => (title(document), contents(kind, document)),
        What::Removed(document) => (title(document), Vec::new()),
        What::Changed(fields) => {
            (String::new(), fields.iter().filter_map(|it| line(kind, it)).collect())
        }
    };
    RenderedChange {
        component: change.component.clone(),
        verb: verb(&change.what),
        title: clean(&title),
        lines,
    }
}

/// The title of a component: without locale, else in English, else in any.
fn title(document: &Json) -> String {
    let texts = document.get("content").and_then(|it| it.get("title")).and_then(Json::as_object);
    let found = texts.and_then(|it| it.get("und").or_else(|| it.get("en")).or(it.values().next()));
    found.and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// Everything a new component holds, a line an attribute.
fn contents(kind: Kind, document: &Json) -> Vec<Line> {
    let (_, content) = parts(document.clone());
    let unfolded = keyed::unfold(kind, content);
    let mut lines = Vec::new();
    for (field, value) in &unfolded.content {
        let added = |path: String, value: &Json| {
            let label = label(kind, &path);
            Line { path, label, body: Body::Added(show(value)) }
        };
        match value {
            Json::Object(entries) if Some(field.as_str()) == keyed::field_of(kind) => {
                let items = unfolded.order.iter().filter_map(|key| Some((key, entries.get(key)?)));
                lines.extend(items.map(|(key, item)| added(join(field, key), item)));
            }
            Json::Object(entries) if field != "title" => {
                lines.extend(entries.iter().map(|(key, item)| added(join(field, key), item)));
            }
            _ if field == "title" => {}
            _ => lines.push(added(field.clone(), value)),
        }
    }
    lines
}

/// One change in words; none for an order that only makes room for what was added.
fn line(kind: Kind, change: &FieldChange) -> Option<Line> {
    let body = match (&change.old, &change.new) {
        (Some(Json::Array(old)), Some(Json::Array(new))) if is_order(kind, &change.path) => {
            let stayed: Vec<&Json> = old.iter().filter(|it| new.contains(it)).collect();
            let stays: Vec<&Json> = new.iter().filter(|it| old.contains(it)).collect();
            if stayed == stays {
                return None;
            }
            Body::Reordered
        }
        (Some(old), Some(new)) => match (text_of(old), text_of(new)) {
            (Some(a), Some(b)) => pieces(a, b).map_or_else(|| replaced(old, new), Body::Text),
            _ => replaced(old, new),
        },
        (None, Some(new)) => Body::Added(show(new)),
        (Some(old), None) => Body::Removed(show(old)),
        (None, None) => return None,
    };
    Some(Line { path: change.path.clone(), label: label(kind, &change.path), body })
}

fn replaced(old: &Json, new: &Json) -> Body {
    Body::Replaced { old: show(old), new: show(new) }
}

/// The text of a text, or of a condition in a score.
fn text_of(json: &Json) -> Option<&str> {
    json.as_str().or_else(|| json.get("cel").and_then(Json::as_str))
}

fn is_order(kind: Kind, path: &str) -> bool {
    keyed::field_of(kind).is_some_and(|it| path == join(it, ORDER))
}

/// An attribute in words.
fn label(kind: Kind, path: &str) -> String {
    if path == SCOPE {
        return "folder".to_owned();
    }
    let steps = split(path);
    let mut words: Vec<String> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let word = match step.as_str() {
            "und" if at > 0 => continue,
            ORDER => "order".to_owned(),
            _ if at == 1 && Some(steps[0].as_str()) == keyed::field_of(kind) => {
                let end = if steps.len() > 2 { ":" } else { "" };
                format!("{}{end}", key_in_words(step))
            }
            other if at + 1 < steps.len() && steps[at + 1] != ORDER => singular(other),
            other => clean(other),
        };
        words.push(word);
    }
    words.join(" ")
}

fn key_in_words(key: &str) -> String {
    let parts: Vec<String> = key
        .split(',')
        .map(|it| clean(&it.replace("~2", ",").replace("~3", "#").replace("~0", "~")))
        .collect();
    parts.join(", ")
}

/// The name of a field that holds many, for one of them.
fn singular(field: &str) -> String {
    let word = match field {
        "rules" => "rule",
        "levels" => "level",
        "treatments" => "treatment",
        "zones" => "zone",
        "interaction_points" => "interaction point",
        "categories" => "category",
        "events" => "event",
        "properties" => "property",
        "attributes" => "attribute",
        "nodes" => "node",
        "links" => "link",
        "interactions" => "interaction",
        other => return clean(other),
    };
    word.to_owned()
}

impl Rendered {
    /// A line a fact, see [`Diff::lines`].
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for change in self.groups.iter().flat_map(|it| &it.changes) {
            let head = format!("{} {}", change.verb, change.component);
            if !change.title.is_empty() {
                lines.push(format!("{head}: “{}”", change.title));
            } else if change.lines.is_empty() {
                lines.push(head.clone());
            }
            for line in &change.lines {
                line.write(&head, &mut lines);
            }
        }
        lines
    }
}

impl Line {
    /// What became of the attribute, on one line; a text of several lines as `[-old-]{+new+}` with its breaks shown.
    pub fn words(&self) -> String {
        let label = &self.label;
        match &self.body {
            Body::Added(new) => format!("{label} {new} (new)"),
            Body::Removed(old) => format!("{label} {old} (gone)"),
            Body::Replaced { old, new } => format!("{label} {old} → {new}"),
            Body::Reordered => label.clone(),
            Body::Text(pieces) => {
                let mut text = format!("{label} ");
                for piece in pieces {
                    let written = match piece {
                        Piece::Same(it) => write!(text, "{}", clean(it)),
                        Piece::Removed(it) => write!(text, "[-{}-]", clean(it)),
                        Piece::Added(it) => write!(text, "{{+{}+}}", clean(it)),
                    };
                    debug_assert!(written.is_ok(), "writing to a string does not fail");
                }
                text
            }
        }
    }

    fn write(&self, head: &str, lines: &mut Vec<String>) {
        match &self.body {
            Body::Text(pieces) if pieces.iter().any(|it| it.text().contains('\n')) => {
                lines.push(format!("{head}: {}", self.label));
                for piece in pieces {
                    let sign = match piece {
                        Piece::Same(_) => ' ',
                        Piece::Removed(_) => '-',
                        Piece::Added(_) => '+',
                    };
                    lines.extend(piece.text().lines().map(|it| format!("  {sign} {}", clean(it))));
                }
            }
            _ => lines.push(format!("{head}: {}", self.words())),
        }
    }
}
