//! Messages in the one pass: where they stand, and that no key of them that is read stands twice.

use super::Chat;
use crate::{
    json::{Fault, Span},
    view::{Bounded, Cursor, Dialect as _},
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

impl MessageSpans {
    /// Reads the message at `at`.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        at: usize,
        found: &mut Bounded<Self>,
    ) -> Result<(), Fault> {
        let mut spans = Self::default();
        let (mut role, mut reasoning) = (None, None);
        spans.whole = cursor.object(|cursor, key| {
            let name = key.name(cursor.text());
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
                _ => return cursor.scanner.value().map(|_| ()),
            };
            let value = match field {
                ".content" => content(cursor, at)?,
                ".tool_calls" => tool_calls(cursor, at)?,
                ".function_call" => function_call(cursor, at)?,
                _ => cursor.scanner.value()?,
            };
            if place.is_some() {
                cursor.wrong(Chat::message_path(at, field), Chat::WORDS.twice);
            }
            *place = Some(value);
            Ok(())
        })?;
        // Servers call it the one or the other, and clients send back what they got.
        let null = |span: &Span| span.bytes(cursor.text()) == b"null";
        spans.thinking = spans.thinking.filter(|span| !null(span)).or(reasoning);
        let expected = match role {
            Some(role) if role.bytes(cursor.text()).starts_with(b"\"") => {
                spans.role = role;
                found.push(spans);
                return Ok(());
            }
            Some(_) => Chat::WORDS.string,
            None => Chat::WORDS.required,
        };
        cursor.wrong(Chat::message_path(at, ".role"), expected);
        Ok(())
    }
}

fn content(cursor: &mut Cursor<'_>, at: usize) -> Result<Span, Fault> {
    let path = |part| Chat::message_path(at, &Chat::element(".content", part));
    match cursor.scanner.peek() {
        Some(b'[') => cursor.array(|cursor, part| {
            if cursor.scanner.peek() != Some(b'{') {
                cursor.wrong(path(part), Chat::WORDS.object);
                return cursor.scanner.value().map(|_| ());
            }
            if cursor.once(inner_key, |cursor, _| cursor.unread())? {
                cursor.wrong(path(part), Chat::WORDS.twice);
            }
            Ok(())
        }),
        Some(b'"' | b'n') => cursor.scanner.value(),
        _ => {
            cursor.wrong(Chat::message_path(at, ".content"), Chat::WORDS.content);
            cursor.scanner.value()
        }
    }
}

fn tool_calls(cursor: &mut Cursor<'_>, at: usize) -> Result<Span, Fault> {
    let (span, twice) = cursor.objects(|cursor| {
        cursor.once(inner_key, |cursor, bit| match bit {
            FUNCTION | CUSTOM if cursor.scanner.peek() == Some(b'{') => {
                cursor.once(inner_key, |cursor, _| cursor.unread())
            }
            _ => cursor.unread(),
        })
    })?;
    if twice {
        cursor.wrong(Chat::message_path(at, ".tool_calls"), Chat::WORDS.twice);
    }
    Ok(span)
}

fn function_call(cursor: &mut Cursor<'_>, at: usize) -> Result<Span, Fault> {
    if cursor.scanner.peek() != Some(b'{') {
        return cursor.scanner.value();
    }
    let (mut seen, mut twice) = (0, false);
    let span = cursor.object(|cursor, key| {
        let bit = inner_key(&key.name(cursor.text()));
        twice |= seen & bit != 0;
        seen |= bit;
        cursor.scanner.value().map(|_| ())
    })?;
    if twice {
        cursor.wrong(Chat::message_path(at, ".function_call"), Chat::WORDS.twice);
    }
    Ok(span)
}
