//! Follows functions and aliases of the shell.

use std::collections::BTreeMap;
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

/// The functions and aliases that are defined at one point of a command, by name.
#[derive(Clone, Default)]
pub(super) struct Functions(Rc<BTreeMap<String, Body>>);

impl Functions {
    pub(super) fn get(&self, name: &str) -> Option<Body> {
        self.0.get(name).cloned()
    }

    pub(super) fn define(&mut self, name: &str, body: Body) {
        Rc::make_mut(&mut self.0).insert(name.to_owned(), body);
    }

    pub(super) fn undefine(&mut self, name: &str) {
        Rc::make_mut(&mut self.0).remove(name);
    }
}

impl Body {
    /// Follows a call.
    pub(super) fn call(
        self,
        argv: &[String],
        stdin: Option<&str>,
        shell: &mut Shell<'_>,
    ) -> Outcome<String> {
        match self {
            Self::Text(text) => {
                let mut line = text;
                for word in &argv[1..] {
                    line.push(' ');
                    line.push_str(&quoted(word));
                }
                let mut shell = shell.clone();
                shell.functions.undefine(&argv[0]);
                shell.run(&line, stdin)
            }
            Self::Commands(node) => {
                let variables = shell.scene.variables();
                shell.scene.set_arguments(&argv[1..]);
                let outcome = shell.deeper(|shell| shell.walk(&node, stdin));
                let is_argument = |name: &String| {
                    name.starts_with(|c: char| c == '@' || c == '*' || c.is_ascii_digit())
                };
                let mut after = (*shell.scene.variables()).clone();
                after.retain(|name, _| !is_argument(name));
                let before = variables.iter().filter(|(name, _)| is_argument(name));
                after.extend(before.map(|(name, value)| (name.clone(), value.clone())));
                shell.scene.set_variables(Rc::new(after));
                outcome
            }
        }
    }
}

/// The definition of a function, as a command makes it.
pub(super) struct Definition<'n> {
    pub(super) name: &'n str,
    pub(super) body: &'n Node,
}

impl Definition<'_> {
    /// Reports the definition, and remembers it.
    pub(super) fn follow(&self, shell: &mut Shell<'_>) -> Outcome<()> {
        let mut starts = Starts::default();
        starts.count(self.name, self.body, 0);
        let function = Function {
            name: self.name,
            starts: starts.all,
            starts_apart: starts.apart,
        };
        shell.sink.defines(&shell.scene, &function)?;
        let body = Body::Commands(Rc::new(self.body.clone()));
        shell.functions.define(self.name, body);
        Ok(())
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
