//! The arguments of a call, read once.

use std::cell::OnceCell;

use serde_json::Value;
use sluice_policy_sdk::{Request, ToolCall};

use crate::declared::Declared;

/// The arguments of a call. The readings of clients are made when they are first asked for.
pub(crate) struct Input<'a> {
    call: &'a ToolCall,
    declared: Declared<'a>,
    text: Option<String>,
    readings: OnceCell<Vec<Value>>,
}

impl<'a> Input<'a> {
    /// Takes the arguments of this call. Its tool is declared in this request, if anywhere.
    pub(crate) fn of(call: &'a ToolCall, request: Option<&'a Request>) -> Self {
        let may_be_text = call.arguments.trim_start().starts_with('"');
        let text = match may_be_text.then(|| call.arguments()) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Self {
            call,
            declared: Declared::of(request, &call.name),
            text,
            readings: OnceCell::new(),
        }
    }

    /// Returns the name of the tool.
    pub(crate) fn name(&self) -> &'a str {
        &self.call.name
    }

    /// Returns the tool's declaration.
    pub(crate) fn declared(&self) -> &Declared<'a> {
        &self.declared
    }

    /// Returns the whole input, if it is a text and not a JSON object.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns what clients read from it. From the input of a tool that takes free text they read
    /// nothing, unless it begins as JSON does: a program is full of objects.
    pub(crate) fn readings(&self) -> &[Value] {
        self.readings.get_or_init(|| match self.text() {
            Some(text) if !begins_as_json(text) && self.declared.takes_text() == Some(true) => {
                Vec::new()
            }
            _ => self.call.readings(),
        })
    }
}

/// Whether a text begins as JSON arguments do, apart from quotes or fences around them.
fn begins_as_json(text: &str) -> bool {
    let outside = |c: char| c.is_whitespace() || matches!(c, '"' | '\\' | '\'' | '`');
    let text = text.trim_start_matches(outside);
    let text = text.strip_prefix("json").map_or(text, str::trim_start);
    text.starts_with(['{', '['])
}
