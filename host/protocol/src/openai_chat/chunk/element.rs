//! A tool call, or a piece of one.

use super::{Seen, number, out_of_shape, said, says};
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
}

impl Element {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        const NAMES: [&str; 5] = ["index", "function", "id", "type", "custom"];
        let data = scanner.text();
        let mut element = Self::default();
        let mut seen = Seen::default();
        element.span = scanner.object(|scanner, key| {
            let name = seen.known(NAMES, key, data)?;
            match name {
                "function" | "custom" if scanner.peek() != Some(b'n') => {
                    return element.inner(scanner, name == "custom");
                }
                _ => {}
            }
            let value = said(scanner)?;
            match (name, value) {
                ("index", Some(value)) => element.index = Some(number(data, value)?),
                ("id", _) => element.id = value,
                _ => {}
            }
            Ok(())
        })?;
        Ok(element)
    }

    /// The call that it says, where it says all of it.
    pub(in crate::openai_chat) fn call(&self, data: &[u8]) -> ToolCall {
        let string = |span: Option<Span>| span.and_then(|span| span.string(data));
        let raw = self.arguments.map(|arguments| {
            let raw = arguments.string(data);
            raw.unwrap_or_else(|| arguments.text(data).to_owned())
        });
        ToolCall {
            id: string(self.id).unwrap_or_default(),
            name: string(self.name).unwrap_or_default(),
            arguments: read_raw(raw.as_deref(), self.is_custom),
        }
    }

    pub(super) fn parse_function_call(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        let mut element = Self::default();
        scanner.peek();
        element.span = element.named(scanner, "arguments")?;
        Ok(element)
    }

    fn inner(&mut self, scanner: &mut Scanner<'_>, is_custom: bool) -> Result<(), Fault> {
        // A call that is both is none that can be judged.
        if self.is_custom || self.name.is_some() || self.arguments.is_some() {
            let span = scanner.value()?;
            return out_of_shape(span);
        }
        self.is_custom = is_custom;
        let arguments = if is_custom { "input" } else { "arguments" };
        self.named(scanner, arguments).map(|_| ())
    }

    fn named(&mut self, scanner: &mut Scanner<'_>, arguments: &'static str) -> Result<Span, Fault> {
        let data = scanner.text();
        let mut seen = Seen::default();
        scanner.object(|scanner, key| {
            let name = seen.known(["name", arguments], key, data)?;
            let value = scanner.value()?;
            match name {
                "" => {}
                "name" => self.name = Some(value).filter(|value| says(data, *value)),
                _ => self.arguments = Some(value).filter(|value| value.bytes(data) != b"null"),
            }
            Ok(())
        })
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
