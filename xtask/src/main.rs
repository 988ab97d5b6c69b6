//! `cargo xtask <verb>`: the one place that knows how to set up, build policies, test and bench.
//!
//! Depends on nothing that takes long to compile: the engine and the server are run as programs.

mod policies;
mod say;
mod setup;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Works on Sluice"
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Get the compiler for policies, if there is none yet
    Setup,
    /// Build the example policies and those of the tests into <target>/policies
    Policies {
        /// Only these, by package name
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    let workspace = Workspace::load()?;
    match verb {
        Verb::Setup => setup::run(&workspace).map(drop),
        Verb::Policies { names } => policies::run(&workspace, &names),
    }
}
