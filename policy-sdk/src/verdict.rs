//! What a policy can decide, and its reason.

use serde_json::Value;

use crate::Block;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestVerdict {
    /// It is sent upstream with the edits that were made.
    Forward,
    /// Upstream is not called. These texts and tool calls are the reply. An empty list is illegal.
    Answer(Vec<Block>),
    /// Upstream is not called. The caller gets an error with the message of the reason.
    Refuse(Reason),
}

/// What happens to a block of the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockVerdict {
    /// It goes out as it came.
    Keep,
    /// These texts and tool calls take its place. Illegal for [`Block::Thinking`] and [`Block::Other`].
    Replace(Vec<Block>),
    /// It is left out. In the place of a tool call the host puts a notice. Illegal for [`Block::Thinking`] and
    /// [`Block::Other`].
    Drop(Reason),
    /// The reply ends here, with a notice. Blocks that are still held do not go out.
    Stop(Reason),
}

/// What happens to a piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextVerdict {
    /// It goes out as it came.
    Keep,
    /// This text goes out instead. What the policy holds back it sends with a later piece.
    Send(String),
    /// The reply ends here, with a notice. Text that was held back does not go out.
    Stop(Reason),
}

/// Why a policy stepped in. The host makes of it a notice for the person at the agent, an error in the caller's
/// dialect, and a row in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A stable name for programs, such as `shell.recursive-delete`.
    pub rule: String,
    /// One sentence for a person.
    pub message: String,
    /// What matched, for the audit log alone.
    pub detail: Value,
}

impl Reason {
    /// A reason without detail.
    pub fn new(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            message: message.into(),
            detail: Value::Null,
        }
    }

    /// Adds what matched, for the audit log alone.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Value>) -> Self {
        self.detail = detail.into();
        self
    }
}
