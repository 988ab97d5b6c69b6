//! Skips what has no nesting: comments, strings, regular expressions.

use super::Scanner;

impl Scanner<'_> {
    pub(super) fn skip_line(&mut self) {
        while !matches!(self.peek(0), b'\n' | b'\r') && self.at < self.text.len() {
            // Unicode's two line separators end a comment too.
            if self.text[self.at..].starts_with("\u{2028}".as_bytes())
                || self.text[self.at..].starts_with("\u{2029}".as_bytes())
            {
                self.is_new_line = true;
                self.at += 3;
                return;
            }
            self.at += 1;
        }
    }

    pub(super) fn skip_comment(&mut self) {
        self.at += 2;
        while self.at < self.text.len() && !self.text[self.at..].starts_with(b"*/") {
            self.is_new_line |= self.peek(0) == b'\n';
            self.at += 1;
        }
        self.at = (self.at + 2).min(self.text.len());
    }

    pub(super) fn skip_string(&mut self, quote: u8) {
        self.at += 1;
        while self.at < self.text.len() {
            match self.peek(0) {
                b'\\' => self.at += 1,
                b'\n' => return,
                c if c == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.text.len());
    }

    /// Where a regular expression that begins here would end.
    pub(super) fn regex_end(&self) -> Option<usize> {
        let mut is_class = false;
        let mut at = self.at + 1;
        loop {
            match *self.text.get(at)? {
                b'\n' | b'\r' => return None,
                b'\\' => at += 1,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
    }

    pub(super) fn differs(&self, end: usize) -> bool {
        let body = &self.text[self.at + 1..end - 1];
        body.iter().any(|c| {
            matches!(
                c,
                b'"' | b'\'' | b'`' | b'/' | b'*' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'\\'
            )
        })
    }
}
