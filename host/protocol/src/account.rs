//! What upstream says of a reply as a whole: what it is, and what it cost.

use serde_json::{Map, Value};

/// The tokens of a reply. A number is `None` if upstream does not tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Upstream's JSON object. A stream tells them more than once; the last value of each counts.
    pub raw: Option<String>,
    /// Tokens of the request that no cache spared.
    pub input: Option<u64>,
    /// Tokens of the reply.
    pub output: Option<u64>,
    /// Tokens that were read from a cache.
    pub cache_read: Option<u64>,
    /// Tokens that were written to a cache for five minutes, or for a time that upstream does not tell.
    pub cache_write_5m: Option<u64>,
    /// Tokens that were written to a cache for an hour.
    pub cache_write_1h: Option<u64>,
    /// Those tokens of the reply that the model thought with.
    pub reasoning: Option<u64>,
}

/// What upstream says of a reply as a whole, in the one or the other event of it.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) id: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) usage: Option<Map<String, Value>>,
}

/// How a dialect's replies say what they are and what they cost.
pub(crate) trait Account {
    /// Notes what an event, or a whole reply, says of the reply.
    fn tell(said: &Value, told: &mut Told);
    /// Reads the counts.
    fn usage(raw: &Map<String, Value>) -> Usage;
}

impl Told {
    /// Notes strings that are there.
    pub(crate) fn named(&mut self, id: &Value, model: &Value) {
        let text = |value: &Value| {
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        self.id = text(id).or(self.id.take());
        self.model = text(model).or(self.model.take());
    }

    /// Notes why the model stopped, if it is said.
    pub(crate) fn stopped(&mut self, reason: &Value) {
        let reason = reason.as_str().map(str::to_owned);
        self.stop_reason = reason.or(self.stop_reason.take());
    }

    /// Notes counts. A later one of the same name replaces the earlier one.
    pub(crate) fn counted(&mut self, usage: &Value) {
        if let Some(usage) = usage.as_object() {
            let counts = self.usage.get_or_insert_default();
            counts.extend(
                usage
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
    }
}
