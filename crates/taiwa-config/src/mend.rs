//! Ways to change one thing of a component's file: a name, a value, an entry.
//!
//! Paths are those of the model, as everywhere. Each gives the change as a fix, or nothing where it cannot be written
//! exactly.

use taiwa_model::ComponentId;
use taiwa_syntax::{NodeKind, Style, source_fix};
use taiwa_text::{Fix, LocalFix, Place, Span, say};

use crate::{Document, Project};

impl Project {
    /// Another name in the place of `old`, which ends the text at a path or is its key; a guess.
    pub fn rename(&self, id: &ComponentId, path: &str, (old, new): (&str, &str)) -> Option<Fix> {
        let document = self.documents.get(id)?;
        let (key, value) = document.find(path);
        let tree = &document.tree;
        let ends = |node| {
            let start = tree.scalar(node)?.strip_suffix(old)?;
            (start.is_empty() || start.ends_with('/')).then_some((node, start.len()))
        };
        let (node, start) = value.and_then(ends).or_else(|| key.and_then(ends))?;
        let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let fix = LocalFix::guess(Span::new(at(start), at(start + old.len())), new);
        let text = &self.sources.get(document.file).text;
        let fix = source_fix(text, tree, node, fix)?;
        Some(fix.at(|span| document.at(span)))
    }

    /// Another value in the place of a scalar on one line, as it is written in a file; one that the reader takes it for.
    pub fn revalue(&self, id: &ComponentId, path: &str, new: &str) -> Option<Fix> {
        let document = self.documents.get(id)?;
        let node = document.tree.node(document.find(path).1?);
        match &node.kind {
            NodeKind::Scalar { style: Style::Literal | Style::Folded, .. } => None,
            NodeKind::Scalar { .. } => Some(Fix::write(document.at(node.span), new)),
            _ => None,
        }
    }

    /// An entry more at the end of a map; a guess.
    pub fn add_entry(&self, id: &ComponentId, path: &str, entry: &str) -> Option<Fix> {
        let document = self.documents.get(id)?;
        let text = &self.sources.get(document.file).text;
        let said = say!(en: "add `{entry}`", ja: "`{entry}` を加える");
        let node = document.find(path).1?;
        let NodeKind::Map { entries, flow } = &document.tree.node(node).kind else { return None };
        let (first, last) = (entries.first()?, entries.last()?);
        let first = document.tree.node(first.0).span.start as usize;
        let spans = [last.0, last.1].map(|it| document.tree.node(it).span.end);
        let end = spans[0].max(spans[1]);
        if *flow {
            let at = document.at(Span::new(end, end));
            return Some(Fix::likely(said, at, format!(", {entry}")));
        }
        let start = text.get(..first)?.rfind('\n').map_or(0, |it| it + 1);
        let indent = text.get(start..first)?.chars().count();
        let rest = text.get(end as usize..)?;
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let end = end + u32::try_from(line.len()).ok()?;
        let at = document.at(Span::new(end, end));
        Some(Fix::likely(said, at, format!("\n{}{entry}", " ".repeat(indent))))
    }

    /// An item less in a list of which each stands on lines of its own, with its lines; a guess.
    pub fn drop_item(&self, id: &ComponentId, path: &str) -> Option<Fix> {
        let document = self.documents.get(id)?;
        let text = &self.sources.get(document.file).text;
        let span = document.tree.node(document.find(path).1?).span;
        let before = text.get(..span.start as usize)?;
        let start = before.rfind('\n').map_or(0, |it| it + 1);
        if before.get(start..)?.trim() != "-" {
            return None;
        }
        let rest = text.get(span.end as usize..)?;
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        if line.contains('#') {
            return None; // a comment would go with it
        }
        let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let lines = Span::new(at(start), at(span.end as usize + line.len()));
        let said = say!(en: "take it out", ja: "削除する");
        Some(Fix::likely(said, document.at(lines), ""))
    }
}

impl Document {
    const fn at(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }
}
