//! Follows the constructs that contain commands: lists, branches, loops, tests.

use rable::{ListItem, ListOperator, Node, NodeKind};

use super::Shell;
use super::expand::{Document, Word};
use super::redirect::Ends;
use crate::halt::Outcome;
use crate::scene::{Value, append};

/// The most values for which a loop's body is followed.
const MOST_ROUNDS: usize = 24;

/// A construct that has redirections of its own.
pub(super) struct Compound<'n>(pub(super) &'n Node);

impl Compound<'_> {
    /// Follows the construct, and returns what it prints.
    pub(super) fn follow(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        let ends = Ends::open(self.redirects(), shell)?;
        let output = self.inside(ends.stdin.as_deref().or(stdin), shell)?;
        ends.write(output, shell)
    }

    fn redirects(&self) -> &[Node] {
        match &self.0.kind {
            NodeKind::If { redirects, .. }
            | NodeKind::While { redirects, .. }
            | NodeKind::Until { redirects, .. }
            | NodeKind::For { redirects, .. }
            | NodeKind::ForArith { redirects, .. }
            | NodeKind::Select { redirects, .. }
            | NodeKind::Case { redirects, .. }
            | NodeKind::Subshell { redirects, .. }
            | NodeKind::BraceGroup { redirects, .. }
            | NodeKind::ArithmeticCommand { redirects, .. }
            | NodeKind::ConditionalExpr { redirects, .. } => redirects,
            _ => &[],
        }
    }

    fn inside(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        match &self.0.kind {
            NodeKind::If {
                condition,
                then_body,
                else_body,
                ..
            } => {
                shell.walk(condition, stdin)?;
                let mut output = shell.perhaps(|shell| shell.walk(then_body, stdin))?;
                if let Some(body) = else_body {
                    append(
                        &mut output,
                        &shell.perhaps(|shell| shell.walk(body, stdin))?,
                    );
                }
                Ok(output)
            }
            NodeKind::While {
                condition, body, ..
            }
            | NodeKind::Until {
                condition, body, ..
            } => {
                shell.walk(condition, stdin)?;
                shell.perhaps(|shell| shell.walk(body, stdin))
            }
            NodeKind::For {
                var, words, body, ..
            }
            | NodeKind::Select {
                var, words, body, ..
            } => {
                let rounds = Rounds {
                    name: var,
                    words: words.as_deref(),
                    body,
                };
                rounds.follow(stdin, shell)
            }
            NodeKind::ForArith {
                init, cond, body, ..
            } => {
                Document(init).text(shell)?;
                Document(cond).text(shell)?;
                shell.perhaps(|shell| shell.walk(body, stdin))
            }
            NodeKind::Case { word, patterns, .. } => {
                Term(word).follow(shell)?;
                let mut output = String::new();
                for body in patterns.iter().filter_map(|pattern| pattern.body.as_ref()) {
                    append(
                        &mut output,
                        &shell.perhaps(|shell| shell.walk(body, stdin))?,
                    );
                }
                Ok(output)
            }
            NodeKind::Subshell { body, .. } => shell.apart(|shell| shell.walk(body, stdin)),
            NodeKind::BraceGroup { body, .. } => shell.walk(body, stdin),
            // In a shell without `((…))` these are two subshells.
            NodeKind::ArithmeticCommand { raw_content, .. } => shell.run(raw_content, stdin),
            NodeKind::ConditionalExpr { body, .. } => {
                Term(body).follow(shell).map(|()| String::new())
            }
            _ => Ok(String::new()),
        }
    }
}

/// A loop over words, or over the arguments if there are none.
struct Rounds<'n> {
    name: &'n str,
    words: Option<&'n [Node]>,
    body: &'n Node,
}

impl Rounds<'_> {
    fn follow(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        let mut output = String::new();
        for value in self.values(shell)?.into_iter().take(MOST_ROUNDS) {
            shell.scene.set(self.name, Value::of(value));
            append(&mut output, &shell.walk(self.body, stdin)?);
        }
        Ok(output)
    }

    fn values(&self, shell: &mut Shell<'_>) -> Outcome<Vec<String>> {
        let Some(words) = self.words else {
            return Word("\"$@\"").fields(shell);
        };
        let mut values = Vec::new();
        for word in words {
            if let NodeKind::Word { value, .. } = &word.kind {
                values.extend(Word(value).fields(shell)?);
            }
        }
        Ok(values)
    }
}

/// Commands that follow each other, with the operator behind each, the last one first.
pub(super) struct List<'n>(Vec<(&'n Node, Option<ListOperator>)>);

impl<'n> List<'n> {
    /// The parser nests each list in the next. A long one could not be followed so.
    pub(super) fn unrolled(items: &'n [ListItem]) -> Self {
        let mut unrolled: Vec<(&Node, Option<ListOperator>)> = Vec::new();
        let mut left = items;
        let mut behind = None;
        while let Some((first, rest)) = left.split_first() {
            for item in rest.iter().rev() {
                unrolled.push((&item.command, item.operator.or(behind.take())));
            }
            let operator = first.operator.or(behind.take());
            let NodeKind::List { items } = &first.command.kind else {
                unrolled.push((&first.command, operator));
                break;
            };
            behind = operator;
            left = items;
        }
        Self(unrolled)
    }

    /// Follows the commands, and returns what they print.
    pub(super) fn follow(&self, stdin: Option<&str>, shell: &mut Shell<'_>) -> Outcome<String> {
        let mut output = String::new();
        let mut is_conditional = false;
        for (command, operator) in self.0.iter().rev() {
            let printed = if is_conditional {
                shell.perhaps(|shell| shell.walk(command, stdin))?
            } else {
                shell.walk(command, stdin)?
            };
            append(&mut output, &printed);
            is_conditional = matches!(operator, Some(ListOperator::And | ListOperator::Or));
        }
        Ok(output)
    }
}

/// A term of `[[ … ]]` or `case`.
struct Term<'n>(&'n Node);

impl Term<'_> {
    /// Follows the substitutions in it.
    fn follow(&self, shell: &mut Shell<'_>) -> Outcome<()> {
        shell.spend(1)?;
        match &self.0.kind {
            NodeKind::Word { value, .. } | NodeKind::CondTerm { value, .. } => {
                Word(value).texts(shell).map(drop)
            }
            NodeKind::UnaryTest { operand, .. } | NodeKind::CondNot { operand } => {
                Term(operand).follow(shell)
            }
            NodeKind::BinaryTest { left, right, .. }
            | NodeKind::CondAnd { left, right }
            | NodeKind::CondOr { left, right } => {
                Term(left).follow(shell)?;
                Term(right).follow(shell)
            }
            NodeKind::CondParen { inner } => Term(inner).follow(shell),
            _ => Ok(()),
        }
    }
}
