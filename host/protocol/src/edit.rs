//! Why a request was not edited.

use thiserror::Error;

/// Why an edit was not made. The request is as it was.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EditError {
    /// The address or pointer names nothing.
    #[error("nothing at {0}")]
    NotFound(String),
    /// The value is not JSON.
    #[error("not valid JSON: {0}")]
    NotJson(String),
    /// The edit would make a request that the API refuses.
    #[error("{0}")]
    Illegal(String),
}
