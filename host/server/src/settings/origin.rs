//! Says of each setting what its value is and where it came from.

use std::fmt;
use std::path::PathBuf;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::layers::Layers;
use super::table::{self, Setting};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// A line of the settings file.
    File(PathBuf, u64),
    /// Nothing sets it.
    Default,
}

/// A setting as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its key in the settings file.
    pub key: String,
    /// Its value. Empty if it has none. A secret is not shown.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

impl Layers {
    /// Lists every setting as these arguments, the environment and the file make it.
    pub fn shown(&self, matches: &ArgMatches) -> Vec<Shown> {
        let settings = table::all();
        let shown = settings
            .iter()
            .map(|setting| self.setting(setting, matches));
        shown.collect()
    }

    fn setting(&self, setting: &Setting, matches: &ArgMatches) -> Shown {
        let raw = matches.get_raw(&setting.key).into_iter().flatten();
        let values: Vec<_> = raw.map(|value| value.to_string_lossy()).collect();
        let value = match setting.is_secret() && !values.is_empty() {
            true => "(hidden)".to_owned(),
            false => values.join(","),
        };
        Shown {
            key: setting.key.clone(),
            value,
            origin: self.origin(setting, matches),
        }
    }

    fn origin(&self, setting: &Setting, matches: &ArgMatches) -> Origin {
        match matches.value_source(&setting.key) {
            Some(ValueSource::CommandLine) => Origin::Flag(format!("--{}", setting.flag())),
            Some(ValueSource::EnvVariable) => Origin::Variable(setting.variable().to_owned()),
            _ => self.in_file(&setting.key).unwrap_or(Origin::Default),
        }
    }

    fn in_file(&self, key: &str) -> Option<Origin> {
        let file = self.file.as_ref()?;
        let given = file.given.get(key)?;
        Some(Origin::File(file.path.clone(), given.at.line))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}
