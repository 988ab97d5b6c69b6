//! A policy's reason, once it is checked.

use serde_json::Value;

use crate::event::{Action, Outcome, Verdict};
use crate::wit::types as wit;
use crate::{Cause, text};

/// The longest rule name in bytes. It is for queries, not for prose.
const RULE_MAX: usize = 256;
/// The longest message in bytes. A message is one sentence.
const MESSAGE_MAX: usize = 4096;
/// The longest `detail` that is kept, in bytes. Parsed, it can take many times as much.
const DETAIL_MAX: usize = 64 << 10;

/// Why a policy stepped in. Its `detail` is valid JSON and its texts are short.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) detail: Value,
}

impl Reason {
    pub(crate) fn check(reason: &wit::Reason) -> Result<Self, Cause> {
        let detail = detail(&reason.detail).map_err(Cause::illegal)?;
        Ok(Self {
            rule: text::one_line(text::cut(&reason.rule, RULE_MAX)),
            message: text::one_line(text::cut(&reason.message, MESSAGE_MAX)),
            detail,
        })
    }

    /// The event for a policy that keeps something back for this reason.
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

/// A parsed `detail`.
pub(crate) fn detail(json: &str) -> Result<Value, String> {
    if json.len() > DETAIL_MAX {
        let bytes = json.len();
        return Err(format!("`detail` has {bytes} bytes, over {DETAIL_MAX}"));
    }
    serde_json::from_str(json).map_err(|e| format!("`detail` is not JSON: {e}"))
}
