//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::{floor, run, upstream};

#[derive(Parser)]
#[command(name = "sluice-bench", about = "Compares what gateways cost")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Be the scripted upstream
    Upstream,
    /// Be a proxy of nothing but hyper
    Floor {
        /// Where to forward to
        upstream: SocketAddr,
    },
    /// Compare
    Run(Box<Flags>),
}

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
    /// a start and a changed policy take
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

pub(crate) fn run() -> anyhow::Result<()> {
    allow_many_files();
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime")?;
    match Arguments::parse().verb {
        Verb::Upstream => runtime.block_on(upstream::serve()),
        Verb::Floor { upstream } => {
            let authority = upstream.to_string().parse().context("an address")?;
            runtime.block_on(floor::serve(authority))
        }
        Verb::Run(flags) => runtime.block_on(async {
            tokio::select! {
                outcome = run::run(&flags) => outcome,
                // Dropping the run ends all that it started.
                told = told_to_end() => told.and_then(|()| bail!("stopped before its end")),
            }
        }),
    }
}

impl Flags {
    pub(crate) fn long(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

async fn told_to_end() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for signals")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Raises the limit of open files as far as this process may: thousands of streams need a socket
/// each. Programs that are started from here inherit it.
fn allow_many_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If this is refused, the largest probes report what is missing.
    let _ = setrlimit(Resource::Nofile, limit);
}
