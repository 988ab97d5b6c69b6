//! Keys of objects.

use std::borrow::Cow;

use super::{ahead, fault, string::Quoted};
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

/// A key, and what begins behind its colon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed {
    pub(super) key: Key,
    /// The place behind the colon.
    pub(super) end: usize,
}

impl Keyed {
    /// A key as most are: short, without escapes, at `at` and with the colon right behind it.
    #[inline(always)]
    pub(super) fn short(bytes: &[u8], at: usize) -> Option<Self> {
        let Span { start, end } = Quoted::short(bytes, at)?;
        let span = Span {
            start: start + 1,
            end: end - 1,
        };
        let escaped = false;
        let key = Key { span, escaped };
        let end = end + 1;
        (bytes.get(end - 1) == Some(&b':')).then_some(Self { key, end })
    }

    /// The key that begins at `at`, or behind the white space there.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, Fault> {
        let (start, first) = ahead(bytes, at);
        if first != Some(b'"') {
            return fault("a key is expected", start);
        }
        let Quoted { end, escaped } = Quoted::read(bytes, start)?;
        let span = Span {
            start: start + 1,
            end: end - 1,
        };
        let (colon, byte) = ahead(bytes, end);
        if byte != Some(b':') {
            return fault("a colon is expected", colon);
        }
        let key = Key { span, escaped };
        let end = colon + 1;
        Ok(Self { key, end })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Scanner, *};

    /// What stands behind the key at the front, its place, and whether it has escapes.
    fn read(text: &str, read: impl FnOnce(&[u8]) -> Option<Keyed>) -> Option<(usize, Span, bool)> {
        let Keyed { key, end } = read(text.as_bytes())?;
        Some((end, key.span, key.escaped))
    }

    /// The way of the scanner, which takes the short one where it can.
    fn scanned(text: &[u8]) -> Option<Keyed> {
        let mut scanner = Scanner::new(text, 1);
        let key = scanner.key().ok()?;
        let end = scanner.at();
        Some(Keyed { key, end })
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
                        let key = read(text, scanned);
                        let any = read(text, |text| Keyed::read(text, 0).ok());
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
            let key = read(&text, scanned);
            assert_eq!(key, Some((6, span, false)));
        }
    }
}
