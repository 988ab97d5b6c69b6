//! Walks the parsed command, one construct after the other.

use rable::{ListItem, ListOperator, Node, NodeKind};

use super::{Shell, bounds};
use crate::halt::{Halt, Outcome};
use crate::marks;
use crate::scene::{Value, append};
use crate::words;

/// The most values for which a loop's body is followed.
const MOST_ROUNDS: usize = 24;

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
        self.spend_unparsed(text.len())?;
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
            } => self.simple(assignments, words, redirects, stdin),
            NodeKind::Pipeline { commands, .. } => self.pipeline(commands, stdin),
            NodeKind::List { items } => self.list(items, stdin),
            NodeKind::Negation { pipeline } | NodeKind::Time { pipeline, .. } => {
                self.walk(pipeline, stdin)
            }
            NodeKind::Coproc { command, .. } => self.walk(command, stdin),
            NodeKind::Function { name, body } => self.function(name, body).map(|()| String::new()),
            NodeKind::CommandSubstitution { command, .. }
            | NodeKind::ProcessSubstitution { command, .. } => {
                self.apart(|shell| shell.walk(command, stdin))
            }
            _ => self.compound(node, stdin),
        }
    }

    fn compound(&mut self, node: &Node, stdin: Option<&str>) -> Outcome<String> {
        let redirects = match &node.kind {
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
            | NodeKind::ConditionalExpr { redirects, .. } => redirects.as_slice(),
            _ => &[],
        };
        let ends = self.redirect(redirects)?;
        let output = self.inside(node, ends.stdin.as_deref().or(stdin))?;
        self.write(&ends, output)
    }

    fn inside(&mut self, node: &Node, stdin: Option<&str>) -> Outcome<String> {
        match &node.kind {
            NodeKind::If {
                condition,
                then_body,
                else_body,
                ..
            } => {
                self.walk(condition, stdin)?;
                let mut output = self.perhaps(|shell| shell.walk(then_body, stdin))?;
                if let Some(body) = else_body {
                    append(&mut output, &self.perhaps(|shell| shell.walk(body, stdin))?);
                }
                Ok(output)
            }
            NodeKind::While {
                condition, body, ..
            }
            | NodeKind::Until {
                condition, body, ..
            } => {
                self.walk(condition, stdin)?;
                self.perhaps(|shell| shell.walk(body, stdin))
            }
            NodeKind::For {
                var, words, body, ..
            }
            | NodeKind::Select {
                var, words, body, ..
            } => self.rounds(var, words.as_deref(), body, stdin),
            NodeKind::ForArith {
                init, cond, body, ..
            } => {
                self.document(init)?;
                self.document(cond)?;
                self.perhaps(|shell| shell.walk(body, stdin))
            }
            NodeKind::Case { word, patterns, .. } => {
                self.term(word)?;
                let mut output = String::new();
                for body in patterns.iter().filter_map(|pattern| pattern.body.as_ref()) {
                    append(&mut output, &self.perhaps(|shell| shell.walk(body, stdin))?);
                }
                Ok(output)
            }
            NodeKind::Subshell { body, .. } => self.apart(|shell| shell.walk(body, stdin)),
            NodeKind::BraceGroup { body, .. } => self.walk(body, stdin),
            // In a shell without `((…))` these are two subshells.
            NodeKind::ArithmeticCommand { raw_content, .. } => self.run(raw_content, stdin),
            NodeKind::ConditionalExpr { body, .. } => self.term(body).map(|()| String::new()),
            _ => Ok(String::new()),
        }
    }

    fn rounds(
        &mut self,
        name: &str,
        words: Option<&[Node]>,
        body: &Node,
        stdin: Option<&str>,
    ) -> Outcome<String> {
        let mut values = Vec::new();
        for word in words.unwrap_or_default() {
            if let NodeKind::Word { value, .. } = &word.kind {
                values.extend(self.expand(value)?);
            }
        }
        if words.is_none() {
            values.extend(self.expand("\"$@\"")?);
        }
        let mut output = String::new();
        for value in values.into_iter().take(MOST_ROUNDS) {
            self.scene.set(name, Value::of(value));
            append(&mut output, &self.walk(body, stdin)?);
        }
        Ok(output)
    }

    fn pipeline(&mut self, commands: &[Node], stdin: Option<&str>) -> Outcome<String> {
        let mut passed = stdin.map(str::to_owned);
        for command in commands {
            let output = self.apart(|shell| shell.walk(command, passed.as_deref()))?;
            passed = Some(output);
        }
        Ok(passed.unwrap_or_default())
    }

    /// Follows a list. The parser nests each list in the next, so a long one is unrolled first.
    fn list(&mut self, items: &[ListItem], stdin: Option<&str>) -> Outcome<String> {
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
        let mut output = String::new();
        let mut is_conditional = false;
        for (command, operator) in unrolled.into_iter().rev() {
            let printed = if is_conditional {
                self.perhaps(|shell| shell.walk(command, stdin))?
            } else {
                self.walk(command, stdin)?
            };
            append(&mut output, &printed);
            is_conditional = matches!(operator, Some(ListOperator::And | ListOperator::Or));
        }
        Ok(output)
    }

    /// Follows the substitutions in a term of `[[ … ]]` or `case`.
    fn term(&mut self, node: &Node) -> Outcome<()> {
        self.spend(1)?;
        match &node.kind {
            NodeKind::Word { value, .. } | NodeKind::CondTerm { value, .. } => {
                self.texts(value).map(drop)
            }
            NodeKind::UnaryTest { operand, .. } | NodeKind::CondNot { operand } => {
                self.term(operand)
            }
            NodeKind::BinaryTest { left, right, .. }
            | NodeKind::CondAnd { left, right }
            | NodeKind::CondOr { left, right } => {
                self.term(left)?;
                self.term(right)
            }
            NodeKind::CondParen { inner } => self.term(inner),
            _ => Ok(()),
        }
    }
}
