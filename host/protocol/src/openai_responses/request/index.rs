//! The input in the one pass: where its items stand, and that no key of them that is read stands twice.

use super::Responses;
use crate::{
    json::{Fault, Span},
    openai::items::{is_call, is_output},
    readable::{Within, place_of, place_of_role},
    view::{Bounded, Cursor, Dialect as _, Reader},
};

/// Where an item of the input stands, or the input where that is one string.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ItemSpans {
    pub(super) whole: Span,
    pub(super) kind: Option<Span>,
    pub(super) role: Option<Span>,
    pub(super) content: Option<Span>,
    pub(super) output: Option<Span>,
}

/// What an item is, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The input is one string.
    Input,
    Message,
    /// A call that the agent ran.
    Call,
    /// What such a call gave back.
    Output,
    Reasoning,
    Other,
}

const CONTENT: u32 = 1;
const OUTPUT: u32 = 1 << 1;
const SUMMARY: u32 = 1 << 12;

/// The keys of an item or of a part of one that are read, each a bit in a set of those seen.
fn item_key(name: &[u8]) -> u32 {
    match name {
        b"content" => CONTENT,
        b"output" => OUTPUT,
        b"type" => 1 << 2,
        b"role" => 1 << 3,
        b"call_id" => 1 << 4,
        b"id" => 1 << 5,
        b"name" => 1 << 6,
        b"arguments" => 1 << 7,
        b"input" => 1 << 8,
        b"action" => 1 << 9,
        b"actions" => 1 << 10,
        b"operation" => 1 << 11,
        b"summary" => SUMMARY,
        b"text" => 1 << 13,
        b"refusal" => 1 << 14,
        _ => 0,
    }
}

impl ItemSpans {
    /// Reads the item at `at`.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        at: usize,
        found: &mut Bounded<Self>,
    ) -> Result<(), Fault> {
        let mut spans = Self::default();
        let (mut seen, mut twice) = (0, false);
        spans.whole = cursor.object(|cursor, key| {
            let name = key.name(cursor.text());
            let bit = item_key(&name);
            twice |= seen & bit != 0;
            seen |= bit;
            let value = match bit {
                0 => return cursor.scanner.value().map(|_| ()),
                CONTENT | OUTPUT | SUMMARY => {
                    let (value, inner) = cursor.objects(part)?;
                    twice |= inner;
                    value
                }
                _ => cursor.scanner.value()?,
            };
            match &*name {
                b"type" => spans.kind = Some(value),
                b"role" => spans.role = Some(value),
                b"content" => spans.content = Some(value),
                b"output" => spans.output = Some(value),
                _ => {}
            }
            Ok(())
        })?;
        if twice {
            cursor.wrong(Responses::message_path(at, ""), Responses::WORDS.twice);
        }
        found.push(spans);
        Ok(())
    }

    pub(super) fn kind(self, body: &[u8]) -> Kind {
        if self.whole.bytes(body).starts_with(b"\"") {
            return Kind::Input;
        }
        let kind = self.kind.and_then(|kind| kind.string(body));
        match kind.as_deref() {
            None if self.role.is_some() => Kind::Message,
            Some("message") => Kind::Message,
            Some("reasoning") => Kind::Reasoning,
            Some(kind) if is_call(kind) => Kind::Call,
            Some(kind) if is_output(kind) => Kind::Output,
            _ => Kind::Other,
        }
    }

    /// What an item is to who reads its texts. `None` if it is signed.
    pub(super) fn within(self, body: &[u8]) -> Option<Within> {
        let place = place_of_role(&self.role(body));
        if self.whole.bytes(body).starts_with(b"\"") {
            return Some(Within::Said(place));
        }
        let kind = self.kind.and_then(|kind| kind.string(body));
        place_of(&kind.unwrap_or_default(), place).map(Within::Message)
    }

    /// The role of an item. Where it says none: what the model made is the assistant's, what was given
    /// back to it a tool's.
    pub(super) fn role(self, body: &[u8]) -> String {
        if let Some(role) = self.role.and_then(|role| role.string(body)) {
            return role;
        }
        let kind = self.kind.and_then(|kind| kind.string(body));
        let role = match (self.kind(body), kind.as_deref()) {
            (Kind::Call | Kind::Reasoning, _) => "assistant",
            (Kind::Output, _) => "tool",
            (_, Some(kind)) if kind.ends_with("_call") => "assistant",
            (_, Some(kind)) if kind.ends_with("_output") => "tool",
            _ => "user",
        };
        role.to_owned()
    }
}

impl Reader<'_, Responses> {
    pub(super) fn input(&mut self) -> Result<Span, Fault> {
        match self.cursor.scanner.peek() {
            Some(b'"') => self.scattered(text),
            Some(b'n') => self.cursor.scanner.value(),
            Some(b'[') => self.messages(ItemSpans::read),
            _ => {
                self.wrong("input", Responses::WORDS.content);
                self.cursor.scanner.value()
            }
        }
    }
}

/// What a search is to look up stands beside the input. Each text in it is a message of its own.
pub(super) fn commands(
    cursor: &mut Cursor<'_>,
    found: &mut Bounded<ItemSpans>,
) -> Result<Span, Fault> {
    match cursor.scanner.peek() {
        Some(b'{') => cursor.object(|cursor, _| commands(cursor, found).map(|_| ())),
        Some(b'[') => cursor.array(|cursor, _| commands(cursor, found).map(|_| ())),
        Some(b'"') => text(cursor, found),
        _ => cursor.scanner.value(),
    }
}

/// A string that is a message of its own.
fn text(cursor: &mut Cursor<'_>, found: &mut Bounded<ItemSpans>) -> Result<Span, Fault> {
    let whole = cursor.scanner.value()?;
    found.push(ItemSpans {
        whole,
        ..ItemSpans::default()
    });
    Ok(whole)
}

fn part(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    cursor.once(item_key, |cursor, _| cursor.unread())
}
