//! `environments/NAME/marks.yaml`: what is marked for an environment; read, and edited without touching the rest.
//!
//! Deliberately absent: whether a marked content exists and what it needs (`taiwa-git`, `taiwa-validator`).

mod edit;
#[cfg(test)]
mod edit_tests;

use std::collections::BTreeMap;

use taiwa_model::{BlobId, ComponentId, Digest, Kind};
use taiwa_syntax::{Limits, NodeId, NodeKind, Tree};
use taiwa_text::{Remark, Severity, Span, Text, say};

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
        read.wrong(
            "TW0004",
            root,
            say!(
                en: "a marks file holds `components:` or `release:`",
                ja: "マークのファイルには `components:` か `release:` を書きます",
            ),
            None,
        );
        return read;
    };
    let (mut components, mut release) = (None, None);
    for (key, value) in entries.clone() {
        match read.tree.scalar(key) {
            Some("components") => components = Some(value),
            Some("release") => release = Some((key, value)),
            Some(other) => {
                let message = say!(
                    en: "`{other}` is not known here",
                    ja: "`{other}` はここでは使えない項目です",
                );
                let meant = ["components", "release"].into_iter().find(|it| near(other, it));
                let help = meant.map_or_else(
                    || {
                        say!(
                            en: "known here: `components` and `release`",
                            ja: "使えるのは `components` と `release` です",
                        )
                    },
                    |it| say!(en: "did you mean `{it}`?", ja: "もしかして `{it}` ですか？"),
                );
                read.wrong("TW0003", key, message, Some(help));
            }
            None => {}
        }
    }
    let marked = components.map(|it| read.components(it)).unwrap_or_default();
    match release {
        Some((key, _)) if !marked.is_empty() => {
            let message = say!(
                en: "a marks file holds either `components:` or `release:`",
                ja: "マークのファイルに書けるのは `components:` か `release:` のどちらか一方です",
            );
            let help = say!(
                en: "an environment with `from` marks a release, another one components",
                ja: "`from` のある環境はリリースに、ほかの環境はコンポーネントにマークを付けます",
            );
            read.wrong("TW0805", key, message, Some(help));
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
                let help = say!(
                    en: "write entries below it: offer/espresso-starter: 9b1d0c77…",
                    ja: "下に項目を書いてください: `offer/espresso-starter: 9b1d0c77…`",
                );
                self.wrong(
                    "TW0004",
                    map,
                    say!(
                        en: "`components` holds entries by name",
                        ja: "`components` には名前ごとの項目を書きます",
                    ),
                    Some(help),
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
                    say!(en: "`{name}` is no component", ja: "`{name}` というコンポーネントの種類はありません"),
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
                    let message = say!(
                        en: "`{text}` is not the id of a git blob",
                        ja: "`{text}` は git の blob の ID ではありません",
                    );
                    let help = say!(
                        en: "40 or 64 hex digits, in full; `taiwa mark` writes them",
                        ja: "40 桁または 64 桁の 16 進数を省略せずに書きます。`taiwa mark` が書き込みます",
                    );
                    self.wrong("TW0017", value, message, Some(help));
                }
                (_, None) => {
                    self.wrong(
                        "TW0004",
                        value,
                        say!(
                            en: "the id of a git blob is expected",
                            ja: "ここには git の blob の ID が必要です",
                        ),
                        None,
                    );
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
            Err(_) => self.wrong(
                "TW0017",
                value,
                say!(
                    en: "a digest is written sha256: and 64 hex digits in lower case",
                    ja: "ダイジェストは `sha256:` に続けて小文字の 16 進数 64 桁で書きます",
                ),
                Some(say!(en: "sha256: and 64 hex digits", ja: "`sha256:` に続けて 64 桁の 16 進数を書きます")),
            ),
        }
    }

    fn wrong(&mut self, code: &'static str, node: NodeId, message: Text, help: Option<Text>) {
        let span = self.tree.node(node).span;
        self.remarks.push(Remark {
            code,
            severity: Severity::Error,
            span,
            message,
            help,
            fix: None,
        });
    }
}

fn kind_help(name: &str) -> Text {
    let kind = name.split('/').next().unwrap_or_default();
    let meant = Kind::ALL.iter().find(|it| near(kind, it.as_str()));
    match meant {
        Some(meant) if name.contains('/') => {
            say!(
                en: "did you mean {meant}/{}?",
                ja: "もしかして `{meant}/{}` ですか？",
                name.split_once('/').map_or("", |it| it.1),
            )
        }
        _ => {
            say!(
                en: "write kind/name, such as offer/espresso-starter",
                ja: "`offer/espresso-starter` のように「種類/名前」の形で書いてください",
            )
        }
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
