//! What a person and an agent get of a reply, through any API.

use serde_json::Value;

/// A reply as part of the conversation.
#[derive(Debug, Default, PartialEq)]
pub struct Turn {
    /// Its texts, in order.
    pub texts: Vec<String>,
    /// The tools it calls, in order, with their arguments.
    pub calls: Vec<(String, Value)>,
    /// The API's word for why it ended.
    pub stop: String,
    /// Why the API would refuse a conversation that continues after it.
    pub faults: Vec<String>,
}

impl Turn {
    /// All its texts, joined.
    pub fn text(&self) -> String {
        self.texts.join("\n")
    }

    /// The names of the tools that it calls.
    pub fn tools(&self) -> Vec<&str> {
        self.calls.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Checks that the API would accept a conversation that continues after this reply: an agent
    /// sends the reply back, with a result for each tool call.
    ///
    /// # Panics
    ///
    /// If the next turn would be a 400.
    pub fn assert_next_turn_is_accepted(&self) {
        assert!(self.faults.is_empty(), "{self:?}");
        let silent = self.texts.is_empty() && self.calls.is_empty();
        assert!(!silent, "the person would see an empty turn");
    }

    /// Notes a fault that the API would refuse, unless `holds` is true.
    pub(crate) fn expect(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }

    /// Adds a text, which the API refuses if it is blank.
    pub(crate) fn add_text(&mut self, text: &Value) {
        let text = text.as_str().unwrap_or_default().to_owned();
        self.expect(!text.trim().is_empty(), || "a blank text".to_owned());
        self.texts.push(text);
    }

    /// Adds a tool call with an id, a name and the JSON text of its arguments.
    pub(crate) fn add_call(&mut self, id: &Value, name: &Value, arguments: &str) {
        let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
        self.expect(arguments.is_object(), || {
            format!("the arguments {arguments}")
        });
        let given = |value: &Value| value.as_str().is_some_and(|string| !string.is_empty());
        self.expect(given(id) && given(name), || {
            format!("a call {id} of {name}")
        });
        let name = name.as_str().unwrap_or_default().to_owned();
        self.calls.push((name, arguments));
    }
}
