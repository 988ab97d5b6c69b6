//! `sluice admin`: what an operator does on the machine that Sluice runs on.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::output;
use crate::admin;
use crate::auth::KeyFolder;
use crate::settings::{Source, Storage};

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make another admin key and print it. The old one does not count any more; running processes need no restart.
    ResetKey(ResetKey),
    /// Print the OpenAPI document of what operators can ask.
    Openapi,
}

/// Whose key.
#[derive(Args, Debug)]
pub(super) struct ResetKey {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    storage: Storage,
}

/// Runs the command. The exit code is 1 if it failed.
pub(super) fn run(command: &Command) -> ExitCode {
    let flags = match command {
        Command::ResetKey(flags) => flags,
        Command::Openapi => {
            output::answer(admin::openapi());
            return ExitCode::SUCCESS;
        }
    };
    match reset_key(&flags.storage) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::problem(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn reset_key(storage: &Storage) -> anyhow::Result<()> {
    let folder = storage.path();
    let folder = folder.context("there is no data folder: name one with --data")?;
    KeyFolder::open(&folder)?.reset(|key| {
        output::answer(format_args!("{key}\n"));
        Ok(())
    })?;
    output::problem(
        "The old key does not count any more. Running processes take this one within a second.",
    );
    Ok(())
}
