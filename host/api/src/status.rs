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
}
