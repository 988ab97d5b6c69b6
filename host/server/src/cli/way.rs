//! How a command reaches what a Sluice keeps: through the running process, or in the database itself.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args};
use serde::de::DeserializeOwned;
use sluice_store::Store;
use tokio::time::timeout;

use super::access::Access;
use super::connection::Question;
use super::database;
use super::door::{Door, NotLetIn};
use super::output;

/// How long the usual door may take to prove what it is, before the database is used.
const USUAL: Duration = Duration::from_secs(2);

/// The commands that ask for what a Sluice keeps.
const ASKING: [&str; 2] = ["history", "keys"];

/// Which way a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Through the door that the user names.
    Door,
    /// To the database that the user names.
    Database,
    /// Through the usual door, if the Sluice of the user's key is there; else to the usual database.
    Usual,
}

/// The flags that say where that is.
#[derive(Args, Debug)]
pub(super) struct Reach {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    database: database::Flags,
}

/// Where a command has come.
pub(super) enum Place {
    /// At the door of a running Sluice.
    Door(Door),
    /// In the database itself.
    Database(Store),
}

/// Why a command has no way there.
enum NoWay {
    /// The settings say nothing that can be used.
    Misused(String),
    /// It failed.
    Failed(anyhow::Error),
}

impl Way {
    /// Which way a command goes. It does not matter for one that goes nowhere.
    pub(super) fn of_command(matches: &ArgMatches) -> Result<Self, &'static str> {
        let named = matches
            .subcommand()
            .filter(|(name, _)| ASKING.contains(name));
        let below = named.and_then(|(_, command)| command.subcommand());
        below.map_or(Ok(Self::Usual), |(_, command)| Self::of(command))
    }

    /// Which way a command line asks for: that of a flag, else that of a variable. Returns an error if it has both flags.
    fn of(matches: &ArgMatches) -> Result<Self, &'static str> {
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

/// Goes there and does something. The exit code is 1 if that failed, and 2 if there is no way that the settings describe.
pub(super) fn run(
    from: &Reach,
    way: Way,
    work: impl AsyncFnOnce(&Place) -> anyhow::Result<()>,
) -> ExitCode {
    let done = async {
        let place = from.open(way).await?;
        work(&place).await.map_err(NoWay::Failed)
    };
    let runtime = tokio::runtime::Runtime::new().context("start the async runtime");
    let done = runtime
        .map_err(NoWay::Failed)
        .and_then(|runtime| runtime.block_on(done));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(NoWay::Misused(fault)) => output::misused(fault),
        Err(NoWay::Failed(error)) => {
            output::problem(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl Reach {
    /// Goes there.
    async fn open(&self, way: Way) -> Result<Place, NoWay> {
        let storage = self.database.storage();
        match way {
            Way::Database => self.database().await,
            Way::Door => match self.access.door(storage) {
                Ok(door) => Ok(Place::Door(door)),
                Err(not) => Err(NoWay::Failed(self.told(&not))),
            },
            Way::Usual => match self.access.key(storage).map_err(NoWay::Failed)? {
                None => self.database().await,
                Some(key) => {
                    let door = self.access.with(key);
                    match timeout(USUAL, door.connect()).await {
                        Ok(Ok(_)) => Ok(Place::Door(door)),
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

    async fn database(&self) -> Result<Place, NoWay> {
        let config = self.database.config().map_err(NoWay::Misused)?;
        let open = async {
            if let Some(file) = config.url.strip_prefix("sqlite:") {
                let file = file.strip_prefix("//").unwrap_or(file);
                let is_there = Path::new(file).is_file();
                anyhow::ensure!(is_there, "nothing was recorded yet: there is no {file}");
            }
            database::open(config).await
        };
        open.await.map(Place::Database).map_err(NoWay::Failed)
    }
}

/// A path of `/api/v1`.
pub(super) fn below(path: &str) -> String {
    format!("/api/v1{path}")
}

/// A text as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    escaped.replace('+', "%20")
}

/// Asks the door something that is answered with JSON.
pub(super) async fn get<T: DeserializeOwned>(door: &Door, path: &str) -> anyhow::Result<T> {
    let answer = door.told(Question::get(path)).await;
    answer.map_err(|not| told(door, not))
}

/// Tells the door to do something.
pub(super) async fn done(door: &Door, order: Question) -> anyhow::Result<()> {
    let answer = door.ask(order).await;
    answer.map(|_| ()).map_err(|not| told(door, not))
}

/// What the door says, in the words that the database has for the same.
pub(super) fn told(door: &Door, not: NotLetIn) -> anyhow::Error {
    anyhow::Error::msg(match not {
        NotLetIn::Refused(problem) => problem.detail,
        not => not.what_to_do(&door.address),
    })
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Door(_) => "Door",
            Self::Database(_) => "Database",
        })
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
