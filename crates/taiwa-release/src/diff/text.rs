//! What changed inside a text: by words where it stands on one line, by lines otherwise.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// The most words (or lines) on either side that are aligned; beyond it a text counts as replaced.
const MAX_TOKENS: usize = 4_000;

/// Texts shorter than this are shown whole, old and new.
const SHORT_CHARS: usize = 24;

/// A part of a text that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the old text.
    Removed(String),
    /// Only in the new text.
    Added(String),
}

impl Piece {
    /// Its text.
    pub fn text(&self) -> &str {
        match self {
            Self::Same(it) | Self::Removed(it) | Self::Added(it) => it,
        }
    }
}

/// The pieces of a change, in reading order; `None` where showing both texts whole says it better.
pub(super) fn pieces(old: &str, new: &str) -> Option<Vec<Piece>> {
    if old.chars().count().max(new.chars().count()) < SHORT_CHARS {
        return None;
    }
    let by_line = old.contains('\n') || new.contains('\n');
    let split = |text| if by_line { lines(text) } else { words(text) };
    let (a, b) = (split(old), split(new));
    if a.len().max(b.len()) > MAX_TOKENS {
        return None;
    }
    let mut pieces: Vec<(ChangeTag, String)> = Vec::new();
    let mut same = 0;
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        for change in op.iter_changes(&a, &b) {
            let (tag, text) = (change.tag(), change.value());
            if tag == ChangeTag::Equal && text.chars().any(char::is_alphanumeric) {
                same += text.len();
            }
            match pieces.last_mut() {
                Some((last, so_far)) if *last == tag => so_far.push_str(text),
                _ => pieces.push((tag, text.to_owned())),
            }
        }
    }
    // Where little stayed, alternating scraps are harder to read than the two texts.
    (by_line || same * 3 >= old.len().max(new.len()))
        .then(|| pieces.into_iter().map(piece).collect())
}

fn piece((tag, text): (ChangeTag, String)) -> Piece {
    match tag {
        ChangeTag::Equal => Piece::Same(text),
        ChangeTag::Delete => Piece::Removed(text),
        ChangeTag::Insert => Piece::Added(text),
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Words, and single characters of scripts that put no blanks between words, and of everything else.
fn words(text: &str) -> Vec<&str> {
    let in_word = |it: char| it.is_alphanumeric() && it < '\u{2e80}' || it == '_';
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if in_word(first) {
            rest.find(|it| !in_word(it)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expect: Option<&str>) {
        let shown = pieces(old, new).map(|it| {
            let show = |piece: &Piece| match piece {
                Piece::Same(it) => it.clone(),
                Piece::Removed(it) => format!("[-{it}-]"),
                Piece::Added(it) => format!("{{+{it}+}}"),
            };
            it.iter().map(show).collect::<String>()
        });
        assert_eq!(shown.as_deref(), expect);
    }

    #[test]
    fn words_lines_and_texts_without_blanks() {
        check("gold", "silver", None);
        check(
            "Try our espresso starter kit today",
            "Try our new espresso starter kit now",
            Some("Try our {+new +}espresso starter kit [-today-]{+now+}"),
        );
        check(
            "エスプレッソ スターターキットを今すぐお試しください。",
            "エスプレッソ スターターセットを今すぐお試しください。",
            Some("エスプレッソ スターター[-キ-]{+セ+}ットを今すぐお試しください。"),
        );
        check(
            "one line that stays as it is\ntwo\n",
            "one line that stays as it is\nthree\n",
            Some("one line that stays as it is\n[-two\n-]{+three\n+}"),
        );
        check(
            "a completely different text of some words",
            "nothing like what stood here before",
            None,
        );
        let long = "a ".repeat(MAX_TOKENS);
        check(&long, &format!("{long}b"), None);
    }

    #[test]
    fn pieces_give_both_texts_back() {
        let (old, new) =
            ("profile.tier == \"gold\" && x > 3", "profile.tier == \"silver\" && x > 4");
        let (mut a, mut b) = (String::new(), String::new());
        for piece in pieces(old, new).unwrap() {
            match piece {
                Piece::Same(it) => {
                    a.push_str(&it);
                    b.push_str(&it);
                }
                Piece::Removed(it) => a.push_str(&it),
                Piece::Added(it) => b.push_str(&it),
            }
        }
        assert_eq!((a.as_str(), b.as_str()), (old, new));
    }
}
