//! Letters whose two halves come in two strings.
//!
//! JSON writes letters beyond U+FFFF as two escapes, a surrogate pair. A server that cuts text by UTF-16 units, as JavaScript
//! does, may cut between them. Clients in JavaScript and Python put the halves together again, strict parsers refuse them. So
//! a half at the end of a string moves to the front of the next one.

/// The half at the end of the last string of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halves(Option<[u8; ESCAPE]>);

/// `\uD83D`
const ESCAPE: usize = 6;

impl Halves {
    /// What stands between the quotes of the next string, with the half of the last one before it and without one at its end.
    /// `None` where that is what stands there already.
    pub(crate) fn join(&mut self, inner: &[u8]) -> Option<Vec<u8>> {
        if self.0.is_none() && !has_halves(inner) {
            return None;
        }
        let first = self.0.take();
        let mut joined = Vec::with_capacity(inner.len() + ESCAPE);
        joined.extend(
            first
                .filter(|_| unit(inner).is_some_and(is_low))
                .into_iter()
                .flatten(),
        );
        joined.extend_from_slice(inner);
        if let Some(cut) = joined.len().checked_sub(ESCAPE)
            && unit(&joined[cut..]).is_some_and(is_high)
            && is_escape(&joined, cut)
        {
            self.0 = joined[cut..].try_into().ok();
            joined.truncate(cut);
        }
        (joined != inner).then_some(joined)
    }

    /// Whether a half waits for the next string.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.is_some()
    }
}

/// Whether there may be an escape of a surrogate between these quotes.
pub(crate) fn has_halves(inner: &[u8]) -> bool {
    let escapes = memchr::memchr_iter(b'\\', inner);
    let mut behind = escapes.map(|at| inner.get(at + 1..at + 4).unwrap_or_default());
    behind.any(|escape| {
        matches!(
            escape,
            [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F']
        )
    })
}

/// The UTF-16 unit of the escape at the front.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..ESCAPE)?.strip_prefix(b"\\u")?;
    let digits = str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

fn is_high(unit: u32) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn is_low(unit: u32) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

/// Whether the backslash at `at` begins an escape, and is not itself escaped.
fn is_escape(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count() % 2 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(strings: &[&str]) -> Vec<String> {
        let mut halves = Halves::default();
        let strings = strings.iter().map(|string| {
            let joined = halves.join(string.as_bytes());
            joined.map_or_else(
                || (*string).to_owned(),
                |joined| String::from_utf8(joined).unwrap(),
            )
        });
        strings.collect()
    }

    #[test]
    fn a_half_moves_to_the_string_behind_it() {
        assert_eq!(
            joined(&[r"ok \ud83d", r"\ude00 fine"]),
            ["ok ", r"\ud83d\ude00 fine"]
        );
        assert_eq!(
            joined(&[r"\uD83D", r"\uDE00", "x"]),
            ["", r"\uD83D\uDE00", "x"]
        );
        assert_eq!(
            joined(&[r"\ud83d\ude00\ud83d", r"\ude01\ud83d", r"\ude02"]),
            [r"\ud83d\ude00", r"\ud83d\ude01", r"\ud83d\ude02"]
        );
    }

    #[test]
    fn what_is_no_half_stays() {
        for strings in [
            &["a", r"\u00e9", r"\n"][..],
            &[r"\\ud83d", r"\ude00"],
            &[r"\ud83d\ude00", "x"],
        ] {
            assert_eq!(joined(strings), strings);
        }
    }

    #[test]
    fn a_half_that_none_follows_goes() {
        assert_eq!(joined(&[r"a\ud83d", "b", r"\ude00"]), ["a", "b", r"\ude00"]);
    }
}
