//! `sluice config`: checks a policy file, shows the settings, and prints what either may contain.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgMatches, Subcommand};
use sluice_engine::{Engine, EngineConfig, Registry};

use super::output;
use crate::reload::policy_file::{json_schema, reference};
use crate::reload::{EngineInstall, Loader, Outcome};
use crate::settings::{self, Layers, Settings, Shown};

mod report;

/// What to do with a policy file or the settings.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load a policy file as a start would, and print what was found.
    Check {
        /// The policy file.
        #[arg(value_name = "FILE", env = "POLICY_CONFIG")]
        file: PathBuf,
    },
    /// Print every setting of `sluice serve` with where its value comes from. Takes the flags of `sluice serve`.
    Show(Box<Settings>),
    /// Print the JSON Schema of policy files, or of settings files.
    Schema {
        /// Print that of settings files.
        #[arg(long)]
        settings: bool,
        /// Print the reference page in Markdown instead.
        #[arg(long)]
        markdown: bool,
    },
    /// Print a settings file to start from: every setting with its default, commented out.
    Example {
        /// Print environment variables instead.
        #[arg(long)]
        env: bool,
    },
}

/// Runs the command. The exit code is 1 if there is a fault.
pub(super) fn run(command: &Command, shown: &[Shown]) -> ExitCode {
    let page = match command {
        Command::Check { file } => return check(file),
        Command::Show(_) => table(shown),
        Command::Schema { settings, markdown } => match (settings, markdown) {
            (false, false) => json_schema(),
            (false, true) => reference(),
            (true, false) => settings::json_schema(),
            (true, true) => settings::reference(),
        },
        Command::Example { env: false } => settings::yaml_example(),
        Command::Example { env: true } => settings::env_example(),
    };
    output::answer(page);
    ExitCode::SUCCESS
}

/// The settings that `sluice config show` is to print. Empty for any other command.
pub(super) fn shown(layers: &Layers, matches: &ArgMatches) -> Vec<Shown> {
    let config = matches.subcommand_matches("config");
    let show = config.and_then(|config| config.subcommand_matches("show"));
    show.map(|show| layers.shown(show)).unwrap_or_default()
}

/// A line for each setting.
fn table(shown: &[Shown]) -> String {
    let width = |of: fn(&Shown) -> &str| {
        let widths = shown.iter().map(|setting| of(setting).chars().count());
        widths.max().unwrap_or_default()
    };
    let (keys, values) = (
        width(|setting| &setting.key),
        width(|setting| &setting.value),
    );
    let line = |Shown { key, value, origin }: &Shown| {
        format!("{key:<keys$}  {value:<values$}  {origin}\n")
    };
    shown.iter().map(line).collect()
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
