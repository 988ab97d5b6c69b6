//! What a frame of a streamed reply says.

use super::item::ItemKind;
use crate::{
    json::{Edit, Fault, Span, fields, splice},
    sse::Frame,
};

/// An event, with the places in the frame's data that are read or edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) sequence: Option<Number>,
    /// The `output_index`.
    pub(super) item: Option<Number>,
    /// The `content_index`; in the summary of reasoning, the `summary_index`.
    pub(super) part: Option<Number>,
    pub(super) logprobs: Option<Span>,
    /// What it carries: a response, an item, a part, or a string.
    pub(super) value: Option<Span>,
    /// An item and a response that an event of its kind does not carry.
    pub(super) strays: [Option<Span>; 2],
}

/// A whole number, and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) span: Span,
}

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A comment, an event newer than this crate: it has no say in the order of the others.
    Loose,
    /// The response as a whole, before it has content.
    Response,
    ItemAdded,
    ItemDone,
    PartAdded,
    PartDone,
    TextDelta,
    TextDone,
    RefusalDelta,
    RefusalDone,
    ArgumentsDelta,
    ArgumentsDone,
    InputDelta,
    InputDone,
    SummaryDelta,
    SummaryDone,
    ReasoningDelta,
    ReasoningDone,
    /// Something else about an item.
    OfItem,
    Terminal(Ending),
}

/// How a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    Incomplete,
    Failed,
    Error,
}

/// The keys that are read.
const KEYS: [&str; 15] = [
    "type",
    "sequence_number",
    "output_index",
    "content_index",
    "summary_index",
    "logprobs",
    "item",
    "part",
    "delta",
    "text",
    "refusal",
    "arguments",
    "input",
    "response",
    "error",
];

// Where they stand among the keys.
const TYPE: usize = 0;
const SEQUENCE: usize = 1;
const OUTPUT_INDEX: usize = 2;
const CONTENT_INDEX: usize = 3;
const SUMMARY_INDEX: usize = 4;
const LOGPROBS: usize = 5;
const ITEM: usize = 6;
const PART: usize = 7;
const DELTA: usize = 8;
const TEXT: usize = 9;
const REFUSAL: usize = 10;
const ARGUMENTS: usize = 11;
const INPUT: usize = 12;
const RESPONSE: usize = 13;
const ERROR: usize = 14;

type Found = [Option<Span>; KEYS.len()];

impl Kind {
    /// The kind of the event of this name; nothing where it is not known.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"response.created" | b"response.queued" | b"response.in_progress" => Self::Response,
            b"response.output_item.added" => Self::ItemAdded,
            b"response.output_item.done" => Self::ItemDone,
            b"response.content_part.added" => Self::PartAdded,
            b"response.content_part.done" => Self::PartDone,
            b"response.output_text.delta" => Self::TextDelta,
            b"response.output_text.done" => Self::TextDone,
            b"response.refusal.delta" => Self::RefusalDelta,
            b"response.refusal.done" => Self::RefusalDone,
            b"response.function_call_arguments.delta" => Self::ArgumentsDelta,
            b"response.function_call_arguments.done" => Self::ArgumentsDone,
            b"response.custom_tool_call_input.delta" => Self::InputDelta,
            b"response.custom_tool_call_input.done" => Self::InputDone,
            b"response.reasoning_summary_text.delta" => Self::SummaryDelta,
            b"response.reasoning_summary_text.done" => Self::SummaryDone,
            b"response.reasoning_text.delta" => Self::ReasoningDelta,
            b"response.reasoning_text.done" => Self::ReasoningDone,
            b"response.completed" => Self::Terminal(Ending::Completed),
            b"response.incomplete" => Self::Terminal(Ending::Incomplete),
            b"response.failed" => Self::Terminal(Ending::Failed),
            b"error" => Self::Terminal(Ending::Error),
            _ => return None,
        })
    }

    /// Where an event of this kind has what it carries.
    fn value(self) -> Option<usize> {
        Some(match self {
            Self::Response | Self::Terminal(_) => RESPONSE,
            Self::ItemAdded | Self::ItemDone => ITEM,
            Self::PartAdded | Self::PartDone => PART,
            _ if self.is_delta() => DELTA,
            Self::TextDone | Self::SummaryDone | Self::ReasoningDone => TEXT,
            Self::RefusalDone => REFUSAL,
            Self::ArgumentsDone => ARGUMENTS,
            Self::InputDone => INPUT,
            _ => return None,
        })
    }

    /// Whether it adds to a text or to arguments.
    pub(super) fn is_delta(self) -> bool {
        let thinking = matches!(self, Self::SummaryDelta | Self::ReasoningDelta);
        thinking || self.is_text_delta() || self.is_call_delta()
    }

    /// Whether it repeats a finished text or finished arguments.
    pub(super) fn is_done(self) -> bool {
        let thinking = matches!(self, Self::SummaryDone | Self::ReasoningDone);
        thinking || self.is_text_done() || self.is_call_done()
    }

    /// Whether it may be about an item of that kind.
    pub(super) fn fits(self, item: ItemKind) -> bool {
        match item {
            _ if matches!(self, Self::OfItem | Self::ItemAdded | Self::ItemDone) => true,
            ItemKind::Message => self.is_of_part(),
            ItemKind::Call => self.is_call(),
            ItemKind::Reasoning => !self.is_text_delta() && !self.is_text_done() && !self.is_call(),
            ItemKind::Other => false,
        }
    }

    fn is_about_item(self) -> bool {
        !matches!(self, Self::Loose | Self::Response | Self::Terminal(_))
    }

    fn is_call(self) -> bool {
        self.is_call_delta() || self.is_call_done()
    }

    /// Whether it adds to a text.
    pub(super) fn is_text_delta(self) -> bool {
        matches!(self, Self::TextDelta | Self::RefusalDelta)
    }

    /// Whether it repeats a finished text.
    pub(super) fn is_text_done(self) -> bool {
        matches!(self, Self::TextDone | Self::RefusalDone)
    }

    /// Whether it is about a part of a message.
    pub(super) fn is_of_part(self) -> bool {
        let part = matches!(self, Self::PartAdded | Self::PartDone);
        part || self.is_text_delta() || self.is_text_done()
    }

    /// Whether it adds to the arguments of a call.
    pub(super) fn is_call_delta(self) -> bool {
        matches!(self, Self::ArgumentsDelta | Self::InputDelta)
    }

    /// Whether it repeats the finished arguments of a call.
    pub(super) fn is_call_done(self) -> bool {
        matches!(self, Self::ArgumentsDone | Self::InputDone)
    }
}

impl Event {
    /// The event of a frame that says nothing.
    pub(super) const LOOSE: Self = Self {
        kind: Kind::Loose,
        sequence: None,
        item: None,
        part: None,
        logprobs: None,
        value: None,
        strays: [None; 2],
    };

    /// Reads a frame. The data's `type` decides, the SSE event's name where it has none; an event named
    /// `error` is one whatever its data says, because clients raise it by its name.
    ///
    /// Err says what is wrong with an event that a client may act upon, though we can't read it.
    pub(super) fn parse(frame: &Frame) -> Result<Self, String> {
        let data = frame.data();
        if frame.is_loose() || data == b"[DONE]" {
            return Ok(Self::LOOSE);
        }
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let found = match fields(data, KEYS) {
            Ok(found) => found,
            Err(fault) => return Self::unreadable(frame.event(), fault),
        };
        let kind = kind(frame.event(), &found, data)?;
        let event = Self::of(kind, &found, data);
        event.check(&found, data)?;
        Ok(event)
    }

    /// The event of a frame that is like this one's: `at` says where a place of this one's data is in the other's. `None`
    /// where its numbers can't be read.
    pub(super) fn moved(&self, data: &[u8], at: impl Fn(Span) -> Span) -> Option<Self> {
        let number = |number: Option<Number>| match number {
            None => Some(None),
            Some(Number { span, .. }) => {
                let span = at(span);
                let value = span.text(data).parse().ok()?;
                Some(Some(Number { value, span }))
            }
        };
        Some(Self {
            kind: self.kind,
            sequence: number(self.sequence)?,
            item: number(self.item)?,
            part: number(self.part)?,
            logprobs: self.logprobs.map(&at),
            value: self.value.map(&at),
            strays: self.strays.map(|stray| stray.map(&at)),
        })
    }

    /// Where its number is written.
    pub(super) fn number_span(&self) -> Option<Span> {
        Some(self.sequence?.span)
    }

    fn of(kind: Kind, found: &Found, data: &[u8]) -> Self {
        let number = |span: Option<Span>| {
            let span = span?;
            let value = span.text(data).parse().ok()?;
            Some(Number { value, span })
        };
        let value = kind.value();
        let stray = |at: usize| found[at].filter(|_| value != Some(at));
        let part = match kind {
            Kind::SummaryDelta | Kind::SummaryDone => SUMMARY_INDEX,
            _ => CONTENT_INDEX,
        };
        Self {
            kind,
            sequence: number(found[SEQUENCE]),
            item: number(found[OUTPUT_INDEX]),
            part: number(found[part]),
            logprobs: found[LOGPROBS],
            value: value.and_then(|at| found[at]),
            strays: [stray(ITEM), stray(RESPONSE)],
        }
    }

    /// Err where the event lacks what makes it one of its kind.
    fn check(&self, found: &Found, data: &[u8]) -> Result<(), String> {
        for at in [OUTPUT_INDEX, CONTENT_INDEX, SUMMARY_INDEX] {
            if found[at].is_some_and(|span| span.text(data).parse::<u64>().is_err()) {
                return Err("an index is not a whole number".to_owned());
            }
        }
        let needs_part = self.kind.is_of_part() && self.part.is_none();
        if needs_part || (self.kind.is_about_item() && self.item.is_none()) {
            return Err("an event has no index".to_owned());
        }
        let (open, what) = match self.kind {
            Kind::ItemAdded | Kind::ItemDone | Kind::PartAdded | Kind::PartDone => (b'{', "object"),
            kind if kind.is_delta() || kind.is_done() => (b'"', "string"),
            _ => return Ok(()),
        };
        match self.value {
            Some(value) if value.bytes(data).first() == Some(&open) => Ok(()),
            _ => Err(format!("an event carries no {what}")),
        }
    }

    /// An event that is not JSON as we have it: carried where no client can make sense of it either.
    fn unreadable(name: &[u8], fault: Fault) -> Result<Self, String> {
        match Kind::named(name) {
            Some(kind @ Kind::Terminal(Ending::Error)) if !fault.is_readable_elsewhere() => {
                Ok(Self {
                    kind,
                    ..Self::LOOSE
                })
            }
            None if !fault.is_readable_elsewhere() => Ok(Self::LOOSE),
            _ => Err(fault.to_string()),
        }
    }

    /// Whether a frame ends its stream, found without reading more of it than its `type`.
    pub(super) fn is_terminal(frame: &Frame) -> bool {
        let terminal = |name: &[u8]| matches!(Kind::named(name), Some(Kind::Terminal(_)));
        match frame.event() {
            b"error" => !frame.is_loose(),
            b"response.output_text.delta" | b"response.function_call_arguments.delta" => false,
            event => {
                let data = frame.data();
                let kind = fields(data, ["type"]).ok();
                match kind.and_then(|[kind]| kind?.string(data)) {
                    Some(kind) => terminal(kind.as_bytes()),
                    None => terminal(event) && !frame.is_loose(),
                }
            }
        }
    }
}

/// `frame` with these edits made in its data.
pub(super) fn edited(frame: &Frame, edits: Vec<Edit>) -> Frame {
    let data = splice(frame.data(), edits);
    // JSON that came in several lines may go into one: between its tokens a space does as well.
    let data = String::from_utf8_lossy(&data).replace('\n', " ");
    frame.with_data(0..frame.data().len(), &data)
}

fn kind(event: &[u8], found: &Found, data: &[u8]) -> Result<Kind, String> {
    let by_event = Kind::named(event);
    let Some(name) = found[TYPE].and_then(|kind| kind.string(data)) else {
        // Some servers send a bare error object.
        let error = found[ERROR].is_some_and(|error| error.bytes(data).starts_with(b"{"));
        let failed = error.then_some(Kind::Terminal(Ending::Error));
        return Ok(by_event.or(failed).unwrap_or(Kind::Loose));
    };
    let by_type = Kind::named(name.as_bytes());
    match (by_event, by_type) {
        (Some(Kind::Terminal(Ending::Error)), None) => Ok(Kind::Terminal(Ending::Error)),
        // A client may go by the one or by the other.
        (Some(_), _) if event != name.as_bytes() => {
            Err("an event's name and its type differ".to_owned())
        }
        (_, Some(kind)) => Ok(kind),
        (_, None) if found[OUTPUT_INDEX].is_some() => Ok(Kind::OfItem),
        (_, None) => Ok(Kind::Loose),
    }
}
