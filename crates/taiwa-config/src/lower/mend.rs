//! How a program can mend what was said about a file.
//!
//! Each is attached to the finding that was said last. Safe is what the reader takes the text for already, or what can
//! only have been meant where nothing could be read; the rest is a guess for a person to look at.

use taiwa_syntax::{NodeId, Style, source_fix};
use taiwa_text::{LocalFix, Place, Safety, Span, say};

use super::Walker;

impl Walker<'_> {
    /// A way to mend what was said last.
    pub(super) fn mend(&mut self, fix: LocalFix) {
        let file = self.ground.file;
        if let Some(last) = self.findings.last_mut() {
            last.fix = Some(fix.at(|span| Place { file, span }));
        }
    }

    fn span(&self, node: NodeId) -> Span {
        self.ground.tree.node(node).span
    }

    /// Another text in a scalar, written as that scalar is.
    pub(super) fn respell(&mut self, node: NodeId, new: &str, safety: Safety) {
        let Some(old) = self.ground.tree.scalar(node) else { return };
        let whole = Span::new(0, u32::try_from(old.len()).unwrap_or(u32::MAX));
        let fix = LocalFix { safety, ..LocalFix::write(whole, new) };
        if let Some(fix) = source_fix(self.ground.text, self.ground.tree, node, fix) {
            self.mend(fix);
        }
    }

    /// The text of a plain scalar in quotes: it means the same.
    pub(super) fn quote(&mut self, node: NodeId) {
        let Some((text, Style::Plain)) = self.plain(node) else { return };
        if self.raw(node) == text {
            let fix = LocalFix::write(self.span(node), quoted(text));
            self.mend(fix);
        }
    }

    /// Something else in the place of a whole value, quotes and all.
    pub(super) fn replace(&mut self, node: NodeId, new: String, safety: Safety) {
        let block = |style| matches!(style, Style::Literal | Style::Folded);
        if !self.raw(node).contains('\n') && !self.plain(node).is_some_and(|it| block(it.1)) {
            let fix = LocalFix { safety, ..LocalFix::write(self.span(node), new) };
            self.mend(fix);
        }
    }

    /// True or false in the place of a word that can only have been meant so.
    pub(super) fn boolean(&mut self, node: NodeId, word: &str) {
        let new = match word.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" | "true" => "true",
            "no" | "off" | "n" | "false" => "false",
            _ => return,
        };
        self.replace(node, new.into(), Safety::Safe);
    }

    /// A value and what stands behind it, up to `end`, as one text in single quotes.
    pub(super) fn enclose(&mut self, from: u32, end: u32) {
        let Some(raw) = self.ground.text.get(from as usize..end as usize) else { return };
        if raw.contains('\n') {
            return;
        }
        let said = say!(en: "put it in single quotes", ja: "一重引用符で囲む");
        let text = format!("'{}'", raw.trim_end().replace('\'', "''"));
        let end = from + u32::try_from(raw.trim_end().len()).unwrap_or(0);
        self.mend(LocalFix::likely(said, Span::new(from, end), text));
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// ASCII in the place of characters that look like it: full-width forms, dashes, and letters of other alphabets.
pub(super) fn ascii(name: &str) -> Option<String> {
    let twin = |c: char| match c {
        it if it.is_ascii() => Some(it),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        'а' | 'α' => Some('a'),
        'с' | 'ϲ' => Some('c'),
        'е' => Some('e'),
        'і' | 'ι' => Some('i'),
        'ј' => Some('j'),
        'к' | 'κ' => Some('k'),
        'о' | 'ο' => Some('o'),
        'р' | 'ρ' => Some('p'),
        'ѕ' => Some('s'),
        'т' | 'τ' => Some('t'),
        'υ' | 'ц' => Some('u'),
        'ν' => Some('v'),
        'х' | 'χ' => Some('x'),
        'у' => Some('y'),
        _ => None,
    };
    name.chars().map(twin).collect()
}
