//! `sluice policy`: begins the crate of a policy, builds it, and looks into a component.
//!
//! The engine and `sluice_componentize` do the work. This is only what a person types and reads.

mod build;
mod inspect;
mod new;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use super::output;

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a crate for a new policy, in a folder with its name.
    New {
        /// The name of the policy: lower-case letters, digits and `-`.
        #[arg(value_parser = new::name)]
        name: String,
        /// The source of its SDK: the git URL of Sluice's repository, or the path of a checkout.
        #[arg(long, value_name = "URL|PATH")]
        sdk: String,
    },
    /// Build a policy's crate and write its component. Adds the WebAssembly target to the Rust
    /// toolchain with rustup if it is missing.
    Build {
        /// The folder of the crate.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The file to write. [default: `policies/NAME.wasm` in the crate's target folder]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print what a component imports, what it wants to see, and the schema of its config.
    Inspect {
        /// The component.
        file: PathBuf,
        /// The config of the policy, as JSON. What it wants may depend on this.
        #[arg(long, default_value = "{}", value_name = "JSON", value_parser = json)]
        config: Value,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command. The exit code is 1 if it failed.
pub(super) fn run(command: &Command) -> ExitCode {
    let answer = match command {
        Command::New { name, sdk } => new::run(name, sdk),
        Command::Build { path, output, json } => build::run(path, output.as_deref(), *json),
        Command::Inspect { file, config, json } => inspect::run(file, config, *json),
    };
    match answer {
        Ok(answer) => {
            output::answer(answer);
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::problem(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("expected JSON: {error}"))
}
