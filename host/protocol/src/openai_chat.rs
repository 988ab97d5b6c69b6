//! `OpenAI` Chat Completions (`POST /v1/chat/completions`), whole and streamed.
//!
//! The API's own words rule in here: choices, deltas and messages, finish reasons. What leaves this folder
//! speaks of [`Block`](crate::Block)s.

mod amend;
mod answer;
mod chunk;
mod content;
mod made;
mod request;
mod stream;
mod turn;
mod whole;

pub use answer::answer;
pub use request::Request;
pub use stream::Stream;
pub use whole::Whole;

use crate::compose::Rules;

const RULES: Rules = Rules {
    // Content and tool calls are fields of one message, so neither stands before the other.
    calls_last: false,
    reply_id: "chatcmpl-",
    call_id: "call_",
    stopped_to_call: "tool_calls",
    stopped: "stop",
};

/// Stands between texts that become one.
const BETWEEN_TEXTS: &str = "\n\n";

/// The finish reason of a message with a `function_call`.
const FUNCTION_CALL: &str = "function_call";

/// A choice with this index is malformed, and so are more choices; the API's own bound on `n`.
const MAX_CHOICES: u64 = 128;
