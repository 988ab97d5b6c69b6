//! One try to get a reply from upstream.

use serde::{Deserialize, Serialize};

use crate::message::Message;
use crate::times::Times;

/// A request to upstream and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its place among the attempts of its exchange, counted from 1.
    pub number: u32,
    /// The name of the upstream.
    pub upstream: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: u64,
    /// The request as upstream got it.
    pub sent: Message,
    /// Upstream's status, if it sent one.
    pub status: Option<u16>,
    /// The reply as upstream sent it, after content decoding. `None` if there was none.
    pub received: Option<Message>,
    /// What upstream counted.
    pub usage: Usage,
    /// The id that upstream gave its reply.
    pub reply_id: Option<String>,
    /// The model that upstream says it used.
    pub reply_model: Option<String>,
    /// Why the model stopped, in upstream's word.
    pub stop_reason: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took.
    pub times: Times,
}

/// The tokens of a reply, as upstream counts them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The JSON of upstream, as it came.
    pub raw: Option<String>,
    /// Tokens of the request that no cache spared.
    pub input: Option<u64>,
    /// Tokens of the reply.
    pub output: Option<u64>,
    /// Tokens that were read from a cache.
    pub cache_read: Option<u64>,
    /// Tokens that were written to a cache for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Tokens that were written to a cache for an hour.
    pub cache_write_1h: Option<u64>,
    /// Those tokens of the reply that the model thought with.
    pub reasoning: Option<u64>,
}

impl Attempt {
    /// Roughly how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        let messages = std::iter::once(&self.sent).chain(&self.received);
        size_of::<Self>() + messages.map(Message::size).sum::<usize>()
    }
}
