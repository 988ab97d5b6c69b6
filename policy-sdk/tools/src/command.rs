//! A command that a tool call would run.

use sluice_policy_shell::{Follower, Text, Watch};

use crate::tool::IN_SCRIPTS;

/// A command that a tool call would run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// The command itself.
    pub text: Text,
    /// The folder in which it starts, if the call names one.
    pub folder: Option<String>,
}

impl Command {
    /// Returns a follower for its text. It starts in the command's folder, and knows the functions with
    /// which agents let scripts run commands.
    pub fn follower<'a, W: Watch>(&'a self, watch: &'a W) -> Follower<'a, W> {
        Follower::new(watch)
            .in_folder(self.folder.as_deref())
            .with_tools(IN_SCRIPTS)
    }
}
