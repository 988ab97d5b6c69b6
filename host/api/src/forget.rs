//! What is erased, and what must not be.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Erased {
    /// How many exchanges are gone.
    pub exchanges: u64,
    /// How many are still there, because their sessions are on hold.
    pub held: u64,
}

/// Why nothing may erase a session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Why.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
