//! Where reading goes on after a mistake: at the next line that looks like an entry and is no deeper, up to the next line
//! that is less deep than that one. It can err inside a value of several lines; so what follows is only looked at for
//! further mistakes, never kept.

use crate::hints::{first_line, indent, looks_like_entry};

/// The piece after the line of `at`.
pub(crate) fn next_piece(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let line = first_line(text, start);
    piece_from(text, start + line.len() + 1, indent(line))
}

/// The first entry at or after `from` that is at most `ceiling` deep, with the lines that belong to it and its siblings.
pub(crate) fn piece_from(text: &str, from: usize, ceiling: usize) -> (usize, usize) {
    let mut start: Option<(usize, usize)> = None;
    let mut at = from;
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if !(content.trim().is_empty() || content.trim_start().starts_with('#')) {
            match start {
                None if indent(content) <= ceiling && looks_like_entry(content) => {
                    start = Some((at, indent(content)));
                }
                Some((begin, depth)) if indent(content) < depth => return (begin, at),
                _ => {}
            }
        }
        at += line.len();
    }
    start.map_or((text.len(), text.len()), |(begin, _)| (begin, text.len()))
}
