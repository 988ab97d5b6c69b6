//! A choice, as far as one chunk tells it or a whole reply.

use super::{Element, Keys, each, number, said};
use crate::{
    json::{Fault, Scanner, Span},
    openai_chat::content::Part,
};

/// The key under which an element of `choices` holds what the model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_chat) enum Form {
    /// `delta`, of a stream.
    Delta,
    /// `message`, of a whole reply.
    Message,
}

/// An element of `choices`.
#[derive(Debug, Default)]
pub(in crate::openai_chat) struct Entry {
    pub(in crate::openai_chat) span: Span,
    pub(in crate::openai_chat) index: u64,
    /// Its delta or message.
    pub(in crate::openai_chat) said: Option<Span>,
    pub(in crate::openai_chat) has_role: bool,
    pub(in crate::openai_chat) thinking: Option<Span>,
    /// Content that is a string.
    pub(in crate::openai_chat) content: Option<Span>,
    /// Content that is a list.
    pub(in crate::openai_chat) parts: Vec<Part>,
    pub(in crate::openai_chat) refusal: Option<Span>,
    pub(in crate::openai_chat) calls: Vec<Element>,
    pub(in crate::openai_chat) function_call: Option<Element>,
    pub(in crate::openai_chat) finish_reason: Option<Span>,
    pub(in crate::openai_chat) logprobs: Option<Span>,
    /// Whether it says something that is newer than this crate.
    pub(in crate::openai_chat) says_more: bool,
    /// Whether every client finds the same in it.
    pub(in crate::openai_chat) is_plain: bool,
}

/// The keys of an element of `choices` that are read, and those under which a client might look for content.
pub(in crate::openai_chat) const ENTRY_KEYS: [&str; 9] = [
    "delta",
    "index",
    "finish_reason",
    "logprobs",
    "message",
    "text",
    "content",
    "tool_calls",
    "function_call",
];

/// The keys of a delta or message that are read, and one under which a client might look for content.
pub(in crate::openai_chat) const SAID_KEYS: [&str; 8] = [
    "content",
    "role",
    "tool_calls",
    "reasoning_content",
    "reasoning",
    "refusal",
    "function_call",
    "text",
];

impl Form {
    pub(in crate::openai_chat) fn key(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Message => "message",
        }
    }
}

impl Entry {
    pub(super) fn parse(scanner: &mut Scanner<'_>, at: usize, form: Form) -> Result<Self, Fault> {
        let data = scanner.text();
        let mut entry = Self {
            index: at as u64,
            is_plain: true,
            ..Self::default()
        };
        let mut keys = Keys::new(ENTRY_KEYS);
        let (mut is_numbered, mut other) = (false, None);
        entry.span = scanner.object(|scanner, key| {
            let name = keys.known(key, data);
            if name == form.key() {
                return entry.say(scanner);
            }
            let value = said(scanner)?;
            match (name, value) {
                (_, None) => {}
                ("index", Some(value)) => {
                    is_numbered = true;
                    entry.index = number(data, value)?;
                }
                ("finish_reason", Some(reason)) => {
                    entry.is_plain &= reason.bytes(data).starts_with(b"\"");
                    entry.finish_reason = value;
                }
                ("logprobs", Some(_)) => entry.logprobs = value,
                ("", Some(_)) => entry.says_more = true,
                // Some servers tell all that was said so far, beside what is new.
                (name, Some(value)) => {
                    entry.is_plain = false;
                    let is_said = matches!(name, "delta" | "message");
                    other = other.or(Some(value).filter(|_| is_said));
                }
            }
            Ok(())
        })?;
        if let (None, Some(other)) = (entry.said, other) {
            entry.say(&mut Scanner::resume(data, other.start))?;
        }
        entry.is_plain &= keys.is_plain && is_numbered;
        Ok(entry)
    }

    /// Whether it says anything that orders what is put in.
    pub(in crate::openai_chat) fn has_content(&self) -> bool {
        self.has_more_than_calls() || self.has_calls()
    }

    pub(in crate::openai_chat) fn has_more_than_calls(&self) -> bool {
        self.has_role || self.has_texts()
    }

    /// Whether it says anything of a block.
    pub(in crate::openai_chat) fn has_blocks(&self) -> bool {
        self.has_texts() || self.has_calls()
    }

    fn has_texts(&self) -> bool {
        self.content.is_some()
            || !self.parts.is_empty()
            || self.refusal.is_some()
            || self.thinking.is_some()
    }

    pub(in crate::openai_chat) fn has_calls(&self) -> bool {
        !self.calls.is_empty() || self.function_call.is_some()
    }

    /// Takes a delta or a message in, in the place of one that came before.
    fn say(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        let data = scanner.text();
        if scanner.peek() == Some(b'n') {
            scanner.value()?;
            return Ok(());
        }
        if self.said.is_some() {
            *self = Self {
                index: self.index,
                finish_reason: self.finish_reason,
                logprobs: self.logprobs,
                says_more: self.says_more,
                ..Self::default()
            };
        }
        let mut keys = Keys::new(SAID_KEYS);
        let mut reasoning = None;
        let span = scanner.object(|scanner, key| {
            let name = keys.known(key, data);
            match (name, scanner.peek()) {
                // A list of one, as some servers write it.
                ("tool_calls", Some(b'{')) => {
                    self.calls = vec![Element::parse(scanner)?];
                    self.is_plain = false;
                    return Ok(());
                }
                ("tool_calls", _) => {
                    self.calls.clear();
                    return each(scanner, |scanner, _| {
                        let element = Element::parse(scanner)?;
                        self.is_plain &= element.is_plain;
                        self.calls.push(element);
                        Ok(())
                    })
                    .map(|_| ());
                }
                ("function_call", Some(byte)) if byte != b'n' => {
                    let call = Element::parse_function_call(scanner)?;
                    self.is_plain &= call.is_plain;
                    self.function_call = Some(call);
                    return Ok(());
                }
                ("content", Some(b'[')) => return self.list(scanner),
                _ => {}
            }
            let value = said(scanner)?;
            let string = value.filter(|value| value.bytes(data).starts_with(b"\""));
            match name {
                "" => return Ok(()),
                "content" => {
                    self.content = string;
                    self.parts.clear();
                }
                "role" => self.has_role = value.is_some(),
                // Some servers write an object with a text.
                "reasoning_content" => {
                    self.thinking = value;
                    return Ok(());
                }
                "reasoning" => {
                    reasoning = value;
                    return Ok(());
                }
                "refusal" => self.refusal = string,
                // No other key has a string that a client could take for content.
                _ => self.is_plain &= value.is_none(),
            }
            self.is_plain &= value.is_none() || string.is_some();
            Ok(())
        })?;
        if let (Some(one), Some(other)) = (self.thinking, reasoning) {
            self.is_plain &= one.bytes(data) == other.bytes(data);
        }
        self.thinking = self.thinking.or(reasoning);
        self.said = Some(span);
        self.is_plain &= keys.is_plain;
        Ok(())
    }

    fn list(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        self.content = None;
        self.parts.clear();
        scanner
            .array(|scanner| {
                let part = Part::parse(scanner)?;
                self.is_plain &= part.is_plain;
                self.parts.push(part);
                Ok(())
            })
            .map(|_| ())
    }
}
