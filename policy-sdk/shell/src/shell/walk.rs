//! Walks the parsed command, one construct after the other.

use rable::{Node, NodeKind};

use super::compound::{Compound, List};
use super::functions::Definition;
use super::simple::Simple;
use super::{Shell, bounds};
use crate::halt::{Halt, Outcome};
use crate::marks;
use crate::scene::append;
use crate::words;

impl Shell<'_> {
    /// Follows a text as this shell would run it, and returns what it prints. A text that does not
    /// parse is judged by its words.
    pub(super) fn run(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        let without_returns;
        let text = if text.contains('\r') {
            without_returns = text.replace("\r\n", "\n");
            &without_returns
        } else {
            text
        };
        self.deeper(|shell| {
            let short = shell.documents.set_aside(text);
            match shell.parsed(&short, stdin) {
                Err(Halt::Mistaken) => shell.by_words(text),
                outcome => outcome,
            }
        })
    }

    fn parsed(&mut self, text: &str, stdin: Option<&str>) -> Outcome<String> {
        if !bounds::is_short(text) {
            return self.by_words(text);
        }
        self.spend(bounds::cost(text))?;
        if !bounds::is_within(text) {
            return self.by_words(text);
        }
        let Ok(nodes) = rable::parse(text, true).or_else(|_| rable::parse(text, false)) else {
            return self.by_words(text);
        };
        let mut output = String::new();
        for node in &nodes {
            append(&mut output, &self.walk(node, stdin)?);
        }
        Ok(output)
    }

    /// Follows a text by its words.
    pub(super) fn by_words(&mut self, text: &str) -> Outcome<String> {
        let documents = self.documents.clone();
        let text = documents.put_back(text);
        self.budget.spend_unparsed(text.len())?;
        words::follow(&text, self)?;
        Ok(marks::unknown())
    }

    /// Follows a node of the parsed text, and returns what it prints.
    pub(super) fn walk(&mut self, node: &Node, stdin: Option<&str>) -> Outcome<String> {
        self.spend(1)?;
        match &node.kind {
            NodeKind::Command {
                assignments,
                words,
                redirects,
            } => Simple::new(assignments, words, redirects).follow(stdin, self),
            NodeKind::Pipeline { commands, .. } => self.pipeline(commands, stdin),
            NodeKind::List { items } => List::unrolled(items).follow(stdin, self),
            NodeKind::Negation { pipeline } | NodeKind::Time { pipeline, .. } => {
                self.walk(pipeline, stdin)
            }
            NodeKind::Coproc { command, .. } => self.walk(command, stdin),
            NodeKind::Function { name, body } => {
                let definition = Definition { name, body };
                definition.follow(self).map(|()| String::new())
            }
            NodeKind::CommandSubstitution { command, .. }
            | NodeKind::ProcessSubstitution { command, .. } => {
                self.apart(|shell| shell.walk(command, stdin))
            }
            _ => Compound(node).follow(stdin, self),
        }
    }

    fn pipeline(&mut self, commands: &[Node], stdin: Option<&str>) -> Outcome<String> {
        let mut passed = stdin.map(str::to_owned);
        for command in commands {
            let output = self.apart(|shell| shell.walk(command, passed.as_deref()))?;
            passed = Some(output);
        }
        Ok(passed.unwrap_or_default())
    }
}
