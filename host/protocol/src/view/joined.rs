//! Texts that stand as one string or as several parts.

use crate::json::{Edit, Span, elements, insertion, quote, removals, splice};

/// The text of `content`: a string, or a list of parts of which those with a text are joined by a line
/// feed.
pub(crate) fn joined(text: &[u8], content: Span, read: impl Fn(&str) -> Option<String>) -> String {
    if let Some(plain) = content.string(text) {
        return plain;
    }
    let parts = content.bytes(text);
    let texts = elements(parts).into_iter();
    let texts: Vec<String> = texts.filter_map(|part| read(part.text(parts))).collect();
    texts.join("\n")
}

/// The list `parts` with another text: the first part with a text takes all of it, the others with a
/// text go, and what has none stays. `write` makes such a part, of an old one where there is one.
pub(crate) fn rejoined(
    parts: &str,
    read: impl Fn(&str) -> Option<String>,
    write: impl Fn(Option<&str>) -> String,
) -> String {
    let list = parts.as_bytes();
    let spans = elements(list);
    let is_text = |at: usize| {
        spans
            .get(at)
            .is_some_and(|span| read(span.text(list)).is_some())
    };
    let texts: Vec<usize> = (0..spans.len()).filter(|at| is_text(*at)).collect();
    let Some((first, span)) = texts.first().and_then(|at| Some((*at, *spans.get(*at)?))) else {
        let comma = if spans.is_empty() { "" } else { "," };
        let front = Edit {
            span: Span { start: 1, end: 1 },
            with: format!("{}{comma}", write(None)),
        };
        return String::from_utf8_lossy(&splice(list, vec![front])).into_owned();
    };
    let mut edits = removals(&spans, |at| at != first && texts.binary_search(&at).is_ok());
    edits.push(Edit {
        span,
        with: write(Some(span.text(list))),
    });
    String::from_utf8_lossy(&splice(list, edits)).into_owned()
}

/// The edit that adds a text at the end of the one at `content`: a string, or a list to which `part`
/// is added; nothing where it is neither.
pub(crate) fn appended(body: &[u8], content: Span, text: &str, part: &str) -> Option<Edit> {
    match content.bytes(body) {
        b"null" | b"\"\"" => Some(Edit {
            span: content,
            with: quote(text),
        }),
        [b'"', ..] => {
            let added = quote(&format!("\n\n{text}"));
            let at = content.end - 1;
            Some(Edit {
                span: Span { start: at, end: at },
                with: added[1..added.len() - 1].to_owned(),
            })
        }
        [b'[', ..] => Some(insertion(body, content, part)),
        _ => None,
    }
}
