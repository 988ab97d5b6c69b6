//! Keeps what was recorded of exchanges, finds it again, and forgets it on request.
//!
//! The one place that knows SQL: SQLite in a file, or PostgreSQL if the URL says so. It knows no dialect and no
//! policy. Whoever records an exchange hands it over as an [`Exchange`], in the words of this crate, and says where
//! the blocks of its request stand. How a block reads as text is asked of [`Words`].

#![warn(missing_docs)]

mod attempt;
mod chain;
mod config;
mod content;
mod db;
mod encoded;
mod erase;
mod error;
mod exchange;
mod fields;
mod ingest;
mod installation;
mod item;
mod journal;
mod keys;
mod message;
mod migrate;
mod names;
mod read;
mod search;
mod spool;
mod status;
mod store;
mod times;
mod verdict;
mod words;
mod work;
mod writer;

pub use attempt::{Attempt, Usage};
pub use config::{Bounds, Config, SpoolConfig};
pub use erase::{Erased, Eraser};
pub use error::Error;
pub use exchange::{Ending, Exchange, NotJudged, SessionKey};
pub use item::Amendment;
pub use keys::{CallerKey, MOST_KEYS};
pub use message::{Body, Cut, Frame, Message};
pub use migrate::Migration;
pub use read::{
    Agent, BodyBlock, BodyId, BodyReader, ContentId, Counted, Facet, Filter, Hit, Joined, Order,
    Page, Paged, Record, Session, StoredAttempt, StoredBlock, StoredBody, StoredContent,
    StoredMessage, StoredVerdict, Summary,
};
pub use search::Snippet;
pub use spool::Shipping;
pub use status::WriterState;
pub use store::Store;
pub use times::Times;
pub use verdict::{ReplyBlock, Side, Verdict};
pub use words::{Repeated, Words};
pub use writer::{Lost, NotTaken, OnDisk, Ticket, Writer, Writing};

use std::borrow::Cow;

/// A word of ours, like a kind of block or the name of a hook. It is nearly always a constant.
pub type Name = Cow<'static, str>;

#[cfg(test)]
mod tests;
