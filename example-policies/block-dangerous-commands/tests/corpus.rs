//! Judges two lists of commands: those that must be stopped, by which rule, and those that must pass.

use block_dangerous_commands::{Config, Rules, judge};

fn rules() -> Rules {
    Rules::new(Config::default()).expect("the default configuration")
}

/// The commands of a list, each with the rule above it.
fn commands(list: &str) -> Vec<(String, String)> {
    let mut rule = String::new();
    let mut commands = Vec::new();
    for line in list.lines().skip(1) {
        if let Some(name) = line.strip_prefix("## ") {
            rule = format!("shell.{name}");
        } else if !line.is_empty() {
            commands.push((rule.clone(), line.replace('⏎', "\n")));
        }
    }
    commands
}

#[test]
fn dangerous_commands_are_stopped_by_their_rule() {
    let rules = rules();
    let mut wrong = Vec::new();
    for (rule, command) in commands(include_str!("dangerous.txt")) {
        let found = judge(&command, &rules).map(|finding| finding.rule);
        if found.as_deref() != Some(rule.as_str()) {
            wrong.push(format!("{command}\n    expected {rule}, got {found:?}"));
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
fn harmless_commands_pass() {
    let rules = rules();
    let mut wrong = Vec::new();
    for (_, command) in commands(include_str!("harmless.txt")) {
        if let Some(finding) = judge(&command, &rules) {
            wrong.push(format!(
                "{command}\n    got {} {}",
                finding.rule, finding.detail
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
