//! Follows statements, one after the other.

use super::command::Words;
use super::follow::PowerShell;
use super::tree::{Block, Element, Expression, Redirect, Statement, What};
use super::value::{Value, Values, lines, texts};
use crate::halt::Outcome;
use crate::writes::Way;

impl Statement {
    /// Follows the statement, and returns its output.
    pub(super) fn follow(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        shell.runner.spend(1)?;
        match self {
            Self::Pipeline(elements) => Self::pipeline(elements, shell),
            Self::Assign {
                target,
                is_added,
                value,
            } => {
                let value = value.follow(shell)?;
                target.assign(value, *is_added, shell)?;
                Ok(Values::new())
            }
            Self::ForEach { name, values, body } => {
                let values = shell.block(values)?;
                shell.rounds(name, &values, body)
            }
            Self::Parts(parts) => {
                let mut output = Values::new();
                for part in parts {
                    output.extend(shell.perhaps(|shell| shell.block(part))?);
                }
                Ok(output)
            }
            Self::Switch(parts) => Self::switch(parts, shell),
            Self::Function { name, body } => {
                shell.functions.insert(name.clone(), body.clone());
                Ok(Values::new())
            }
        }
    }

    /// Any of the blocks in the body of a `switch` may run.
    fn switch(parts: &[Block], shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let mut output = Values::new();
        for part in parts {
            for item in shell.perhaps(|shell| shell.block(part))? {
                match item {
                    Value::Script(body) => {
                        output.extend(shell.perhaps(|shell| shell.deeper(&body))?);
                    }
                    // This is the value that is compared.
                    other => shell.variables.set("_", vec![other]),
                }
            }
        }
        Ok(output)
    }

    fn pipeline(elements: &[Element], shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let mut passed: Option<Values> = None;
        for element in elements {
            passed = Some(element.follow(passed.take(), shell)?);
        }
        Ok(passed.unwrap_or_default())
    }
}

impl Element {
    /// Follows the element with what is passed on to it, and returns what it passes on.
    fn follow(&self, passed: Option<Values>, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let mut output = match &self.what {
            What::Command(words) => Words(words).follow(passed, shell)?,
            What::Expression(expression) => expression.value(shell)?,
        };
        for redirect in &self.redirects {
            output = redirect.follow(output, shell)?;
        }
        Ok(output)
    }
}

impl Redirect {
    /// Writes the output to its target, and returns what is left of it.
    fn follow(&self, output: Values, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let targets = self.target.value(shell)?;
        let way = if self.is_added {
            Way::Append
        } else {
            Way::Replace
        };
        let (printed, left) = if self.is_output {
            (output, Values::new())
        } else {
            (Values::new(), output)
        };
        for target in texts(&targets) {
            let argv = [">".to_owned(), target.clone()];
            let content = lines(&printed);
            shell.runner.write(&argv, &target, Some(&content), way)?;
        }
        Ok(left)
    }
}

impl Expression {
    /// Assigns a value to what the expression names, or adds to it.
    fn assign(&self, value: Values, is_added: bool, shell: &mut PowerShell<'_>) -> Outcome<()> {
        match self {
            Self::Variable(name) => shell.variables.assign(name, value, is_added),
            Self::Cast(_, inner) => inner.assign(value, is_added, shell)?,
            Self::List(targets) => {
                for (at, target) in targets.iter().enumerate() {
                    let one = value.get(at).cloned().into_iter().collect();
                    target.assign(one, is_added, shell)?;
                }
            }
            // Assignments to members and elements are not followed.
            other => {
                other.value(shell)?;
            }
        }
        Ok(())
    }
}
