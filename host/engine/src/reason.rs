//! A policy's reason, checked.

use serde_json::Value;

use crate::event::{Action, Outcome, Verdict};
use crate::wit::types as wit;
use crate::{Cause, text};

/// A rule's name is for queries, not for prose.
const RULE_MAX: usize = 256;
/// A message is one sentence.
const MESSAGE_MAX: usize = 4096;

/// Why a policy stepped in; its `detail` parses and its texts are short.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) detail: Value,
}

impl Reason {
    pub(crate) fn check(reason: &wit::Reason) -> Result<Self, Cause> {
        let detail = json("the reason's `detail`", &reason.detail)?;
        Ok(Self {
            rule: text::one_line(text::cut(&reason.rule, RULE_MAX)),
            message: text::one_line(text::cut(&reason.message, MESSAGE_MAX)),
            detail,
        })
    }

    /// The event of a policy that keeps something back for this reason.
    pub(crate) fn denial(&self) -> Outcome {
        Outcome::Verdict {
            verdict: Verdict::Deny,
            action: Action::Block,
            rule: Some(self.rule.clone()),
            message: Some(self.message.clone()),
            detail: Some(self.detail.clone()).filter(|detail| !detail.is_null()),
        }
    }
}

pub(crate) fn json(what: &str, text: &str) -> Result<Value, Cause> {
    serde_json::from_str(text).map_err(|e| Cause::illegal(format_args!("{what} is not JSON: {e}")))
}
