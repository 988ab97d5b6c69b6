//! What is wrong with a command.

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
}

/// Why a command is dangerous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable and machine-readable: `shell.filesystem.recursive-delete`.
    pub rule: String,
    /// One sentence for the person at the agent.
    pub message: String,
    /// The simple command that matched, as it would have run.
    pub detail: String,
}

/// Why judging a command ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It is dangerous.
    Found(Finding),
    /// It takes more steps to follow than one command may.
    Spent,
}

/// What following a part of a command gives: its text, or the reason to stop.
pub(crate) type Outcome<T> = Result<T, Halt>;

impl Finding {
    pub(crate) fn new(rule: &str, message: String, argv: &[String]) -> Self {
        Self {
            rule: format!("shell.{rule}"),
            message,
            detail: argv
                .iter()
                .map(|word| crate::marks::display(word))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

impl From<Finding> for Halt {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}
