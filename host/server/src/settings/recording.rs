//! The settings of the record.

use std::str::FromStr;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use thiserror::Error;

use super::kinds::Whole;

/// Whether and where exchanges are recorded.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Record {
    /// Nothing is recorded but a line of the log for each exchange.
    #[arg(long, env = "SLUICE_NO_RECORDING", value_parser = FalseyValueParser::new())]
    pub no_recording: bool,
    /// The database of the record: the path of an SQLite file, or `postgres://USER@HOST/NAME`. [default: `sluice.db` in
    /// the user's data folder, `$XDG_DATA_HOME/sluice` or `~/.local/share/sluice`]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    #[schemars(with = "String")]
    pub database: Option<Database>,
    /// What is kept of an exchange, and what happens if it can't be.
    #[command(flatten)]
    pub recording: Recording,
}

/// The section `recording`.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
#[schemars(inline, deny_unknown_fields)]
pub struct Recording {
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

/// What happens if there is no room for another recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum OnFull {
    /// Recordings are dropped, counted and logged. Exchanges go on.
    Drop,
    /// New exchanges wait for up to 30 seconds and then get a 503.
    Block,
}

/// Where the database of the record is, as the store takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Database(pub Option<String>);

/// Why a text is no database.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "expected the path of an SQLite file, or a URL that begins with `sqlite:` or `postgres://`"
)]
pub struct NotADatabase;

impl FromStr for Database {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        let url = match text.split_once("://") {
            _ if text.is_empty() => return Ok(Self(None)),
            Some(("postgres" | "postgresql" | "sqlite", _)) => text.to_owned(),
            Some(_) => return Err(NotADatabase),
            None if text.starts_with("sqlite:") => text.to_owned(),
            None => format!("sqlite:{text}"),
        };
        Ok(Self(Some(url)))
    }
}

impl std::fmt::Debug for Database {
    /// Leaves the URL out, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_url_that_the_store_knows() {
        let read = |text: &str| text.parse::<Database>().map(|database| database.0);
        for (text, url) in [
            ("sluice.db", "sqlite:sluice.db"),
            ("/var/lib/sluice.db", "sqlite:/var/lib/sluice.db"),
            ("sqlite:x.db", "sqlite:x.db"),
            ("postgres://u@h/n", "postgres://u@h/n"),
            ("postgresql://u:p@h/n", "postgresql://u:p@h/n"),
        ] {
            assert_eq!(read(text), Ok(Some(url.to_owned())));
        }
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("mysql://u@h/n"), Err(NotADatabase));
        let shown = format!("{:?}", "postgres://u:secret@h/n".parse::<Database>());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
