//! What a frame of a streamed reply says.

mod kind;
mod parsed;

use std::borrow::Cow;

pub(super) use self::{
    kind::{Ending, Kind},
    parsed::{Form, Parsed},
};
use super::shape::{self, ITEM, PART, RESPONSE, Shape};
use crate::{
    json::{Edit, Span, fields, find, splice},
    sse::Frame,
};

/// An event, with the places in the frame's data that are read or edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) sequence: Option<Number>,
    /// The `output_index`.
    pub(super) item: Option<Number>,
    /// The `content_index`; in the summary of reasoning, the `summary_index`.
    pub(super) part: Option<Number>,
    /// The `item_id`.
    pub(super) id: Option<Span>,
    pub(super) logprobs: Option<Span>,
    /// What it carries: a response, an item, a part, or a string.
    pub(super) value: Option<Span>,
    /// Whether events were left out or put in before it.
    pub(super) follows_change: bool,
}

/// A whole number, and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) span: Span,
}

/// The keys that are read, and what stands under them.
pub(super) const EVENT: &[(&str, Shape); 17] = &[
    ("type", Shape::Text),
    ("sequence_number", Shape::Any),
    ("output_index", Shape::Any),
    ("content_index", Shape::Any),
    ("summary_index", Shape::Any),
    ("item_id", Shape::Text),
    ("logprobs", Shape::Any),
    ("item", Shape::Object(ITEM)),
    ("part", Shape::Object(PART)),
    ("delta", Shape::Any),
    ("text", Shape::Any),
    ("refusal", Shape::Any),
    ("arguments", Shape::Any),
    ("input", Shape::Any),
    ("response", Shape::Object(RESPONSE)),
    ("error", Shape::Any),
    ("output", Shape::Any),
];

// Where they stand among these.
const TYPE: usize = 0;
const SEQUENCE: usize = 1;
const OUTPUT_INDEX: usize = 2;
const CONTENT_INDEX: usize = 3;
const SUMMARY_INDEX: usize = 4;
const ITEM_ID: usize = 5;
const LOGPROBS: usize = 6;
const ITEM_AT: usize = 7;
const PART_AT: usize = 8;
const DELTA: usize = 9;
const TEXT: usize = 10;
const REFUSAL: usize = 11;
const ARGUMENTS: usize = 12;
const INPUT: usize = 13;
const RESPONSE_AT: usize = 14;
const ERROR: usize = 15;
const OUTPUT: usize = 16;

type Found = shape::Found<{ EVENT.len() }>;

impl Kind {
    /// Where an event of this kind has what it carries.
    fn value(self) -> Option<usize> {
        Some(match self {
            Self::Created | Self::Response => RESPONSE_AT,
            Self::Terminal(ending) if ending != Ending::Error => RESPONSE_AT,
            Self::ItemAdded | Self::ItemDone => ITEM_AT,
            Self::PartAdded | Self::PartDone => PART_AT,
            _ if self.is_delta() => DELTA,
            Self::TextDone | Self::SummaryDone | Self::ReasoningDone => TEXT,
            Self::RefusalDone => REFUSAL,
            Self::ArgumentsDone => ARGUMENTS,
            Self::InputDone => INPUT,
            _ => return None,
        })
    }

    /// The value that an event of this kind has to have.
    fn shape(self) -> Option<Shape> {
        Some(match self {
            Self::ItemAdded | Self::ItemDone => Shape::Object(ITEM),
            Self::PartAdded | Self::PartDone => Shape::Object(PART),
            kind if kind.is_delta() || kind.is_done() => Shape::Text,
            _ => return None,
        })
    }

    /// Whether an event of this kind may have something under this key.
    pub(super) fn has(self, key: &str) -> bool {
        let at = EVENT.iter().position(|(known, _)| *known == key);
        at.is_none_or(|at| self.has_at(at))
    }

    fn has_at(self, at: usize) -> bool {
        match at {
            TYPE..=LOGPROBS => true,
            ERROR => !self.is_about_item(),
            ITEM_AT | RESPONSE_AT | OUTPUT => self.value() == Some(at),
            // What it says is not known.
            _ if self == Self::OfItem => true,
            at => self.value() == Some(at),
        }
    }
}

impl Event {
    /// The event of a frame that says nothing.
    pub(super) const LOOSE: Self = Self {
        kind: Kind::Loose,
        sequence: None,
        item: None,
        part: None,
        id: None,
        logprobs: None,
        value: None,
        follows_change: false,
    };

    /// The event of a frame that is like this one's: `at` says where a place of this one's data is in the other's. `None`
    /// where its numbers can't be read.
    pub(super) fn moved(&self, data: &[u8], at: impl Fn(Span) -> Span) -> Option<Self> {
        let number = |number: Option<Number>| match number {
            None => Some(None),
            Some(Number { span, .. }) => {
                let span = at(span);
                let value = whole_number(span.bytes(data))?;
                Some(Some(Number { value, span }))
            }
        };
        // Of the numbers that of the event alone is another.
        let moved = |number: Option<Number>| {
            number.map(|Number { value, span }| Number {
                value,
                span: at(span),
            })
        };
        Some(Self {
            kind: self.kind,
            sequence: number(self.sequence)?,
            item: moved(self.item),
            part: moved(self.part),
            id: self.id.map(&at),
            logprobs: self.logprobs.map(&at),
            value: self.value.map(&at),
            follows_change: false,
        })
    }

    /// Where its number is written.
    pub(super) fn number_span(&self) -> Option<Span> {
        Some(self.sequence?.span)
    }

    fn of(kind: Kind, Found { at: found, .. }: &Found, data: &[u8]) -> Self {
        let number = |span: Option<Span>| {
            let span = span?;
            let value = whole_number(span.bytes(data))?;
            Some(Number { value, span })
        };
        let part = match kind {
            Kind::SummaryDelta | Kind::SummaryDone => SUMMARY_INDEX,
            _ => CONTENT_INDEX,
        };
        Self {
            kind,
            sequence: number(found[SEQUENCE]),
            item: number(found[OUTPUT_INDEX]),
            part: number(found[part]),
            id: found[ITEM_ID],
            logprobs: found[LOGPROBS],
            value: kind.value().and_then(|at| found[at]),
            follows_change: false,
        }
    }

    /// Whether it lacks what makes it one of its kind.
    pub(super) fn lacks_value(&self, data: &[u8]) -> bool {
        let open = match self.kind.shape() {
            None => return false,
            Some(Shape::Object(_)) => b'{',
            Some(_) => b'"',
        };
        let value = self.value.and_then(|value| value.bytes(data).first());
        value != Some(&open)
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

impl Event {
    /// Whether all parsers find the same in its data, and nothing that its kind does not have.
    fn is_plain(&self, found: &Found, data: &[u8]) -> bool {
        let is_absent = |span: Option<Span>| span.is_none_or(|span| span.bytes(data) == b"null");
        let others = (ITEM_AT..EVENT.len()).filter(|at| !self.kind.has_at(*at));
        let number = |at: usize, number: Option<Number>| found.at[at].is_none() || number.is_some();
        let has_part = !self.kind.is_of_part() || self.part.is_some();
        (self.item.is_some() || !self.kind.is_about_item())
            && number(SEQUENCE, self.sequence)
            && number(OUTPUT_INDEX, self.item)
            && has_part
            && !self.lacks_value(data)
            && others.into_iter().all(|at| is_absent(found.at[at]))
            && self.kind.value().is_none_or(|at| found.are_plain[at])
            && match self.kind {
                Kind::Created | Kind::Response => is_empty_response(data, self.value),
                _ => true,
            }
    }
}

/// Whether a response has no content, as far as any client can tell.
fn is_empty_response(data: &[u8], response: Option<Span>) -> bool {
    let Some(response) = response.map(|response| response.bytes(data)) else {
        return true;
    };
    let Ok(found) = find(response, ["output", "output_text"]) else {
        return !response.starts_with(b"{");
    };
    let is_empty = |span: Option<Span>| {
        let value = span.map_or(&b"null"[..], |span| span.bytes(response));
        let inside = value.get(1..value.len() - 1).unwrap_or_default();
        value == b"null" || (!value.starts_with(b"{") && inside.trim_ascii().is_empty())
    };
    found.is_plain && found.at.into_iter().all(is_empty)
}

/// `frame` with these edits made in its data.
pub(super) fn edited(frame: &Frame, edits: Vec<Edit>) -> Frame {
    let data = splice(frame.data(), edits);
    // JSON that came in several lines may go into one: between its tokens a space does as well.
    let data = String::from_utf8_lossy(&data).replace('\n', " ");
    frame.with_data(0..frame.data().len(), &data)
}

/// The value of a whole number, as JSON writes it.
fn whole_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// The name of the event of this data, as its `type` says.
pub(super) fn name_of(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    let [kind] = find(data, ["type"]).ok()?.at;
    kind?.name(data)
}
