//! Characters that act instead of being seen.

/// Whether a character does something to its surroundings, or to the reader, instead of being seen: controls, what
/// turns the direction of text, what has no width, what separates lines, and what is no character at all.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_hidden_and_what_is_written_is_not() {
        let acts =
            "\0\t\n\u{1b}\u{7f}\u{85}\u{ad}\u{202e}\u{2066}\u{2028}\u{feff}\u{fffe}\u{e0041}";
        assert!(acts.chars().all(is_hidden));
        assert!(!"aé飲む👍🏽 e\u{301}\u{3000}\u{fe0f}`<>".chars().any(is_hidden));
    }
}
