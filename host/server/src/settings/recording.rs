//! The settings of the record.

use clap::Args;
use clap::builder::FalseyValueParser;
use schemars::JsonSchema;

use super::database::RecordDatabase;
use super::kinds::Whole;
use super::retention::Retention;
use crate::recorder::{Durability, KeptContents, OnFull};

/// Whether and where exchanges are recorded.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Record {
    /// Nothing is recorded but a line of the log for each exchange.
    #[arg(long, env = "SLUICE_NO_RECORDING", value_parser = FalseyValueParser::new())]
    pub no_recording: bool,
    /// The database.
    #[command(flatten)]
    #[schemars(flatten)]
    pub database: RecordDatabase,
    /// What is kept of an exchange, and what happens if it can't be.
    #[command(flatten)]
    pub recording: Recording,
    /// Where exchanges wait while PostgreSQL is away.
    #[command(flatten)]
    pub spool: Spool,
    /// How long the record is kept.
    #[command(flatten)]
    pub retention: Retention,
}

/// The section `spool`.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
#[schemars(inline, deny_unknown_fields)]
pub struct Spool {
    /// The most that waits on the local disk while PostgreSQL is away, in MiB: in `spool.db` in the data folder
    /// (`--data`), only this user's. What waits there is shipped when PostgreSQL is back. If it is full, exchanges wait
    /// in memory, and then `--recording-on-full` decides. 0 spools nothing. `SQLite` needs no spool.
    #[arg(id = "spool.max_mib", long = "spool-max-mib")]
    #[arg(
        env = "SLUICE_SPOOL_MAX_MIB",
        value_name = "MIB",
        default_value = "1024"
    )]
    pub max_mib: Whole<0, 1_048_576>,
}

/// The section `recording`.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
#[schemars(inline, deny_unknown_fields)]
pub struct Recording {
    /// What is kept of the contents of an exchange. Numbers, names and the reasons of policies are kept in any case.
    #[arg(id = "recording.contents", long = "recording-contents")]
    #[arg(
        env = "SLUICE_RECORDING_CONTENTS",
        value_name = "CHOICE",
        default_value = "all"
    )]
    pub contents: KeptContents,
    /// The most of a reply that is kept, in MiB. What is longer passes all the same; the record says how much is missing.
    #[arg(id = "recording.max_mib", long = "recording-max-mib")]
    #[arg(
        env = "SLUICE_RECORDING_MAX_MIB",
        value_name = "MIB",
        default_value = "64"
    )]
    pub max_mib: Whole<1, 1024>,
    /// What happens if exchanges end faster than they can be stored, or the database is away.
    #[arg(id = "recording.on_full", long = "recording-on-full")]
    #[arg(
        env = "SLUICE_RECORDING_ON_FULL",
        value_name = "CHOICE",
        default_value = "drop"
    )]
    pub on_full: OnFull,
    /// When an exchange is on disk.
    #[arg(id = "recording.durability", long = "recording-durability")]
    #[arg(
        env = "SLUICE_RECORDING_DURABILITY",
        value_name = "CHOICE",
        default_value = "relaxed"
    )]
    pub durability: Durability,
}
