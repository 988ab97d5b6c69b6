//! Collects commands without duplicates.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::command::Command;

/// Commands in the order in which they were found, without duplicates.
#[derive(Default)]
pub(super) struct Distinct {
    commands: Vec<Command>,
    /// Their places, by their hashes.
    places: HashMap<u64, Vec<usize>>,
}

impl Distinct {
    pub(super) fn add(&mut self, command: Command) {
        let mut hasher = DefaultHasher::new();
        command.hash(&mut hasher);
        let places = self.places.entry(hasher.finish()).or_default();
        if !places.iter().any(|place| self.commands[*place] == command) {
            places.push(self.commands.len());
            self.commands.push(command);
        }
    }

    pub(super) fn into_commands(self) -> Vec<Command> {
        self.commands
    }
}
