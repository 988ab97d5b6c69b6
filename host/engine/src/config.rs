//! What the operator decides: the engine's size, and each policy with its bounds.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The size of the engine. Per process, not per policy.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How many instances of policies can live at once; one exchange holds one for each policy that it
    /// has called. More have to wait, within the deadline of their hook.
    pub instances: u32,
    /// The most memory any policy may be given, in bytes. Limits of policies above it are refused.
    pub max_memory_bytes: usize,
    /// The largest component that is loaded, in bytes.
    pub max_component_bytes: usize,
    /// How often a running policy gives way to other tasks of its thread. While none runs nothing ticks.
    pub tick: Duration,
    /// Whether exchanges start from configured snapshots, where one can be taken. Off, each exchange
    /// configures its instances anew: slower by all that `configure` does.
    pub snapshots: bool,
    /// How long describing, configuring and snapshotting a policy may take, each.
    pub load_deadline: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            instances: 1000,
            max_memory_bytes: 256 << 20,
            max_component_bytes: 64 << 20,
            tick: Duration::from_millis(2),
            snapshots: true,
            load_deadline: Duration::from_secs(10),
        }
    }
}

/// One policy, as the policy file names it.
#[derive(Clone, Debug)]
pub struct PolicySpec {
    /// The operator's name for it: in logs, notices and recordings.
    pub name: String,
    /// The component's bytes.
    pub component: Bytes,
    /// What `configure` is given.
    pub config: serde_json::Value,
    /// Which side is taken when the policy fails.
    pub on_failure: OnFailure,
    /// What each call may cost.
    pub limits: Limits,
    /// The interfaces it may import beyond `request` and `telemetry`.
    pub grants: BTreeSet<String>,
}

/// Which side is taken when a policy fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// What it should have judged is blocked.
    #[default]
    Block,
    /// As if the policy were not there.
    Pass,
}

/// What one call of a hook may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel of `on-request`, which may read a conversation of megabytes. A unit is about one
    /// instruction of WebAssembly.
    pub request_fuel: u64,
    /// Fuel of each other hook.
    pub block_fuel: u64,
    /// All memories of the instance together, in bytes.
    pub memory_bytes: usize,
    /// Wall-clock time of a call, with the wait for a free instance.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_fuel: 200_000_000,
            block_fuel: 20_000_000,
            memory_bytes: 64 << 20,
            deadline: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// Fuel of `describe`, of `configure` and of making an instance. A policy of sixty patterns that
    /// warms up its tables for the snapshot spends twenty times a request's.
    pub(crate) fn load_fuel(&self) -> u64 {
        self.request_fuel.saturating_mul(50)
    }
}

impl OnFailure {
    /// The word of the policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Pass => "pass",
        }
    }
}
