//! Where a fault is put: places in the files of a workspace, chosen by a seed, and the one edit made there.

use std::{collections::BTreeSet, path::Path};

use taiwa_stories::Files;
use taiwa_testkit::Random;

/// A place in a file.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) path: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: String,
}

impl Spot {
    /// A part of it, by bytes of its text.
    pub(crate) fn part(&self, start: usize, end: usize) -> Self {
        let text = self.text[start..end].to_owned();
        Self { path: self.path.clone(), start: self.start + start, end: self.start + end, text }
    }

    /// The part of it that is this text.
    pub(crate) fn sub(&self, needle: &str) -> Self {
        let at = self.text.find(needle).unwrap_or_else(|| panic!("no {needle} in {}", self.text));
        self.part(at, at + needle.len())
    }
}

/// A workspace with one fault, and where that fault must be found.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) files: Files,
    pub(crate) path: String,
    /// Byte of the changed file; its line is what is demanded.
    pub(crate) offset: usize,
    /// Whether the column is demanded, too.
    pub(crate) exact: bool,
}

impl Fault {
    /// So many bytes further on.
    pub(crate) fn shift(mut self, bytes: usize) -> Self {
        self.offset += bytes;
        self
    }

    /// At this byte of the changed file.
    pub(crate) fn to(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Somewhere on this line: the reader may stop before or behind.
    pub(crate) fn line(mut self) -> Self {
        self.exact = false;
        self
    }

    /// At another place.
    pub(crate) fn found(mut self, path: &str, needle: &str) -> Self {
        let text = String::from_utf8_lossy(&self.files[path]).into_owned();
        self.offset = text.find(needle).unwrap_or_else(|| panic!("no {needle} in {path}"));
        path.clone_into(&mut self.path);
        self
    }

    /// At the beginning of a file.
    pub(crate) fn top(self, path: &str) -> Self {
        self.found(path, "")
    }
}

/// The files of a workspace and a sequence of choices.
pub(crate) struct Seeder<'f> {
    pub(crate) files: &'f Files,
    dice: Random,
}

impl<'f> Seeder<'f> {
    pub(crate) const fn new(files: &'f Files, seed: u64) -> Self {
        Self { files, dice: Random::new(seed) }
    }

    pub(crate) fn roll(&mut self, below: usize) -> usize {
        usize::try_from(self.dice.below(below as u64)).unwrap()
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        assert!(!of.is_empty(), "nothing to choose from");
        of[self.roll(of.len())].clone()
    }

    pub(crate) fn text(&self, path: &str) -> &'f str {
        std::str::from_utf8(&self.files[path]).unwrap()
    }

    /// Paths that hold this part and end in `.yaml`.
    pub(crate) fn paths(&self, part: &str) -> Vec<String> {
        let yaml = |it: &&String| {
            it.contains(part) && Path::new(it).extension().is_some_and(|it| it == "yaml")
        };
        self.files.keys().filter(yaml).cloned().collect()
    }

    /// Every occurrence of a text in the files whose path holds `part`; not in comments.
    pub(crate) fn all(&self, part: &str, needle: &str) -> Vec<Spot> {
        let mut spots = Vec::new();
        for path in self.paths(part) {
            let text = self.text(&path);
            for (start, found) in text.match_indices(needle) {
                let line = text[..start].rfind('\n').map_or(0, |it| it + 1);
                if text[line..].trim_start().starts_with('#') {
                    continue;
                }
                let end = start + found.len();
                spots.push(Spot { path: path.clone(), start, end, text: found.to_owned() });
            }
        }
        spots
    }

    /// One of them.
    pub(crate) fn one(&mut self, part: &str, needle: &str) -> Spot {
        let spots = self.all(part, needle);
        assert!(!spots.is_empty(), "no {needle} in {part}");
        self.pick(&spots)
    }

    /// The plain values behind `key: ` in the files whose path holds `part`, quotes included.
    pub(crate) fn values(&self, part: &str, key: &str) -> Vec<Spot> {
        let before = |it: &Spot| {
            let text = self.text(&it.path);
            let last = text[..it.start].chars().next_back();
            last.is_none_or(|c| matches!(c, ' ' | '\n' | '{'))
        };
        let keys = self.all(part, &format!("{key}: "));
        keys.into_iter().filter(before).filter_map(|it| self.value_at(&it.path, it.end)).collect()
    }

    /// One of them.
    pub(crate) fn value(&mut self, part: &str, key: &str) -> Spot {
        let spots = self.values(part, key);
        assert!(!spots.is_empty(), "no {key} in {part}");
        self.pick(&spots)
    }

    fn value_at(&self, path: &str, start: usize) -> Option<Spot> {
        let rest = &self.text(path)[start..];
        let quote = rest.chars().next().filter(|it| matches!(it, '\'' | '"'));
        let line = rest.find('\n').unwrap_or(rest.len());
        let end = if let Some(quote) = quote {
            2 + rest[1..].find(quote)?
        } else {
            let in_flow = self.text(path)[..start].rsplit('\n').next()?.contains('{');
            let stops: &[&str] = if in_flow { &[",", " }", "}"] } else { &[] };
            stops.iter().filter_map(|it| rest.find(it)).min().map_or(line, |it| it.min(line))
        };
        let text = rest.get(..end)?.to_owned();
        let plain = !text.is_empty() && !text.starts_with(['{', '[', '>', '|']);
        plain.then(|| Spot { path: path.to_owned(), start, end: start + end, text })
    }

    /// The items of the flow lists behind `key: ` in the files whose path holds `part`.
    pub(crate) fn items(&self, part: &str, key: &str) -> Vec<Spot> {
        let mut items = Vec::new();
        for it in self.all(part, &format!("{key}: [")) {
            let rest = &self.text(&it.path)[it.end..];
            let mut at = 0;
            for item in rest[..rest.find(']').unwrap()].split(',') {
                let trimmed = item.trim_start();
                let start = it.end + at + (item.len() - trimmed.len());
                at += item.len() + 1;
                let text = trimmed.trim_end().to_owned();
                if !text.is_empty() {
                    let end = start + text.len();
                    items.push(Spot { path: it.path.clone(), start, end, text });
                }
            }
        }
        items
    }

    /// The lines of the files whose path holds `part`, without indentation; no comments, no empty ones.
    pub(crate) fn lines(&self, part: &str) -> Vec<Spot> {
        let mut spots = Vec::new();
        for path in self.paths(part) {
            let mut at = 0;
            for line in self.text(&path).split_inclusive('\n') {
                let text = line.trim();
                let start = at + (line.len() - line.trim_start().len());
                at += line.len();
                if !text.is_empty() && !text.starts_with('#') {
                    let (path, end) = (path.clone(), start + text.len());
                    spots.push(Spot { path, start, end, text: text.to_owned() });
                }
            }
        }
        spots
    }

    /// Something else in this place.
    pub(crate) fn edit(&self, spot: &Spot, with: &str) -> Fault {
        let mut text = self.text(&spot.path).to_owned();
        text.replace_range(spot.start..spot.end, with);
        self.file(&spot.path, text.into_bytes()).to(spot.start)
    }

    /// Another content of a file.
    pub(crate) fn file(&self, path: &str, bytes: impl Into<Vec<u8>>) -> Fault {
        let mut files = self.files.clone();
        files.insert(path.to_owned(), bytes.into());
        Fault { files, path: path.to_owned(), offset: 0, exact: true }
    }

    /// The same file at another place.
    pub(crate) fn moved(&self, path: &str, to: &str) -> Fault {
        let mut fault = self.file(to, self.files[path].clone());
        fault.files.remove(path);
        fault
    }

    /// A name with a slip of the hand that is no other word of the workspace.
    pub(crate) fn slip(&mut self, name: &str) -> String {
        let words = self.words();
        let letters: Vec<usize> = (1..name.len())
            .filter(|it| name.as_bytes()[it - 1..=*it].iter().all(u8::is_ascii_lowercase))
            .collect();
        for _ in 0..50 {
            let at = self.pick(&letters);
            let mut slipped = name.to_owned();
            match self.roll(3) {
                0 => drop(slipped.remove(at)),
                1 => slipped.insert(at, name.as_bytes()[at].into()),
                _ => {
                    let letter = slipped.remove(at);
                    slipped.insert(at - 1, letter);
                }
            }
            if slipped != name && !words.contains(slipped.as_str()) {
                return slipped;
            }
        }
        panic!("every slip of {name} is a word")
    }

    fn words(&self) -> BTreeSet<&'f str> {
        let apart = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        let texts = self.files.values().map(|it| std::str::from_utf8(it).unwrap_or_default());
        texts.flat_map(|it| it.split(apart)).collect()
    }
}
