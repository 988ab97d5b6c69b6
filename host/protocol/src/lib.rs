//! Bytes to blocks and back.
//!
//! A dialect (one per folder) reads a request into a view over its original bytes and a reply into
//! [`Block`]s, and writes what policies decided back as legal bytes of the same dialect. Blocks are
//! the hub: everything above this crate speaks of blocks and never of a dialect's JSON.
//!
//! No I/O, no async, no policies: callers push bytes in, pull [`Step`]s out and answer them.

pub mod anthropic;
pub mod block;
mod compose;
mod json;
pub mod limits;
pub mod reply;
pub mod request;
pub mod ruling;
pub mod sse;
pub mod wants;

pub use block::{Block, BlockAddress, BlockKind, PlacedBlock, ToolCall, ToolResult};
pub use limits::Limits;
pub use reply::{PieceRuling, Reply, ReplyError, Ruling, Step};
pub use request::{EditError, Request, RequestError};
pub use ruling::IllegalBlock;
pub use wants::{Delivery, Wants};

/// Which wire dialect a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// Anthropic Messages.
    Anthropic,
}

impl Api {
    /// The name used in logs, in recordings and towards policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
        }
    }
}
