//! An exchange as it is handed in: one request, everything that was sent and received for it, and what policies said.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Name;
use crate::attempt::Attempt;
use crate::fields;
use crate::message::Message;
use crate::times::Times;
use crate::verdict::{ReplyBlock, Side, Verdict};

/// One request of a caller and its reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its id, a UUID of version 7. An exchange that is offered again under the same id is stored once.
    #[serde(with = "fields::uuid")]
    pub id: Uuid,
    /// When the request arrived, in milliseconds since 1970.
    pub received_at: u64,
    /// A pseudonym of who sent it.
    pub caller: Option<String>,
    /// The session that it belongs to.
    pub session: SessionKey,
    /// The dialect that it was spoken in.
    pub api: Name,
    /// The request's method.
    pub method: String,
    /// The path that was asked for.
    pub path: String,
    /// The model that was asked for.
    pub model: Option<String>,
    /// Whether the caller asked for a stream.
    pub streaming: bool,
    /// The status that the caller got, if it got one.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Why it ended so, if there is something to say.
    pub cause: Option<String>,
    /// How long it took.
    pub times: Times,
    /// The request as the caller sent it.
    pub asked: Message,
    /// What went to upstream and came back, in order.
    pub attempts: Vec<Attempt>,
    /// The reply as the caller got it. `None` if there was none.
    pub delivered: Option<Message>,
    /// What policies said, in order.
    pub verdicts: Vec<Verdict>,
    /// What no policy judged, and why.
    pub not_judged: Vec<NotJudged>,
    /// The blocks of the reply, as upstream sent them.
    pub reply: Vec<ReplyBlock>,
    /// How many events were left out because there were too many.
    pub dropped_events: u64,
}

/// What an exchange has in common with others of the same conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionKey {
    /// The session's name. It is unique for a caller.
    pub key: String,
    /// What told it, like the name of a header.
    pub found_by: Name,
    /// Which agent of the session sent the request, if it has several.
    pub agent: Option<String>,
    /// The agent that started this one.
    pub parent_agent: Option<String>,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ending {
    /// Upstream's reply was delivered, as far as policies let it.
    Delivered,
    /// A policy refused the request.
    Refused,
    /// A policy answered in upstream's place.
    Answered,
    /// It ended with an error.
    Failed,
    /// The caller went away.
    Aborted,
    /// The process ended before the exchange did.
    Cut,
}

/// Blocks that no policy judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotJudged {
    /// Where they stood.
    pub side: Side,
    /// Their kind.
    pub kind: Name,
    /// Why nobody judged them.
    pub because: Name,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Delivered,
        Self::Refused,
        Self::Answered,
        Self::Failed,
        Self::Aborted,
        Self::Cut,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Cut => "cut",
        }
    }

    /// Reads the word for it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == word)
    }
}

impl Exchange {
    /// Roughly how many bytes it holds. The queue of the [`Writer`](crate::Writer) is bounded by it.
    pub fn size(&self) -> usize {
        let messages = std::iter::once(&self.asked).chain(&self.delivered);
        let messages = messages.map(Message::size).sum::<usize>();
        let attempts = self.attempts.iter().map(Attempt::size).sum::<usize>();
        let verdicts = self.verdicts.iter().map(Verdict::size).sum::<usize>();
        let reply = self.reply.iter().map(ReplyBlock::size).sum::<usize>();
        size_of::<Self>() + messages + attempts + verdicts + reply
    }
}
