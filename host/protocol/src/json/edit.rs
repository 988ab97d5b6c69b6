//! Edits of a JSON text that leave every other byte alone.

use super::{Fault, Span, fields, quote};

/// Puts `with` in the place of `span`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) span: Span,
    pub(crate) with: String,
}

/// `text` with all `edits` made, which must not overlap. Copies it once, however many there are.
pub(crate) fn splice(text: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let added: usize = edits.iter().map(|edit| edit.with.len()).sum();
    let mut spliced = Vec::with_capacity(text.len() + added);
    let mut copied = 0;
    for edit in edits {
        spliced.extend_from_slice(text.get(copied..edit.span.start).unwrap_or_default());
        spliced.extend_from_slice(edit.with.as_bytes());
        copied = edit.span.end;
    }
    spliced.extend_from_slice(text.get(copied..).unwrap_or_default());
    spliced
}

/// The edits that take those `entries` of an object or array out for which `gone` holds, each with one
/// of the commas beside it.
pub(crate) fn removals(entries: &[Span], gone: impl Fn(usize) -> bool) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut any_before = false;
    for (at, entry) in entries.iter().enumerate() {
        if !gone(at) {
            any_before = true;
            continue;
        }
        let span = match entries.get(at + 1) {
            _ if any_before => Span {
                start: entries[at - 1].end,
                end: entry.end,
            },
            Some(next) => Span {
                start: entry.start,
                end: next.start,
            },
            None => *entry,
        };
        edits.push(Edit {
            span,
            with: String::new(),
        });
    }
    edits
}

/// The edit that adds `entry` at the end of the object or array at `list`, which is valid JSON.
pub(crate) fn insertion(text: &[u8], list: Span, entry: &str) -> Edit {
    let inside = list.bytes(text);
    let open = inside.len().saturating_sub(1);
    let filled = inside[..open].trim_ascii_end().len();
    let comma = if filled > 1 { "," } else { "" };
    let at = list.start + filled;
    Edit {
        span: Span { start: at, end: at },
        with: format!("{comma}{entry}"),
    }
}

/// `object` with the named fields set to these JSON texts; those that are not there are added.
pub(crate) fn set_fields<const N: usize>(
    object: &str,
    values: [(&str, Option<String>); N],
) -> Result<String, Fault> {
    let text = object.as_bytes();
    let found = fields(text, values.each_ref().map(|(name, _)| *name))?;
    let mut edits = Vec::new();
    let mut added = Vec::new();
    for (span, (name, value)) in found.into_iter().zip(values) {
        match (span, value) {
            (_, None) => {}
            (Some(span), Some(with)) => edits.push(Edit { span, with }),
            (None, Some(with)) => added.push(format!("{}:{with}", quote(name))),
        }
    }
    if !added.is_empty() {
        let trimmed = text.trim_ascii_end().len();
        let start = text.len() - text.trim_ascii_start().len();
        let whole = Span {
            start,
            end: trimmed,
        };
        edits.push(insertion(text, whole, &added.join(",")));
    }
    // Splicing text into text at the borders of JSON values leaves UTF-8.
    Ok(String::from_utf8_lossy(&splice(text, edits)).into_owned())
}

/// The same; `object` itself where it can't be read.
pub(crate) fn with_fields<const N: usize>(
    object: &str,
    values: [(&str, Option<String>); N],
) -> String {
    set_fields(object, values).unwrap_or_else(|_| object.to_owned())
}
