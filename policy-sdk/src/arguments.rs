//! Reads tool-call arguments the way clients do that are more lenient than JSON.
//!
//! Agents and their SDKs close what a reply left open, accept single quotes, comments and code
//! fences, and decode JSON that was encoded twice. Where two of them would read a text differently,
//! both readings are returned, because a policy can't know which client is at the other end.
//! Nothing here judges anything.

mod reader;
mod strings;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use reader::{Doubts, Keys, Quotes, Reader};
pub(crate) use strings::unescaped;

/// How many times a text may be encoded: once by the host, and a few times by a model.
const MOST_ENCODINGS: usize = 5;
/// How many candidate texts one level of decoding may give.
const MOST_TEXTS: usize = 8;

/// Returns the objects and lists that some client reads from a text, the likeliest first. Returns
/// nothing if there are none, or if a bound is met: nobody means a text to be read that takes so
/// long to decode.
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

/// Returns what each kind of client reads from the text: documents, and strings that may contain
/// some.
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
        // The text was put in quotes without being encoded.
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

/// Returns the documents of a text: the first and the last, because a client may stop at the first
/// or start again with the last, and the list of all.
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
