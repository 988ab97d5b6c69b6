//! The command line: `sluice serve`, `sluice config`, `sluice policy`, `sluice doctor`.

mod base_url;
mod config;
mod doctor;
mod files;
mod flags;
mod heap;
mod listen;
mod output;
mod policy;
mod serve;
mod signals;
#[cfg(test)]
mod tests;
mod wants;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    Serve(Box<flags::Serve>),
    /// Check a policy file, or print its schema.
    #[command(subcommand)]
    Config(config::Command),
    /// Create, build or inspect a policy.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Show which agents use a running Sluice, and why others go around it.
    Doctor(doctor::Doctor),
}

/// Runs the command line. The exit code is 2 if it can't be read and 1 if the command failed.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    match cli.command {
        Command::Serve(flags) => match flags.config() {
            Ok(config) => serve::run(config),
            Err(fault) => output::misused(fault),
        },
        Command::Config(command) => config::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Doctor(flags) => doctor::run(&flags),
    }
}
