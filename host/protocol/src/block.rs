//! The unit of content that policies judge, the same whichever API the caller speaks.

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
    /// What a tool gave back.
    ToolResult(ToolResult),
    /// An image, a document, a server tool, a kind newer than this crate: its JSON, verbatim.
    Other(String),
}

/// The model asks the agent to run a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id of the call, which its result names again.
    pub id: String,
    /// The tool's name, as the caller declared it.
    pub name: String,
    /// A JSON text. An object where the call is well-formed. Where upstream wrote something else (a call
    /// cut off by `max_tokens`, the free text of a custom tool, two inputs for one call), a JSON string
    /// that holds the raw text.
    pub arguments: String,
}

/// What a tool gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call that this answers.
    pub call_id: String,
    /// Its text; several text parts are joined by a line feed.
    pub content: String,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// The kinds of block a policy can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// [`Block::Text`].
    Text,
    /// [`Block::Thinking`].
    Thinking,
    /// [`Block::ToolCall`].
    ToolCall,
    /// [`Block::ToolResult`].
    ToolResult,
    /// [`Block::Other`].
    Other,
}

/// Where a block of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockAddress {
    /// The message, counted from 0.
    pub message: u32,
    /// The block in that message, counted from 0. Content that is one string is block 0.
    pub block: u32,
}

/// A block of a request, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedBlock {
    /// Where it stands.
    pub at: BlockAddress,
    /// The role of its message, in the dialect's word.
    pub role: String,
    /// The block itself.
    pub block: Block,
}

impl BlockKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Thinking => "thinking",
            Self::ToolCall => "tool_call",
            Self::ToolResult => "tool_result",
            Self::Other => "other",
        }
    }
}

impl Block {
    /// About how many bytes of it there are to read.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Thinking(text) | Self::Other(text) => text.len(),
            Self::ToolCall(call) => call.id.len() + call.name.len() + call.arguments.len(),
            Self::ToolResult(result) => result.call_id.len() + result.content.len(),
        }
    }

    /// Which kind of block this is.
    pub fn kind(&self) -> BlockKind {
        match self {
            Self::Text(_) => BlockKind::Text,
            Self::Thinking(_) => BlockKind::Thinking,
            Self::ToolCall(_) => BlockKind::ToolCall,
            Self::ToolResult(_) => BlockKind::ToolResult,
            Self::Other(_) => BlockKind::Other,
        }
    }
}

/// What policies see of a tool call's arguments: an object as it is, anything else as its raw text.
pub(crate) fn arguments(raw: &str) -> String {
    if json::is_object(raw) {
        raw.to_owned()
    } else {
        json::quote(raw)
    }
}
