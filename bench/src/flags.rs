//! The flags of a comparison.

use std::path::PathBuf;
use std::time::Duration;

/// What to compare, and how thoroughly.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Flags {
    /// The binary `sluice`, built for release
    #[arg(long)]
    pub(crate) sluice: PathBuf,
    /// The folder of the built policies
    #[arg(long)]
    pub(crate) policies: PathBuf,
    /// Where the results go
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// nginx's binary
    #[arg(long)]
    pub(crate) nginx: Option<PathBuf>,
    /// A Python environment with smg
    #[arg(long)]
    pub(crate) smg: Option<PathBuf>,
    /// A Python environment with `LiteLLM`'s proxy
    #[arg(long)]
    pub(crate) litellm: Option<PathBuf>,
    /// A folder whose `node_modules` holds Portkey's gateway
    #[arg(long)]
    pub(crate) portkey: Option<PathBuf>,
    /// What could not be had and why, for the report
    #[arg(long = "missing")]
    pub(crate) missing: Vec<String>,
    /// Only probes whose names contain this; `memory` is what streams hold, `change` how long
    /// a start and a changed policy take, `live` what it costs to tell operators what happens
    #[arg(long, default_value = "")]
    pub(crate) only: String,
    /// How often each probe is driven at each target; the median counts
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// How many seconds each time
    #[arg(long, default_value_t = 4.0)]
    pub(crate) seconds: f64,
    /// Ratios to the floor alone, few and short, with an error if one is over its bound
    #[arg(long)]
    pub(crate) light: bool,
}

impl Flags {
    pub(crate) fn long(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}
