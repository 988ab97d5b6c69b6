//! Chunks and bodies brought into plain form: what clients might read in different ways is written anew.
//!
//! Fields that no client takes for a known one stay. What is left out is what has no place in the API: a copy of the text
//! under another key, a second value of a key, a name that is repeated.

mod call;

use super::{
    chunk::{CHUNK_KEYS, Chunk, ENTRY_KEYS, Element, Entry, Form, SAID_KEYS},
    content::Part,
    made::Envelope,
    reader::Placed,
};
use crate::{
    BlockKind,
    json::{Span, find, quote, rest},
    sse::{Frame, escaped},
};

/// A field of an object: its name, and its value as JSON.
type Field = (&'static str, String);

/// The chunks that say what a chunk says. Each has a choice once at most. `placed` are the places of the pieces of calls, in
/// their order.
pub(super) fn chunks(
    data: &[u8],
    chunk: &Chunk,
    placed: &[Option<Placed>],
    envelope: &Envelope,
) -> Vec<Frame> {
    let mut placed = placed.iter();
    let mut groups: Vec<Vec<(u64, String)>> = vec![Vec::new()];
    for entry in &chunk.choices {
        let json = choice(data, entry, Form::Delta, |element| {
            call::piece(data, element, placed.next()?.as_ref()?, Form::Delta)
        });
        let Some(json) = json else {
            continue;
        };
        match groups.last_mut() {
            Some(group) if group.iter().all(|(index, _)| *index != entry.index) => {
                group.push((entry.index, json));
            }
            _ => groups.push(vec![(entry.index, json)]),
        }
    }
    let last = groups.len() - 1;
    let chunks = groups.into_iter().enumerate().filter_map(|(at, group)| {
        let choices: Vec<String> = group.into_iter().map(|(_, json)| json).collect();
        // What is about all choices is said once.
        let others = if at == last {
            about_all(data)
        } else {
            String::new()
        };
        let says_nothing = choices.is_empty() && others.is_empty();
        let chunk = envelope.object("chat.completion.chunk", &choices.join(","), &others);
        (!says_nothing).then(|| Frame::new("", &escaped(&chunk)))
    });
    chunks.collect()
}

/// A body that says what a body says.
pub(super) fn body(data: &[u8], chunk: &Chunk) -> String {
    let mut envelope = Envelope::default();
    envelope.follow(data, chunk);
    let choices = chunk.choices.iter().filter_map(|entry| {
        choice(data, entry, Form::Message, |element| {
            call::piece(data, element, &Placed::whole(element), Form::Message)
        })
    });
    let choices: Vec<String> = choices.collect();
    envelope.object("chat.completion", &choices.join(","), &about_all(data))
}

/// Upstream's error, with its JSON where it has some, else with all that was said.
pub(super) fn error(data: &[u8], error: Option<Span>) -> String {
    let error = error.map(|error| one_line(error.text(data)));
    let error = error.unwrap_or_else(|| {
        let said = match find(data, ["message"]).map(|found| found.at) {
            Ok([message]) => message.and_then(|message| message.string(data)),
            Err(_) => Some(String::from_utf8_lossy(data).into_owned()),
        };
        let said = said.unwrap_or_else(|| "upstream failed and did not say why".to_owned());
        format!(r#"{{"message":{},"type":"server_error"}}"#, quote(&said))
    });
    escaped(&format!(r#"{{"error":{error}}}"#))
}

/// What a chunk or a body says that is about no choice, as fields behind others.
fn about_all(data: &[u8]) -> String {
    let usage = find(data, ["usage"]).map(|found| found.at);
    let usage = usage.ok().and_then(|[usage]| usage);
    let usage = usage.map(|usage| format!(r#","usage":{}"#, one_line(usage.text(data))));
    usage.unwrap_or_default() + &others(data, &[&CHUNK_KEYS[..], &["object"]].concat())
}

/// An element of `choices`. `piece` writes a piece of a call, or leaves it out. `None` if nothing is left of it.
fn choice(
    data: &[u8],
    entry: &Entry,
    form: Form,
    piece: impl FnMut(&Element) -> Option<String>,
) -> Option<String> {
    let said = said(data, entry, form, piece);
    let is_silent = said == "{}" && entry.has_calls() && entry.finish_reason.is_none();
    if is_silent && !entry.says_more {
        return None;
    }
    let reason = entry.finish_reason.map(|reason| reason.text(data));
    let reason = reason.filter(|reason| reason.starts_with('"'));
    let logprobs = entry.logprobs.map(|span| one_line(span.text(data)));
    let fields = [
        ("index", entry.index.to_string()),
        (form.key(), said),
        ("logprobs", logprobs.unwrap_or_else(|| "null".to_owned())),
        ("finish_reason", reason.unwrap_or("null").to_owned()),
    ];
    let others = others(entry.span.bytes(data), &ENTRY_KEYS);
    Some(object(&fields, &others))
}

/// A delta or message.
fn said(
    data: &[u8],
    entry: &Entry,
    form: Form,
    mut piece: impl FnMut(&Element) -> Option<String>,
) -> String {
    let raw = |span: Option<Span>| span.map(|span| span.text(data).to_owned());
    let calls: Vec<String> = entry.calls.iter().filter_map(&mut piece).collect();
    let calls = (!calls.is_empty()).then(|| format!("[{}]", calls.join(",")));
    let has_role = entry.has_role || form == Form::Message;
    let content = raw(entry.content).or_else(|| list(data, &entry.parts));
    let fields = [
        ("role", has_role.then(|| quote("assistant"))),
        ("content", content),
        (
            "reasoning_content",
            raw(entry.thinking).map(|json| one_line(&json)),
        ),
        ("refusal", raw(entry.refusal)),
        ("tool_calls", calls),
        (
            "function_call",
            entry.function_call.as_ref().and_then(piece),
        ),
    ];
    let fields = fields.into_iter();
    let fields: Vec<Field> = fields
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let others = entry.said.map(|said| others(said.bytes(data), &SAID_KEYS));
    object(&fields, &others.unwrap_or_default())
}

/// Content that is a list, without the parts that are nothing a client knows.
fn list(data: &[u8], parts: &[Part]) -> Option<String> {
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|part| self::part(data, part))
        .collect();
    (!parts.is_empty()).then(|| format!("[{}]", parts.join(",")))
}

fn part(data: &[u8], part: &Part) -> Option<String> {
    if part.is_plain {
        return Some(one_line(part.span.text(data)));
    }
    let value = one_line(part.value?.text(data));
    Some(match part.kind {
        BlockKind::Thinking => format!(r#"{{"type":"thinking","thinking":{value}}}"#),
        _ => format!(r#"{{"type":"text","text":{value}}}"#),
    })
}

fn object(fields: &[Field], others: &str) -> String {
    let fields = fields
        .iter()
        .map(|(name, value)| format!(r#""{name}":{value}"#));
    let fields: Vec<String> = fields.collect();
    match &fields[..] {
        [] => format!("{{{}}}", others.trim_start_matches(',')),
        _ => format!("{{{}{others}}}", fields.join(",")),
    }
}

/// The fields of an object that no client takes for one of the named, each behind a comma.
fn others(object: &[u8], names: &[&str]) -> String {
    let object = str::from_utf8(object).unwrap_or_default();
    let fields = rest(object, names).into_iter();
    fields
        .map(|(key, value)| format!(",{key}:{}", one_line(value)))
        .collect()
}

/// JSON in one line. Line feeds stand in it between tokens alone.
fn one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}
