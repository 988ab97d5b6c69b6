//! How the process is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AgentSeen, Connections, Events, Policies};

/// The state of the process at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Status {
    /// The version of Sluice.
    pub version: String,
    /// Which policies are in force.
    pub policies: Policies,
    /// The agents that were seen since the start.
    pub agents: Vec<AgentSeen>,
    /// The connections of agents.
    pub connections: Connections,
    /// The connections of operators.
    pub admin_connections: Connections,
    /// How the telling of events goes.
    #[serde(default)]
    pub events: Events,
    /// How the recording of exchanges goes. `None` if they are not recorded.
    #[serde(default)]
    pub recording: Option<RecordingStatus>,
}

/// How the recording of exchanges goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RecordingStatus {
    /// Recordings that are not on disk yet.
    pub waiting: u64,
    /// About how many bytes they hold.
    pub waiting_bytes: u64,
    /// Recordings that were dropped since the start, because there was no room for them (`--recording-on-full`).
    pub dropped: u64,
    /// Since when the database is away: Unix time in milliseconds. `None` if it answered last time.
    pub database_away_since_ms: Option<u64>,
    /// What waits on the local disk for the database: exchanges that begin, that end, and amendments.
    pub spooled: u64,
    /// How many bytes they take there (`--spool-max-mib`).
    pub spooled_bytes: u64,
    /// How many of them the database refused. They stay there, and are tried again at the next start.
    pub spool_refused: u64,
    /// How often there was no room for more of them.
    pub spool_full: u64,
    /// How many of its files were damaged and are kept under another name since the start. The log says which.
    #[serde(default)]
    pub spool_set_aside: u64,
}
