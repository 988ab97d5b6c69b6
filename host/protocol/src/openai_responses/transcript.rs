//! What the events of an item have said of it before it is done, to be compared with what is said then.
//!
//! A client may read the one or the other, so where policies judge the item both have to agree.

use std::collections::BTreeMap;

use super::{event::Kind, item::texts_in, same::is_begun_as};
use crate::{
    json::{fields, quote, set_fields, unescape},
    openai::items::{own_arguments, read_call},
};

/// What was said of a call or of reasoning.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    texts: BTreeMap<(List, u64), Text>,
    size: usize,
    /// Whether its events can't be brought together.
    differs: bool,
}

/// A text or arguments as far as they were said, as they stand between quotes.
#[derive(Debug, Default)]
struct Text {
    deltas: Vec<u8>,
    done: Option<Vec<u8>>,
}

/// Where in an item a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Content,
    Summary,
    Arguments,
}

impl Transcript {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes in what stands between the quotes of what an event says.
    pub(super) fn hear(&mut self, kind: Kind, part: u64, raw: &[u8]) {
        if !kind.is_delta() && !kind.is_done() {
            return;
        }
        let size = &mut self.size;
        let text = self.texts.entry(place(kind, part)).or_insert_with(|| {
            *size += size_of::<((List, u64), Text)>();
            Text::default()
        });
        *size += raw.len();
        if kind.is_delta() {
            self.differs |= text.done.is_some();
            text.deltas.extend_from_slice(raw);
            return;
        }
        let before = text.done.as_ref().unwrap_or(&text.deltas);
        self.differs |= !before.is_empty() && !is_same_text(before, raw);
        text.done = Some(raw.to_vec());
    }

    /// Whether finished reasoning says the same.
    pub(super) fn agrees_with_reasoning(&self, json: &str) -> bool {
        let (content, summary) = (texts_in(json, "content"), texts_in(json, "summary"));
        let agrees = |((list, at), text): (&(List, u64), &Text)| {
            let texts = match list {
                List::Content => &content,
                List::Summary => &summary,
                List::Arguments => return true,
            };
            let finished = usize::try_from(*at)
                .ok()
                .and_then(|at| texts.get(at)?.as_deref());
            let said = unescape(text.done.as_ref().unwrap_or(&text.deltas));
            finished.unwrap_or_default().trim() == said.trim()
        };
        !self.differs && self.texts.iter().all(agrees)
    }

    /// Whether a finished call says the same as its events.
    pub(super) fn agrees_with_call(&self, added: Option<&str>, json: &str) -> bool {
        if added.is_none() && self.texts.is_empty() {
            return !self.differs;
        }
        let end = raw_arguments(json);
        let end = end.as_bytes();
        let said = self.texts.get(&(List::Arguments, 0));
        let (deltas, done) = said.map_or((&[][..], None), |text| {
            (&text.deltas[..], text.done.as_deref())
        });
        let says_nothing = |raw: &[u8]| {
            let said = unescape(raw);
            said.is_empty() || (said.trim().is_empty() && is_function(json))
        };
        let is_empty = |raw: &[u8]| says_nothing(raw) || (is_function(json) && raw == b"{}");
        let early = added.map(raw_arguments).unwrap_or_default();
        let is_said = match (deltas.is_empty(), says_nothing(early.as_bytes())) {
            (false, early_is_empty) => early_is_empty && is_same_text(deltas, end),
            (true, true) => is_empty(end),
            (true, false) => is_same_text(early.as_bytes(), end),
        };
        let is_done = done.is_none_or(|done| is_same_text(done, end));
        let names = |json: &str| {
            let names = fields(json.as_bytes(), ["type", "id", "call_id", "name"]);
            let names = names.unwrap_or_default();
            names.map(|name| name.and_then(|name| name.string(json.as_bytes())))
        };
        let begins_so = added.is_none_or(|added| {
            names(added) == names(json) && is_begun_as(own_arguments(added), own_arguments(json))
        });
        !self.differs && is_said && is_done && begins_so
    }

    /// The finished call with what its events alone have said.
    pub(super) fn completed(&self, added: Option<&str>, json: &str) -> Option<String> {
        let text = json.as_bytes();
        let added_text = added.unwrap_or("{}").as_bytes();
        let names = ["name", "call_id", "id"];
        let is_blank = |span: Option<crate::json::Span>, text: &[u8]| {
            span.and_then(|span| span.string(text))
                .is_none_or(|said| said.is_empty())
        };
        let found = fields(text, names).ok()?;
        let early = fields(added_text, names).ok()?;
        let missing = |at: usize| {
            let early = early[at].filter(|early| !is_blank(Some(*early), added_text));
            let early = early.filter(|_| is_blank(found[at], text))?;
            Some(early.text(added_text).to_owned())
        };
        let mut said = None;
        if let Some(key) = key_of(json)
            && raw_arguments(json).trim().is_empty()
        {
            let text = self.texts.get(&(List::Arguments, 0));
            let told = text.map(|text| match &text.done {
                Some(done) if !done.is_empty() => &done[..],
                _ => &text.deltas[..],
            });
            let early = added.map(raw_arguments).unwrap_or_default();
            let told = told
                .filter(|told| !told.is_empty())
                .unwrap_or(early.as_bytes());
            // The input of a custom tool that is empty is another one than none.
            let is_told = text.is_some() || added.is_some_and(|added| has_string(added, key));
            let is_empty_input = key == "input" && is_told && !has_string(json, key);
            let is_missing = !told.is_empty() || is_empty_input;
            said = is_missing.then(|| (key, quote(&unescape(told))));
        }
        let [name, call_id, id] = [0, 1, 2].map(missing);
        if [&name, &call_id, &id].into_iter().all(Option::is_none) && said.is_none() {
            return None;
        }
        let (key, said) = said.map_or(("arguments", None), |(key, said)| (key, Some(said)));
        let values = [
            ("name", name),
            ("call_id", call_id),
            ("id", id),
            (key, said),
        ];
        let set = set_fields(json, values).ok()?;
        read_call(&set).is_some().then_some(set)
    }
}

/// Whether two texts are the same, however they are written between their quotes. Takes no longer than the shorter one says.
pub(super) fn is_same_text(one: &[u8], other: &[u8]) -> bool {
    // So many bytes an escape has that stands for one.
    let may_be = |one: &[u8], other: &[u8]| one.len() <= 6 * other.len();
    let may_be_same = may_be(one, other) && may_be(other, one);
    one == other || (may_be_same && unescape(one) == unescape(other))
}

fn place(kind: Kind, part: u64) -> (List, u64) {
    match kind {
        Kind::SummaryDelta | Kind::SummaryDone => (List::Summary, part),
        kind if kind.is_call_delta() || kind.is_call_done() => (List::Arguments, 0),
        _ => (List::Content, part),
    }
}

fn is_function(json: &str) -> bool {
    key_of(json) == Some("arguments")
}

/// Where a call of the caller's own tools has its arguments.
fn key_of(json: &str) -> Option<&'static str> {
    match super::item::string(json, "type").as_str() {
        "function_call" => Some("arguments"),
        "custom_tool_call" => Some("input"),
        _ => None,
    }
}

/// Whether a string stands under this key.
fn has_string(json: &str, key: &str) -> bool {
    let [value] = fields(json.as_bytes(), [key]).unwrap_or_default();
    value.is_some_and(|value| value.bytes(json.as_bytes()).starts_with(b"\""))
}

/// The arguments of a call of the caller's own tools, as they stand between quotes.
fn raw_arguments(json: &str) -> String {
    let text = json.as_bytes();
    let raw = key_of(json).and_then(|key| {
        let [value] = fields(text, [key]).ok()?;
        value?.text(text).strip_prefix('"')?.strip_suffix('"')
    });
    raw.unwrap_or_default().to_owned()
}
