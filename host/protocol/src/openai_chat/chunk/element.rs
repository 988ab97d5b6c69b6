//! A tool call, or a piece of one.

use super::{Keys, number, said, says};
use crate::{
    ToolCall,
    json::{Fault, Scanner, Span},
    openai::{read_arguments, read_input},
};

/// An element of `tool_calls`, or a `function_call`: a piece of a call.
#[derive(Debug, Default)]
pub(in crate::openai_chat) struct Element {
    pub(in crate::openai_chat) span: Span,
    pub(in crate::openai_chat) index: Option<u64>,
    pub(in crate::openai_chat) id: Option<Span>,
    pub(in crate::openai_chat) name: Option<Span>,
    pub(in crate::openai_chat) arguments: Option<Span>,
    pub(in crate::openai_chat) is_custom: bool,
    /// Where its function or custom tool stands; in a `function_call` that is all of it.
    pub(in crate::openai_chat) inner: Option<Span>,
    /// Whether every client finds the same in it.
    pub(in crate::openai_chat) is_plain: bool,
}

/// The keys of an element of `tool_calls`.
pub(in crate::openai_chat) const ELEMENT_KEYS: [&str; 7] = [
    "index",
    "function",
    "id",
    "type",
    "custom",
    "name",
    "arguments",
];

/// The keys of what an element holds, whether a function or a custom tool.
pub(in crate::openai_chat) const INNER_KEYS: [&str; 3] = ["name", "arguments", "input"];

impl Element {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        let data = scanner.text();
        let mut element = Self {
            is_plain: true,
            ..Self::default()
        };
        let mut keys = Keys::new(ELEMENT_KEYS);
        let mut is_typed_custom = None;
        element.span = scanner.object(|scanner, key| {
            let name = keys.known(key, data);
            match name {
                "function" | "custom" if scanner.peek() != Some(b'n') => {
                    return element.tool(scanner, name == "custom");
                }
                _ => {}
            }
            let value = said(scanner)?;
            match (name, value) {
                ("index", Some(value)) => element.index = Some(number(data, value)?),
                ("id", _) => element.id = element.string(data, value),
                ("type", Some(value)) => {
                    is_typed_custom = Some(value.name(data).as_deref() == Some(b"custom"));
                }
                ("name" | "arguments", Some(_)) => element.is_plain = false,
                _ => {}
            }
            Ok(())
        })?;
        let is_typed_else = is_typed_custom.is_some_and(|custom| custom != element.is_custom);
        element.is_plain &= keys.is_plain && !is_typed_else;
        Ok(element)
    }

    pub(super) fn parse_function_call(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        let mut element = Self {
            is_plain: true,
            ..Self::default()
        };
        scanner.peek();
        element.span = element.inner(scanner)?;
        Ok(element)
    }

    /// The call that it says, where it says all of it.
    pub(in crate::openai_chat) fn call(&self, data: &[u8]) -> ToolCall {
        let string = |span: Option<Span>| span.and_then(|span| span.string(data));
        ToolCall {
            id: string(self.id).unwrap_or_default(),
            name: string(self.name).unwrap_or_default(),
            arguments: read_raw(self.raw_arguments(data).as_deref(), self.is_custom),
        }
    }

    /// What it says of the arguments. Some servers write them as JSON and not as a string.
    pub(in crate::openai_chat) fn raw_arguments(&self, data: &[u8]) -> Option<String> {
        let arguments = self.arguments?;
        let raw = arguments.string(data);
        Some(raw.unwrap_or_else(|| arguments.text(data).to_owned()))
    }

    /// A function or a custom tool. Of both, that counts which says something; the function, if both do.
    fn tool(&mut self, scanner: &mut Scanner<'_>, is_custom: bool) -> Result<(), Fault> {
        if scanner.peek() != Some(b'{') {
            self.is_plain = false;
            return scanner.value().map(|_| ());
        }
        let mut other = Self {
            is_plain: true,
            is_custom,
            ..Self::default()
        };
        other.inner(scanner)?;
        let is_second = self.inner.is_some();
        self.is_plain &= other.is_plain && !is_second;
        if is_second && (!other.says_something() || (self.says_something() && !self.is_custom)) {
            return Ok(());
        }
        self.is_custom = is_custom;
        (self.name, self.arguments, self.inner) = (other.name, other.arguments, other.inner);
        Ok(())
    }

    fn says_something(&self) -> bool {
        self.name.is_some() || self.arguments.is_some()
    }

    fn inner(&mut self, scanner: &mut Scanner<'_>) -> Result<Span, Fault> {
        let data = scanner.text();
        let mut keys = Keys::new(INNER_KEYS);
        let arguments = if self.is_custom { "input" } else { "arguments" };
        let span = scanner.object(|scanner, key| {
            let name = keys.known(key, data);
            let value = scanner.value()?;
            match name {
                "" => {}
                "name" => {
                    let value = Some(value).filter(|value| says(data, *value));
                    self.name = self.string(data, value);
                }
                name if name == arguments => {
                    self.arguments = Some(value).filter(|value| value.bytes(data) != b"null");
                    self.is_plain &= matches!(value.bytes(data), [b'"', ..] | b"null");
                }
                // The arguments of a tool of the other kind.
                _ => self.is_plain &= !says(data, value),
            }
            Ok(())
        })?;
        self.is_plain &= keys.is_plain;
        self.inner = Some(span);
        Ok(span)
    }

    /// A value that is a string, as the API has it.
    fn string(&mut self, data: &[u8], value: Option<Span>) -> Option<Span> {
        let string = value.filter(|value| value.bytes(data).starts_with(b"\""));
        self.is_plain &= value.is_none() || string.is_some();
        string
    }
}

/// What policies see of the arguments of a call.
pub(in crate::openai_chat) fn read_raw(raw: Option<&str>, is_custom: bool) -> String {
    match (raw, is_custom) {
        (None, _) => "{}".to_owned(),
        (Some(raw), true) => read_input(raw),
        (Some(raw), false) => read_arguments(raw),
    }
}
