//! Numbers and words.

use super::fault;
use crate::json::Fault;

/// The place behind the number or word that begins at `at` with this byte.
#[inline]
pub(super) fn scalar_end(bytes: &[u8], at: usize, first: u8) -> Result<usize, Fault> {
    match first {
        b't' => word_end(bytes, at, b"true"),
        b'f' => word_end(bytes, at, b"false"),
        b'n' => word_end(bytes, at, b"null"),
        b'-' | b'0'..=b'9' => number_end(bytes, at),
        _ => fault("a value is expected", at),
    }
}

fn word_end(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Fault> {
    match bytes[at..].starts_with(word) {
        true => Ok(at + word.len()),
        false => fault("a value is expected", at),
    }
}

fn number_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let start = behind(bytes, at, b"-");
    let mut end = digits_end(bytes, start)?;
    if bytes.get(start) == Some(&b'0') && end - start > 1 {
        return fault("a number starts with a needless zero", end);
    }
    if bytes.get(end) == Some(&b'.') {
        end = digits_end(bytes, end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        end = digits_end(bytes, behind(bytes, end + 1, b"+-"))?;
    }
    Ok(end)
}

/// The place behind one of these bytes, if one stands there.
fn behind(bytes: &[u8], at: usize, wanted: &[u8]) -> usize {
    let is_there = bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    at + usize::from(is_there)
}

fn digits_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let digits = bytes[at..].iter();
    match digits.take_while(|byte| byte.is_ascii_digit()).count() {
        0 => fault("a digit is expected", at),
        count => Ok(at + count),
    }
}
