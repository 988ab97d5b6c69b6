//! JSON of the API that every client reads alike.
//!
//! A [`Shape`] names the keys under which a client may look for content, and the kinds of value that the API has there. A
//! value is plain if all parsers find the same under these keys. One that is not is written anew, and all else in it is left
//! as it is: fields that nobody knows are carried.

use std::borrow::Cow;

use crate::json::{self, Fault, MAX_DEPTH, Scanner, Span, elements, quote};

/// A kind of value. Null stands for any value that is not there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Any,
    Text,
    /// A text of JSON. Some servers write the JSON itself.
    Arguments,
    Object(&'static Fields),
    List(&'static Fields),
    /// A list of parts of content. Some servers write a text instead.
    Parts,
}

/// The keys that are looked for in an object.
pub(super) type Fields = [(&'static str, Shape)];

/// A part of a message, or of reasoning.
pub(super) const PART: &Fields = &[
    ("type", Shape::Text),
    ("text", Shape::Text),
    ("refusal", Shape::Text),
];

/// An item of the output.
pub(super) const ITEM: &Fields = &[
    ("type", Shape::Text),
    ("id", Shape::Text),
    ("call_id", Shape::Text),
    ("name", Shape::Text),
    ("arguments", Shape::Arguments),
    ("input", Shape::Text),
    ("action", Shape::Any),
    ("actions", Shape::Any),
    ("operation", Shape::Any),
    ("summary", Shape::Parts),
    ("content", Shape::Parts),
    ("status", Shape::Text),
];

/// A response.
pub(super) const RESPONSE: &Fields = &[
    ("id", Shape::Text),
    ("status", Shape::Text),
    ("output", Shape::List(ITEM)),
    ("output_text", Shape::Text),
    (
        "incomplete_details",
        Shape::Object(&[("reason", Shape::Text)]),
    ),
];

/// Whether all parsers find the same in a value, which is valid JSON.
pub(super) fn is_plain(json: &[u8], shape: Shape) -> bool {
    match (shape, json.first()) {
        (Shape::Any, _) | (_, Some(b'n')) => true,
        (Shape::Text | Shape::Arguments, first) => first == Some(&b'"'),
        (Shape::Object(fields), Some(b'{')) => is_plain_object(json, fields),
        (Shape::List(fields), Some(b'[')) => all_plain(json, fields),
        (Shape::Parts, Some(b'[')) => all_plain(json, PART),
        _ => false,
    }
}

fn all_plain(list: &[u8], fields: &'static Fields) -> bool {
    let each = elements(list).into_iter();
    each.map(|element| element.bytes(list))
        .all(|element| element.starts_with(b"{") && is_plain_object(element, fields))
}

fn is_plain_object(json: &[u8], fields: &'static Fields) -> bool {
    let mut seen = 0_u32;
    let mut is_all_plain = true;
    let walked = Scanner::new(json, MAX_DEPTH).object(|scanner, key| {
        let value = scanner.value()?;
        let name = key.name(json);
        is_all_plain &= match position(fields, &name) {
            Some(at) => {
                let is_first = seen & 1 << at == 0;
                seen |= 1 << at;
                let is_exact = name.len() == key.span.len();
                is_first && is_exact && is_plain(value.bytes(json), fields[at].1)
            }
            None => !is_like_any(&name, fields),
        };
        Ok(())
    });
    walked.is_ok() && is_all_plain
}

fn position(fields: &Fields, name: &[u8]) -> Option<usize> {
    fields
        .iter()
        .position(|(known, _)| known.as_bytes() == name)
}

fn is_like_any(name: &[u8], fields: &Fields) -> bool {
    fields
        .iter()
        .any(|(known, _)| json::is_like_any(name, &[known]))
}

/// A value of which all parsers find the same. `None` where it has no place there.
pub(super) fn plain(json: &str, shape: Shape) -> Option<Cow<'_, str>> {
    if is_plain(json.as_bytes(), shape) {
        return Some(Cow::Borrowed(json));
    }
    let list = |fields| {
        let text = json.as_bytes();
        let each = elements(text).into_iter().map(|element| element.text(text));
        let objects = each.filter(|element| element.starts_with('{'));
        let written: Vec<_> = objects
            .filter_map(|element| plain(element, Shape::Object(fields)))
            .collect();
        format!("[{}]", written.join(","))
    };
    let written = match (shape, json.as_bytes().first()?) {
        (Shape::Arguments, _) => quote(json),
        (Shape::Object(fields), b'{') => plain_object(json, fields, |_| true).ok()?,
        (Shape::List(fields), b'[') => list(fields),
        (Shape::Parts, b'[') => list(PART),
        (Shape::Parts, b'"') => {
            format!(r#"[{{"type":"output_text","annotations":[],"text":{json}}}]"#)
        }
        _ => return None,
    };
    Some(Cow::Owned(written))
}

/// An object with those of the known keys that belong there, each once, as all parsers read it. Of a key that stands there
/// twice the last value counts, as most have it.
pub(super) fn plain_object(
    json: &str,
    fields: &'static Fields,
    belongs: impl Fn(&str) -> bool,
) -> Result<String, Fault> {
    let text = json.as_bytes();
    let mut entries: Vec<(Option<usize>, Span, Span)> = Vec::new();
    let mut last = vec![None; fields.len()];
    Scanner::new(text, MAX_DEPTH).object(|scanner, key| {
        let value = scanner.value()?;
        let name = key.name(text);
        let known = position(fields, &name);
        if let Some(at) = known {
            last[at] = Some(entries.len());
        }
        if known.is_some() || !is_like_any(&name, fields) {
            entries.push((known, key.span, value));
        }
        Ok(())
    })?;
    let mut written = Vec::new();
    for (place, (known, key, value)) in entries.iter().enumerate() {
        let value = value.text(text);
        match known.map(|at| (at, fields[at])) {
            None => written.push(format!(r#""{}":{value}"#, key.text(text))),
            Some((at, (name, shape))) if last[at] == Some(place) && belongs(name) => {
                written.extend(plain(value, shape).map(|value| format!(r#""{name}":{value}"#)));
            }
            Some(_) => {}
        }
    }
    Ok(format!("{{{}}}", written.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &str) -> Option<String> {
        plain(json, Shape::Object(ITEM)).map(Cow::into_owned)
    }

    #[test]
    fn what_all_parsers_read_alike_stays_as_it_is() {
        for json in [
            r#"{ "type" : "message", "content": [{"type":"output_text","text":"x","Text ":1}] }"#,
            r#"{"type":"function_call","arguments":null,"new":{"Type":1,"type":2}}"#,
            "{}",
        ] {
            assert_eq!(item(json).as_deref(), Some(json));
        }
    }

    #[test]
    fn what_parsers_read_in_different_ways_is_written_anew() {
        for (json, expected) in [
            (r#"{"type":"a","x":1,"type":"b"}"#, r#"{"x":1,"type":"b"}"#),
            (r#"{"type":"a","Type":"b"}"#, r#"{"type":"a"}"#),
            (r#"{"t\u0079pe":"a"}"#, r#"{"type":"a"}"#),
            (r#"{"name":["a"],"id":"b"}"#, r#"{"id":"b"}"#),
            (r#"{"arguments":{"a":1}}"#, r#"{"arguments":"{\"a\":1}"}"#),
            (
                r#"{"content":"x"}"#,
                r#"{"content":[{"type":"output_text","annotations":[],"text":"x"}]}"#,
            ),
            (
                r#"{"content":[{"text":"a","TEXT":"b"},"c"]}"#,
                r#"{"content":[{"text":"a"}]}"#,
            ),
        ] {
            assert_eq!(item(json).as_deref(), Some(expected), "{json}");
        }
    }
}
