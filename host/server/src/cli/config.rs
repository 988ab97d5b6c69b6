//! `sluice config`: checks a policy file, and prints what one may contain.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use sluice_engine::{Engine, EngineConfig, Registry};

use super::output;
use crate::reload::policy_file::{json_schema, reference};
use crate::reload::{EngineInstall, Loader, Outcome};

mod report;

/// What to do with a policy file.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load a policy file as a start would, and print what was found.
    Check {
        /// The policy file.
        #[arg(value_name = "FILE", env = "POLICY_CONFIG")]
        file: PathBuf,
    },
    /// Print the JSON Schema of policy files.
    Schema {
        /// Print the reference page in Markdown instead.
        #[arg(long)]
        markdown: bool,
    },
}

/// Runs the command. The exit code is 1 if there is a fault.
pub(super) fn run(command: &Command) -> ExitCode {
    match command {
        Command::Check { file } => check(file),
        Command::Schema { markdown } => {
            output::answer(if *markdown {
                reference()
            } else {
                json_schema()
            });
            ExitCode::SUCCESS
        }
    }
}

fn check(file: &Path) -> ExitCode {
    let engine = match Engine::new(EngineConfig::default()) {
        Ok(engine) => engine,
        Err(error) => {
            output::problem(format_args!("error: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let registry = Arc::new(Registry::default());
    let loader = Loader::new(file, EngineInstall::new(engine, Arc::clone(&registry)));
    match loader.load() {
        Outcome::Refused(faults) => {
            output::problem(faults);
            ExitCode::FAILURE
        }
        Outcome::Loaded(_) | Outcome::Unchanged => {
            output::answer(report::report(
                &loader.status().current(),
                &registry.current(),
            ));
            ExitCode::SUCCESS
        }
    }
}
