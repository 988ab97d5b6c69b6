//! How much of a request or a reply is taken in.

/// The bounds of one exchange's bytes. What lies over one is an error, never a wait. A reply of which policies want nothing
/// has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages in a request; more is [`RequestError::TooManyMessages`](crate::RequestError::TooManyMessages).
    pub messages: usize,
    /// Elements of each other list that is read (blocks of a message, parts of a result, tools), and
    /// fields of the body; more is [`RequestError::TooMany`](crate::RequestError::TooMany).
    pub elements: usize,
    /// Objects and arrays inside one another, at most 128; deeper JSON counts as not valid.
    pub depth: usize,
    /// Bytes of one frame of a streamed reply of which policies want something; more is
    /// [`ReplyError::FrameTooLarge`](crate::ReplyError::FrameTooLarge).
    pub frame: usize,
    /// Bytes of a streamed reply held for policies; more is [`ReplyError::HeldTooLarge`](crate::ReplyError::HeldTooLarge).
    pub held: usize,
    /// Bytes of a whole reply of which policies want something; more is
    /// [`ReplyError::ReplyTooLarge`](crate::ReplyError::ReplyTooLarge).
    pub whole: usize,
    /// Replies that the request asked for. Others are left out of a reply of which policies want something, since most
    /// clients take the first that is there for the one that they asked for.
    pub choices: u64,
    /// Blocks of a reply of which policies want something; more is
    /// [`ReplyError::TooManyItems`](crate::ReplyError::TooManyItems).
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // What Anthropic's API takes.
            messages: 100_000,
            elements: 100_000,
            depth: 128,
            // A picture that a provider makes comes in one frame.
            frame: 64 << 20,
            held: 64 << 20,
            whole: 128 << 20,
            choices: 128,
            items: 10_000,
        }
    }
}
