//! Texts and places in them.

/// A range of bytes within one text, half-open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// From its two ends.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A file of a [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A span in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// Line and column for people, both from 1; columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// One text with its path relative to the workspace, written with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Relative to the workspace.
    pub path: String,
    /// The text; empty where it could not be read as UTF-8.
    pub text: String,
}

impl Source {
    /// The position of a byte; an offset beyond the end is the end, one inside a character is its beginning.
    pub fn position(&self, offset: u32) -> Position {
        self.position_from((0, Position { line: 1, column: 1 }), offset)
    }

    /// The same, counted on from an earlier byte whose position is known: for many positions of one text in their order.
    pub fn position_from(&self, (known, position): (u32, Position), offset: u32) -> Position {
        let from = self.boundary(known);
        let between = self.text.get(from..self.boundary(offset)).unwrap_or_default();
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        match between.rfind('\n') {
            None => Position {
                line: position.line,
                column: position.column.saturating_add(count(between.chars().count())),
            },
            Some(last) => {
                let lines = count(between.bytes().filter(|it| *it == b'\n').count());
                let column = between.get(last + 1..).unwrap_or_default().chars().count() + 1;
                Position { line: position.line.saturating_add(lines), column: count(column) }
            }
        }
    }

    /// The byte, or the end, or the beginning of the character that it is inside.
    fn boundary(&self, offset: u32) -> usize {
        let mut at = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// All texts of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, source: Source) -> FileId {
        self.files.push(source);
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The text of a file.
    ///
    /// # Panics
    /// When the id is of another `Sources`.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The file with this path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        let index = self.files.iter().position(|it| it.path == path)?;
        u32::try_from(index).ok().map(FileId)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let source = Source { path: "a.yaml".into(), text: "タイトル: x\nb: 飲む\n".into() };
        let at = |offset| source.position(offset);
        assert_eq!(at(14), Position { line: 1, column: 7 });
        assert_eq!(at(1), Position { line: 1, column: 1 });
        assert_eq!(at(22), Position { line: 2, column: 5 });
        assert_eq!(at(999), Position { line: 3, column: 1 });
        for known in 0..30 {
            for offset in known..30 {
                assert_eq!(source.position_from((known, at(known)), offset), at(offset));
            }
        }
    }
}
