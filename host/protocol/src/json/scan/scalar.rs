//! Numbers and words.

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
}
