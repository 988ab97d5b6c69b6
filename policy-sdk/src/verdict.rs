//! What a policy can decide, and why it did.

use serde_json::Value;

use crate::Block;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestVerdict {
    /// Send it upstream, with the edits made.
    Forward,
    /// Do not call upstream: these texts and tool calls are the reply. Illegal where empty.
    Answer(Vec<Block>),
    /// Do not call upstream: the caller gets an error with the reason's message.
    Refuse(Reason),
}

/// What becomes of a block of the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockVerdict {
    /// It goes out as it came.
    Keep,
    /// These texts and tool calls stand in its place. Illegal for [`Block::Thinking`] and
    /// [`Block::Other`].
    Replace(Vec<Block>),
    /// Leave it out; the host puts a notice in the place of a tool call. Illegal for
    /// [`Block::Thinking`] and [`Block::Other`].
    Drop(Reason),
    /// End the reply here, with a notice. Nothing that is still held goes out.
    Stop(Reason),
}

/// What becomes of a piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextVerdict {
    /// It goes out as it came.
    Keep,
    /// Send this now in the place of the piece; what is held back comes with a later piece.
    Send(String),
    /// End the reply here, with a notice. What was held back does not go out.
    Stop(Reason),
}

/// Why a policy stepped in. The host renders it: a notice for the person at the agent, an error in
/// the caller's dialect, a row in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable and machine-readable: `shell.recursive-delete`.
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
