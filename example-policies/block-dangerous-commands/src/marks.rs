//! Characters that stand, inside a text, for what no text can say.
//!
//! An expanded word is a plain string, so that rules can compare it; what is only known when the
//! command runs is one of these noncharacters in it.

/// A part whose text is not known.
pub(crate) const UNKNOWN: char = '\u{FFFF}';
/// A part that was downloaded.
pub(crate) const DOWNLOAD: char = '\u{FFFE}';
/// The folder in which the command starts.
pub(crate) const START: char = '\u{FDD0}';
/// The process id of the gateway.
pub(crate) const GATEWAY: char = '\u{FDD1}';

/// The text of a part that is not known.
pub(crate) fn unknown() -> String {
    UNKNOWN.to_string()
}

/// Whether a part of it is not known.
pub(crate) fn is_open(text: &str) -> bool {
    text.contains([UNKNOWN, DOWNLOAD, GATEWAY])
}

/// The text for a person: what is not known is an ellipsis.
pub(crate) fn display(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| match c {
            UNKNOWN | DOWNLOAD | GATEWAY => '…',
            START => '.',
            other => other,
        })
        .collect();
    if shown.len() < text.len() && text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}
