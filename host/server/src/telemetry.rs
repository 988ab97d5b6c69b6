//! The log: for people on a terminal, JSON lines elsewhere.
//!
//! Goes to the standard error, because the standard output belongs to what a command answers. Below
//! `info` only Sluice's own crates are heard, whatever the filter: HTTP libraries write headers, and
//! with them keys, to their debug logs.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::env;

const DEFAULT_FILTER: &str = "info";

/// Begins to log. Once in a process.
///
/// # Errors
///
/// Where the filter of the environment can't be read.
pub fn init() -> anyhow::Result<()> {
    let filter = env::log_filter().unwrap_or_else(|| DEFAULT_FILTER.to_owned());
    let filter = EnvFilter::try_new(&filter)
        .with_context(|| format!("read the log filter `{filter}` of SLUICE_LOG or RUST_LOG"))?
        // Without the hint nobody knows before asking that debug lines are not wanted, and a compiler
        // writes millions.
        .and(filter_fn(may_be_heard).with_max_level_hint(LevelFilter::TRACE));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = if io::stderr().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).with_ansi(false).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .context("begin to log")
}

fn may_be_heard(event: &Metadata<'_>) -> bool {
    *event.level() <= Level::INFO || event.target().starts_with("sluice")
}
