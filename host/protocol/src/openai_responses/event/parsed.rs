//! A frame read: its event, and its form.

use super::{
    ERROR, EVENT, Ending, Event, Found, INPUT, ITEM_AT, Kind, OUTPUT, OUTPUT_INDEX, RESPONSE_AT,
    TYPE, is_empty_response, shape,
};
use crate::{
    json::{Fault, Span},
    sse::{Frame, has_separators},
};

/// A frame's event, and whether every client reads the same from the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::openai_responses) struct Parsed {
    pub(in crate::openai_responses) event: Event,
    pub(in crate::openai_responses) form: Form,
}

/// How a frame is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_responses) enum Form {
    /// Every client reads the same from it.
    Plain,
    /// The same holds for its data, but not for its lines or its event's name.
    PlainData,
    Odd,
    /// Nothing that a client that reads it as the API's documents say could make sense of, though another might.
    Unreadable,
}

impl Parsed {
    /// Reads a frame. The data's `type` decides, the SSE event's name where it has none; an event named
    /// `error` is one whatever its data says, because clients raise it by its name.
    ///
    /// Err says what is wrong with an event that a client may act upon, though we can't read it.
    pub(in crate::openai_responses) fn read(frame: &Frame) -> Result<Self, String> {
        let data = frame.data();
        if frame.is_loose() || data == b"[DONE]" {
            return Ok(Self::loose(Event::LOOSE, frame.is_plain()));
        }
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let found = match shape::find(data, EVENT) {
            Ok(found) => found,
            Err(fault) => return Self::unreadable(frame, fault),
        };
        let written = found.at[TYPE].and_then(|kind| kind.plain_string(data));
        let is_named = written == Some(frame.event());
        let is_typed = found.is_plain && written.is_some();
        let (kind, is_plain) = (kind(frame.event(), &found, data), found.is_plain);
        let event = Event::of(kind, &found, data);
        if kind == Kind::Loose {
            let is_known = Kind::named(frame.event()).is_some();
            let is_plain = is_plain && frame.is_plain() && !is_known && !says(&found, data);
            return Ok(Self::loose(event, is_plain));
        }
        let form = match (is_typed && event.is_plain(&found, data), is_named) {
            (true, true) if frame.is_plain() => Form::Plain,
            (true, _) => Form::PlainData,
            (false, _) => Form::Odd,
        };
        Ok(Self { event, form })
    }

    /// Something that has no say in the order of the events; left out where clients might find one in it.
    fn loose(event: Event, is_plain: bool) -> Self {
        let form = match is_plain {
            true => Form::Plain,
            false => Form::Unreadable,
        };
        Self { event, form }
    }

    /// An event that is not JSON as we have it: carried where no client can make sense of it either.
    fn unreadable(frame: &Frame, fault: Fault) -> Result<Self, String> {
        let event = match Kind::named(frame.event()) {
            Some(kind @ Kind::Terminal(Ending::Error)) if !fault.is_readable_elsewhere() => Event {
                kind,
                ..Event::LOOSE
            },
            None if !fault.is_readable_elsewhere() => Event::LOOSE,
            _ => return Err(fault.to_string()),
        };
        // It is no JSON.
        let is_plain = frame.is_plain() && !has_separators(frame.data());
        let form = match (event.kind, is_plain) {
            (_, true) => Form::Plain,
            (Kind::Loose, false) => Form::Unreadable,
            (_, false) => Form::Odd,
        };
        Ok(Self { event, form })
    }
}

/// Whether a client might find content in an event that is about nothing.
fn says(found: &Found, data: &[u8]) -> bool {
    let mut content = (ITEM_AT..=INPUT).chain([OUTPUT]);
    let is_there = |span: Span| span.bytes(data) != b"null";
    content.any(|at| found.at[at].is_some_and(is_there))
        || !is_empty_response(data, found.at[RESPONSE_AT])
}

fn kind(event: &[u8], Found { at: found, .. }: &Found, data: &[u8]) -> Kind {
    let by_event = Kind::named(event);
    let name = found[TYPE].and_then(|kind| kind.name(data));
    let Some(name) = name else {
        // Some servers send a bare error object.
        let error = found[ERROR].is_some_and(|error| error.bytes(data).starts_with(b"{"));
        let failed = error.then_some(Kind::Terminal(Ending::Error));
        return by_event.or(failed).unwrap_or(Kind::Loose);
    };
    match (by_event, Kind::named(&name)) {
        (Some(error @ Kind::Terminal(Ending::Error)), None) => error,
        (_, Some(kind)) => kind,
        (_, None) if found[OUTPUT_INDEX].is_some() => Kind::OfItem,
        (_, None) => Kind::Loose,
    }
}
