//! Messages in the one pass: where they stand, and that no key of them that is read stands twice.

use super::Chat;
use crate::{
    json::{Fault, Span},
    view::{Dialect as _, Reader},
};

/// Where a message stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MessageSpans {
    pub(super) whole: Span,
    pub(super) role: Span,
    pub(super) thinking: Option<Span>,
    pub(super) content: Option<Span>,
    pub(super) refusal: Option<Span>,
    pub(super) tool_calls: Option<Span>,
    pub(super) function_call: Option<Span>,
    pub(super) call_id: Option<Span>,
    pub(super) name: Option<Span>,
}

/// The keys of a part of content, or of a tool call, that are read, each a bit in a set of those seen.
fn inner_key(name: &[u8]) -> u32 {
    match name {
        b"type" => 1,
        b"text" => 1 << 1,
        b"refusal" => 1 << 2,
        b"id" => 1 << 3,
        b"name" => 1 << 4,
        b"arguments" => 1 << 5,
        b"input" => 1 << 6,
        b"function" => FUNCTION,
        b"custom" => CUSTOM,
        _ => 0,
    }
}

const FUNCTION: u32 = 1 << 7;
const CUSTOM: u32 = 1 << 8;

impl Reader<'_, Chat> {
    /// The message at `at`.
    pub(super) fn message(&mut self, at: usize) -> Result<(), Fault> {
        let mut spans = MessageSpans::default();
        let (mut role, mut reasoning) = (None, None);
        spans.whole = self.object(|reader, key| {
            let name = key.name(reader.scanner.text());
            let (place, field): (&mut Option<Span>, _) = match &*name {
                b"role" => (&mut role, ".role"),
                b"content" => (&mut spans.content, ".content"),
                b"refusal" => (&mut spans.refusal, ".refusal"),
                b"tool_calls" => (&mut spans.tool_calls, ".tool_calls"),
                b"function_call" => (&mut spans.function_call, ".function_call"),
                b"tool_call_id" => (&mut spans.call_id, ".tool_call_id"),
                b"name" => (&mut spans.name, ".name"),
                b"reasoning_content" => (&mut spans.thinking, ".reasoning_content"),
                b"reasoning" => (&mut reasoning, ".reasoning"),
                _ => return reader.scanner.value().map(|_| ()),
            };
            let value = match field {
                ".content" => reader.content(at)?,
                ".tool_calls" => reader.tool_calls(at)?,
                ".function_call" => reader.function_call(at)?,
                _ => reader.scanner.value()?,
            };
            if place.is_some() {
                reader.wrong_at(at, field, Chat::WORDS.twice);
            }
            *place = Some(value);
            Ok(())
        })?;
        // Servers call it the one or the other, and clients send back what they got.
        let null = |span: &Span| span.bytes(self.scanner.text()) == b"null";
        spans.thinking = spans.thinking.filter(|span| !null(span)).or(reasoning);
        match role {
            Some(role) if role.bytes(self.scanner.text()).starts_with(b"\"") => {
                spans.role = role;
                self.found(spans);
            }
            Some(_) => self.wrong_at(at, ".role", Chat::WORDS.string),
            None => self.wrong_at(at, ".role", Chat::WORDS.required),
        }
        Ok(())
    }

    fn content(&mut self, at: usize) -> Result<Span, Fault> {
        match self.scanner.peek() {
            Some(b'[') => self.array(|reader, part| {
                if reader.scanner.peek() != Some(b'{') {
                    reader.wrong_in(at, ".content", part, Chat::WORDS.object);
                    return reader.scanner.value().map(|_| ());
                }
                if reader.once(inner_key, |reader, _| reader.unread())? {
                    reader.wrong_in(at, ".content", part, Chat::WORDS.twice);
                }
                Ok(())
            }),
            Some(b'"' | b'n') => self.scanner.value(),
            _ => {
                self.wrong_at(at, ".content", Chat::WORDS.content);
                self.scanner.value()
            }
        }
    }

    fn tool_calls(&mut self, at: usize) -> Result<Span, Fault> {
        let (span, twice) = self.objects(|reader| {
            reader.once(inner_key, |reader, bit| match bit {
                FUNCTION | CUSTOM if reader.scanner.peek() == Some(b'{') => {
                    reader.once(inner_key, |reader, _| reader.unread())
                }
                _ => reader.unread(),
            })
        })?;
        if twice {
            self.wrong_at(at, ".tool_calls", Chat::WORDS.twice);
        }
        Ok(span)
    }

    fn function_call(&mut self, at: usize) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'{') {
            return self.scanner.value();
        }
        let mut twice = false;
        let mut seen = 0;
        let span = self.object(|reader, key| {
            let bit = inner_key(&key.name(reader.scanner.text()));
            twice |= seen & bit != 0;
            seen |= bit;
            reader.scanner.value().map(|_| ())
        })?;
        if twice {
            self.wrong_at(at, ".function_call", Chat::WORDS.twice);
        }
        Ok(span)
    }
}
