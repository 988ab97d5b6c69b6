//! The record's database, for the commands that use it beside `sluice serve`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use sluice_store::Store;

use super::output;
use crate::config;
use crate::recorder::SearchedWords;
use crate::settings::{RecordDatabase, Source, Storage};

/// The flags that name it.
#[derive(Args, Debug)]
pub(super) struct Flags {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    database: RecordDatabase,
}

impl Flags {
    /// The folder of the user's data.
    pub(super) fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The database that they name, or one line that says what is wrong.
    pub(super) fn config(&self) -> Result<sluice_store::Config, String> {
        config::store(&self.storage, &self.database)
    }
}

/// Runs a command on a database, or says on one line why that can't be.
pub(super) fn run<F>(flags: &Flags, work: impl FnOnce(sluice_store::Config) -> F) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    let config = match flags.config() {
        Ok(config) => config,
        Err(fault) => return output::misused(fault),
    };
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime");
    match runtime.and_then(|runtime| runtime.block_on(work(config))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::problem(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Opens a database as it is.
pub(super) async fn open(config: sluice_store::Config) -> anyhow::Result<Store> {
    let opened = Store::connect(config, Arc::new(SearchedWords)).await;
    opened.context("open the database of the record (--database)")
}
