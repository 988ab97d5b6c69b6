//! Anthropic Messages (`POST /v1/messages`), whole and streamed.
//!
//! The API's own words rule in here: a block's start, deltas and stop, content, stop reasons. What
//! leaves this folder speaks of [`Block`](crate::Block)s.

mod answer;
mod assembly;
mod content;
mod emit;
mod error;
mod event;
mod request;
mod stream;
mod whole;

pub use answer::answer;
pub use error::{ErrorType, error_body, error_frame};
pub use request::Request;
pub use stream::Stream;
pub use whole::Whole;

use crate::compose::Rules;

const RULES: Rules = Rules {
    calls_last: true,
    reply_id: "msg_",
    call_id: "toolu_",
    stopped_to_call: "tool_use",
    stopped: "end_turn",
};
