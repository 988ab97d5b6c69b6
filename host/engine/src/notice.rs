//! The sentences a person at the agent reads when a policy steps in.

use crate::reason::Reason;

/// What happened to the thing that the policy judged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    /// A tool call was left out.
    ToolCall,
    /// A text was left out.
    Text,
    /// The reply ended.
    Reply,
}

impl Held {
    fn deed(self) -> &'static str {
        match self {
            Self::ToolCall => "stopped this tool call",
            Self::Text => "held back this text",
            Self::Reply => "ended this reply",
        }
    }
}

/// The notice for a verdict with a reason.
pub(crate) fn verdict(policy: &str, held: Held, reason: &Reason) -> String {
    format!(
        "[Sluice] Policy `{policy}` {}: {}",
        held.deed(),
        reason.message
    )
}

/// The notice for a policy that failed and is set to block.
pub(crate) fn failure(policy: &str, held: Held, bound: Option<&str>) -> String {
    format!(
        "[Sluice] Policy `{policy}` {}: the policy failed and is set to block on failure{}.",
        held.deed(),
        in_brackets(bound)
    )
}

/// The message of a refused request, for a policy that failed.
pub(crate) fn failed_request(policy: &str, bound: Option<&str>) -> String {
    let bound = in_brackets(bound);
    format!("Policy `{policy}` failed and is set to block on failure{bound}.")
}

/// Formats the bound that the policy met, if that is why it failed.
fn in_brackets(bound: Option<&str>) -> String {
    bound.map_or_else(String::new, |bound| format!(" ({bound})"))
}

/// The notice if a policy left nothing of a text and gave no reason.
pub(crate) fn emptied(policy: &str) -> String {
    format!("[Sluice] Policy `{policy}` left nothing of this text.")
}
