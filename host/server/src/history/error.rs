//! Why something of the history can't be had or done, in words for whoever asked.

use sluice_store as store;
use thiserror::Error;
use uuid::Uuid;

/// The longest reason of a hold, in characters.
pub(super) const MAX_REASON: usize = 1000;

/// Why a question or an order failed.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such exchange.
    #[error("there is no exchange exg_{}", .0.simple())]
    NoExchange(Uuid),
    /// There is no such session.
    #[error("there is no session {0}")]
    NoSession(i64),
    /// This is not the id of a session.
    #[error("session: `{0}` is no id")]
    NoId(String),
    /// This is not a time.
    #[error("{0}: no time is that late")]
    NoTime(&'static str),
    /// The session is not on hold.
    #[error("session {0} is not on hold")]
    NotOnHold(i64),
    /// The reason of a hold is missing or too long.
    #[error("the reason of a hold has 1 to {MAX_REASON} characters")]
    Reason,
    /// The database says no.
    #[error(transparent)]
    Store(#[from] store::Error),
}
