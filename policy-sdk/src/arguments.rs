//! What clients make of the arguments of a tool call, where they are more lenient than JSON.
//!
//! Agents and their SDKs close what a reply left open, take single quotes, comments and fences, and
//! decode JSON that was encoded twice. Where two of them would read a text differently, each reading
//! counts: a policy can't know which client is at the other end. Nothing here decides anything.

mod reader;
mod strings;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use reader::{Doubts, Keys, Quotes, Reader};
pub(crate) use strings::unescaped;

/// How many times a text may be encoded: once by the host, and as often again by a model.
const MOST_ENCODINGS: usize = 5;
/// How many texts may be in a text, by as many ways to decode it.
const MOST_TEXTS: usize = 8;

/// The objects and lists that some client reads out of a text, the likeliest first. Empty if there are
/// none, and where a bound is met: what takes so long to decode is not meant to be read.
pub(crate) fn readings(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut layer = vec![text.to_owned()];
    for _ in 0..=MOST_ENCODINGS {
        let mut within = Vec::new();
        for text in &layer {
            if says_nothing(text) {
                add(&mut found, Value::Object(Map::new()));
            }
            for taste in tastes(text) {
                taste.into_iter().for_each(|document| match document {
                    Value::String(text) => add(&mut within, text),
                    document => add(&mut found, document),
                });
            }
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

/// What each kind of client reads out of the text: documents, and texts that may hold some.
fn tastes(text: &str) -> Vec<Vec<Value>> {
    let mut doubts = Doubts::default();
    let mut all = vec![read(text, Keys::Last, Quotes::First, &mut doubts)];
    if doubts.keys {
        all.push(read(text, Keys::First, Quotes::First, &mut doubts));
    }
    if doubts.strings {
        for quotes in [Quotes::Fitting, Quotes::Last] {
            all.push(read(text, Keys::Last, quotes, &mut doubts));
        }
    }
    if doubts.keys && doubts.strings {
        for quotes in [Quotes::Fitting, Quotes::Last] {
            all.push(read(text, Keys::First, quotes, &mut doubts));
        }
    }
    let quoted = text.trim_start().strip_prefix('"');
    if let Some(inside) = quoted.filter(|inside| doubts.strings && inside.starts_with('{')) {
        // Put between quotes, and not encoded.
        all.push(read(inside, Keys::Last, Quotes::First, &mut doubts));
    }
    if doubts.is_escaped {
        all.push(vec![Value::String(unescaped(text))]);
    }
    if doubts.has_entities {
        all.push(vec![Value::String(without_entities(text))]);
    }
    all
}

/// The documents of a text: the first and the last, since a client may stop at the one or begin anew
/// with the other, and all of them in a list.
fn read(text: &str, keys: Keys, quotes: Quotes, doubts: &mut Doubts) -> Vec<Value> {
    let mut reader = Reader::new(text, keys, quotes);
    let mut documents = reader.documents();
    doubts.join(reader.doubts());
    match documents.as_slice() {
        [] | [_] => {}
        [first, .., last] => {
            let (first, last) = (first.clone(), last.clone());
            documents = vec![first, last, Value::Array(documents)];
        }
    }
    documents
}

/// Whether a server wrote this where a call has no arguments.
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
