//! What a reply says of itself: its id, its model, why it stopped, what it cost.

use serde_json::{Map, Value};

use crate::summary::{self, Told, Usage};

/// Responses, by <https://platform.openai.com/docs/api-reference/responses/object>.
pub(crate) struct Account;

impl summary::Account for Account {
    fn tell(said: &Value, told: &mut Told) {
        let response = match &said["response"] {
            Value::Object(_) => &said["response"],
            _ => said,
        };
        told.named(&response["id"], &response["model"]);
        told.stopped(&response["incomplete_details"]["reason"]);
        told.counted(&response["usage"]);
    }

    fn usage(raw: &Map<String, Value>) -> Usage {
        let count = |name: &str| raw.get(name).and_then(Value::as_u64);
        let part = |whole: &str, name: &str| raw.get(whole).and_then(|of| of[name].as_u64());
        let cached = part("input_tokens_details", "cached_tokens");
        let asked = count("input_tokens");
        Usage {
            raw: None,
            input: asked.map(|asked| asked.saturating_sub(cached.unwrap_or(0))),
            output: count("output_tokens"),
            cache_read: cached,
            cache_write_5m: None,
            cache_write_1h: None,
            reasoning: part("output_tokens_details", "reasoning_tokens"),
        }
    }
}
