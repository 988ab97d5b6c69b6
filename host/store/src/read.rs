//! Reads what is stored: one exchange, its bodies, lists of exchanges and sessions.

mod body;
mod record;
mod statements;
mod summary;
#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, list_queries};

pub use body::{BodyId, BodyReader, ContentId, StoredContent};
pub use record::{Record, StoredAttempt, StoredBlock, StoredBody, StoredMessage, StoredVerdict};
pub use summary::Summary;
