//! Just enough JSON (RFC 8259): validate in one pass, find places, splice edits in.
//!
//! Builds no tree. A place is a [`Span`] of the original bytes, so that what nobody edits keeps every
//! byte: the order of its keys, its white space, the way its numbers and strings are written.

mod edit;
mod halves;
mod plain;
mod pointer;
mod scan;
mod text;

use std::borrow::Cow;

use thiserror::Error;

pub(crate) use edit::{Edit, insertion, removals, set_fields, splice, with_fields};
pub(crate) use halves::{Halves, has_halves};
pub(crate) use plain::{Fields, find, rest, which};
pub(crate) use pointer::{Steps, array_index, step};
pub(crate) use scan::{Key, Scanner, Walk, string_end};
pub(crate) use text::{between_quotes, quote, unescape};

/// How deep JSON that Sluice reads may nest, whatever the limits say: a bit per level is kept.
pub(crate) const MAX_DEPTH: usize = 128;

/// A place in a JSON text, from its first byte to the one after its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Why a text is not JSON, or not JSON that can be judged.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{reason} at byte {at}")]
pub(crate) struct Fault {
    pub(crate) reason: &'static str,
    pub(crate) at: usize,
}

impl Fault {
    pub(crate) const TWICE: &'static str = "a key stands twice in one object";
    const TOO_DEEP: &'static str = "nested too deeply";

    /// Whether a more lenient parser than this one reads the text all the same.
    pub(crate) fn is_readable_elsewhere(self) -> bool {
        [Self::TWICE, Self::TOO_DEEP].contains(&self.reason)
    }
}

impl Span {
    /// The bytes of this place; none where the text is another one.
    pub(crate) fn bytes(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The text of this place, in a text that is known to be UTF-8.
    pub(crate) fn text(self, text: &[u8]) -> &str {
        simdutf8::basic::from_utf8(self.bytes(text)).unwrap_or_default()
    }

    /// What the JSON string at this place says; nothing where another kind of value stands there.
    pub(crate) fn string(self, text: &[u8]) -> Option<String> {
        match self.bytes(text) {
            [b'"', inner @ .., b'"'] => Some(unescape(inner)),
            _ => None,
        }
    }

    /// What the JSON string at this place says, if it is written without escapes.
    pub(crate) fn plain_string(self, text: &[u8]) -> Option<&[u8]> {
        match self.bytes(text) {
            [b'"', inner @ .., b'"'] if memchr::memchr(b'\\', inner).is_none() => Some(inner),
            _ => None,
        }
    }

    /// The same, escapes or not.
    pub(crate) fn name(self, text: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self.plain_string(text) {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => Some(Cow::Owned(self.string(text)?.into_bytes())),
        }
    }

    /// How many bytes it has.
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the other place lies within this one.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// This place, seen from `by` bytes further to the front.
    pub(crate) fn shifted(self, by: usize) -> Self {
        Self {
            start: self.start + by,
            end: self.end + by,
        }
    }
}

/// Checks that `text` is one JSON value, nested no deeper than `depth`.
pub(crate) fn check(text: &str, depth: usize) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text.as_bytes(), depth);
    scanner.value()?;
    scanner.finish()
}

/// Whether `text` is a JSON object.
pub(crate) fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && check(text, MAX_DEPTH).is_ok()
}

/// The places of the values of the named keys of the object `text`. A key that stands there twice is
/// a fault: parsers differ in which of them they read.
pub(crate) fn fields<const N: usize>(
    text: &[u8],
    names: [&str; N],
) -> Result<[Option<Span>; N], Fault> {
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let found = scanner.fields(names)?;
    scanner.finish()?;
    Ok(found)
}

/// What the named field of the object `text` says; empty where it says nothing.
pub(crate) fn string_field(text: &[u8], name: &str) -> String {
    let [value] = fields(text, [name]).unwrap_or_default();
    let said = value.and_then(|value| value.string(text));
    said.unwrap_or_default()
}

/// The places of the values of the named keys of the object `text`, of which the end may be missing. A value whose end is
/// missing goes to the end of the text.
pub(crate) fn begun_fields<const N: usize>(text: &[u8], names: [&str; N]) -> [Option<Span>; N] {
    let mut found = [None; N];
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    // An error is where the text ends, or where nothing can be found any more.
    let _ = scanner.object(|scanner, key| {
        scanner.peek();
        let start = scanner.at();
        let value = scanner.value();
        let end = value.map_or(text.len(), |value| value.end);
        let name = key.name(text);
        if let Some(slot) = names.iter().position(|wanted| wanted.as_bytes() == &*name) {
            found[slot] = Some(Span { start, end });
        }
        value.map(drop)
    });
    found
}

/// The same, and the places of the elements of the array under `list`, in one pass.
pub(crate) fn fields_and_elements<const N: usize>(
    text: &[u8],
    names: [&str; N],
    list: &str,
) -> Result<([Option<Span>; N], Vec<Span>), Fault> {
    let mut elements = Vec::new();
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let found = scanner.fields_by(names, |scanner, name| {
        if name != list.as_bytes() || scanner.peek() != Some(b'[') {
            return scanner.value();
        }
        scanner.array(|scanner| {
            elements.push(scanner.value()?);
            Ok(())
        })
    })?;
    scanner.finish()?;
    Ok((found, elements))
}

/// The places of the elements of the array `text`; none where it is no array.
pub(crate) fn elements(text: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let all = scanner.array(|scanner| {
        spans.push(scanner.value()?);
        Ok(())
    });
    if all.is_err() {
        spans.clear();
    }
    spans
}

#[cfg(test)]
mod tests;
