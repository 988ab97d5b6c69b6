//! `sluice migrate`: what the database of the record has of the tables of this version.
//!
//! A start runs what is missing by itself. This is for operators who want to see or do it before.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sluice_store::Migration;

use super::database::{self, Flags};
use super::output;

/// The migrations of the database.
#[derive(Args, Debug)]
pub(super) struct Migrate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the migrations, and which of them the database has.
    Status(Flags),
    /// Run the migrations that the database lacks, all or none.
    Run(Flags),
}

/// Runs the command. The exit code is 1 if the database can't be used.
pub(super) fn run(migrate: &Migrate) -> ExitCode {
    let (What::Status(flags) | What::Run(flags)) = &migrate.what;
    database::run(flags, async |config| {
        let store = database::open(config).await?;
        output::answer(match migrate.what {
            What::Run(_) => format!("ran {} migrations\n", store.migrate().await?),
            What::Status(_) => store.migrations().await?.iter().map(line).collect(),
        });
        store.close().await;
        Ok(())
    })
}

fn line(migration: &Migration) -> String {
    let state = match migration.applied_at {
        Some(_) => "applied",
        None => "missing",
    };
    format!("{state}  {}\n", migration.name)
}
