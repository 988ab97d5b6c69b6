//! `cargo xtask <verb>`: the one place that knows how to set up, build policies, test and bench.
//!
//! It depends on nothing that takes long to compile: the engine and the server are run as programs.

mod apt;
mod bench;
mod check;
mod demo;
mod docs;
mod fuzz;
mod install;
mod microbench;
mod policies;
mod postgres;
mod redis;
mod say;
mod sdks;
mod setup;
mod steps;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use fuzz::Effort;
use steps::Steps;
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
    /// Get the compiler for policies, PostgreSQL and Redis, if they are not there yet
    Setup,
    /// Build the example policies and those of the tests into the target folder
    Policies {
        /// Only these, by package name
        names: Vec<String>,
    },
    /// Check format, lints, documentation and the house rules
    Check,
    /// Check the house rules alone: files, floors, circles, arrows, types, names, links
    Tidy,
    /// Run everything: policies, checks, and all tests with the official SDKs
    Test,
    /// Show Sluice at work before a simulated upstream, then stay up for a client
    Demo {
        /// End after the three exchanges, with an error if one is not as it should be
        #[arg(long)]
        once: bool,
    },
    /// Write the documentation that our own programs make
    Docs,
    /// Fuzz what parses, each target for a while
    Fuzz {
        /// Only targets whose names contain this
        #[arg(default_value = "")]
        filter: String,
        /// How long each target runs
        #[arg(long, default_value_t = 300)]
        seconds: u32,
    },
    /// Compare Sluice with other gateways under the same load
    Bench(bench::Flags),
    /// Run the benchmarks of single functions
    Microbench {
        /// Only those whose names contain this
        filter: Option<String>,
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
        Verb::Setup => {
            let mut steps = Steps::default();
            steps.run("compiler", || setup::run(&workspace));
            steps.run("postgres", postgres::run);
            steps.run("redis", redis::run);
            steps.finish()
        }
        Verb::Policies { names } => policies::run(&workspace, &names),
        Verb::Check => {
            let mut steps = Steps::default();
            check::steps(&workspace, &mut steps);
            steps.finish()
        }
        Verb::Tidy => tidy::run(&workspace),
        Verb::Test => test::run(&workspace),
        Verb::Demo { once } => demo::run(&workspace, once),
        Verb::Docs => docs::run(&workspace),
        Verb::Fuzz { filter, seconds } => fuzz::run(&workspace, &filter, Effort::Long(seconds)),
        Verb::Bench(flags) => bench::run(&workspace, &flags),
        Verb::Microbench { filter } => microbench::run(&workspace, filter.as_deref()),
    }
}
