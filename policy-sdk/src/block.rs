//! The unit of content that a policy judges, the same whichever API the caller speaks.

use crate::json;

/// One unit of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Text for the person at the agent, or from them.
    Text(String),
    /// Readable, never changeable: providers sign it.
    Thinking(String),
    /// The model asks the agent to run a tool.
    ToolCall(ToolCall),
    /// What a tool gave back. Only in requests.
    ToolResult(ToolResult),
    /// An image, a document, a server tool, a kind newer than this crate: its JSON, verbatim.
    Other(String),
}

/// The model asks the agent to run a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id of the call. In a replacement: the id of the call it stands for, or empty
    /// for one of the host's making.
    pub id: String,
    /// The tool's name, as the caller declared it.
    pub name: String,
    /// The arguments: a JSON object. Only where upstream's own arguments do not parse it is a JSON
    /// string with their raw text.
    pub arguments: String,
}

/// What a tool gave back to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call that this answers.
    pub call_id: String,
    /// Its text; several text parts are joined by a line feed.
    pub content: String,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// Where a block of the request stands, as the request is at the moment of the call: replacing one
/// block by two moves those behind it in the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockAddress {
    /// The message, counted from 0.
    pub message: u32,
    /// The block in that message, counted from 0. Content that is one string is block 0.
    pub block: u32,
}

/// A block of the request, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedBlock {
    /// Where it stands.
    pub at: BlockAddress,
    /// The role of its message, in the word of the caller's API.
    pub role: String,
    /// The block itself.
    pub block: Block,
}

impl Block {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A tool call with these arguments.
    pub fn tool_call(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: &serde_json::Value,
    ) -> Self {
        Self::ToolCall(ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.to_string(),
        })
    }
}

impl ToolCall {
    /// The arguments as a value; `Null` where they are not JSON. Mind that arguments which upstream
    /// cut off are a string here: their raw text.
    pub fn arguments(&self) -> serde_json::Value {
        serde_json::from_str(&self.arguments).unwrap_or_default()
    }

    /// Shows each string in the arguments to `rewrite` and puts what it returns in its place; the
    /// rest keeps its bytes. Says whether anything was rewritten.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) -> bool {
        match json::rewrite_strings(&self.arguments, |_, text| rewrite(text)) {
            Some(arguments) => {
                self.arguments = arguments;
                true
            }
            None => false,
        }
    }
}
