//! What a frame of a streamed reply says.
//!
//! One pass over the frame's data finds the places that are read or edited; all else is stepped over.
//! What says nothing (null, an empty string) counts as not there.

mod element;
mod entry;
mod sole;

pub(super) use element::{Element, read_raw};
pub(super) use entry::{Entry, Form};

use crate::{
    json::{self, Fault, Key, MAX_DEPTH, Scanner, Span},
    sse::Frame,
};

/// A frame, as far as it matters.
#[derive(Debug)]
pub(super) enum Event {
    Chunk(Chunk),
    /// `[DONE]`.
    Done,
    /// Upstream's error ends the reply.
    Error(Chunk),
    /// A comment, an event newer than this crate: no client reads content in it.
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
    pub(super) is_error: bool,
    pub(super) has_choices: bool,
}

const DONE: &[u8] = b"[DONE]";

impl Event {
    /// Reads a frame. Err says what is wrong with one that a client may act upon, though we can't read it.
    pub(super) fn parse(frame: &Frame) -> Result<Self, String> {
        let data = frame.data();
        if data.trim_ascii().is_empty() {
            return Ok(Self::Loose);
        }
        if is_done(frame) {
            return Ok(Self::Done);
        }
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err("its data is not UTF-8".to_owned());
        }
        let named_error = frame.event() == b"error";
        match Chunk::parse(data, Form::Delta) {
            Ok(chunk) if chunk.is_error || named_error => Ok(Self::Error(chunk)),
            Ok(chunk) if chunk.has_choices => Ok(Self::Chunk(chunk)),
            Ok(_) => Ok(Self::Loose),
            Err(fault) if fault.is_readable_elsewhere() => Err(fault.to_string()),
            Err(_) if named_error && !is_json(data) => Ok(Self::Error(Chunk::default())),
            Err(fault) if frame.event().is_empty() || is_json(data) => Err(fault.to_string()),
            // An event with data of another kind, for clients that know it.
            Err(_) => Ok(Self::Loose),
        }
    }
}

/// Whether a frame is the last of its stream.
pub(super) fn is_done(frame: &Frame) -> bool {
    frame.data().trim_ascii_start().starts_with(DONE)
}

fn is_json(data: &[u8]) -> bool {
    str::from_utf8(data).is_ok_and(|text| json::check(text, MAX_DEPTH).is_ok())
}

const OUT_OF_SHAPE: &str = "a chunk is not of the API's shape";

/// Which of the keys that are read were there. One that stands twice is a fault: the client might read
/// the other one.
#[derive(Default)]
struct Seen(u32);

impl Seen {
    fn known<const N: usize>(
        &mut self,
        names: [&'static str; N],
        key: Key,
        text: &[u8],
    ) -> Result<&'static str, Fault> {
        let name = key.name(text);
        let Some(at) = names.iter().position(|known| known.as_bytes() == &*name) else {
            return Ok("");
        };
        let bit = 1 << at;
        if self.0 & bit != 0 {
            return Err(Fault {
                reason: Fault::TWICE,
                at: key.span.start,
            });
        }
        self.0 |= bit;
        Ok(names[at])
    }
}

impl Chunk {
    pub(super) fn parse(data: &[u8], form: Form) -> Result<Self, Fault> {
        const NAMES: [&str; 10] = [
            "choices",
            "id",
            "created",
            "model",
            "error",
            "object",
            "system_fingerprint",
            "service_tier",
            "obfuscation",
            "provider",
        ];
        let mut chunk = Self::default();
        let mut seen = Seen::default();
        let mut scanner = Scanner::new(data, MAX_DEPTH);
        scanner.object(|scanner, key| {
            let name = seen.known(NAMES, key, data)?;
            if name == "choices" {
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
                "error" => chunk.is_error = value.is_some(),
                "" => chunk.says_more |= value.is_some(),
                _ => {}
            }
            Ok(())
        })?;
        scanner.finish()?;
        Ok(chunk)
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
