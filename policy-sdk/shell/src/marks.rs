//! Characters that stand, inside a text, for what no text can say.
//!
//! An expanded word is a plain string, so that rules can compare it; what is only known when the
//! command runs is one of these noncharacters in it.

/// A part whose text is only known when the command runs.
pub const UNKNOWN: char = '\u{FFFF}';
/// A part that was downloaded.
pub const DOWNLOAD: char = '\u{FFFE}';
/// The folder in which the command starts.
pub(crate) const START: char = '\u{FDD0}';
/// A part that is only known when the command runs, and means something to the policy: see
/// [`Watch::prints`](crate::Watch::prints).
pub const OWN: char = '\u{FDD1}';

/// The text of a part that is not known.
pub(crate) fn unknown() -> String {
    UNKNOWN.to_string()
}

/// Whether a part of the text is only known when the command runs.
pub fn is_open(text: &str) -> bool {
    text.contains([UNKNOWN, DOWNLOAD, OWN])
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
