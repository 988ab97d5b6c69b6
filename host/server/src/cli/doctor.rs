//! `sluice doctor`: which agents come through a running Sluice, and what leads the others around it.
//!
//! Asks the process, then reads the variables and files of the user who runs it. Changes nothing and shows no
//! credential. The checks get what was read as a value, so that they are tested by table.

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

/// Runs the command. The exit code is 1 if nobody answers or if something leads around Sluice.
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
