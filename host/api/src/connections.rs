//! The connections of a listener.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many connections a listener has, and what it refused since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Connections {
    /// How many there are.
    pub open: u64,
    /// How many there may be.
    pub max: u64,
    /// How many there may be from one address, or one /64 network of IPv6.
    pub max_per_address: u64,
    /// How many were refused because all were in use.
    pub refused: u64,
    /// How many were refused because their address had all that it may have.
    pub refused_by_address: u64,
    /// How many had no request under way and were closed to make room for another.
    pub closed_to_make_room: u64,
    /// How many were closed because no request came in time.
    pub head_timeouts: u64,
    /// How often the system could not hand over a connection.
    pub accept_errors: u64,
}
