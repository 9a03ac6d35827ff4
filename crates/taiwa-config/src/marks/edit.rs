//! One change after another in a marks file, every comment and every other byte kept.
//!
//! The file is read with places; each change becomes the replacement of a few bytes. What came out is read again: it must
//! say exactly what was asked for, else nothing is returned. Deliberately absent: forms that people do not write here; where
//! the entries stand in `{ }`, none can be added or taken away.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{BlobId, ComponentId, Digest};
use taiwa_syntax::{NodeId, NodeKind};
use taiwa_text::Severity;

use super::{Marks, Read, parse, read};

/// One change of a marks file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Mark this content of a component.
    Mark(ComponentId, BlobId),
    /// Take the mark of a component away.
    Unmark(ComponentId),
    /// Mark a release.
    Release(Digest),
}

/// Why a marks file could not be edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is not in order to begin with.
    #[error("the marks file has a mistake: {0}")]
    Broken(String),
    /// Components and a release in one file.
    #[error("a marks file holds either `components:` or `release:`")]
    Mixed,
    /// The edit would have changed something else.
    #[error("the marks file is written in a form that cannot be edited safely: {0}")]
    Unsafe(String),
}

/// Bytes that are replaced.
struct Splice {
    from: usize,
    to: usize,
    text: String,
}

/// The same file with the changes, every comment and every other byte kept. Of two changes of one component the later
/// counts; new entries stand in alphabetical order.
///
/// # Errors
/// When the file has mistakes, or is written in a form in which the change would touch anything else.
pub fn edit(text: &str, changes: &[Change]) -> Result<String, EditError> {
    let read = read(text);
    if let Some(error) = read.remarks.iter().find(|it| it.severity == Severity::Error) {
        return Err(EditError::Broken(error.message.to_string()));
    }
    let mut wanted: BTreeMap<&ComponentId, Option<&BlobId>> = BTreeMap::new();
    let mut release = None;
    for change in changes {
        match change {
            Change::Mark(id, blob) => drop(wanted.insert(id, Some(blob))),
            Change::Unmark(id) => drop(wanted.insert(id, None)),
            Change::Release(digest) => release = Some(digest),
        }
    }
    let (splices, expected) = match (release, &read.marks) {
        (Some(_), marks) if !wanted.is_empty() || holds_components(marks) => {
            return Err(EditError::Mixed);
        }
        (Some(digest), _) => (release_splices(text, &read, digest), Marks::Release(*digest)),
        (None, Marks::Release(_)) if !wanted.is_empty() => return Err(EditError::Mixed),
        (None, Marks::Release(_)) => return Ok(text.to_owned()),
        (None, Marks::Components(marked)) => {
            let mut marked = marked.clone();
            for (id, blob) in &wanted {
                match blob {
                    Some(blob) => drop(marked.insert((*id).clone(), (*blob).clone())),
                    None => drop(marked.remove(*id)),
                }
            }
            (Editor { text, read: &read }.components(&wanted)?, Marks::Components(marked))
        }
    };
    let edited = spliced(text, splices);
    match parse(&edited) {
        (marks, remarks) if marks == expected && remarks == read.remarks => Ok(edited),
        (_, remarks) => {
            let why =
                remarks.first().map_or("it would say something else", |it| it.message.as_str());
            Err(EditError::Unsafe(why.to_owned()))
        }
    }
}

fn holds_components(marks: &Marks) -> bool {
    matches!(marks, Marks::Components(marked) if !marked.is_empty())
}

fn release_splices(text: &str, read: &Read, digest: &Digest) -> Vec<Splice> {
    if let Some(span) = read.places.get("release") {
        return vec![Splice {
            from: span.start as usize,
            to: span.end as usize,
            text: digest.to_string(),
        }];
    }
    vec![at_end(text, &format!("release: {digest}"))]
}

/// A line at the end of the text.
fn at_end(text: &str, line: &str) -> Splice {
    let end = line_end(text);
    let before = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    Splice { from: text.len(), to: text.len(), text: format!("{before}{line}{end}") }
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Applies replacements, which do not overlap; those at one place in their order.
fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|it| (it.from, it.to)); // stable
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for it in splices {
        out.push_str(text.get(at..it.from).unwrap_or_default());
        out.push_str(&it.text);
        at = it.to;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

struct Editor<'a> {
    text: &'a str,
    read: &'a Read,
}

/// An entry of `components`.
struct Entry {
    key: (usize, usize),
    value: (usize, usize),
}

impl Editor<'_> {
    fn components(
        &self,
        wanted: &BTreeMap<&ComponentId, Option<&BlobId>>,
    ) -> Result<Vec<Splice>, EditError> {
        let tree = &self.read.tree;
        let found = tree.root().and_then(|it| tree.get(it, "components"));
        let entries = found.map(|it| self.entries(it.1)).unwrap_or_default();
        let mut splices = Vec::new();
        let mut added: Vec<(&ComponentId, &BlobId)> = Vec::new();
        let mut removed = 0;
        for (id, blob) in wanted {
            match (entries.get(&id.to_string()), blob) {
                (Some(entry), Some(blob)) => {
                    splices.push(Splice {
                        from: entry.value.0,
                        to: entry.value.1,
                        text: blob.to_string(),
                    });
                }
                (Some(entry), None) => {
                    removed += 1;
                    splices.push(self.without(entry));
                }
                (None, Some(blob)) => added.push((id, blob)),
                (None, None) => {}
            }
        }
        let flow = found
            .is_some_and(|it| matches!(tree.node(it.1).kind, NodeKind::Map { flow: true, .. }));
        if flow && (removed > 0 || !added.is_empty() && !entries.is_empty()) {
            let why = "`components` stands in `{ }`; write one entry a line";
            return Err(EditError::Unsafe(why.into()));
        }
        let Some((key, value)) = found else {
            splices.extend(self.block(&added));
            return Ok(splices);
        };
        if removed > 0 && removed == entries.len() && added.is_empty() {
            let colon = self.colon(key);
            splices.push(Splice { from: colon, to: colon, text: " {}".into() });
        }
        if flow && !added.is_empty() {
            splices.push(Splice {
                from: self.colon(key),
                to: tree.node(value).span.end as usize,
                text: String::new(),
            });
        }
        splices.extend(self.added(&added, &entries, wanted, key));
        Ok(splices)
    }

    fn entries(&self, map: NodeId) -> BTreeMap<String, Entry> {
        let tree = &self.read.tree;
        let NodeKind::Map { entries, .. } = &tree.node(map).kind else { return BTreeMap::new() };
        let range =
            |id: NodeId| (tree.node(id).span.start as usize, tree.node(id).span.end as usize);
        let named = entries.iter().filter_map(|(key, value)| {
            let name = tree.scalar(*key)?.to_owned();
            Some((name, Entry { key: range(*key), value: range(*value) }))
        });
        named.collect()
    }

    /// All of `components` for a file without it.
    fn block(&self, added: &[(&ComponentId, &BlobId)]) -> Option<Splice> {
        let end = line_end(self.text);
        let lines: Vec<String> =
            added.iter().map(|(id, blob)| format!("{end}  {id}: {blob}")).collect();
        (!lines.is_empty()).then(|| at_end(self.text, &format!("components:{}", lines.concat())))
    }

    /// New lines: each behind the entry that comes before it in the alphabet, else behind the line of `components:`.
    fn added(
        &self,
        added: &[(&ComponentId, &BlobId)],
        entries: &BTreeMap<String, Entry>,
        wanted: &BTreeMap<&ComponentId, Option<&BlobId>>,
        key: NodeId,
    ) -> Vec<Splice> {
        let removed: BTreeSet<String> =
            wanted.iter().filter(|it| it.1.is_none()).map(|it| it.0.to_string()).collect();
        let kept: BTreeMap<&str, &Entry> = entries
            .iter()
            .map(|(name, it)| (name.as_str(), it))
            .filter(|it| !removed.contains(it.0))
            .collect();
        let model = entries.values().next();
        let indent = model.map_or("  ", |it| self.indent(it.key.0));
        let column = model
            .filter(|it| self.line_of(it.value.0) == self.line_of(it.key.0))
            .map(|it| it.value.0 - it.key.0);
        let mut splices = Vec::new();
        for (id, blob) in added {
            let name = id.to_string();
            let before = kept.range(..name.as_str()).next_back();
            let from = self.line_after(before.map_or_else(|| self.colon(key), |it| it.1.value.1));
            let width = column.unwrap_or(0).max(name.len() + 2);
            let line = format!("{indent}{:width$}{blob}", format!("{name}:"));
            let end = line_end(self.text);
            let last = from == self.text.len() && !self.text.ends_with('\n');
            let text = if last { format!("{end}{line}") } else { format!("{line}{end}") };
            splices.push(Splice { from, to: from, text });
        }
        splices
    }

    /// The line of an entry, with its end.
    fn without(&self, entry: &Entry) -> Splice {
        Splice {
            from: self.line_of(entry.key.0),
            to: self.line_after(entry.value.1),
            text: String::new(),
        }
    }

    /// Behind the `:` of a key.
    fn colon(&self, key: NodeId) -> usize {
        let end = self.read.tree.node(key).span.end as usize;
        end + self.text.get(end..).and_then(|it| it.find(':')).map_or(0, |it| it + 1)
    }

    /// Where the line of an offset begins.
    fn line_of(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1)
    }

    /// Where the next line begins.
    fn line_after(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|it| it.find('\n')).map_or(self.text.len(), |it| at + it + 1)
    }

    fn indent(&self, at: usize) -> &str {
        self.text.get(self.line_of(at)..at).filter(|it| it.trim().is_empty()).unwrap_or("  ")
    }
}
