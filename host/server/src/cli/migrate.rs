//! `sluice migrate`: what the database of the record has of the tables of this version.
//!
//! A start runs what is missing by itself. This is for operators who want to see or do it before.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use sluice_store::{Migration, Store};

use super::output;
use crate::config;
use crate::recorder::SearchedWords;
use crate::settings::{RecordDatabase, Source, Storage};

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

/// Which database.
#[derive(Args, Debug)]
struct Flags {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    database: RecordDatabase,
}

/// Runs the command. The exit code is 1 if the database can't be used.
pub(super) fn run(migrate: &Migrate) -> ExitCode {
    let (What::Status(flags) | What::Run(flags)) = &migrate.what;
    let store = match config::store(&flags.storage, &flags.database) {
        Ok(store) => store,
        Err(fault) => return output::misused(fault),
    };
    let runs = matches!(migrate.what, What::Run(_));
    match told(store, runs) {
        Ok(text) => {
            output::answer(text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::problem(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn told(config: sluice_store::Config, runs: bool) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime")?;
    runtime.block_on(async {
        let store = Store::connect(config, Arc::new(SearchedWords)).await?;
        let text = match runs {
            true => format!("ran {} migrations\n", store.migrate().await?),
            false => store.migrations().await?.iter().map(line).collect(),
        };
        store.close().await;
        Ok(text)
    })
}

fn line(migration: &Migration) -> String {
    let state = match migration.applied_at {
        Some(_) => "applied",
        None => "missing",
    };
    format!("{state}  {}\n", migration.name)
}
