//! The command line.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::flags::Flags;
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
