//! Keys of objects.

use std::borrow::Cow;

use super::Scanner;
use crate::json::{Fault, Span, unescape};

/// The key of a field, as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Its place, without the quotes.
    pub(crate) span: Span,
    escaped: bool,
}

impl Key {
    /// What the key says: `"mod\u0065l"` is `model`.
    pub(crate) fn name(self, text: &[u8]) -> Cow<'_, [u8]> {
        if self.escaped {
            Cow::Owned(unescape(self.span.bytes(text)).into_bytes())
        } else {
            Cow::Borrowed(self.span.bytes(text))
        }
    }
}

impl Scanner<'_> {
    /// Steps over a key and its colon. Most are short, without escapes, and the colon right behind them.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Result<Key, Fault> {
        self.peek();
        let start = self.at;
        if let Some(string) = self.short_string()
            && self.bytes.get(self.at) == Some(&b':')
        {
            self.at += 1;
            return Ok(Key {
                span: Span {
                    start: string.start + 1,
                    end: string.end - 1,
                },
                escaped: false,
            });
        }
        self.at = start;
        self.any_key()
    }

    #[inline(never)]
    fn any_key(&mut self) -> Result<Key, Fault> {
        if self.peek() != Some(b'"') {
            return self.fault("a key is expected");
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let span = Span {
            start,
            end: self.at - 1,
        };
        if self.peek() != Some(b':') {
            return self.fault("a colon is expected");
        }
        self.at += 1;
        Ok(Key { span, escaped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands behind a key, and whether it has escapes.
    fn read(
        text: &str,
        read: impl FnOnce(&mut Scanner<'_>) -> Result<Key, Fault>,
    ) -> Option<(usize, Span, bool)> {
        let mut scanner = Scanner::new(text.as_bytes(), 1);
        let key = read(&mut scanner).ok()?;
        Some((scanner.at, key.span, key.escaped))
    }

    #[test]
    fn a_key_is_the_same_the_short_way_and_the_long() {
        for name in [
            "",
            "k",
            "content",
            r#"a\"b"#,
            r"mod\u0065l",
            "na\u{e9}me",
            "con\u{1}trol",
        ] {
            for long in 0..24 {
                for colon in [":", " : ", "", "::", ",", "\":"] {
                    let text = format!("  \"{name}{}\"{colon}\"value\"}}", "x".repeat(long));
                    for text in [text.as_str(), text.trim_start()] {
                        let key = read(text, |scanner| scanner.key());
                        let any = read(text, |scanner| scanner.any_key());
                        assert_eq!(key, any, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_may_end_with_the_text() {
        for rest in 0..24 {
            let text = format!("\"key\":{}", "1".repeat(rest));
            let span = Span { start: 1, end: 4 };
            assert_eq!(read(&text, |scanner| scanner.key()), Some((6, span, false)));
        }
    }
}
