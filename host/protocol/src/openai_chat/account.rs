//! What a reply says of itself: its id, its model, why it stopped, what it cost.

use serde_json::{Map, Value};

use crate::summary::{self, Told, Usage};

/// Chat Completions, and Embeddings, whose count has the same words:
/// <https://platform.openai.com/docs/api-reference/chat/object>.
pub(crate) struct Account;

impl summary::Account for Account {
    fn tell(said: &Value, told: &mut Told) {
        told.named(&said["id"], &said["model"]);
        told.stopped(&said["choices"][0]["finish_reason"]);
        told.counted(&said["usage"]);
    }

    fn usage(raw: &Map<String, Value>) -> Usage {
        let count = |name: &str| raw.get(name).and_then(Value::as_u64);
        let part = |whole: &str, name: &str| raw.get(whole).and_then(|of| of[name].as_u64());
        let cached = part("prompt_tokens_details", "cached_tokens");
        let asked = count("prompt_tokens");
        Usage {
            raw: None,
            input: asked.map(|asked| asked.saturating_sub(cached.unwrap_or(0))),
            output: count("completion_tokens"),
            cache_read: cached,
            cache_write_5m: None,
            cache_write_1h: None,
            reasoning: part("completion_tokens_details", "reasoning_tokens"),
        }
    }
}
