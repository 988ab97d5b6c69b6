//! JSON Pointers (RFC 6901).

use super::{Scanner, Span};

/// The steps of a pointer, unescaped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Steps(pub(crate) Vec<String>);

impl Steps {
    /// Reads a pointer: empty for the whole text, else each step after a slash.
    pub(crate) fn parse(pointer: &str) -> Option<Self> {
        if pointer.is_empty() {
            return Some(Self(Vec::new()));
        }
        let steps = pointer.strip_prefix('/')?.split('/');
        Some(Self(
            steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect(),
        ))
    }
}

/// Where `name` leads from the value at `from`. Of a key that stands there twice the last one counts,
/// as most parsers have it.
pub(crate) fn step(text: &[u8], from: Span, name: &str) -> Option<Span> {
    let inside = from.bytes(text);
    let mut scanner = Scanner::new(inside, super::MAX_DEPTH);
    let mut found = None;
    let walked = match inside.first()? {
        b'{' => scanner.object(|scanner, key| {
            let value = scanner.value()?;
            if *key.name(inside) == *name.as_bytes() {
                found = Some(value);
            }
            Ok(())
        }),
        b'[' => {
            let wanted = array_index(name)?;
            let mut at = 0;
            scanner.array(|scanner| {
                let value = scanner.value()?;
                if at == wanted {
                    found = Some(value);
                }
                at += 1;
                Ok(())
            })
        }
        _ => return None,
    };
    walked.ok()?;
    found.map(|span| span.shifted(from.start))
}

/// An index as RFC 6901 writes it: digits, no leading zero.
pub(crate) fn array_index(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit());
    let needless_zero = name.len() > 1 && name.starts_with('0');
    (plain && !needless_zero).then(|| name.parse().ok())?
}
