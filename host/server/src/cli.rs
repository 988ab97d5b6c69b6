//! The command line: `sluice serve`, `sluice config`, `sluice policy`, `sluice admin`, `sluice doctor`.

mod access;
mod address;
mod admin;
mod callers;
mod columns;
mod config;
mod connection;
mod database;
mod doctor;
mod door;
mod files;
mod heap;
mod history;
mod keys;
mod listen;
mod live;
mod migrate;
mod operators;
mod output;
mod policy;
mod record;
mod serve;
mod signals;
#[cfg(test)]
mod tests;
mod wants;
mod way;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::settings::{Layers, Settings, Shown};
use way::Way;

/// Checks what AI agents read, write and run, before it happens.
#[derive(Debug, Parser)]
#[command(name = "sluice", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the proxy.
    Serve(Box<Settings>),
    /// Check a policy file, show the settings, or print what either may contain.
    #[command(subcommand)]
    Config(config::Command),
    /// Find, show and export what was recorded.
    #[command(subcommand)]
    History(Box<history::Command>),
    /// Make, list, replace and revoke the keys that callers enter with.
    #[command(subcommand)]
    Keys(Box<keys::Command>),
    /// Show or run the migrations of the database.
    Migrate(migrate::Migrate),
    /// Create, build or inspect a policy.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Manage the operators' access to Sluice.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Show which agents use a running Sluice, and why others go around it.
    Doctor(Box<doctor::Doctor>),
}

/// Runs the command line. The exit code is 2 if it can't be read and 1 if the command failed.
pub fn main() -> ExitCode {
    let parsed = match parse(std::env::args_os().collect()) {
        Ok(parsed) => parsed,
        Err(Unread::Arguments(error)) => return output::usage(&error),
        Err(Unread::Settings(error)) => return output::misused(format_args!("error: {error:#}")),
    };
    match parsed.command {
        Command::Serve(settings) => serve::main(*settings),
        Command::Config(command) => config::run(&command, &parsed.shown),
        Command::History(command) => history::run(&command, parsed.way),
        Command::Keys(command) => keys::run(&command, parsed.way),
        Command::Migrate(flags) => migrate::run(&flags),
        Command::Policy(command) => policy::run(&command),
        Command::Admin(command) => admin::run(&command),
        Command::Doctor(flags) => doctor::run(&flags),
    }
}

/// A command line that was read, with the settings file below it.
struct Parsed {
    command: Command,
    /// The settings with where they came from, if the command is to show them.
    shown: Vec<Shown>,
    /// Which way the command goes, if it asks for what a Sluice keeps.
    way: Way,
}

/// Why a command line can't be read.
#[derive(Debug)]
enum Unread {
    Arguments(clap::Error),
    Settings(anyhow::Error),
}

/// Reads the arguments twice: the first time they say where the settings file is.
fn parse(arguments: Vec<OsString>) -> Result<Parsed, Unread> {
    let matches = Cli::command().try_get_matches_from(&arguments);
    let layers = Layers::read(&matches.map_err(Unread::Arguments)?).map_err(Unread::Settings)?;
    let matches = layers
        .under(Cli::command())
        .try_get_matches_from(&arguments);
    let matches = matches.map_err(Unread::Arguments)?;
    let cli = Cli::from_arg_matches(&matches).map_err(Unread::Arguments)?;
    let shown = config::shown(&layers, &matches);
    let way = Way::of_command(&matches);
    let conflict = |fault| Cli::command().error(ErrorKind::ArgumentConflict, fault);
    let way = way.map_err(|fault| Unread::Arguments(conflict(fault)))?;
    Ok(Parsed {
        command: cli.command,
        shown,
        way,
    })
}
