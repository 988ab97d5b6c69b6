//! What a reply says of itself: its id, its model, why it stopped, what it cost.

use serde_json::{Map, Value};

use crate::account::{self, Told, Usage};

/// Messages, by <https://docs.anthropic.com/en/api/messages>.
pub(crate) struct Account;

impl account::Account for Account {
    fn tell(said: &Value, told: &mut Told) {
        let message = match said["type"].as_str() {
            Some("message_start") => &said["message"],
            _ => said,
        };
        told.named(&message["id"], &message["model"]);
        told.stopped(&message["stop_reason"]);
        // That of `message_delta`.
        told.stopped(&said["delta"]["stop_reason"]);
        told.counted(&message["usage"]);
    }

    fn usage(raw: &Map<String, Value>) -> Usage {
        let count = |name: &str| raw.get(name).and_then(Value::as_u64);
        let written = raw.get("cache_creation");
        let written_for = |name: &str| written.and_then(|written| written[name].as_u64());
        let for_5m = written_for("ephemeral_5m_input_tokens");
        Usage {
            raw: None,
            input: count("input_tokens"),
            output: count("output_tokens"),
            cache_read: count("cache_read_input_tokens"),
            cache_write_5m: for_5m.or_else(|| count("cache_creation_input_tokens")),
            cache_write_1h: written_for("ephemeral_1h_input_tokens"),
            reasoning: None,
        }
    }
}
