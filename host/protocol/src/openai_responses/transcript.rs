//! What the events of an item have said of it before it is done, to be compared with what is said then.
//!
//! A client may read the one or the other, so where policies judge the item both have to agree.

use std::collections::BTreeMap;

use super::{call::Call, event::Kind, item::texts_in, same::is_begun_as};
use crate::{
    json::{Span, quote, set_fields, unescape},
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
        let (begun, call) = (added.map(Call::of), Call::of(json));
        let (is_function, end) = (call.is_function(), call.raw_arguments());
        let said = self.texts.get(&(List::Arguments, 0));
        let (deltas, done) = said.map_or((&[][..], None), |text| {
            (&text.deltas[..], text.done.as_deref())
        });
        let says_nothing = |raw: &[u8]| {
            let said = unescape(raw);
            said.is_empty() || (said.trim().is_empty() && is_function)
        };
        let is_empty = |raw: &[u8]| says_nothing(raw) || (is_function && raw == b"{}");
        let early = begun.map_or(&b""[..], |begun| begun.raw_arguments());
        let is_said = match (deltas.is_empty(), says_nothing(early)) {
            (false, early_is_empty) => early_is_empty && is_same_text(deltas, end),
            (true, true) => is_empty(end),
            (true, false) => is_same_text(early, end),
        };
        let is_done = done.is_none_or(|done| is_same_text(done, end));
        let begins_so = begun.is_none_or(|begun| {
            let own = |json| own_arguments(json);
            let is_callers = call.key.is_some();
            let begins_so = || is_begun_as(own(added.unwrap_or_default()), own(json));
            begun.names() == call.names() && (is_callers || begins_so())
        });
        !self.differs && is_said && is_done && begins_so
    }

    /// The finished call with what its events alone have said.
    pub(super) fn completed(&self, added: Option<&str>, json: &str) -> Option<String> {
        let (begun, call) = (Call::of(added.unwrap_or("{}")), Call::of(json));
        let missing = |early: Option<Span>, field: Option<Span>| {
            let early = begun.string(early).filter(|early| !early.is_empty());
            let said = call.string(field).filter(|said| !said.is_empty());
            early.filter(|_| said.is_none()).map(|early| quote(&early))
        };
        let mut said = None;
        if let Some(key) = call.key
            && str::from_utf8(call.raw_arguments()).is_ok_and(|raw| raw.trim().is_empty())
        {
            let text = self.texts.get(&(List::Arguments, 0));
            let told = text.map(|text| match &text.done {
                Some(done) if !done.is_empty() => &done[..],
                _ => &text.deltas[..],
            });
            let told = told.filter(|told| !told.is_empty());
            let told = told.unwrap_or(begun.raw_arguments());
            // The input of a custom tool that is empty is another one than none.
            let is_told = text.is_some() || begun.has_arguments();
            let is_empty_input = !call.is_function() && is_told && !call.has_arguments();
            let is_missing = !told.is_empty() || is_empty_input;
            said = is_missing.then(|| (key, quote(&unescape(told))));
        }
        let name = missing(begun.name, call.name);
        let call_id = missing(begun.call_id, call.call_id);
        let id = missing(begun.id, call.id);
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
