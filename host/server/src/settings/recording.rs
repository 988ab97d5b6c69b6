//! The settings of the record.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use schemars::JsonSchema;

use super::database::RecordDatabase;
use super::kinds::Whole;
use super::retention::Retention;

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
    /// How long the record is kept.
    #[command(flatten)]
    pub retention: Retention,
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
    pub contents: Contents,
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
}

/// What is kept of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum Contents {
    /// Everything, also the secrets that policies took out on the way.
    All,
    /// What went to the model API and to the agent. What policies took out on the way is kept nowhere: there are its
    /// length and its digest.
    AsSent,
    /// Lengths and digests.
    None,
}

/// What happens if there is no room for another recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum OnFull {
    /// Recordings are dropped, counted and logged. Exchanges go on.
    Drop,
    /// New exchanges wait for up to 30 seconds and then get a 503.
    Block,
}
