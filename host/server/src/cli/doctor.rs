//! `sluice doctor`: which agents come through a running Sluice, and what leads the others around it.
//!
//! Asks the process, then looks at the variables and the files of whoever runs it, changes nothing, and shows no
//! credential. What it reads is an input of the checks, so that they are tested by table.

mod agents;
mod finding;
mod health;
mod proxies;
mod report;
mod surroundings;
mod target;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::output;
use surroundings::Surroundings;
use target::Target;

/// The flags of `sluice doctor`.
#[derive(Args, Debug)]
pub(super) struct Doctor {
    /// Where agents reach the running Sluice.
    #[arg(
        long,
        env = "SLUICE_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    url: Target,
}

/// Runs it. The exit code is 1 if nobody answers or something leads around Sluice.
pub(super) fn run(flags: &Doctor) -> ExitCode {
    let surroundings = Surroundings::read();
    let health = health::ask(&flags.url);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let report = report::report(&flags.url, &health, &surroundings, now.unwrap_or_default());
    output::answer(&report.text);
    match report.problems {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests;
