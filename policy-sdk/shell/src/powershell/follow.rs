//! Walks a PowerShell script, one statement after the other.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::tree::{Block, Element, Expression, Redirect, Statement, What};
use super::value::{Value, Values, lines, texts, unknown};
use crate::halt::{Halt, Outcome};
use crate::runner::Runner;
use crate::writes::Way;

/// How deeply functions and script blocks may call each other.
const DEEPEST: usize = 10;
/// A block is followed for at most this many values.
const MOST_ROUNDS: usize = 24;
/// A variable has at most this many possible values.
const MOST_VALUES: usize = 64;

/// The state of PowerShell at one point of a script.
pub(super) struct PowerShell<'r> {
    pub(super) runner: &'r mut dyn Runner,
    /// The variables, by name in lower case.
    variables: BTreeMap<String, Values>,
    pub(super) functions: BTreeMap<String, Rc<Block>>,
    pub(super) aliases: BTreeMap<String, String>,
    /// How many conditions enclose this point. A variable that is assigned under one may keep its
    /// old value.
    conditions: usize,
    depth: usize,
}

impl<'r> PowerShell<'r> {
    pub(super) fn new(runner: &'r mut dyn Runner) -> Self {
        Self {
            runner,
            variables: BTreeMap::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            conditions: 0,
            depth: 0,
        }
    }

    /// Follows statements, and returns their output.
    pub(super) fn block(&mut self, block: &Block) -> Outcome<Values> {
        let mut output = Values::new();
        for statement in &block.statements {
            let items = self.statement(statement)?;
            output.extend(items);
            output.truncate(MOST_VALUES);
        }
        Ok(output)
    }

    /// Follows a block with a scope of its own, one level deeper: a function, a script block, a
    /// script.
    pub(super) fn deeper(&mut self, block: &Block) -> Outcome<Values> {
        if self.depth == DEEPEST {
            return Err(Halt::Spent);
        }
        self.depth += 1;
        let output = self.block(block);
        self.depth -= 1;
        output
    }

    fn statement(&mut self, statement: &Statement) -> Outcome<Values> {
        self.runner.spend(1)?;
        match statement {
            Statement::Pipeline(elements) => self.pipeline(elements),
            Statement::Assign {
                target,
                is_added,
                value,
            } => {
                let value = self.statement(value)?;
                self.assign(target, value, *is_added)?;
                Ok(Values::new())
            }
            Statement::ForEach { name, values, body } => {
                let values = self.block(values)?;
                self.rounds(name, &values, body)
            }
            Statement::Parts(parts) => {
                let mut output = Values::new();
                for part in parts {
                    output.extend(self.perhaps(|shell| shell.block(part))?);
                }
                Ok(output)
            }
            Statement::Switch(parts) => self.switch(parts),
            Statement::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                Ok(Values::new())
            }
        }
    }

    /// Follows something that may not happen.
    fn perhaps<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.conditions += 1;
        let outcome = what(self);
        self.conditions -= 1;
        outcome
    }

    /// Follows a block once for each value of a variable.
    pub(super) fn rounds(&mut self, name: &str, values: &[Value], body: &Block) -> Outcome<Values> {
        let mut output = Values::new();
        for value in values.iter().take(MOST_ROUNDS) {
            self.variables.insert(name.to_owned(), vec![value.clone()]);
            output.extend(self.deeper(body)?);
        }
        if values.is_empty() {
            self.variables.insert(name.to_owned(), unknown());
            output = self.deeper(body)?;
        }
        Ok(output)
    }

    /// Any of the blocks in the body of a `switch` may run.
    fn switch(&mut self, parts: &[Block]) -> Outcome<Values> {
        let mut output = Values::new();
        for part in parts {
            for item in self.perhaps(|shell| shell.block(part))? {
                match item {
                    Value::Script(body) => {
                        output.extend(self.perhaps(|shell| shell.deeper(&body))?);
                    }
                    // This is the value that is compared.
                    other => self.set("_", vec![other]),
                }
            }
        }
        Ok(output)
    }

    fn pipeline(&mut self, elements: &[Element]) -> Outcome<Values> {
        let mut passed: Option<Values> = None;
        for element in elements {
            let output = match &element.what {
                What::Command(words) => self.command(words, passed.take())?,
                What::Expression(expression) => self.evaluate(expression)?,
            };
            passed = Some(self.redirect(&element.redirects, output)?);
        }
        Ok(passed.unwrap_or_default())
    }

    fn redirect(&mut self, redirects: &[Redirect], output: Values) -> Outcome<Values> {
        let mut output = output;
        for redirect in redirects {
            let targets = self.evaluate(&redirect.target)?;
            let way = if redirect.is_added {
                Way::Append
            } else {
                Way::Replace
            };
            let printed = if redirect.is_output {
                std::mem::take(&mut output)
            } else {
                Values::new()
            };
            for target in texts(&targets) {
                let argv = [">".to_owned(), target.clone()];
                self.runner
                    .write(&argv, &target, Some(&lines(&printed)), way)?;
            }
        }
        Ok(output)
    }

    fn assign(&mut self, target: &Expression, value: Values, is_added: bool) -> Outcome<()> {
        match target {
            Expression::Variable(name) => {
                let before = self.variables.get(name).cloned();
                let value = match before {
                    Some(before) if is_added => super::operators::binary("+", before, value),
                    Some(before) if self.conditions > 0 => either(value, before),
                    _ => value,
                };
                self.set(name, value);
            }
            Expression::Cast(_, inner) => self.assign(inner, value, is_added)?,
            Expression::List(targets) => {
                for (at, target) in targets.iter().enumerate() {
                    let one = value.get(at).cloned().into_iter().collect();
                    self.assign(target, one, is_added)?;
                }
            }
            // Assignments to members and elements are not followed.
            other => {
                self.evaluate(other)?;
            }
        }
        Ok(())
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &str, mut value: Values) {
        value.truncate(MOST_VALUES);
        self.variables.insert(name.to_owned(), value);
    }

    /// The value of a variable that the script set.
    pub(super) fn assigned(&self, name: &str) -> Option<&Values> {
        self.variables.get(name)
    }

    /// Runs `what` with some variables set, and restores them.
    pub(super) fn with<T>(
        &mut self,
        set: Vec<(String, Values)>,
        what: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let before: Vec<(String, Option<Values>)> = set
            .into_iter()
            .map(|(name, value)| (name.clone(), self.variables.insert(name, value)))
            .collect();
        let outcome = what(self);
        for (name, value) in before.into_iter().rev() {
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        outcome
    }
}

/// Returns both values, because a condition decides which one it is.
fn either(value: Values, before: Values) -> Values {
    let mut either = value;
    for item in before {
        if !either.contains(&item) && item != Value::Text(String::new()) {
            either.push(item);
        }
    }
    either
}
