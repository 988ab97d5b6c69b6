//! Characters that stand, inside a text, for what no text can say.
//!
//! An expanded word is a plain string, so that rules can compare it; what is only known when the
//! command runs is one of these noncharacters in it. They are taken out of texts from outside, so
//! that nobody who writes a command can forge one.

use std::borrow::Cow;

/// A part whose text is only known when the command runs.
pub const UNKNOWN: char = '\u{FFFF}';
/// A part that was downloaded.
pub const DOWNLOAD: char = '\u{FFFE}';
/// A part that is only known when the command runs, and means something to the policy: see
/// [`Watch::prints`](crate::Watch::prints).
pub const OWN: char = '\u{FDD1}';
/// The folder in which the command starts.
pub(crate) const START: char = '\u{FDD0}';

/// Before and behind the number of a here-document that was set aside.
pub(crate) const DOCUMENT: char = '\u{FDD2}';

/// All of them.
const RESERVED: [char; 5] = [UNKNOWN, DOWNLOAD, OWN, START, DOCUMENT];

/// Whether the character is one of these.
pub(crate) fn is_mark(c: char) -> bool {
    RESERVED.contains(&c)
}

/// The text of a part that is not known.
pub(crate) fn unknown() -> String {
    UNKNOWN.to_string()
}

/// Whether a part of the text is only known when the command runs.
pub fn is_open(text: &str) -> bool {
    text.contains([UNKNOWN, DOWNLOAD, OWN])
}

/// A text from outside without the characters that are marks here: each becomes U+FFFD.
///
/// A [`Follower`](crate::Follower) does this itself, unless it is told that the marks in a text are
/// meant.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    without(text, &RESERVED)
}

/// The same, where [`UNKNOWN`] is meant.
pub(crate) fn partly_neutral(text: &str) -> Cow<'_, str> {
    without(text, &RESERVED[1..])
}

fn without<'a>(text: &'a str, marks: &[char]) -> Cow<'a, str> {
    // The first byte of all of them, which few texts have at all.
    const FIRST: u8 = 0xEF;
    if !text.as_bytes().contains(&FIRST) || !text.contains(marks) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(marks, "\u{FFFD}"))
}

/// The text for a person: at most 200 characters, and an ellipsis for what is not known.
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
