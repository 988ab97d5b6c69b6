//! Puts the layers of settings on top of each other: defaults, the settings file, the environment, flags.
//!
//! clap knows flags, variables and defaults. What the file sets takes the place of a default before the command line
//! is read, so that one parser reads every layer and remembers where a value came from.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};

use super::file::File;
use super::kinds::MaybePath;
use crate::env;

/// The settings file, which lies below the environment and the flags.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    pub(super) file: Option<File>,
}

impl Layers {
    /// Reads the settings file that a command line names, or else the user's own. Commands without settings have none.
    pub fn read(matches: &ArgMatches) -> anyhow::Result<Self> {
        let named = match matches.subcommand() {
            Some((_, below)) => return Self::read(below),
            None => matches.try_get_one::<MaybePath>("config"),
        };
        let path = match named {
            // The command has no settings.
            Err(_) => None,
            Ok(Some(MaybePath(named))) => named.clone(),
            Ok(None) => users_own(),
        };
        let file = path.map(|path| File::read(&path)).transpose()?;
        Ok(Self { file })
    }

    /// Puts the file's settings in the place of the defaults, in each command that has settings.
    #[must_use]
    pub fn under(&self, command: Command) -> Command {
        let has_settings = command.get_arguments().any(|arg| arg.get_id() == "config");
        let command = match has_settings {
            true => command.mut_args(|arg| self.under_argument(arg)),
            false => command,
        };
        command.mut_subcommands(|below| self.under(below))
    }

    fn under_argument(&self, arg: Arg) -> Arg {
        let file = self.file.as_ref();
        match file.and_then(|file| file.given.get(arg.get_id().as_str())) {
            Some(given) => arg.default_values(given.values.clone()),
            None => arg,
        }
    }
}

/// The settings file in the user's own folder, if there is one. The working folder is not looked at: it is often one
/// that an agent may write to.
fn users_own() -> Option<PathBuf> {
    let file = env::config_folder()?.join("sluice.yaml");
    file.is_file().then_some(file)
}
