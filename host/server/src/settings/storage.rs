//! The setting of the data folder, which commands beside `sluice serve` have too.

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;

use super::kinds::MaybePath;
use crate::env;

/// Where Sluice keeps what it must not lose.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Storage {
    /// The folder for what Sluice must not lose, such as the hash of the admin key; only this user's. If it is empty,
    /// nothing is kept. [default: the user's data folder, `$XDG_DATA_HOME/sluice` or `~/.local/share/sluice`]
    #[arg(long, env = "SLUICE_DATA", value_name = "FOLDER")]
    #[schemars(with = "String")]
    pub data: Option<MaybePath>,
}

impl Storage {
    /// The folder, if there is to be one.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.data {
            Some(MaybePath(named)) => named.clone(),
            None => env::data_folder(),
        }
    }
}
