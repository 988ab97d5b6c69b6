//! Makes texts of policies short and puts them on one line.

/// Returns the longest beginning of `text` that has at most `max` bytes and ends between
/// characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// Removes line breaks and other control characters, which could forge a line of a log.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{cut, one_line};

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 100), "aé");
    }

    #[test]
    fn a_line_break_can_not_forge_a_log_line() {
        assert_eq!(one_line("a\nERROR b\u{1b}[0m"), "a ERROR b [0m");
    }
}
