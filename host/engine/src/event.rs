//! The record of each call, for the recording, the audit log and the live view.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::{Cause, Contents, OnFailure};

/// One thing that happened in an exchange because of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The operator's name for the policy.
    pub policy: Arc<str>,
    /// The policy's [revision](crate::Policy::revision).
    pub revision: Arc<str>,
    /// What it was asked.
    pub hook: Hook,
    /// The block that it was asked about: its number among the blocks of the reply of which the chain is told, counted
    /// from 0 in the order in which they begin. A chain is told of each block of a kind that any of its policies wants.
    /// What a policy puts in the place of a block has that block's number. `None` for the request, for the end, and for
    /// texts that a policy added at the end.
    pub block: Option<u32>,
    /// The fuel that the call used. The first call includes the fuel of making the instance. For text in pieces this
    /// is the sum over all calls of the block.
    pub fuel: u64,
    /// The time that the call took, counted in the same way.
    pub duration: Duration,
    /// The outcome.
    pub outcome: Outcome,
    /// What the policy was given, and what it left of it.
    pub contents: Contents,
}

/// What a policy was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// `on-request`.
    Request,
    /// `on-block`, for a block that is held until the verdict.
    Block,
    /// `on-block`, for a block that is already on its way.
    Observe,
    /// `on-text`.
    Text,
    /// `on-end`.
    End,
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The policy judged.
    Verdict {
        /// What it said.
        verdict: Verdict,
        /// What the host did.
        action: Action,
        /// A stable name for programs. `None` if the policy gave no reason.
        rule: Option<String>,
        /// One sentence for a person. `None` if the policy gave no reason.
        message: Option<String>,
        /// What matched, for the audit log alone.
        detail: Option<Value>,
    },
    /// The policy failed. It is not asked again in this exchange.
    Failed {
        /// Why.
        cause: Cause,
        /// The side that was taken.
        side: OnFailure,
    },
    /// The policy had failed before, so it was not asked.
    NotJudged {
        /// The side that was taken.
        side: OnFailure,
    },
    /// A row that the policy itself wrote, through `telemetry.emit`.
    Emitted {
        /// The kind that the policy gave it.
        kind: String,
        /// What the policy wrote, as JSON.
        detail: Value,
    },
}

/// What a policy said, in the words of OpenTelemetry's `GenAI` security conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It goes on as it is.
    Allow,
    /// It does not go on.
    Deny,
    /// It goes on changed.
    Modify,
    /// It goes on, with a warning.
    Warn,
    /// A person or another system decides.
    Escalate,
}

/// What the host did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sent it on as it was.
    Allow,
    /// Kept it back.
    Block,
    /// Sent it on changed.
    Modify,
    /// Handed it to a person or another system.
    Escalate,
}

impl Hook {
    /// The name used in logs and recordings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "on-request",
            Self::Block => "on-block",
            Self::Observe => "observe",
            Self::Text => "on-text",
            Self::End => "on-end",
        }
    }
}

impl Verdict {
    /// The word of the convention.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Modify => "modify",
            Self::Warn => "warn",
            Self::Escalate => "escalate",
        }
    }
}

impl Action {
    /// The word of the convention.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
            Self::Modify => "modify",
            Self::Escalate => "escalate",
        }
    }
}

impl Outcome {
    /// The policy let it pass as it was.
    pub(crate) fn allow() -> Self {
        Self::plain(Verdict::Allow, Action::Allow)
    }

    /// The policy changed it.
    pub(crate) fn modify() -> Self {
        Self::plain(Verdict::Modify, Action::Modify)
    }

    /// A verdict for which the policy gave no reason.
    pub(crate) fn plain(verdict: Verdict, action: Action) -> Self {
        Self::Verdict {
            verdict,
            action,
            rule: None,
            message: None,
            detail: None,
        }
    }
}
