//! `environments/NAME/marks.yaml`: what is marked for an environment; read, and edited without touching the rest.
//!
//! Deliberately absent: whether a marked content exists and what it needs (`taiwa-git`, `taiwa-validator`).

mod edit;
#[cfg(test)]
mod edit_tests;

use std::collections::BTreeMap;

use taiwa_model::{BlobId, ComponentId, Digest, Kind};
use taiwa_syntax::{Limits, NodeId, NodeKind, Tree};
use taiwa_text::{Remark, Severity, Span};

use crate::lower::near;

pub use edit::{Change, EditError, edit};

/// What is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Component by component, where the environment has no `from`.
    Components(BTreeMap<ComponentId, BlobId>),
    /// A whole release, where it has.
    Release(Digest),
}

impl Default for Marks {
    fn default() -> Self {
        Self::Components(BTreeMap::new())
    }
}

impl Marks {
    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a marks file; never fails. A file of comments marks nothing.
pub fn parse(text: &str) -> (Marks, Vec<Remark>) {
    let read = read(text);
    (read.marks, read.remarks)
}

/// A marks file with its places.
pub(crate) struct Read {
    pub(crate) marks: Marks,
    /// Where each mark stands: by the name of the component, or `release`.
    pub(crate) places: BTreeMap<String, Span>,
    pub(crate) remarks: Vec<Remark>,
    tree: Tree,
}

pub(crate) fn read(text: &str) -> Read {
    let (tree, remarks) = taiwa_syntax::parse(text, &Limits::MARKS);
    let mut read = Read { marks: Marks::default(), places: BTreeMap::new(), remarks, tree };
    let Some(root) = read.tree.root() else { return read };
    let NodeKind::Map { entries, .. } = &read.tree.node(root).kind else {
        read.wrong("TW0004", root, "a marks file holds `components:` or `release:`".into(), None);
        return read;
    };
    let (mut components, mut release) = (None, None);
    for (key, value) in entries.clone() {
        match read.tree.scalar(key) {
            Some("components") => components = Some(value),
            Some("release") => release = Some((key, value)),
            Some(other) => {
                let message = format!("`{other}` is not known here");
                let meant = ["components", "release"].into_iter().find(|it| near(other, it));
                let help = meant.map_or_else(
                    || "known here: `components` and `release`".into(),
                    |it| format!("did you mean `{it}`?"),
                );
                read.wrong("TW0003", key, message, Some(help));
            }
            None => {}
        }
    }
    let marked = components.map(|it| read.components(it)).unwrap_or_default();
    match release {
        Some((key, _)) if !marked.is_empty() => {
            let message = "a marks file holds either `components:` or `release:`".to_owned();
            let help = "an environment with `from` marks a release, another one components";
            read.wrong("TW0805", key, message, Some(help.into()));
            read.marks = Marks::Components(marked);
        }
        Some((_, value)) => read.release(value),
        None => read.marks = Marks::Components(marked),
    }
    read
}

impl Read {
    fn components(&mut self, map: NodeId) -> BTreeMap<ComponentId, BlobId> {
        let mut found = BTreeMap::new();
        let entries = match &self.tree.node(map).kind {
            NodeKind::Map { entries, .. } => entries.clone(),
            NodeKind::Scalar { text, .. } if text.is_empty() || text == "~" => Vec::new(),
            NodeKind::Hole => Vec::new(),
            _ => {
                let help = "write entries below it: offer/espresso-starter: 9b1d0c77…";
                self.wrong(
                    "TW0004",
                    map,
                    "`components` holds entries by name".into(),
                    Some(help.into()),
                );
                Vec::new()
            }
        };
        for (key, value) in entries {
            let Some(name) = self.tree.scalar(key).map(str::to_owned) else { continue };
            let id = ComponentId::parse(&name);
            if id.is_none() {
                self.wrong(
                    "TW0017",
                    key,
                    format!("`{name}` is no component"),
                    Some(kind_help(&name)),
                );
            }
            let blob = self.tree.scalar(value).map(|it| (BlobId::parse(it), it.to_owned()));
            match (id, blob) {
                (Some(id), Some((Some(blob), _))) => {
                    self.places.insert(id.to_string(), self.tree.node(key).span);
                    found.insert(id, blob);
                }
                (_, Some((None, text))) => {
                    let message = format!("`{text}` is not the id of a git blob");
                    let help = "40 or 64 hex digits, in full; `taiwa mark` writes them";
                    self.wrong("TW0017", value, message, Some(help.into()));
                }
                (_, None) => {
                    self.wrong("TW0004", value, "the id of a git blob is expected".into(), None);
                }
                (None, Some(_)) => {}
            }
        }
        found
    }

    fn release(&mut self, value: NodeId) {
        let text = self.tree.scalar(value).unwrap_or_default().to_owned();
        match Digest::parse(&text) {
            Ok(digest) => {
                self.places.insert("release".into(), self.tree.node(value).span);
                self.marks = Marks::Release(digest);
            }
            Err(error) => self.wrong(
                "TW0017",
                value,
                error.to_string(),
                Some("sha256: and 64 hex digits".into()),
            ),
        }
    }

    fn wrong(&mut self, code: &'static str, node: NodeId, message: String, help: Option<String>) {
        let span = self.tree.node(node).span;
        self.remarks.push(Remark {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            help: help.map(Into::into),
            fix: None,
        });
    }
}

fn kind_help(name: &str) -> String {
    let kind = name.split('/').next().unwrap_or_default();
    let meant = Kind::ALL.iter().find(|it| near(kind, it.as_str()));
    match meant {
        Some(meant) if name.contains('/') => {
            format!("did you mean {meant}/{}?", name.split_once('/').map_or("", |it| it.1))
        }
        _ => "write kind/name, such as offer/espresso-starter".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::Source;

    const BLOB: &str = "4f2a9c1e4f2a9c1e4f2a9c1e4f2a9c1e4f2a9c1e";

    #[track_caller]
    fn check(text: &str, count: usize, expect: &[&str]) {
        let text = text.replace("BLOB", BLOB);
        let (marks, remarks) = parse(&text);
        let source = Source { path: String::new(), text };
        let said: Vec<String> = remarks
            .iter()
            .map(|it| {
                let at = source.position(it.span.start);
                format!("{}:{} {} {}", at.line, at.column, it.code, &*it.message)
            })
            .collect();
        assert_eq!(said, expect);
        assert!(matches!(marks, Marks::Components(it) if it.len() == count));
    }

    #[test]
    fn marks_of_components() {
        check("# nothing\n", 0, &[]);
        check("components: {}\n", 0, &[]);
        check("components:\n", 0, &[]);
        check("components:\n  offer/a: BLOB # why\n  channel/web-store:   'BLOB'\n", 2, &[]);
        check("components:\n  ofer/a: BLOB\n", 0, &["2:3 TW0017 `ofer/a` is no component"]);
        check(
            "components:\n  offer/a: 4f2a\n",
            0,
            &["2:12 TW0017 `4f2a` is not the id of a git blob"],
        );
        check("component:\n  offer/a: BLOB\n", 0, &["1:1 TW0003 `component` is not known here"]);
        check("components: [offer/a]\n", 0, &["1:13 TW0004 `components` holds entries by name"]);
        check("- a\n", 0, &["1:1 TW0004 a marks file holds `components:` or `release:`"]);
        check(
            "components:\n  offer/a: BLOB\n  offer/a: BLOB\n",
            1,
            &["3:3 TW0002 `offer/a` is written twice; the first is on line 2"],
        );
        check(
            "components:\n  offer/a: BLOB\nrelease: x\n",
            1,
            &["3:1 TW0805 a marks file holds either `components:` or `release:`"],
        );
    }

    #[test]
    fn marks_of_a_release() {
        let digest = Digest::of(b"x");
        assert_eq!(parse(&format!("release: {digest}\n")), (Marks::Release(digest), Vec::new()));
        let (marks, remarks) = parse("release: sha256:12\n");
        assert!(marks.is_empty() && remarks[0].code == "TW0017");
    }
}
