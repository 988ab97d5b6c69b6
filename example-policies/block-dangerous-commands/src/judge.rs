//! Judges one command from beginning to end.

use crate::call::{Command, Text};
use crate::config::Rules;
use crate::finding::{Finding, Halt, Outcome};
use crate::shell::Shell;
use crate::words;

/// What is wrong with a command that a shell reads, if anything is.
pub fn judge(command: &str, rules: &Rules) -> Option<Finding> {
    let text = Text::Shell(command.to_owned());
    judge_command(&Command { text, folder: None }, rules)
}

/// What is wrong with a command of a tool call, if anything is.
pub fn judge_command(command: &Command, rules: &Rules) -> Option<Finding> {
    let line = match &command.text {
        Text::Shell(line) | Text::Broken(line) => line.clone(),
        Text::Words(words) => words.join(" "),
    };
    if let Some(finding) = extra(&line, rules) {
        return Some(finding);
    }
    let mut shell = Shell::new(rules, command.folder.as_deref());
    let outcome: Outcome<()> = match &command.text {
        Text::Shell(line) => shell.run(line, None).map(drop),
        Text::Words(words) => shell.command(words, None).map(drop),
        Text::Broken(line) => {
            let text = line
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\\"", "\"");
            words::judge(&text, &mut shell)
        }
    };
    match outcome {
        Ok(()) => None,
        Err(Halt::Found(finding)) => Some(finding),
        Err(Halt::Spent) => by_words(&line, command.folder.as_deref(), rules),
    }
}

fn by_words(line: &str, folder: Option<&str>, rules: &Rules) -> Option<Finding> {
    match words::judge(line, &mut Shell::new(rules, folder)) {
        Err(Halt::Found(finding)) => Some(finding),
        _ => None,
    }
}

fn extra(line: &str, rules: &Rules) -> Option<Finding> {
    let (_, pattern) = rules.extra.iter().find(|(regex, _)| regex.is_match(line))?;
    Some(Finding::new(
        &format!("extra.{}", pattern.name),
        pattern.message.clone(),
        &[line.to_owned()],
    ))
}
