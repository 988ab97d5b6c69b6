//! Strings, 64 bytes at a time, with the widest instructions of the machine that this runs on.
//!
//! Two readers stand here. The one that goes by words of eight bytes says what a string is and where its
//! fault lies. The one that goes by blocks is for what strings mostly are, valid and long: it must agree
//! with the other one on any bytes, and hands over to it where a fault may be or less than a block is left.

use fearless_simd::{Level, Simd, dispatch};

use super::{
    fault,
    marks::{self, BLOCK, Marks, SHORT},
};
use crate::json::{Fault, Span};

/// The place behind the string that begins at `at`, and whether that has escapes; none where there is no valid one.
#[inline]
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let quoted = Quoted::read(bytes, at).ok()?;
    Some((quoted.end, quoted.escaped))
}

/// A string in a text, from its quote on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    /// The place behind its last quote.
    pub(super) end: usize,
    /// Whether it has escapes.
    pub(super) escaped: bool,
}

impl Quoted {
    /// A short string without escapes, whose quote may stand at `at`; its place with the quotes.
    #[inline(always)]
    pub(super) fn short(bytes: &[u8], at: usize) -> Option<Span> {
        let ahead = bytes.get(at..at + 2 + SHORT)?;
        let (quote, text) = ahead.split_first()?;
        let length = marks::plain(text.first_chunk()?);
        if *quote != b'"' || text.get(length) != Some(&b'"') {
            return None;
        }
        let end = at + length + 2;
        Some(Span { start: at, end })
    }

    /// The string whose quote stands at `at`.
    #[inline]
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, Fault> {
        match Self::short(bytes, at) {
            Some(Span { end, .. }) => Ok(Self {
                end,
                escaped: false,
            }),
            None => Self::long(bytes, at),
        }
    }

    /// The same, where it is no short one.
    #[inline]
    pub(super) fn long(bytes: &[u8], at: usize) -> Result<Self, Fault> {
        let inside = at + 1;
        match bytes.len() - inside {
            0..BLOCK => Self::by_words(bytes, inside),
            _ => Self::by_blocks(bytes, inside),
        }
    }

    /// The string that goes on at `at`, by blocks.
    #[inline(never)]
    fn by_blocks(bytes: &[u8], at: usize) -> Result<Self, Fault> {
        dispatch!(Level::new(), simd => Self::by_blocks_with(simd, bytes, at))
    }

    #[inline(always)]
    fn by_blocks_with<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Result<Self, Fault> {
        // The backslashes so far; in which places of their blocks does not matter.
        let mut backslashes = 0;
        // One where the block's first byte belongs to an escape that began before it.
        let mut open = 0;
        for block in bytes[at..].as_chunks().0 {
            let marks = Marks::of(simd, block);
            let escapes = marks.escapes(open);
            let end = marks.quotes & !escapes.letters;
            let inside = !end & end.wrapping_sub(1);
            let letters = escapes.letters & !(marks.quotes | marks.backslashes);
            let rare = match letters {
                0 => 0,
                _ => letters & !marks::blank_letters(simd, block),
            };
            if marks.controls | rare != 0
                && (marks.controls & inside != 0 || !are_known(bytes, at, rare & inside))
            {
                break;
            }
            if end != 0 {
                backslashes |= marks.backslashes & inside;
                return Ok(Self {
                    end: at + end.trailing_zeros() as usize + 1,
                    escaped: backslashes != 0,
                });
            }
            backslashes |= marks.backslashes;
            at += block.len();
            open = escapes.open;
        }
        let rest = Self::by_words(bytes, at - open as usize)?;
        Ok(Self {
            escaped: rest.escaped || backslashes != 0,
            ..rest
        })
    }

    /// The string that goes on at `at`, which is not inside an escape.
    #[inline(never)]
    fn by_words(bytes: &[u8], mut at: usize) -> Result<Self, Fault> {
        let mut escaped = false;
        loop {
            at += plain_run(&bytes[at..]);
            match bytes.get(at) {
                Some(b'"') => {
                    let end = at + 1;
                    return Ok(Self { end, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    at = escape_end(bytes, at)?;
                }
                Some(_) => return fault("a string has a bare control character", at),
                None => return fault("the text ends inside a string", at),
            }
        }
    }
}

/// Whether these letters of escapes in the block at `at`, none of them one of white space, are such as
/// escapes have.
#[inline(always)]
fn are_known(bytes: &[u8], at: usize, mut letters: u64) -> bool {
    while letters != 0 {
        let at = at + letters.trailing_zeros() as usize;
        letters &= letters - 1;
        match bytes.get(at) {
            Some(b'/' | b'b' | b'f') => {}
            Some(b'u') if has_digits(bytes, at + 1) => {}
            _ => return false,
        }
    }
    true
}

/// Whether the four digits of a `\u` escape stand at this place.
#[inline]
fn has_digits(bytes: &[u8], at: usize) -> bool {
    let digits = bytes.get(at..at + 4);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// The place behind the escape that begins at `at`.
#[inline]
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') if has_digits(bytes, at + 2) => Ok(at + 6),
        Some(b'u') => fault("a string has an unfinished \\u escape", at),
        _ => fault("a string has an unknown escape", at),
    }
}

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// How many bytes at the front of `bytes` need no look: neither quote, backslash nor control character.
///
/// A byte is below `n` (up to 128) where subtracting `n` from it borrows and its high bit was clear.
/// Turning the 0x02 bit makes the quote (0x22) the byte right after the control characters, so that one
/// comparison finds both. Borrows spill to higher bytes only, so the lowest hit is a true one.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let low = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
        let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
        let hits = (low | backslash) & !word & HIGH;
        if hits != 0 {
            return run + hits.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    let plain = |byte: &&u8| !matches!(**byte, b'"' | b'\\' | 0..0x20);
    run + rest.iter().take_while(plain).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &[u8]) {
        let by_words = Quoted::by_words(text, 1);
        let shown = String::from_utf8_lossy(text);
        for level in [Level::new(), Level::baseline()] {
            let by_blocks = dispatch!(level, simd => Quoted::by_blocks_with(simd, text, 1));
            assert_eq!(by_blocks, by_words, "{level:?}: {shown:?}");
        }
        assert_eq!(Quoted::read(text, 0), by_words, "{shown:?}");
    }

    #[test]
    fn an_escape_may_stand_across_any_border_of_blocks() {
        for escape in [
            r#"\""#, r"\\", r"\n", r"\u00e9", r"\\\\", r#"\\\""#, r"\x", r"\u00g9",
        ] {
            for before in 0..140 {
                let text = format!("\"{}{escape}{}\"", "a".repeat(before), "b".repeat(130));
                check(text.as_bytes());
                check(&text.as_bytes()[..text.len() - 131]);
            }
        }
    }

    #[test]
    fn a_control_character_is_a_fault_wherever_it_stands() {
        for control in 0..0x20 {
            for before in 0..140 {
                let mut text = vec![b'a'; 300];
                text[0] = b'"';
                text[before + 1] = control;
                text[250] = b'"';
                check(&text);
                assert!(Quoted::read(&text, 0).is_err());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn both_readers_agree_on_any_bytes(
            pieces in prop::collection::vec(prop_oneof![
                4 => prop::sample::select(&["\\\\", "\\\"", "\\n", "\\u00e9", "\\", "\"", "u", "é"][..])
                    .prop_map(|piece| piece.as_bytes().to_vec()),
                4 => (0..70_usize).prop_map(|count| vec![b'a'; count]),
                2 => (0..9_usize).prop_map(|count| vec![b'\\'; count]),
                1 => any::<u8>().prop_map(|byte| vec![byte]),
            ], 0..24),
        ) {
            check(&[b"\"".to_vec(), pieces.concat()].concat());
        }
    }
}
