//! Judges one command from beginning to end.

use sluice_policy_shell::{Follower, Stop, Text};

use crate::call::Command;
use crate::config::Rules;
use crate::finding::Finding;

/// What is wrong with a command that a shell reads, if anything is.
pub fn judge(command: &str, rules: &Rules) -> Option<Finding> {
    let text = Text::Shell(command.to_owned());
    judge_command(&Command { text, folder: None }, rules)
}

/// What is wrong with a command of a tool call, if anything is.
pub fn judge_command(command: &Command, rules: &Rules) -> Option<Finding> {
    if let Some(finding) = extra(&command.text, rules) {
        return Some(finding);
    }
    let follower = Follower::new(rules).in_folder(command.folder.as_deref());
    match follower.follow(&command.text) {
        Ok(()) => None,
        Err(Stop::Found(finding)) => Some(finding),
        Err(Stop::Spent) => Some(too_much()),
    }
}

fn too_much() -> Finding {
    let message = "This holds more commands that may be dangerous than are judged in one call; run it in parts.";
    Finding::new("too-much", message.to_owned(), &[])
}

fn extra(text: &Text, rules: &Rules) -> Option<Finding> {
    if rules.extra.is_empty() {
        return None;
    }
    let line = text.line();
    let (_, pattern) = rules
        .extra
        .iter()
        .find(|(regex, _)| regex.is_match(&line))?;
    Some(Finding::new(
        &format!("extra.{}", pattern.name),
        pattern.message.clone(),
        &[line.into_owned()],
    ))
}
