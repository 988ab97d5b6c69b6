//! Follows functions and aliases of the shell.

use std::rc::Rc;

use rable::{ListOperator, Node, NodeKind};

use super::Shell;
use super::simple::quoted;
use crate::halt::Outcome;
use crate::watch::Function;

/// How deeply a function may call itself before it is no longer followed.
const DEEPEST: usize = 8;

/// The definition of a function or an alias.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A function's commands.
    Commands(Rc<Node>),
    /// An alias's text.
    Text(String),
}

impl Shell<'_> {
    /// Reports a function's definition, and remembers it.
    pub(super) fn function(&mut self, name: &str, body: &Node) -> Outcome<()> {
        let mut starts = Starts::default();
        starts.count(name, body, 0);
        let function = Function {
            name,
            starts: starts.all,
            starts_apart: starts.apart,
        };
        self.sink.defines(&self.scene, &function)?;
        self.define(name, Body::Commands(Rc::new(body.clone())));
        Ok(())
    }

    /// Defines a function or an alias.
    pub(super) fn define(&mut self, name: &str, body: Body) {
        Rc::make_mut(&mut self.functions).insert(name.to_owned(), body);
    }

    /// Removes a function or an alias.
    pub(super) fn undefine(&mut self, name: &str) {
        Rc::make_mut(&mut self.functions).remove(name);
    }

    /// Follows a call of a function or an alias.
    pub(super) fn call(
        &mut self,
        body: Body,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Outcome<String> {
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
                let variables = self.scene.variables();
                self.scene.set_arguments(&argv[1..]);
                let outcome = self.deeper(|shell| shell.walk(&node, stdin));
                let is_argument = |name: &String| {
                    name.starts_with(|c: char| c == '@' || c == '*' || c.is_ascii_digit())
                };
                let mut after = (*self.scene.variables()).clone();
                after.retain(|name, _| !is_argument(name));
                let before = variables.iter().filter(|(name, _)| is_argument(name));
                after.extend(before.map(|(name, value)| (name.clone(), value.clone())));
                self.scene.set_variables(Rc::new(after));
                outcome
            }
        }
    }
}

/// How often a function starts itself.
#[derive(Default)]
struct Starts {
    all: usize,
    /// Starts in a pipe or in the background, which do not wait for the end.
    apart: usize,
}

impl Starts {
    fn count(&mut self, name: &str, node: &Node, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match &node.kind {
            NodeKind::Command { words, .. } => {
                let first = words.first().map(|word| &word.kind);
                let is_self = matches!(first, Some(NodeKind::Word { value, .. }) if value == name);
                self.all += usize::from(is_self);
            }
            NodeKind::Pipeline { commands, .. } => {
                let before = self.all;
                commands
                    .iter()
                    .for_each(|command| self.count(name, command, depth + 1));
                self.apart += self.all - before;
            }
            NodeKind::List { items } => {
                for item in items {
                    let before = self.all;
                    self.count(name, &item.command, depth + 1);
                    if item.operator == Some(ListOperator::Background) {
                        self.apart += self.all - before;
                    }
                }
            }
            NodeKind::BraceGroup { body, .. }
            | NodeKind::Subshell { body, .. }
            | NodeKind::While { body, .. }
            | NodeKind::Until { body, .. } => self.count(name, body, depth + 1),
            _ => {}
        }
    }
}
