//! What policies said about an exchange, and the blocks of its reply.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::Name;
use crate::fields;

/// One thing that a policy said or did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The policy's name.
    pub policy: String,
    /// The digest of its component, configuration, limits and grants, in hex.
    pub revision: String,
    /// The hook that was called.
    pub hook: Name,
    /// Whether a request or a reply was judged.
    pub side: Side,
    /// Which block was judged, counted from 0. `None` if it was the whole.
    pub block: Option<u32>,
    /// What the policy said: allow, deny, modify, warn, escalate. `None` if it failed or did not judge.
    pub verdict: Option<Name>,
    /// What was done because of it: allow, block, modify, escalate.
    pub action: Option<Name>,
    /// The rule that the policy names.
    pub rule: Option<String>,
    /// The reason that the policy gives.
    pub reason: Option<String>,
    /// More that the policy tells, as JSON.
    pub detail: Option<String>,
    /// How much it computed.
    pub fuel: u64,
    /// How long the call took.
    pub time: Duration,
    /// The block's content before this policy's step.
    #[serde(with = "fields::maybe_raw")]
    pub before: Option<Bytes>,
    /// The block's content after it, if the step changed it.
    #[serde(with = "fields::maybe_raw")]
    pub after: Option<Bytes>,
    /// The JSON Pointer of an edit.
    pub pointer: Option<String>,
    /// How the call went if it brought no verdict, in our words: which failure it was, or why nothing was judged.
    pub outcome: Option<Name>,
    /// The kind of the block that the policy added.
    pub emitted: Option<Name>,
}

/// Which half of an exchange is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    /// What the caller sent.
    #[default]
    Request,
    /// What upstream answered.
    Reply,
}

/// A block of a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyBlock {
    /// Its place in the reply, counted from 0.
    pub number: u32,
    /// What it is.
    pub kind: Name,
    /// The name of the tool, if it is a call of one.
    pub tool: Option<String>,
    /// Its content, JSON or text.
    #[serde(with = "fields::raw")]
    pub content: Bytes,
    /// What a search finds it by. `None` if it cannot be found.
    pub text: Option<String>,
}

impl Side {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
        }
    }

    /// Reads the word for it.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Request, Self::Reply]
            .into_iter()
            .find(|side| side.as_str() == word)
    }
}

impl Verdict {
    /// Roughly how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        let contents = [&self.before, &self.after]
            .into_iter()
            .flatten()
            .map(Bytes::len);
        let told = [&self.reason, &self.detail]
            .into_iter()
            .flatten()
            .map(String::len);
        size_of::<Self>() + contents.sum::<usize>() + told.sum::<usize>()
    }
}

impl ReplyBlock {
    /// Roughly how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        let text = self.text.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.content.len() + text
    }
}
