//! Text that comes in pieces of bytes, which may cut a letter in two.

use std::str;

/// The first bytes of a letter whose others have not come yet.
#[derive(Debug, Default)]
pub(crate) struct Letters(Vec<u8>);

impl Letters {
    /// Returns the text up to the last whole letter. Returns `None` if it is no text.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Option<String> {
        self.0.extend_from_slice(bytes);
        let whole = match str::from_utf8(&self.0) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return None,
        };
        let rest = self.0.split_off(whole);
        let text = std::mem::replace(&mut self.0, rest);
        String::from_utf8(text).ok()
    }

    /// Whether the text may end here: no letter is left half.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_however_it_is_cut() {
        let text = "aß€😀\u{1}z";
        for size in 1..=text.len() {
            let mut letters = Letters::default();
            let read: Option<String> = text
                .as_bytes()
                .chunks(size)
                .map(|piece| letters.push(piece))
                .collect();
            assert_eq!(read.as_deref(), Some(text));
            assert!(letters.is_whole());
        }
    }

    #[test]
    fn what_is_no_text_is_told_as_soon_as_it_shows() {
        assert_eq!(Letters::default().push(b"a\xff"), None);
        let mut half = Letters::default();
        assert_eq!(half.push(&"€".as_bytes()[..2]).as_deref(), Some(""));
        assert!(!half.is_whole());
        assert_eq!(half.push(b"a"), None);
    }
}
