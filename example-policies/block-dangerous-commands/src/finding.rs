//! What is wrong with a command.

use sluice_policy_shell::marks;

/// A switchable group of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Recursive deletes and the loss of files the system needs.
    Filesystem,
    /// Formatting, and writes to raw devices.
    Disk,
    /// System paths made world-writable or given away.
    Permissions,
    /// Uncommitted work or published history thrown away.
    Git,
    /// A download that is run unseen.
    RemoteCode,
    /// Fork bombs, shutdowns, and the end of the gateway itself.
    System,
    /// Files that run at login, on a schedule or with every shell, or that let somebody in.
    Startup,
    /// The settings of agents, which say what these may run.
    AgentSettings,
    /// Files of a project that others run: hooks, build servers, installations.
    ProjectHooks,
}

/// Why a command is dangerous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable and machine-readable: `shell.filesystem.recursive-delete`.
    pub rule: String,
    /// One sentence for the person at the agent.
    pub message: String,
    /// The simple command that matched, as it would have run, or the arguments that can't be read.
    pub detail: String,
}

/// The most bytes of unreadable arguments that are shown.
const MOST_TOLD: usize = 200;

impl Finding {
    /// The finding for a call whose arguments can't be read, so that it is unknown what it would
    /// run.
    pub(crate) fn unreadable(arguments: &str) -> Self {
        let message = "The arguments of this call are not valid JSON, so what it would run can't be \
                       checked. Make the call again with one JSON object as its arguments.";
        Self {
            rule: "shell.arguments.unreadable".to_owned(),
            message: message.to_owned(),
            detail: arguments.chars().take(MOST_TOLD).collect(),
        }
    }

    pub(crate) fn new(rule: &str, message: String, argv: &[String]) -> Self {
        Self {
            rule: format!("shell.{rule}"),
            message,
            detail: argv
                .iter()
                .map(|word| marks::display(word))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}
