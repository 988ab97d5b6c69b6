//! Follows simple commands: assignments, words, redirections, and the command that the first word
//! names.

use rable::{Node, NodeKind};

use super::builtins::Builtin;
use super::expand::Word;
use super::output::Printing;
use super::redirect::Ends;
use super::substitute::Process;
use super::{Shell, fan, git, launch, tasks, wrappers};
use crate::halt::Outcome;
use crate::marks::{DOWNLOAD, UNKNOWN};
use crate::path::base_name;
use crate::scene::{System, Value};
use crate::watch::Command;
use crate::writes::{self, Way};
use crate::{glob, options, windows};

/// A simple command, as it is written.
pub(super) struct Simple<'n> {
    assignments: &'n [Node],
    words: Vec<&'n str>,
    redirects: &'n [Node],
}

impl<'n> Simple<'n> {
    pub(super) fn new(assignments: &'n [Node], words: &'n [Node], redirects: &'n [Node]) -> Self {
        Self {
            assignments,
            words: words.iter().filter_map(word).collect(),
            redirects,
        }
    }

    /// Follows it for each possible value of its variables, and returns what it prints.
    pub(super) fn follow(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        if self.words.is_empty() {
            for assignment in self.assignments() {
                assignment.follow(shell)?;
            }
            let ends = Ends::open(self.redirects, shell)?;
            let text = ends.stdin.clone().unwrap_or_default();
            return ends.write(text, shell);
        }
        let words = self.words.iter();
        let choices = words.map(|word| shell.scene.choices(word)).max();
        let mut output = String::new();
        for choice in 0..choices.unwrap_or(1) {
            shell.scene.choose(Some(choice));
            let printed = self.chosen(stdin, shell);
            shell.scene.choose(None);
            output = printed?;
        }
        Ok(output)
    }

    fn chosen(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        let mut argv = Vec::new();
        for word in &self.words {
            argv.extend(Word(word).fields(shell)?);
        }
        let ends = Ends::open(self.redirects, shell)?;
        shell.scene.choose(None);
        let stdin = ends.stdin.as_deref().or(stdin);
        let output = if self.assignments.is_empty() {
            shell.command(&argv, stdin)?
        } else {
            let variables = shell.scene.variables();
            for assignment in self.assignments() {
                assignment.follow(shell)?;
                tasks::variable(shell, assignment.0)?;
            }
            let output = shell.command(&argv, stdin);
            shell.scene.set_variables(variables);
            output?
        };
        ends.write(output, shell)
    }

    fn assignments(&self) -> impl Iterator<Item = Assignment<'n>> {
        self.assignments.iter().filter_map(word).map(Assignment)
    }
}

/// `NAME=value`, `NAME+=value` or `NAME=(a b)`.
pub(super) struct Assignment<'t>(pub(super) &'t str);

impl Assignment<'_> {
    pub(super) fn follow(&self, shell: &mut Shell<'_>) -> Outcome<()> {
        let Some((name, value)) = self.0.split_once('=') else {
            return Ok(());
        };
        if let Some(elements) = value
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            let mut values = Vec::new();
            for element in elements_of(elements) {
                values.extend(Word(&element).fields(shell)?);
            }
            let name = name.trim_end_matches('+');
            shell.scene.assign(name, Value::Array(values));
            return Ok(());
        }
        let texts = Word(value).texts(shell)?;
        if let Some(name) = name.strip_suffix('+') {
            let before = shell.scene.value(name).first();
            let texts = texts.iter().map(|text| format!("{before}{text}"));
            let value = Value::OneOf(texts.collect());
            shell.scene.assign(name, value);
        } else {
            shell.scene.assign(name, Value::OneOf(texts));
        }
        Ok(())
    }
}

impl Shell<'_> {
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
        if let Some(body) = self.functions.get(first) {
            return body.call(argv, stdin, self);
        }
        let mut name = named(base_name(first));
        if self.scene.system() == System::Windows || first.ends_with(".EXE") {
            name.make_ascii_lowercase();
        }
        if first.starts_with(UNKNOWN) && !first.contains('/') {
            // In `$SUDO rm …` the words behind the variable may be the command.
            return self.deeper(|shell| shell.command(&argv[1..], stdin));
        }
        let builtin = Builtin {
            name: &name,
            arguments: &argv[1..],
            stdin,
        };
        if let Some(outcome) = builtin.follow(self) {
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

    /// Returns what a command prints. Reports the files that it writes, and remembers them.
    pub(super) fn output(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Outcome<String> {
        let has_written = self.written(name, argv, stdin)?;
        let command = Command { name, argv, stdin };
        if let Some(text) = self.sink.prints(&self.scene, &command) {
            return Ok(text);
        }
        let printing = Printing {
            command,
            scene: &self.scene,
            has_written,
        };
        Ok(printing.text())
    }

    /// Reports the files that a command writes. Returns whether there are any.
    pub(super) fn written(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Outcome<bool> {
        let targets = writes::of(name, argv, stdin, &self.scene);
        let is_some = !targets.is_empty();
        for target in targets {
            let path = self.scene.path(&target.name);
            self.sink.writes(&self.scene, &target.write(argv, &path))?;
            if let Some(content) = target.content {
                Process::fed_by(&path, &content, self)?;
                self.scene
                    .store(&path, content.into(), target.way == Way::Append);
            }
        }
        Ok(is_some)
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
