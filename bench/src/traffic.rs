//! What goes over the wire: requests as agents send them, replies as models give them.
//!
//! All of it is made here from fixed seeds: the same bytes in every run, none of them recorded from
//! anybody's traffic.

mod prose;
mod reply;
mod request;

pub(crate) use self::reply::{Reply, Script};
pub(crate) use self::request::{Size, request};

/// The one model there is.
pub(crate) const MODEL: &str = "bench";

/// A dialect that is driven.
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
