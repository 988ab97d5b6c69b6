//! Strings, 64 bytes at a time, with the widest instructions of the machine that this runs on.
//!
//! Two readers stand here. The one that goes by words of eight bytes says what a string is and where its
//! fault lies. The one that goes by blocks is for what strings mostly are, valid and long: it must agree
//! with the other one on any bytes, and hands over to it where a fault may be or less than a block is left.

use fearless_simd::{Level, Simd, dispatch};

use super::{
    Scanner,
    marks::{self, BLOCK, Marks, SHORT},
};
use crate::json::{Fault, Span};

/// The place behind the string that begins at `at`, and whether that has escapes; none where there is no valid one.
#[inline]
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let mut scanner = Scanner::new(bytes, 0);
    scanner.at = at;
    let has_escapes = scanner.string().ok()?;
    Some((scanner.at, has_escapes))
}

impl Scanner<'_> {
    /// Steps over a short string without escapes; its place with the quotes.
    #[inline(always)]
    pub(super) fn short_string(&mut self) -> Option<Span> {
        let ahead = self.bytes.get(self.at..self.at + 2 + SHORT)?;
        let (quote, text) = ahead.split_first()?;
        let length = marks::plain(text.first_chunk()?);
        if *quote != b'"' || text.get(length) != Some(&b'"') {
            return None;
        }
        let start = self.at;
        self.at += length + 2;
        Some(Span {
            start,
            end: self.at,
        })
    }

    /// Steps over a string; says whether it has escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Result<bool, Fault> {
        match self.short_string() {
            Some(_) => Ok(false),
            None => self.long_string(),
        }
    }

    /// Steps over a string of any kind, from its quote on.
    #[inline]
    pub(super) fn long_string(&mut self) -> Result<bool, Fault> {
        self.at += 1;
        match self.bytes.len() - self.at {
            0..BLOCK => self.by_words(),
            _ => self.by_blocks(),
        }
    }

    /// Steps over a string from behind its quote, by blocks.
    #[inline(never)]
    fn by_blocks(&mut self) -> Result<bool, Fault> {
        dispatch!(Level::new(), simd => self.by_blocks_with(simd))
    }

    #[inline(always)]
    fn by_blocks_with<S: Simd>(&mut self, simd: S) -> Result<bool, Fault> {
        let mut at = self.at;
        // The backslashes so far; in which places of their blocks does not matter.
        let mut backslashes = 0;
        // One where the block's first byte belongs to an escape that began before it.
        let mut open = 0;
        for block in self.bytes[at..].as_chunks().0 {
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
                && (marks.controls & inside != 0 || !self.are_known(at, rare & inside))
            {
                break;
            }
            if end != 0 {
                backslashes |= marks.backslashes & inside;
                self.at = at + end.trailing_zeros() as usize + 1;
                return Ok(backslashes != 0);
            }
            backslashes |= marks.backslashes;
            at += block.len();
            open = escapes.open;
        }
        self.at = at - open as usize;
        Ok(self.by_words()? || backslashes != 0)
    }

    /// Whether these letters of escapes in the block at `at`, none of them one of white space, are such as
    /// escapes have.
    #[inline(always)]
    fn are_known(&self, at: usize, mut letters: u64) -> bool {
        while letters != 0 {
            let at = at + letters.trailing_zeros() as usize;
            letters &= letters - 1;
            match self.bytes.get(at) {
                Some(b'/' | b'b' | b'f') => {}
                Some(b'u') if self.has_digits(at + 1) => {}
                _ => return false,
            }
        }
        true
    }

    /// Whether the four digits of a `\u` escape stand at this place.
    #[inline]
    fn has_digits(&self, at: usize) -> bool {
        let digits = self.bytes.get(at..at + 4);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    }

    /// Steps over a string from behind its quote, or from anywhere in it that is not inside an escape.
    #[inline(never)]
    fn by_words(&mut self) -> Result<bool, Fault> {
        let mut escaped = false;
        loop {
            self.at += plain_run(&self.bytes[self.at..]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.fault("a string has a bare control character"),
                None => return self.fault("the text ends inside a string"),
            }
        }
    }

    #[inline]
    fn escape(&mut self) -> Result<(), Fault> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return self.fault("a string has an unfinished \\u escape");
                }
                self.at += 6;
                Ok(())
            }
            _ => self.fault("a string has an unknown escape"),
        }
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

    /// What a reader makes of a string whose quote is the first byte: where it ends and whether it has
    /// escapes, or its fault.
    fn read(
        text: &[u8],
        reader: impl FnOnce(&mut Scanner<'_>) -> Result<bool, Fault>,
    ) -> Result<(usize, bool), Fault> {
        let mut scanner = Scanner::new(text, 1);
        let escaped = reader(&mut scanner)?;
        Ok((scanner.at, escaped))
    }

    fn check(text: &[u8]) {
        let by_words = read(text, |scanner| {
            scanner.at = 1;
            scanner.by_words()
        });
        let shown = String::from_utf8_lossy(text);
        for level in [Level::new(), Level::baseline()] {
            let by_blocks = read(text, |scanner| {
                scanner.at = 1;
                dispatch!(level, simd => scanner.by_blocks_with(simd))
            });
            assert_eq!(by_blocks, by_words, "{level:?}: {shown:?}");
        }
        assert_eq!(
            read(text, |scanner| scanner.string()),
            by_words,
            "{shown:?}"
        );
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
                assert!(read(&text, |scanner| scanner.string()).is_err());
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
