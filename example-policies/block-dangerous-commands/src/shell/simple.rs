//! Simple commands: assignments, words, redirections, and what the first word names.

use std::rc::Rc;

use rable::{Node, NodeKind};

use super::state::Body;
use super::{Shell, Value, fan, launch, wrappers};
use crate::finding::Outcome;
use crate::marks::{DOWNLOAD, UNKNOWN};
use crate::path::base_name;
use crate::{glob, options, rules};

impl Shell<'_> {
    /// Follows a simple command, for each value that its variables may have.
    pub(crate) fn simple(
        &mut self,
        assignments: &[Node],
        words: &[Node],
        redirects: &[Node],
        stdin: Option<&str>,
    ) -> Outcome<String> {
        let words: Vec<&str> = words.iter().filter_map(word).collect();
        if words.is_empty() {
            for text in assignments.iter().filter_map(word) {
                self.assign_text(text)?;
            }
            let ends = self.redirect(redirects)?;
            return Ok(self.write(&ends, ends.stdin.clone().unwrap_or_default()));
        }
        let mut output = String::new();
        for choice in 0..words
            .iter()
            .map(|word| self.choices(word))
            .max()
            .unwrap_or(1)
        {
            self.choice = Some(choice);
            let printed = self.chosen(assignments, &words, redirects, stdin);
            self.choice = None;
            output = printed?;
        }
        Ok(output)
    }

    fn chosen(
        &mut self,
        assignments: &[Node],
        words: &[&str],
        redirects: &[Node],
        stdin: Option<&str>,
    ) -> Outcome<String> {
        let mut argv = Vec::new();
        for word in words {
            argv.extend(self.expand(word)?);
        }
        let ends = self.redirect(redirects)?;
        self.choice = None;
        let stdin = ends.stdin.as_deref().or(stdin);
        let output = if assignments.is_empty() {
            self.command(&argv, stdin)?
        } else {
            let variables = self.variables.clone();
            for text in assignments.iter().filter_map(word) {
                self.assign_text(text)?;
            }
            let output = self.command(&argv, stdin);
            self.variables = variables;
            output?
        };
        Ok(self.write(&ends, output))
    }

    /// Sets what `NAME=value`, `NAME+=value` or `NAME=(a b)` says.
    pub(crate) fn assign_text(&mut self, text: &str) -> Outcome<()> {
        let Some((name, value)) = text.split_once('=') else {
            return Ok(());
        };
        if let Some(elements) = value
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            let mut values = Vec::new();
            for element in elements_of(elements) {
                values.extend(self.expand(&element)?);
            }
            self.assign(name.trim_end_matches('+'), Value::Array(values));
            return Ok(());
        }
        let texts = self.texts(value)?;
        if let Some(name) = name.strip_suffix('+') {
            let before = self.variable(name).first();
            let texts = texts.iter().map(|text| format!("{before}{text}"));
            let value = Value::OneOf(texts.collect());
            self.assign(name, value);
        } else {
            self.assign(name, Value::OneOf(texts));
        }
        Ok(())
    }

    /// Follows a command given by its words, and gives what it prints.
    pub(crate) fn command(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
        self.spend(argv.len() + 1)?;
        let Some(first) = argv.first() else {
            return Ok(String::new());
        };
        if first.starts_with(DOWNLOAD) {
            rules::downloaded(argv, self)?;
        }
        if let Some(body) = self.functions.get(first.as_str()).cloned() {
            return self.call(body, argv, stdin);
        }
        let name = named(base_name(first));
        if first.starts_with(UNKNOWN) && !first.contains('/') {
            // `$SUDO rm …`: what stands behind it may well be the command.
            return self.deeper(|shell| shell.command(&argv[1..], stdin));
        }
        if let Some(outcome) = self.builtin(&name, argv, stdin) {
            return outcome;
        }
        if let Some(outcome) = launch::start(self, &name, argv, stdin) {
            return outcome;
        }
        if !options::asks_for_help(&argv[1..]) {
            if let Some(outcome) = wrappers::unwrap(self, &name, argv, stdin) {
                return outcome;
            }
            if let Some(outcome) = fan::out(self, &name, argv, stdin) {
                return outcome;
            }
            rules::judge(&name, argv, self)?;
        }
        Ok(self.output(&name, argv, stdin))
    }

    fn call(&mut self, body: Body, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
        match body {
            Body::Text(text) => {
                let mut line = text;
                for word in &argv[1..] {
                    line.push(' ');
                    line.push_str(&quoted(word));
                }
                let mut shell = self.clone();
                shell.undefine(&argv[0]);
                shell.run(&line, stdin)
            }
            Body::Commands(node) => {
                let variables = self.variables.clone();
                self.set_arguments(&argv[1..]);
                let outcome = self.deeper(|shell| shell.walk(&node, stdin));
                let is_argument = |name: &String| {
                    name.starts_with(|c: char| c == '@' || c == '*' || c.is_ascii_digit())
                };
                let mut after = (*self.variables).clone();
                after.retain(|name, _| !is_argument(name));
                let before = variables.iter().filter(|(name, _)| is_argument(name));
                after.extend(before.map(|(name, value)| (name.clone(), value.clone())));
                self.variables = Rc::new(after);
                outcome
            }
        }
    }

    /// Sets `$1`, `$2`, …, `$@`.
    pub(crate) fn set_arguments(&mut self, arguments: &[String]) {
        for (at, argument) in arguments.iter().enumerate() {
            let name = (at + 1).to_string();
            self.set_variable(&name, Value::of(argument.clone()));
        }
        for at in arguments.len()..9 {
            let name = (at + 1).to_string();
            self.set_variable(&name, Value::of(String::new()));
        }
        for name in ["@", "*"] {
            let value = Value::Array(arguments.to_vec());
            self.set_variable(name, value);
        }
    }
}

/// The name of a command; `/bin/r?` is whatever is dangerous and so called.
fn named(name: &str) -> String {
    const LIKELY: &[&str] = &[
        "rm", "sh", "bash", "dd", "git", "chmod", "chown", "shred", "find",
    ];
    let is_pattern = name.contains(['?', '*', '[']) && name.len() > 1;
    let likely = LIKELY
        .iter()
        .find(|likely| is_pattern && glob::matches(name, likely));
    likely.map_or(name, |likely| *likely).to_owned()
}

fn word(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Word { value, .. } => Some(value),
        _ => None,
    }
}

fn elements_of(text: &str) -> Vec<String> {
    let line = format!("_ {}", text.replace('\n', " "));
    let Ok(nodes) = rable::parse(&line, true) else {
        return text.split_whitespace().map(str::to_owned).collect();
    };
    match nodes.first().map(|node| &node.kind) {
        Some(NodeKind::Command { words, .. }) => words
            .iter()
            .skip(1)
            .filter_map(word)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// The word, quoted for a shell.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
