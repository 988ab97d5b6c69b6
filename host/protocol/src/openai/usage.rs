//! How `OpenAI`'s APIs count tokens: the same fields, under two sets of names.

use serde_json::{Map, Value};

use crate::account::Usage;

/// Reads the counts. `asked` and `answered` are the words for the two sides: `prompt` and `completion`, or `input` and
/// `output`.
pub(crate) fn usage(raw: &Map<String, Value>, asked: &str, answered: &str) -> Usage {
    let count = |side: &str| raw.get(&format!("{side}_tokens")).and_then(Value::as_u64);
    let part = |side: &str, name: &str| {
        let details = raw.get(&format!("{side}_tokens_details"))?;
        details[name].as_u64()
    };
    let cached = part(asked, "cached_tokens");
    Usage {
        raw: None,
        input: count(asked).map(|asked| asked.saturating_sub(cached.unwrap_or(0))),
        output: count(answered),
        cache_read: cached,
        cache_write_5m: None,
        cache_write_1h: None,
        reasoning: part(answered, "reasoning_tokens"),
    }
}
