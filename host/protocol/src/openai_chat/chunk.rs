//! What a frame of a streamed reply says.
//!
//! One pass over the frame's data finds the places that are read or edited, and whether every client reads the same from
//! them; all else is stepped over. What says nothing (null, an empty string) counts as not there.

mod element;
mod entry;
mod sole;

pub(super) use element::{ELEMENT_KEYS, Element, INNER_KEYS, read_raw};
pub(super) use entry::{ENTRY_KEYS, Entry, Form, SAID_KEYS};

use crate::{
    json::{self, Fault, Key, MAX_DEPTH, Scanner, Span, which},
    sse::{Frame, has_separators},
};

/// What a frame says, and whether every client reads the same from it.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) event: Event,
    pub(super) is_plain: bool,
}

/// A frame, as far as it matters.
#[derive(Debug)]
pub(super) enum Event {
    Chunk(Chunk),
    /// `[DONE]`.
    Done,
    /// Upstream's error ends the reply.
    Error(Chunk),
    /// A comment, an event newer than this crate. If clients might read content in it, it is not plain, and left out.
    Loose,
}

/// A `chat.completion.chunk`.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) id: Option<Span>,
    pub(super) created: Option<Span>,
    pub(super) model: Option<Span>,
    pub(super) choices: Vec<Entry>,
    /// Whether it says something besides its choices: usage, or what is newer than this crate.
    pub(super) says_more: bool,
    pub(super) error: Option<Span>,
    pub(super) has_choices: bool,
    /// Whether every client finds the same in this JSON.
    pub(super) is_plain: bool,
}

const DONE: &[u8] = b"[DONE]";

impl Parsed {
    /// Reads a frame. Err says what is wrong with one that a client may act upon, though we can't read it.
    pub(super) fn read(frame: &Frame) -> Result<Self, String> {
        let (event, is_plain) = Event::read(frame)?;
        let is_plain = is_plain && frame.is_plain();
        Ok(Self { event, is_plain })
    }
}

impl Event {
    /// What a frame says, whether or not every client reads the same.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        Some(Self::read(frame).ok()?.0)
    }

    /// Whether it is plain is said of the data and the event's name.
    fn read(frame: &Frame) -> Result<(Self, bool), String> {
        let data = frame.data();
        match data.trim_ascii() {
            [] => Ok((Self::Loose, true)),
            said if said.starts_with(DONE) => Ok((Self::Done, data == DONE && is_unnamed(frame))),
            _ => Self::json(frame),
        }
    }

    fn json(frame: &Frame) -> Result<(Self, bool), String> {
        let data = frame.data();
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let is_named_error = frame.event() == b"error";
        let chunk = match Chunk::parse(data, Form::Delta) {
            Ok(chunk) => chunk,
            Err(fault) if fault.is_readable_elsewhere() => return Err(fault.to_string()),
            Err(_) if is_named_error && !is_json(data) => {
                return Ok((Self::Error(Chunk::default()), !has_separators(data)));
            }
            Err(fault) if is_unnamed(frame) || is_json(data) => return Err(fault.to_string()),
            // An event with data of another kind, for clients that know it.
            Err(_) => return Ok((Self::Loose, !has_separators(data))),
        };
        let is_plain = chunk.is_plain;
        Ok(match chunk.has_choices {
            _ if chunk.error.is_some() || is_named_error => {
                let has_blocks = chunk.choices.iter().any(Entry::has_blocks);
                let is_plain = is_plain && !has_blocks;
                (Self::Error(chunk), is_plain)
            }
            true => (Self::Chunk(chunk), is_plain && is_unnamed(frame)),
            false => (Self::Loose, is_plain),
        })
    }
}

/// Whether a frame is the last of its stream.
pub(super) fn is_done(frame: &Frame) -> bool {
    frame.data().trim_ascii_start().starts_with(DONE)
}

/// Whether a frame's event has no name, as the API sends all of them.
fn is_unnamed(frame: &Frame) -> bool {
    frame.event().is_empty()
}

fn is_json(data: &[u8]) -> bool {
    str::from_utf8(data).is_ok_and(|text| json::check(text, MAX_DEPTH).is_ok())
}

const OUT_OF_SHAPE: &str = "a chunk is not of the API's shape";

/// The keys of an object that are read, as far as they have come. Of one that stands twice the last counts, as most parsers
/// have it.
struct Keys<const N: usize> {
    names: [&'static str; N],
    seen: u32,
    /// Whether each stands there once at most, spelled exactly, and no other key is like one of them.
    is_plain: bool,
}

impl<const N: usize> Keys<N> {
    fn new(names: [&'static str; N]) -> Self {
        Self {
            names,
            seen: 0,
            is_plain: true,
        }
    }

    /// The name that a key is; empty if it is none of them.
    fn known(&mut self, key: Key, text: &[u8]) -> &'static str {
        let name = key.name(text);
        let Ok(at) = which(&name, &self.names).map_err(|is_plain| self.is_plain &= is_plain) else {
            return "";
        };
        let bit = 1 << at;
        self.is_plain &= self.seen & bit == 0 && name.len() == key.span.len();
        self.seen |= bit;
        self.names[at]
    }
}

/// The keys of a chunk that are read, and those under which a client might look for content.
pub(super) const CHUNK_KEYS: [&str; 12] = [
    "choices",
    "id",
    "created",
    "model",
    "error",
    "usage",
    "delta",
    "message",
    "content",
    "text",
    "tool_calls",
    "output",
];

/// Other fields of a chunk that are no reason to send it.
const SILENT: [&str; 5] = [
    "object",
    "system_fingerprint",
    "service_tier",
    "obfuscation",
    "provider",
];

impl Chunk {
    pub(super) fn parse(data: &[u8], form: Form) -> Result<Self, Fault> {
        let mut chunk = Self {
            is_plain: true,
            ..Self::default()
        };
        let mut keys = Keys::new(CHUNK_KEYS);
        let mut scanner = Scanner::new(data, MAX_DEPTH);
        scanner.object(|scanner, key| {
            let name = keys.known(key, data);
            if name == "choices" {
                chunk.choices.clear();
                chunk.has_choices = true;
                return each(scanner, |scanner, at| {
                    chunk.choices.push(Entry::parse(scanner, at, form)?);
                    Ok(())
                })
                .map(|_| ());
            }
            let value = said(scanner)?;
            match name {
                "id" => chunk.id = value,
                "created" => chunk.created = value,
                "model" => chunk.model = value,
                "error" => chunk.error = value,
                "usage" => chunk.says_more |= value.is_some(),
                "" if value.is_some() && !chunk.says_more => {
                    let name = key.name(data);
                    chunk.says_more = !SILENT.iter().any(|known| known.as_bytes() == &*name);
                }
                "" => {}
                _ => chunk.is_plain &= value.is_none(),
            }
            Ok(())
        })?;
        scanner.finish()?;
        chunk.is_plain &= keys.is_plain && chunk.are_choices_plain();
        Ok(chunk)
    }

    /// Whether each choice stands in it once at most, in plain form.
    fn are_choices_plain(&self) -> bool {
        let mut seen = 0_u128;
        self.choices.iter().all(|entry| {
            let bit = 1_u128.checked_shl(u32::try_from(entry.index).unwrap_or(u32::MAX));
            let is_new = bit.is_none_or(|bit| seen & bit == 0);
            seen |= bit.unwrap_or_default();
            is_new && entry.is_plain
        })
    }
}

/// Steps over a value; nothing where it says nothing.
fn said(scanner: &mut Scanner<'_>) -> Result<Option<Span>, Fault> {
    let value = scanner.value()?;
    Ok(Some(value).filter(|value| says(scanner.text(), *value)))
}

fn says(data: &[u8], value: Span) -> bool {
    !matches!(value.bytes(data), b"null" | b"\"\"")
}

/// Walks an array, or steps over null.
fn each(
    scanner: &mut Scanner<'_>,
    mut element: impl FnMut(&mut Scanner<'_>, usize) -> Result<(), Fault>,
) -> Result<Span, Fault> {
    if scanner.peek() == Some(b'n') {
        return scanner.value();
    }
    let mut at = 0;
    scanner.array(|scanner| {
        element(scanner, at)?;
        at += 1;
        Ok(())
    })
}

fn number(data: &[u8], value: Span) -> Result<u64, Fault> {
    let number = value.text(data).parse().ok();
    match number.filter(|number| *number <= u64::from(u32::MAX)) {
        Some(number) => Ok(number),
        None => out_of_shape(value),
    }
}

fn out_of_shape<T>(at: Span) -> Result<T, Fault> {
    Err(Fault {
        reason: OUT_OF_SHAPE,
        at: at.start,
    })
}
