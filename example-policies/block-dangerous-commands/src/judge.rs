//! Judges a tool call, command by command.

use sluice_policy_sdk::{Request, ToolCall};
use sluice_policy_shell::{Follower, Stop, Text};

use crate::call::{self, Carried, Command, Declared, Suspect};
use crate::config::Rules;
use crate::finding::Finding;
use crate::{rules as own, writes};

/// A suspect text that is longer is only judged if its tool runs commands: most are files.
const LONGEST_SUSPECT: usize = 4 * 1024;
/// So is each of more suspects than these: to ask what the tool is takes less time.
const MOST_SUSPECTS: usize = 2;

/// What is wrong with a tool call, if anything is. `request` is asked what the tool is only where its
/// name and its arguments leave that open and the answer matters.
pub fn judge_call(call: &ToolCall, request: &Request, rules: &Rules) -> Option<Finding> {
    let declared = Declared::by(request, &call.name);
    let Carried {
        commands,
        suspects,
        unreadable,
    } = call::carried(call, &declared, rules);
    let mut commands = commands.iter();
    commands
        .find_map(|command| judge_command(command, rules))
        .or_else(|| {
            let are_many = suspects.len() > MOST_SUSPECTS;
            let mut asked = suspects.iter().filter(|suspect| {
                !(are_many || suspect.is_long()) || declared.runs(&suspect.field)
            });
            asked.find_map(|suspect| judge_suspect(suspect, &declared, rules))
        })
        .or_else(|| {
            let mut written = writes::of(call).into_iter();
            written.find_map(|written| own::by_call(&written, rules))
        })
        .or_else(|| unreadable.map(|text| Finding::unreadable(&text)))
}

fn judge_suspect(suspect: &Suspect, declared: &Declared<'_>, rules: &Rules) -> Option<Finding> {
    let finding = judge_command(&suspect.command, rules)?;
    declared.runs(&suspect.field).then_some(finding)
}

impl Suspect {
    fn is_long(&self) -> bool {
        self.command.text.line().len() > LONGEST_SUSPECT
    }
}

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
    let follower = Follower::new(rules)
        .in_folder(command.folder.as_deref())
        .with_tools(call::IN_SCRIPTS);
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
