//! JSON of the API that every client reads alike.
//!
//! A [`Shape`] names the keys under which a client may look for content, and the kinds of value that the API has there. A
//! value is plain if all parsers find the same under these keys. One that is not is written anew, and all else in it is left
//! as it is: fields that nobody knows are carried.

use std::borrow::Cow;

use crate::json::{Fault, MAX_DEPTH, Scanner, Span, elements, quote, which};

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

/// What stands under the known keys of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<const N: usize> {
    /// Where it stands. Of a key that stands there twice it is the last, as most parsers have it.
    pub(super) at: [Option<Span>; N],
    /// Whether all parsers find these values.
    pub(super) is_plain: bool,
    /// Whether all parsers find the same in a value.
    pub(super) are_plain: [bool; N],
}

/// What stands under these keys of the object `text`, found in one pass.
pub(super) fn find<const N: usize>(
    text: &[u8],
    fields: &'static [(&'static str, Shape); N],
) -> Result<Found<N>, Fault> {
    let (mut at, mut are_plain) = ([None; N], [true; N]);
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let is_plain = object(&mut scanner, fields, |place, value, is_plain| {
        at[place] = Some(value);
        are_plain[place] = is_plain;
    })?;
    scanner.finish()?;
    Ok(Found {
        at,
        is_plain,
        are_plain,
    })
}

/// Whether all parsers find the same in a value, which is valid JSON.
fn is_plain(json: &[u8], shape: Shape) -> bool {
    value(&mut Scanner::resume(json, 0), shape).unwrap_or_default()
}

/// Steps over a value. Whether all parsers find the same in it.
fn value(scanner: &mut Scanner<'_>, shape: Shape) -> Result<bool, Fault> {
    let first = scanner.peek();
    match (shape, first) {
        (Shape::Object(fields), Some(b'{')) => whole_object(scanner, fields),
        (Shape::List(fields), Some(b'[')) => list(scanner, fields),
        (Shape::Parts, Some(b'[')) => list(scanner, PART),
        _ => {
            scanner.value()?;
            Ok(match shape {
                Shape::Any => true,
                Shape::Text | Shape::Arguments => matches!(first, Some(b'"' | b'n')),
                Shape::Object(_) | Shape::List(_) | Shape::Parts => first == Some(b'n'),
            })
        }
    }
}

fn list(scanner: &mut Scanner<'_>, fields: &'static Fields) -> Result<bool, Fault> {
    let mut is_all_plain = true;
    scanner.array(|scanner| {
        is_all_plain &= match scanner.peek() {
            Some(b'{') => whole_object(scanner, fields)?,
            _ => {
                scanner.value()?;
                false
            }
        };
        Ok(())
    })?;
    Ok(is_all_plain)
}

fn whole_object(scanner: &mut Scanner<'_>, fields: &'static Fields) -> Result<bool, Fault> {
    let mut are_plain = true;
    let is_plain = object(scanner, fields, |_, _, is_plain| are_plain &= is_plain)?;
    Ok(is_plain && are_plain)
}

/// Steps over an object. `each` is told of the values of known keys, and whether all parsers find the same in them. Whether all
/// parsers find these values.
fn object(
    scanner: &mut Scanner<'_>,
    fields: &'static Fields,
    mut each: impl FnMut(usize, Span, bool),
) -> Result<bool, Fault> {
    let text = scanner.text();
    let (mut seen, mut is_plain) = (0_u32, true);
    scanner.object(|scanner, key| {
        let name = key.name(text);
        match which(&name, names(fields)) {
            Ok(at) => {
                let is_first = seen & 1 << at == 0;
                seen |= 1 << at;
                is_plain &= is_first && name.len() == key.span.len();
                scanner.peek();
                let start = scanner.at();
                let is_plain = value(scanner, fields[at].1)?;
                let end = scanner.at();
                each(at, Span { start, end }, is_plain);
            }
            Err(is_other) => {
                scanner.value()?;
                is_plain &= is_other;
            }
        }
        Ok(())
    })?;
    Ok(is_plain)
}

fn names(fields: &'static Fields) -> impl Iterator<Item = &'static str> + Clone {
    fields.iter().map(|(name, _)| *name)
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
        let known = match which(&key.name(text), names(fields)) {
            Ok(at) => Some(at),
            Err(true) => None,
            Err(false) => return Ok(()),
        };
        if let Some(at) = known {
            last[at] = Some(entries.len());
        }
        entries.push((known, key.span, value));
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
