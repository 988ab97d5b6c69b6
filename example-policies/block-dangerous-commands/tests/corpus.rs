//! Judges lists of commands: those that must be stopped, by which rule, and those that must pass.

use block_dangerous_commands::{Config, Finding, Rules, judge, judge_command};
use sluice_policy_shell::{Language, Text};
use sluice_policy_tools::Command;

fn rules() -> Rules {
    Rules::new(Config::default()).expect("the default configuration")
}

/// Reads the commands of a list, each with the rule above it.
fn commands(list: &str) -> Vec<(String, String)> {
    let mut rule = String::new();
    let mut commands = Vec::new();
    for line in list.lines().skip(1) {
        if let Some(name) = line.strip_prefix("## ") {
            rule = format!("shell.{name}");
        } else if !line.is_empty() && !line.starts_with("# ") {
            commands.push((rule.clone(), line.replace('⏎', "\n")));
        }
    }
    commands
}

/// Judges a line of the Windows lists, in the shell that it names.
fn judge_windows(line: &str, rules: &Rules) -> Option<Finding> {
    let script = |language, text: &str| Text::Script(language, text.to_owned());
    let text = if let Some(text) = line.strip_prefix("PS> ") {
        script(Language::PowerShell, text)
    } else if let Some(text) = line.strip_prefix("C:\\> ") {
        script(Language::Cmd, text)
    } else {
        let text = line.strip_prefix("$ ").expect("a shell");
        Text::Shell(text.to_owned())
    };
    judge_command(&Command { text, folder: None }, rules)
}

/// Checks a list, and panics with every line that is wrong.
fn check(list: &str, judge: impl Fn(&str, &Rules) -> Option<Finding>) {
    let rules = rules();
    let mut wrong = Vec::new();
    for (rule, command) in commands(list) {
        let found = judge(&command, &rules);
        let name = found.as_ref().map(|finding| finding.rule.clone());
        if name.unwrap_or_default() != rule {
            wrong.push(format!("{command}\n    expected `{rule}`, got {found:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn dangerous_commands_are_stopped_by_their_rule() {
    check(include_str!("dangerous.txt"), judge);
}

#[test]
fn harmless_commands_pass() {
    check(include_str!("harmless.txt"), judge);
}

#[test]
fn dangerous_commands_of_windows_are_stopped_by_their_rule() {
    check(include_str!("dangerous-windows.txt"), judge_windows);
}

#[test]
fn harmless_commands_of_windows_pass() {
    check(include_str!("harmless-windows.txt"), judge_windows);
}
