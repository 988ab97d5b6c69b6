//! What a frame of a streamed reply says.

use std::borrow::Cow;

use crate::{
    json::{Fault, Fields, Span, elements, find},
    sse::{Frame, has_separators},
};

/// A frame's event, and whether every client reads the same from the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) event: Event,
    pub(super) form: Form,
}

/// How a frame is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Every client reads the same from it.
    Plain,
    /// The same holds for its data, but not for its lines or its event's name.
    PlainData,
    Odd,
}

/// An event, with the places in the frame's data that are read or edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    MessageStart(Span),
    BlockStart(Index, Span),
    BlockDelta(Index, Delta),
    BlockStop(Index),
    MessageDelta(MessageDelta),
    MessageStop,
    /// An error of upstream's, if it has JSON of its own.
    Error(Option<Span>),
    Ping,
    /// A comment, an event newer than this crate: it has no say in the order of the others.
    Loose,
    /// Nothing that a client that reads it as the API's documents say could make sense of, though another might.
    Unreadable,
}

/// The `index` of a block's event, and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) value: u64,
    pub(super) span: Span,
}

/// What a `content_block_delta` adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) kind: DeltaKind,
    /// Where the string is written that it adds, or the citation.
    pub(super) value: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeltaKind {
    Text,
    Thinking,
    Signature,
    InputJson,
    Citations,
    Other,
}

/// What a `message_delta` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MessageDelta {
    pub(super) stop_reason: Option<Span>,
    pub(super) stop_sequence: Option<Span>,
    pub(super) usage: Option<Span>,
}

const EVENTS: [&str; 8] = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "error",
];

/// The keys that are read of an event.
const KEYS: [&str; 7] = [
    "type",
    "index",
    "delta",
    "content_block",
    "message",
    "usage",
    "error",
];

/// The keys of an event under which a client might look for content, whatever the event is called.
const CONTENT: [&str; 11] = [
    "delta",
    "content_block",
    "message",
    "content",
    "text",
    "thinking",
    "partial_json",
    "input",
    "completion",
    "choices",
    "output",
];

impl Parsed {
    /// Reads a frame. The data's `type` decides, the SSE event's name where it has none. Err says what is wrong with an event
    /// that a client may act upon, though we can't read it.
    pub(super) fn read(frame: &Frame) -> Result<Self, String> {
        if frame.is_loose() {
            return Ok(Self::loose(Event::Loose, frame.is_plain()));
        }
        let data = frame.data();
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let found = match find(data, KEYS) {
            Ok(found) => found,
            Err(fault) => return Self::unreadable(frame, fault),
        };
        let [kind, index, delta, block, message, usage, error] = found.at;
        let written = kind.and_then(|kind| kind.plain_string(data));
        let is_named = written == Some(frame.event());
        let name = kind.and_then(|kind| kind.name(data));
        let name = name.unwrap_or(Cow::Borrowed(frame.event()));
        let mut is_plain = found.is_plain && written.is_some();
        let index = || required_index(data, index);
        let event = match &name[..] {
            b"message_start" => {
                let message = required_object(data, message, "message")?;
                is_plain &= is_empty_message(message.bytes(data))?;
                Event::MessageStart(message)
            }
            b"content_block_start" => {
                let block = required_object(data, block, "content_block")?;
                is_plain &= is_plain_start(block.bytes(data))?;
                Event::BlockStart(index()?, block)
            }
            b"content_block_delta" => {
                let span = required_object(data, delta, "delta")?;
                let (delta, is_plain_delta) = Delta::read(data, span)?;
                is_plain &= is_plain_delta;
                Event::BlockDelta(index()?, delta)
            }
            b"content_block_stop" => Event::BlockStop(index()?),
            b"message_delta" => {
                let (delta, is_plain_delta) = MessageDelta::read(data, delta, usage)?;
                is_plain &= is_plain_delta;
                Event::MessageDelta(delta)
            }
            b"message_stop" => Event::MessageStop,
            b"error" => Event::Error(error),
            // Nobody reads more of it than its name.
            b"ping" => {
                return Ok(Self::loose(
                    Event::Ping,
                    frame.is_plain() && !has_content(data),
                ));
            }
            _ if frame.event() == b"error" => Event::Error(error),
            _ => {
                let is_plain = frame.is_plain() && !has_content(data) && !is_known(frame.event());
                return Ok(Self::loose(Event::Loose, is_plain));
            }
        };
        let form = match (is_plain, is_named && frame.is_plain()) {
            (true, true) => Form::Plain,
            (true, false) => Form::PlainData,
            (false, _) => Form::Odd,
        };
        Ok(Self { event, form })
    }

    /// Something that has no say in the order of the events; left out where clients might find one in it.
    fn loose(event: Event, is_plain: bool) -> Self {
        match is_plain {
            true => Self {
                event,
                form: Form::Plain,
            },
            false => Self {
                event: Event::Unreadable,
                form: Form::Odd,
            },
        }
    }

    /// An event that is not JSON as we have it: carried where no client can make sense of it either.
    fn unreadable(frame: &Frame, fault: Fault) -> Result<Self, String> {
        let data = frame.data();
        let event = match frame.event() {
            b"error" if !fault.is_readable_elsewhere() => Event::Error(None),
            b"ping" if !fault.is_readable_elsewhere() => Event::Ping,
            name if is_known(name) => return Err(fault.to_string()),
            _ if fault.is_readable_elsewhere() => return Err(fault.to_string()),
            _ => Event::Loose,
        };
        match event {
            Event::Error(None) => Ok(Self {
                event,
                form: Form::Odd,
            }),
            // It is no JSON.
            event => Ok(Self::loose(
                event,
                frame.is_plain() && !has_separators(data),
            )),
        }
    }
}

/// Whether a client might find content in an event, whatever it is called.
pub(super) fn has_content(data: &[u8]) -> bool {
    let found = find(data, CONTENT);
    found.is_ok_and(|found| !found.is_plain || found.at != [None; CONTENT.len()])
}

impl Delta {
    fn read(data: &[u8], span: Span) -> Result<(Self, bool), String> {
        let delta = span.bytes(data);
        let names = [
            "type",
            "text",
            "thinking",
            "partial_json",
            "signature",
            "citation",
        ];
        let Fields { at, is_plain } = find(delta, names).map_err(|fault| fault.to_string())?;
        let [kind, text, thinking, input, signature, citation] = at;
        let written = kind.and_then(|kind| kind.plain_string(delta));
        let (kind, value) = match kind.and_then(|kind| kind.name(delta)).as_deref() {
            Some(b"text_delta") => (DeltaKind::Text, text),
            Some(b"thinking_delta") => (DeltaKind::Thinking, thinking),
            Some(b"signature_delta") => (DeltaKind::Signature, signature),
            Some(b"input_json_delta") => (DeltaKind::InputJson, input),
            Some(b"citations_delta") => (DeltaKind::Citations, citation),
            _ => (DeltaKind::Other, None),
        };
        let own = match kind {
            DeltaKind::Other => 0,
            _ => usize::from(value.is_some()),
        };
        let content = [text, thinking, input, signature, citation];
        let is_alone = content.into_iter().flatten().count() == own;
        let is_typed = match kind {
            DeltaKind::Other => true,
            DeltaKind::Citations => value.is_some_and(|value| value.bytes(delta).starts_with(b"{")),
            _ => value.is_some_and(|value| value.bytes(delta).starts_with(b"\"")),
        };
        let value = value.map(|value| value.shifted(span.start));
        let is_plain = is_plain && is_alone && is_typed && written.is_some();
        Ok((Self { kind, value }, is_plain))
    }
}

impl MessageDelta {
    fn read(data: &[u8], delta: Option<Span>, usage: Option<Span>) -> Result<(Self, bool), String> {
        let Some(delta) = delta else {
            let delta = Self {
                stop_reason: None,
                stop_sequence: None,
                usage,
            };
            return Ok((delta, true));
        };
        let delta = required_object(data, Some(delta), "delta")?;
        let names = ["stop_reason", "stop_sequence", "content", "text"];
        let found = find(delta.bytes(data), names).map_err(|fault| fault.to_string())?;
        let [stop_reason, stop_sequence, content, text] = found.at;
        let place = |span: Option<Span>| span.map(|span| span.shifted(delta.start));
        let delta = Self {
            stop_reason: place(stop_reason),
            stop_sequence: place(stop_sequence),
            usage,
        };
        Ok((delta, found.is_plain && content.is_none() && text.is_none()))
    }
}

/// Whether a message has no content yet, as far as any client can tell.
fn is_empty_message(message: &[u8]) -> Result<bool, String> {
    let found = find(message, ["id", "content", "stop_reason", "text"])
        .map_err(|fault| fault.to_string())?;
    let [_, content, _, text] = found.at;
    let is_empty = |content: Span| {
        content.bytes(message).starts_with(b"[") && elements(content.bytes(message)).is_empty()
    };
    Ok(found.is_plain && text.is_none() && content.is_none_or(is_empty))
}

/// Whether every client reads the same from a block's start.
pub(super) fn is_plain_start(block: &[u8]) -> Result<bool, String> {
    let [kind, input] = find(block, ["type", "input"])
        .map(|found| found.at)
        .map_err(|fault| fault.to_string())?;
    let is_call = kind.and_then(|kind| kind.plain_string(block)) == Some(&b"tool_use"[..]);
    // Some clients take the deltas alone for the input, and some put what is here ahead of them.
    let is_early = is_call && input.is_some_and(|input| !is_empty_input(input.bytes(block)));
    Ok(!is_early && is_plain_block(block)?)
}

/// Whether every client reads the same from a block.
pub(super) fn is_plain_block(block: &[u8]) -> Result<bool, String> {
    let names = ["type", "text", "thinking", "id", "name", "input"];
    let found = find(block, names).map_err(|fault| fault.to_string())?;
    let [kind, text, thinking, id, name, input] = found.at;
    let kind = kind
        .and_then(|kind| kind.plain_string(block))
        .unwrap_or_default();
    let is_string =
        |value: Option<Span>| value.is_none_or(|value| value.bytes(block).starts_with(b"\""));
    let strings = [text, thinking, id, name].into_iter().all(is_string);
    let is_object = |value: Span| value.bytes(block).starts_with(b"{");
    let only = |keys: [Option<Span>; 3]| keys == [None; 3];
    let fits = match kind {
        b"text" => only([thinking, name, input]),
        b"thinking" => only([text, name, input]),
        b"tool_use" => only([text, thinking, None]) && input.is_none_or(is_object),
        b"" => false,
        _ => true,
    };
    Ok(found.is_plain && strings && fits)
}

fn is_empty_input(input: &[u8]) -> bool {
    matches!(input, [b'{', inner @ .., b'}'] if inner.trim_ascii().is_empty())
}

fn is_known(name: &[u8]) -> bool {
    EVENTS.iter().any(|known| known.as_bytes() == name)
}

fn required_index(data: &[u8], index: Option<Span>) -> Result<Index, String> {
    let span = index.ok_or("a block's event has no index")?;
    match span.text(data).parse() {
        Ok(value) => Ok(Index { value, span }),
        Err(_) => Err("a block's index is not a whole number".to_owned()),
    }
}

fn required_object(data: &[u8], span: Option<Span>, name: &str) -> Result<Span, String> {
    span.filter(|span| span.bytes(data).starts_with(b"{"))
        .ok_or_else(|| format!("an event has no object as its {name}"))
}
