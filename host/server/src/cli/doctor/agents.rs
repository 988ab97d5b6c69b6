//! Checks what each agent reads to find its model API, and whether that leads to Sluice.

mod aider;
mod claude_code;
mod cline;
mod codex;
mod gemini_cli;
mod opencode;
mod qwen_code;
mod sdks;

use super::finding::Finding;
use super::surroundings::Surroundings;
use super::target::{Base, Target};
use sluice_api::Agent;

/// What the doctor knows of an agent.
pub(super) struct Check {
    /// The name that its users know.
    pub(super) name: &'static str,
    /// The agent as a running Sluice counts it.
    pub(super) seen_as: &'static [Agent],
    /// The name of its program.
    programs: &'static [&'static str],
    /// The variables it reads.
    variables: &'static [&'static str],
    /// The files it reads, and those that show that it is in use.
    files: &'static [&'static str],
    /// Judges where it sends its traffic.
    pub(super) run: fn(&Surroundings, &Target) -> Vec<Finding>,
}

/// All agents, in the order of the report.
pub(super) const ALL: [&Check; 8] = [
    &claude_code::CHECK,
    &codex::CHECK,
    &opencode::CHECK,
    &qwen_code::CHECK,
    &gemini_cli::CHECK,
    &cline::CHECK,
    &aider::CHECK,
    &sdks::CHECK,
];

impl Check {
    /// Whether there is a sign of the agent on this machine. One that is known by
    /// variables alone counts as here, since its program may be anywhere.
    pub(super) fn is_here(&self, surroundings: &Surroundings) -> bool {
        if self.programs.is_empty() {
            return true;
        }
        let programs = &mut self.programs.iter();
        let files = &mut self.files.iter();
        programs.any(|name| surroundings.programs.contains(*name))
            || files.any(|name| surroundings.files.contains_key(*name))
    }
}

/// The variables that some check looks at.
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().flat_map(|check| check.variables).copied()
}

/// The files that some check looks at.
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().flat_map(|check| check.files).copied()
}

/// The programs that some check looks for.
pub(super) fn programs() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().flat_map(|check| check.programs).copied()
}

/// Returns the base URL in a variable of the shell.
fn in_shell(surroundings: &Surroundings, name: &str) -> Option<Base> {
    Some(Base {
        url: surroundings.variable(name)?.to_owned(),
        source: name.to_owned(),
    })
}

/// Returns the base URL in a file.
fn in_file(url: Option<&str>, field: &str, file: &str) -> Option<Base> {
    Some(Base {
        url: url?.to_owned(),
        source: format!("{field} in {file}"),
    })
}

/// Returns the value of a variable in a file of `NAME=value` lines.
fn in_dotenv<'a>(surroundings: &'a Surroundings, file: &str, name: &str) -> Option<&'a str> {
    let lines = surroundings.file(file)?.lines();
    let value = lines.rev().find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        line.strip_prefix(name)?.trim_start().strip_prefix('=')
    })?;
    Some(value.trim().trim_matches(['"', '\'']))
}
