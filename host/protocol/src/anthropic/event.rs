//! What a frame of a streamed reply says.

use crate::{
    json::{Fault, Span, fields},
    sse::Frame,
};

/// An event, with the places in the frame's data that are read or edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    MessageStart {
        id: String,
    },
    BlockStart {
        index: Index,
        block: Span,
    },
    BlockDelta {
        index: Index,
        delta: Span,
    },
    BlockStop {
        index: Index,
    },
    MessageDelta {
        stop_reason: Option<Span>,
    },
    MessageStop,
    Error,
    /// A ping, a comment, an event newer than this crate: it has no say in the order of the others.
    Loose,
}

/// The `index` of a block's event, and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) value: u64,
    pub(super) span: Span,
}

/// What a `content_block_delta` adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delta {
    /// Text, and where its string is written.
    Text(String, Span),
    Thinking(String),
    InputJson(String),
    Other,
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

impl Event {
    /// Reads a frame. The data's `type` decides, the SSE event's name where it has none; an event named
    /// `error` is one whatever its data says, because clients raise it by its name.
    ///
    /// Err says what is wrong with an event that a client may act upon, though we can't read it.
    pub(super) fn parse(frame: &Frame) -> Result<Self, String> {
        if frame.is_loose() {
            return Ok(Self::Loose);
        }
        let data = frame.data();
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let names = ["type", "index", "delta", "content_block", "message"];
        let found = match fields(data, names) {
            Ok(found) => found,
            Err(fault) => return Self::unreadable(frame.event(), fault),
        };
        let [kind, index, delta, block, message] = found;
        let kind = kind.and_then(|kind| kind.string(data));
        let name = kind.map_or_else(|| frame.event().to_vec(), String::into_bytes);
        if frame.event() == b"error" && name != b"error" && is_known(&name) {
            return Err("an error event says that it is another".to_owned());
        }
        if frame.event() == b"error" {
            return Ok(Self::Error);
        }
        let index = || required_index(data, index);
        Ok(match &name[..] {
            b"message_start" => Self::message_start(data, message)?,
            b"content_block_start" => Self::BlockStart {
                index: index()?,
                block: required_object(data, block, "content_block")?,
            },
            b"content_block_delta" => Self::BlockDelta {
                index: index()?,
                delta: required_object(data, delta, "delta")?,
            },
            b"content_block_stop" => Self::BlockStop { index: index()? },
            b"message_delta" => Self::message_delta(data, delta)?,
            b"message_stop" => Self::MessageStop,
            b"error" => Self::Error,
            _ => Self::Loose,
        })
    }

    /// An event that is not JSON as we have it: carried where no client can make sense of it either.
    fn unreadable(name: &[u8], fault: Fault) -> Result<Self, String> {
        match name {
            b"error" if !fault.is_readable_elsewhere() => Ok(Self::Error),
            b"ping" if !fault.is_readable_elsewhere() => Ok(Self::Loose),
            name if is_known(name) || fault.is_readable_elsewhere() => Err(fault.to_string()),
            _ => Ok(Self::Loose),
        }
    }

    /// Whether a frame ends its stream, found without reading more of it than its `type`.
    pub(super) fn is_terminal(frame: &Frame) -> bool {
        let data = frame.data();
        match frame.event() {
            b"error" => !frame.is_loose(),
            b"content_block_delta" | b"content_block_start" | b"content_block_stop" => false,
            event => {
                let kind = fields(data, ["type"]).ok().and_then(|[kind]| kind);
                match kind.and_then(|kind| kind.string(data)) {
                    Some(kind) => kind == "message_stop" || kind == "error",
                    None => event == b"message_stop" && !frame.is_loose(),
                }
            }
        }
    }

    fn message_start(data: &[u8], message: Option<Span>) -> Result<Self, String> {
        let message = required_object(data, message, "message")?.bytes(data);
        let [id, content] =
            fields(message, ["id", "content"]).map_err(|fault| fault.to_string())?;
        if content.is_some_and(|content| !crate::json::elements(content.bytes(message)).is_empty())
        {
            return Err("a message_start event has content".to_owned());
        }
        Ok(Self::MessageStart {
            id: id.and_then(|id| id.string(message)).unwrap_or_default(),
        })
    }

    fn message_delta(data: &[u8], delta: Option<Span>) -> Result<Self, String> {
        let Some(delta) = delta else {
            return Ok(Self::MessageDelta { stop_reason: None });
        };
        let delta = required_object(data, Some(delta), "delta")?;
        let [reason] =
            fields(delta.bytes(data), ["stop_reason"]).map_err(|fault| fault.to_string())?;
        let stop_reason = reason.map(|reason| reason.shifted(delta.start));
        Ok(Self::MessageDelta { stop_reason })
    }
}

impl Delta {
    /// Reads the delta at `span` of an event's data.
    pub(super) fn parse(data: &[u8], span: Span) -> Result<Self, Fault> {
        let text = span.bytes(data);
        let names = ["type", "text", "thinking", "partial_json"];
        let [kind, plain, thinking, input] = fields(text, names)?;
        let kind = kind.and_then(|kind| kind.string(text)).unwrap_or_default();
        let string =
            |span: Option<Span>| span.and_then(|span| span.string(text)).unwrap_or_default();
        Ok(match (kind.as_str(), plain) {
            ("text_delta", Some(at)) => Self::Text(string(plain), at.shifted(span.start)),
            ("thinking_delta", _) => Self::Thinking(string(thinking)),
            ("input_json_delta", _) => Self::InputJson(string(input)),
            _ => Self::Other,
        })
    }
}

impl Delta {
    /// Where the string is written that a delta at `span` adds; nothing where it adds another thing.
    pub(super) fn said(data: &[u8], span: Span) -> Option<Span> {
        let delta = span.bytes(data);
        let found = fields(delta, ["text", "thinking", "partial_json"]).ok()?;
        let said = found.into_iter().flatten().next()?;
        Some(said.shifted(span.start))
    }
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
