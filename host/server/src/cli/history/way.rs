//! How a command reaches the record: through a running Sluice, or in the database itself.

use std::path::Path;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args};
use tokio::time::timeout;

use super::record::Record;
use crate::cli::access::Access;
use crate::cli::database;
use crate::cli::door::NotLetIn;
use crate::cli::output;

/// How long the usual door may take to prove what it is, before the database is used.
const USUAL: Duration = Duration::from_secs(2);

/// Which way a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Way {
    /// Through the door that the user names.
    Door,
    /// To the database that the user names.
    Database,
    /// Through the usual door, if the Sluice of the user's key is there; else to the usual database.
    Usual,
}

/// The flags that say where the record is.
#[derive(Args, Debug)]
pub(in crate::cli) struct Reach {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    database: database::Flags,
}

/// Why a command has no way to the record.
pub(super) enum NoWay {
    /// The settings say nothing that can be used.
    Misused(String),
    /// It failed.
    Failed(anyhow::Error),
}

impl Way {
    /// Which way a command line asks for: that of a flag, else that of a variable. Returns an error if it has both flags.
    pub(in crate::cli) fn of(matches: &ArgMatches) -> Result<Self, &'static str> {
        let source = |id| {
            matches
                .try_contains_id(id)
                .ok()
                .and(matches.value_source(id))
        };
        // Whoever names the data or the settings means the database there.
        let named = ["database", "data", "config"].map(source);
        let is_named = named.contains(&Some(ValueSource::CommandLine));
        let database = is_named.then_some(ValueSource::CommandLine).or(named[0]);
        choose(source("admin_url"), database)
    }
}

fn choose(url: Option<ValueSource>, database: Option<ValueSource>) -> Result<Way, &'static str> {
    let is = |given: Option<ValueSource>, by| given == Some(by);
    let (flag, variable) = (ValueSource::CommandLine, ValueSource::EnvVariable);
    match () {
        () if is(url, flag) && is(database, flag) => Err(
            "--admin-url excludes --database, --data and --config: a command asks a running Sluice or reads the database",
        ),
        () if is(url, flag) => Ok(Way::Door),
        () if is(database, flag) => Ok(Way::Database),
        () if is(url, variable) => Ok(Way::Door),
        () if is(database, variable) => Ok(Way::Database),
        // What the settings file names is the database of `sluice serve`, which may run.
        () => Ok(Way::Usual),
    }
}

impl Reach {
    /// Goes there.
    pub(super) async fn open(&self, way: Way) -> Result<Record, NoWay> {
        let storage = self.database.storage();
        match way {
            Way::Database => self.database().await,
            Way::Door => match self.access.door(storage) {
                Ok(door) => Ok(Record::Door(door)),
                Err(not) => Err(NoWay::Failed(self.told(&not))),
            },
            Way::Usual => match self.access.key(storage).map_err(NoWay::Failed)? {
                None => self.database().await,
                Some(key) => {
                    let door = self.access.with(key);
                    match timeout(USUAL, door.connect()).await {
                        Ok(Ok(_)) => Ok(Record::Door(door)),
                        // Nobody listens there, or it is no Sluice.
                        Err(_) | Ok(Err(NotLetIn::NoAnswer(_))) => self.database().await,
                        Ok(Err(not)) => {
                            let why = self.told(&not);
                            output::problem(format_args!(
                                "note: {why}. The database is read instead."
                            ));
                            self.database().await
                        }
                    }
                }
            },
        }
    }

    fn told(&self, not: &NotLetIn) -> anyhow::Error {
        anyhow::Error::msg(not.what_to_do(&self.access.url()))
    }

    async fn database(&self) -> Result<Record, NoWay> {
        let config = self.database.config().map_err(NoWay::Misused)?;
        let open = async {
            if let Some(file) = config.url.strip_prefix("sqlite:") {
                let file = file.strip_prefix("//").unwrap_or(file);
                let is_there = Path::new(file).is_file();
                anyhow::ensure!(is_there, "nothing was recorded yet: there is no {file}");
            }
            database::open(config).await
        };
        open.await.map(Record::Database).map_err(NoWay::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_says_the_way_before_a_variable_and_a_variable_before_what_is_usual() {
        let (flag, variable) = (
            Some(ValueSource::CommandLine),
            Some(ValueSource::EnvVariable),
        );
        let file = Some(ValueSource::DefaultValue);
        for (url, database, way) in [
            (None, None, Way::Usual),
            (None, file, Way::Usual),
            (flag, None, Way::Door),
            (flag, variable, Way::Door),
            (flag, file, Way::Door),
            (None, flag, Way::Database),
            (variable, flag, Way::Database),
            (variable, variable, Way::Door),
            (variable, file, Way::Door),
            (None, variable, Way::Database),
        ] {
            assert_eq!(choose(url, database), Ok(way), "{url:?} {database:?}");
        }
        assert!(choose(flag, flag).is_err());
    }
}
