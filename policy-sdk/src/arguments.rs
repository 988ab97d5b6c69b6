//! Reads tool-call arguments the way clients do that are more lenient than JSON.
//!
//! Agents and their SDKs close what a reply left open, accept single quotes, comments and code
//! fences, and decode JSON that was encoded twice. Where two of them would read a text differently,
//! both readings are returned, because a policy can't know which client is at the other end.
//! Nothing here judges anything.

mod cursor;
mod reader;
mod strict;
mod strings;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use serde_json::{Map, Value};

use reader::{Doubts, Keys, Quotes, Reader};
pub(crate) use strings::unescaped;

/// How many times a text may be encoded: once by the host, and a few times by a model.
const MOST_ENCODINGS: usize = 5;
/// How many candidate texts one level of decoding may give.
const MOST_TEXTS: usize = 8;
/// How many objects and lists may be in a text that is not plain JSON, summed over all ways to read it.
const MOST_OPENED: usize = 32_768;

/// Returns the objects and lists that some client reads from a text, the likeliest first. Returns
/// nothing if there are none, or if a bound is met: nobody means a text to be read that takes so
/// long to decode.
pub(crate) fn readings(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut layer = vec![Cow::Borrowed(text)];
    let mut left = MOST_OPENED;
    for _ in 0..=MOST_ENCODINGS {
        let mut within = Vec::new();
        for text in layer {
            if says_nothing(&text) {
                add(&mut found, Value::Object(Map::new()));
            }
            let Some(documents) = documents(text, &mut left) else {
                return Vec::new();
            };
            documents.into_iter().for_each(|document| match document {
                Value::String(text) => add(&mut within, Cow::Owned(text)),
                document => add(&mut found, document),
            });
        }
        if within.len() > MOST_TEXTS {
            return Vec::new();
        }
        layer = within;
        if layer.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Returns what some client reads from the text: documents, and strings that may contain some. Returns
/// `None` if there are too many of them.
fn documents(text: Cow<'_, str>, left: &mut usize) -> Option<Vec<Value>> {
    match strict::read(&text) {
        Some(plain @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => Some(vec![plain]),
        _ => tastes(&text, left),
    }
}

/// Returns what each kind of client reads from the text, one after the other.
fn tastes(text: &str, left: &mut usize) -> Option<Vec<Value>> {
    let mut doubts = Doubts::default();
    let mut all = read(text, Keys::Last, Quotes::First, &mut doubts, left)?;
    if doubts.keys {
        all.extend(read(text, Keys::First, Quotes::First, &mut doubts, left)?);
    }
    if doubts.strings {
        for quotes in [Quotes::Fitting, Quotes::Last] {
            all.extend(read(text, Keys::Last, quotes, &mut doubts, left)?);
        }
    }
    if doubts.keys && doubts.strings {
        for quotes in [Quotes::Fitting, Quotes::Last] {
            all.extend(read(text, Keys::First, quotes, &mut doubts, left)?);
        }
    }
    let quoted = text.trim_start().strip_prefix('"');
    if let Some(inside) = quoted.filter(|inside| doubts.strings && inside.starts_with('{')) {
        // The text was put in quotes without being encoded.
        all.extend(read(inside, Keys::Last, Quotes::First, &mut doubts, left)?);
    }
    if doubts.is_escaped {
        all.push(Value::String(unescaped(text)));
    }
    if doubts.has_entities {
        all.push(Value::String(without_entities(text)));
    }
    Some(all)
}

/// Returns the documents of a text: the first and the last, because a client may stop at the first
/// or start again with the last, and the list of all. Returns `None` if it opens more objects and
/// lists than are left.
fn read(
    text: &str,
    keys: Keys,
    quotes: Quotes,
    doubts: &mut Doubts,
    left: &mut usize,
) -> Option<Vec<Value>> {
    let mut reader = Reader::new(text, keys, quotes, *left);
    let mut documents = reader.documents();
    doubts.join(reader.doubts());
    *left = reader.left().checked_sub(1)?;
    match documents.as_slice() {
        [] | [_] => {}
        [first, .., last] => {
            let (first, last) = (first.clone(), last.clone());
            documents = vec![first, last, Value::Array(documents)];
        }
    }
    Some(documents)
}

/// Whether the text is what some server writes for a call without arguments.
fn says_nothing(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '"');
    matches!(text, "" | "null" | "None" | "undefined")
}

fn without_entities(text: &str) -> String {
    [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}
