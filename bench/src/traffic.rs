//! The traffic: requests like those of agents, replies like those of models.
//!
//! Everything is made here from fixed seeds, so the bytes are the same in every run. None of it was
//! recorded.

mod prose;
mod reply;
mod request;

pub(crate) use self::reply::{Reply, Script};
pub(crate) use self::request::{Size, request};

/// The only model.
pub(crate) const MODEL: &str = "bench";

/// A measured dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `OpenAI`'s Chat Completions, which every gateway speaks.
    Chat,
    /// Anthropic's Messages, which coding agents speak.
    Messages,
}

impl Dialect {
    pub(crate) const ALL: [Self; 2] = [Self::Chat, Self::Messages];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
        }
    }
}
