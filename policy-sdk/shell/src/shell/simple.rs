//! Follows simple commands: assignments, words, redirections, and the command that the first word
//! names.

use rable::{Node, NodeKind};

use super::{Shell, fan, git, launch, tasks, wrappers};
use crate::halt::Outcome;
use crate::marks::{DOWNLOAD, UNKNOWN};
use crate::path::base_name;
use crate::scene::{System, Value};
use crate::watch::Command;
use crate::{glob, options, windows};

impl Shell<'_> {
    /// Follows a simple command, for each possible value of its variables.
    pub(super) fn simple(
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
            let text = ends.stdin.clone().unwrap_or_default();
            return self.write(&ends, text);
        }
        let mut output = String::new();
        for choice in 0..words
            .iter()
            .map(|word| self.scene.choices(word))
            .max()
            .unwrap_or(1)
        {
            self.scene.choose(Some(choice));
            let printed = self.chosen(assignments, &words, redirects, stdin);
            self.scene.choose(None);
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
        self.scene.choose(None);
        let stdin = ends.stdin.as_deref().or(stdin);
        let output = if assignments.is_empty() {
            self.command(&argv, stdin)?
        } else {
            let variables = self.scene.variables();
            for text in assignments.iter().filter_map(word) {
                self.assign_text(text)?;
                tasks::variable(self, text)?;
            }
            let output = self.command(&argv, stdin);
            self.scene.set_variables(variables);
            output?
        };
        self.write(&ends, output)
    }

    /// Carries out `NAME=value`, `NAME+=value` or `NAME=(a b)`.
    pub(super) fn assign_text(&mut self, text: &str) -> Outcome<()> {
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
            self.scene
                .assign(name.trim_end_matches('+'), Value::Array(values));
            return Ok(());
        }
        let texts = self.texts(value)?;
        if let Some(name) = name.strip_suffix('+') {
            let before = self.scene.value(name).first();
            let texts = texts.iter().map(|text| format!("{before}{text}"));
            let value = Value::OneOf(texts.collect());
            self.scene.assign(name, value);
        } else {
            self.scene.assign(name, Value::OneOf(texts));
        }
        Ok(())
    }

    /// Follows a command given by its words, and returns what it prints.
    pub(super) fn command(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
        self.spend(argv.len() + 1)?;
        let Some(first) = argv.first() else {
            return Ok(String::new());
        };
        let document = stdin.and_then(|text| self.documents.get(text));
        let documents = self.documents.clone();
        let whole = stdin.map(|text| documents.put_back(text));
        let mark = stdin.filter(|_| document.is_some());
        let stdin = document.as_deref().or(whole.as_deref());
        if first.starts_with(DOWNLOAD) {
            self.sink.downloaded(&self.scene, argv)?;
        }
        if let Some(body) = self.functions.get(first.as_str()).cloned() {
            return self.call(body, argv, stdin);
        }
        let mut name = named(base_name(first));
        if self.scene.system() == System::Windows || first.ends_with(".EXE") {
            name.make_ascii_lowercase();
        }
        if first.starts_with(UNKNOWN) && !first.contains('/') {
            // In `$SUDO rm …` the words behind the variable may be the command.
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
            if name == "git" && git::follow(self, argv)? {
                return Ok(String::new());
            }
            let command = Command {
                name: &name,
                argv,
                stdin,
            };
            self.sink.command(&self.scene, &command)?;
            tasks::follow(self, &name, argv)?;
            if self.scene.system() == System::Unix && self.seen.get().is_none() {
                self.seen.set(windows::language_of(argv));
            }
        }
        if let ("cat", [_], Some(mark)) = (&*name, argv, mark) {
            // Its output is passed on as a mark.
            return Ok(mark.to_owned());
        }
        self.output(&name, argv, stdin)
    }
}

/// The name of a command. A pattern such as `/bin/r?` becomes a dangerous command that it matches.
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

/// Quotes the word for a shell.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
