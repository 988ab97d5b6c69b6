//! `sluice doctor`: which agents come through a running Sluice, and what leads the others around it.
//!
//! Asks the process, at the operators' door for what agents need not know, then reads the variables and files of the user who runs it. Changes nothing and shows no
//! credential. The checks get what was read as a value, so that they are tested by table.

mod agents;
mod finding;
mod health;
mod proxies;
mod report;
mod sluice;
mod surroundings;
mod target;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Args;

use super::access::Access;
use super::connection::Question;
use super::output;
use crate::settings::{Source, Storage};
use sluice::Asked;
use surroundings::Surroundings;
use target::Target;

/// The longest time until an answer begins.
const PATIENCE: Duration = Duration::from_secs(5);

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
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    storage: Storage,
}

/// Runs the command. The exit code is 1 if nobody answers or if something leads around Sluice.
pub(super) fn run(flags: &Doctor) -> ExitCode {
    let surroundings = Surroundings::read();
    let asked = match ask(flags) {
        Ok(asked) => asked,
        Err(error) => {
            output::problem(format_args!("error: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let report = report::report(&flags.url, &asked, &surroundings, now.unwrap_or_default());
    output::answer(&report.text);
    match report.problems {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Asks at both doors.
fn ask(flags: &Doctor) -> anyhow::Result<Asked> {
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime")?;
    let status = async {
        let door = flags.access.door(&flags.storage)?;
        let question = Question::get("/api/v1/status").within(PATIENCE);
        door.told(question).await
    };
    Ok(Asked {
        health: runtime.block_on(health::check(&flags.url, PATIENCE)),
        status: runtime.block_on(status),
        admin_url: flags.access.url(),
    })
}

#[cfg(test)]
mod tests;
