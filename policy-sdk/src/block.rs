//! The unit of content that a policy judges, the same whichever API the caller speaks.

use crate::{arguments, json};

/// One unit of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Text that the person at the agent reads or has written.
    Text(String),
    /// The model's thinking. A policy can read it but not change it, because providers sign it.
    Thinking(String),
    /// The model asks the agent to run a tool.
    ToolCall(ToolCall),
    /// What a tool gave back. Only requests have it.
    ToolResult(ToolResult),
    /// Any other kind, as the JSON that stands in the body: an image, a document, a server tool, or a kind that
    /// is newer than this crate.
    Other(String),
}

/// The model asks the agent to run a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id of the call. In a replacement it is the id of the call that is replaced. If it is empty,
    /// the host makes one.
    pub id: String,
    /// The tool's name, as the caller declared it.
    pub name: String,
    /// The arguments, as a JSON object. If upstream wrote something else (a call cut off by a token limit, the
    /// free text of a custom tool, two inputs for one call), this is a JSON string with the raw text.
    /// [`arguments`](Self::arguments) and [`readings`](Self::readings) read it.
    pub arguments: String,
}

/// What a tool gave back to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call that this answers.
    pub call_id: String,
    /// Its text. Several text parts are joined by a line feed.
    pub content: String,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// The place of a block in the request. It holds for the request as it is at the moment of the call: if one block
/// is replaced by two, the blocks behind it in the same message move.
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
    /// The role of its message, as the caller's API names it.
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
    /// Returns the arguments as a strict reader parses them. Returns `Null` if they are not JSON or
    /// hold what such a reader can't (half a surrogate pair, a number too large for `f64`, more
    /// than 128 levels). A text that is not a JSON object is a string here: a custom tool's text,
    /// or arguments that upstream cut off.
    ///
    /// A policy that must not miss anything uses [`readings`](Self::readings) instead.
    pub fn arguments(&self) -> serde_json::Value {
        serde_json::from_str(&self.arguments).unwrap_or_default()
    }

    /// Returns each object or list that some client reads from the arguments, the likeliest first.
    /// Usually there is one, the value of [`arguments`](Self::arguments).
    ///
    /// Agents and their SDKs read more than JSON: arguments that are cut off, encoded twice,
    /// fenced, or written as JavaScript or Python. Where they differ, each reading is returned (of
    /// two equal keys, some clients take the first and some the last), so a call is safe only if
    /// all readings are. Of several documents in a row the first, the last and the list of all are
    /// returned. What is nested deeper than 128 levels becomes a string, and so does a number too
    /// large for `f64`.
    ///
    /// Returns nothing if no client can read the arguments as an object or list, such as a custom
    /// tool's text. The same holds for texts encoded more than five times, more than eight texts
    /// beside each other, and 32,768 objects and lists in a text that is not plain JSON: nobody
    /// means such arguments to be read. The time grows only with the length of the arguments.
    pub fn readings(&self) -> Vec<serde_json::Value> {
        arguments::readings(&self.arguments)
    }

    /// Shows each string in the arguments to `rewrite` and replaces it by what `rewrite` returns,
    /// if anything. All other bytes stay. Returns whether anything was replaced.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) -> bool {
        match json::rewrite_strings(&self.arguments, &mut rewrite) {
            Some(arguments) => {
                self.arguments = arguments;
                true
            }
            None => false,
        }
    }
}
