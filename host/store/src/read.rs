//! Reads what is stored: one exchange, its bodies, lists of exchanges and sessions.

mod body;
mod conditions;
mod facet;
mod filter;
mod find;
mod line;
mod list;
mod narrow;
#[cfg(test)]
mod plans;
mod record;
mod scan;
mod session;
mod statements;
mod summary;
mod walk;
#[cfg(test)]
pub(crate) use {
    line::query as line_query,
    plans::list_plans,
    statements::{ALL as STATEMENTS, list_queries},
};

pub use body::{BodyBlock, BodyId, BodyReader, ContentId, StoredContent};
pub use facet::{Counted, Facet};
pub use filter::{Filter, Order, Page, Paged};
pub use find::Hit;
pub use line::Joined;
pub use record::{Record, StoredAttempt, StoredBlock, StoredBody, StoredMessage, StoredVerdict};
pub use session::{Agent, Session};
pub use summary::Summary;
