//! Bytes to blocks and back.
//!
//! A dialect (one per folder) reads a request into a view over its original bytes and a reply into
//! [`Block`]s, and writes what policies decided back as legal bytes of the same dialect. Blocks are
//! the hub: everything above this crate speaks of blocks and never of a dialect's JSON.
//!
//! No I/O, no async, no policies: callers push bytes in, pull [`Step`]s out and answer them.

mod account;
pub mod anthropic;
pub mod api;
mod arguments;
pub mod block;
mod compose;
mod dispatch;
mod edit;
mod json;
pub mod limits;
pub mod openai;
pub mod openai_chat;
pub mod openai_embeddings;
pub mod openai_responses;
mod readable;
pub mod reply;
pub mod request;
pub mod ruling;
pub mod sse;
mod stray;
pub mod summary;
mod template;
mod view;
pub mod wants;

pub use api::{Api, Problem};
pub use block::{Block, BlockAddress, BlockKind, PlacedBlock, ToolCall, ToolResult};
pub use edit::EditError;
pub use limits::Limits;
pub use readable::{PlacedText, TextPage, TextPlace};
pub use reply::{Irrevocable, PieceRuling, Rejected, Reply, ReplyError, Ruling, Step};
pub use request::{Request, RequestError};
pub use ruling::IllegalBlock;
pub use stray::has_content;
pub use summary::{Piece, PieceKind, Summary, Usage};
pub use wants::{Delivery, Wants};
