//! Marks: characters that stand in a text for what the text can't say.
//!
//! An expanded word is a plain string, so that rules can compare it. A part that is only known when
//! the command runs is one of these noncharacters. They are removed from texts from outside, so
//! nobody who writes a command can forge one.

use std::borrow::Cow;

/// A part whose text is only known when the command runs.
pub const UNKNOWN: char = '\u{FFFF}';
/// A part that was downloaded.
pub const DOWNLOAD: char = '\u{FFFE}';
/// A part that is only known when the command runs, and that means something to the policy: see
/// [`Watch::prints`](crate::Watch::prints).
pub const OWN: char = '\u{FDD1}';
/// The folder in which the command starts.
pub(crate) const START: char = '\u{FDD0}';

/// Stands before and behind the number of a here-document that was set aside.
pub(crate) const DOCUMENT: char = '\u{FDD2}';

/// All marks.
const RESERVED: [char; 5] = [UNKNOWN, DOWNLOAD, OWN, START, DOCUMENT];

/// Whether the character is a mark.
pub(crate) fn is_mark(c: char) -> bool {
    RESERVED.contains(&c)
}

/// A text whose content is not known.
pub(crate) fn unknown() -> String {
    UNKNOWN.to_string()
}

/// Whether a part of the text is only known when the command runs.
pub fn is_open(text: &str) -> bool {
    text.contains([UNKNOWN, DOWNLOAD, OWN])
}

/// Removes the marks from a text from outside: each becomes U+FFFD.
///
/// A [`Follower`](crate::Follower) does this itself, unless it is told that the marks in a text are
/// meant.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    without(text, &RESERVED)
}

/// Does the same, but keeps [`UNKNOWN`].
pub(crate) fn partly_neutral(text: &str) -> Cow<'_, str> {
    without(text, &RESERVED[1..])
}

fn without<'a>(text: &'a str, marks: &[char]) -> Cow<'a, str> {
    // The first byte of every mark, which few texts contain.
    const FIRST: u8 = 0xEF;
    if !text.as_bytes().contains(&FIRST) || !text.contains(marks) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(marks, "\u{FFFD}"))
}

/// Shortens a text for a person to 200 characters, with an ellipsis for what is not known.
pub fn display(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| match c {
            UNKNOWN | DOWNLOAD | OWN => '…',
            START => '.',
            other => other,
        })
        .collect();
    if shown.len() < text.len() && text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_from_outside_are_taken_out() {
        let text = "a\u{FFFF}b\u{FFFE}c\u{FDD0}d\u{FDD1}e\u{FEFF}";
        let replaced = "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FEFF}";
        assert_eq!(neutral(text), replaced);
        assert_eq!(partly_neutral("\u{FFFF}\u{FFFE}"), "\u{FFFF}\u{FFFD}");
        assert!(matches!(neutral("plain é"), Cow::Borrowed(_)));
    }
}
