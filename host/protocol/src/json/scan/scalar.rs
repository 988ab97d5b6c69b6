//! Strings, numbers and words; strings eight bytes at a time.

use super::Scanner;
use crate::json::Fault;

impl Scanner<'_> {
    #[inline]
    pub(super) fn scalar(&mut self, first: u8) -> Result<(), Fault> {
        match first {
            b'"' => self.string().map(|_| ()),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.fault("a value is expected"),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word) {
            return self.fault("a value is expected");
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.take(|byte| byte == b'-');
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let digits = self.digits()?;
        if leading_zero && digits > 1 {
            return self.fault("a number starts with a needless zero");
        }
        if self.take(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.take(|byte| byte == b'e' || byte == b'E') {
            self.take(|byte| byte == b'+' || byte == b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let there = self.bytes.get(self.at).is_some_and(|byte| wanted(*byte));
        self.at += usize::from(there);
        there
    }

    fn digits(&mut self) -> Result<usize, Fault> {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return self.fault("a digit is expected");
        }
        self.at += count;
        Ok(count)
    }

    /// Steps over a string; says whether it has escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Result<bool, Fault> {
        self.at += 1;
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
