//! A block that is not to be delivered, so that upstream is asked again.

use thiserror::Error;

use crate::Block;

/// What the request needs that asks upstream again, once a block was [rejected](crate::Reply::reject).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// What the caller has of the reply, as policies left it. A text that was going out when the block was rejected is there
    /// as far as it came. Of a whole reply, what it will have.
    pub delivered: Vec<Block>,
    /// The block, as it was judged.
    pub block: Block,
}

/// Why a block can't be rejected. It can be ruled in any other way.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Irrevocable {
    /// The last step is no [`Step::Judge`](crate::Step::Judge), or it was answered.
    #[error("no block waits to be judged")]
    NotAsked,
    /// [`Wants::redo`](crate::Wants::redo) was not set.
    #[error("what went out of the reply was not kept")]
    NotKept,
    /// More went out than is kept.
    #[error("more than {limit} bytes of the reply went out (--max-held-mib)")]
    TooMuchOut {
        /// The limit in bytes.
        limit: usize,
    },
    /// A tool call went out, or began to, since no policy wants tool calls whole. It has no result, so no upstream takes a
    /// request that goes on behind it, and in Messages no other block may follow it.
    #[error("a tool call of the reply went out")]
    CallOut,
    /// Policies heard of a text in pieces and not of its end, so they may hold back a part of it.
    #[error("a text of the reply is going out in pieces")]
    TextOpen,
    /// The request asked for several choices ([`Limits::choices`](crate::Limits::choices)). Each is a reply of its own, and
    /// a request that goes on behind one would be answered with several that do.
    #[error("the request asked for several choices")]
    SeveralChoices,
}
