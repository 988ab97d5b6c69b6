//! The arguments of a call, read once.

use std::cell::OnceCell;

use serde_json::Value;
use sluice_policy_sdk::ToolCall;

/// The arguments of a call. The readings of clients are made when they are first asked for.
pub struct Input<'a> {
    call: &'a ToolCall,
    text: Option<String>,
    readings: OnceCell<Vec<Value>>,
}

impl<'a> Input<'a> {
    /// The arguments of this call.
    pub fn of(call: &'a ToolCall) -> Self {
        let may_be_text = call.arguments.trim_start().starts_with('"');
        let text = match may_be_text.then(|| call.arguments()) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Self {
            call,
            text,
            readings: OnceCell::new(),
        }
    }

    /// Returns the whole input, if it is a text and not a JSON object.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns what clients read from it.
    pub(crate) fn readings(&self) -> &[Value] {
        self.readings.get_or_init(|| self.call.readings())
    }
}
