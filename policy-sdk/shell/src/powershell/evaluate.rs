//! Evaluates PowerShell's expressions, as far as the script says.

use super::follow::PowerShell;
use super::operators;
use super::tree::{Expression, Piece};
use super::value::{Value, Values, one, texts, unknown};
use crate::halt::Outcome;
use crate::{marks, windows};

/// The profile: the file that PowerShell runs whenever it starts.
const PROFILE: &str = "~/Documents/PowerShell/Microsoft.PowerShell_profile.ps1";

impl PowerShell<'_> {
    /// Returns the value of an expression.
    pub(super) fn evaluate(&mut self, expression: &Expression) -> Outcome<Values> {
        self.runner.spend(1)?;
        match expression {
            Expression::Text(pieces) => self.text(pieces),
            Expression::Number(number) => Ok(vec![Value::Number(*number)]),
            Expression::Variable(name) => Ok(self.variable(name)),
            Expression::List(values) => {
                let mut items = Values::new();
                for value in values {
                    items.extend(self.evaluate(value)?);
                }
                Ok(items)
            }
            Expression::Statements(block) => self.block(block),
            Expression::Script(block) => Ok(vec![Value::Script(block.clone())]),
            Expression::Table(entries) => {
                let mut values = Vec::new();
                for (key, value) in entries {
                    values.push((key.clone(), self.evaluate(value)?));
                }
                Ok(vec![Value::Table(values)])
            }
            Expression::Type(name) => Ok(vec![Value::Type(name.clone())]),
            Expression::Cast(name, value) => {
                let value = self.evaluate(value)?;
                self.cast(name, value)
            }
            Expression::Member(member) => self.member(member),
            Expression::Index(value, index) => {
                let value = self.evaluate(value)?;
                let index = self.evaluate(index)?;
                Ok(operators::index(&value, &index))
            }
            Expression::Binary(operator, left, right) => {
                let left = self.evaluate(left)?;
                let right = self.evaluate(right)?;
                Ok(operators::binary(operator, left, right))
            }
            Expression::Unary(operator, value) => {
                let value = self.evaluate(value)?;
                Ok(operators::unary(operator, value))
            }
            Expression::Nothing => Ok(Values::new()),
        }
    }

    fn cast(&mut self, name: &str, value: Values) -> Outcome<Values> {
        if name == "scriptblock" || name == "management.automation.scriptblock" {
            return Ok(self.code(value));
        }
        if matches!(name, "pscustomobject" | "ordered" | "hashtable") {
            return Ok(value);
        }
        Ok(operators::cast(name, value))
    }

    /// Returns a text with its variables replaced, in all versions that are possible.
    fn text(&mut self, pieces: &[Piece]) -> Outcome<Values> {
        let mut alternatives = one("");
        for piece in pieces {
            let behind = match piece {
                Piece::Literal(text) => vec![text.clone()],
                Piece::Value(value) => {
                    let items = self.evaluate(value)?;
                    if items.is_empty() {
                        vec![String::new()]
                    } else {
                        texts(&items)
                    }
                }
            };
            alternatives = operators::both(&texts(&alternatives), &behind);
        }
        Ok(alternatives)
    }

    /// Returns the value of a variable. A few are known that the script did not set.
    fn variable(&self, name: &str) -> Values {
        if let Some(items) = self.assigned(name) {
            return items.clone();
        }
        let known = match name {
            "home" => "~",
            "profile" => PROFILE,
            "true" => "True",
            "false" => "False",
            "null" => return Values::new(),
            "pwd" => return one(self.runner.scene().folder().text()),
            name => return self.inherited(name),
        };
        one(known)
    }

    /// Returns the value of an environment variable that the surrounding shell set.
    fn inherited(&self, name: &str) -> Values {
        let Some(name) = name.strip_prefix("env:") else {
            return unknown();
        };
        let values = self.runner.scene().variable(&name.to_uppercase());
        match windows::variable(name) {
            _ if !values.is_empty() => values.into_iter().map(Value::Text).collect(),
            Some(known) => one(known),
            None => unknown(),
        }
    }

    /// Makes texts into code that may be run. A download stays marked as a download.
    pub(super) fn code(&self, value: Values) -> Values {
        let parsed = value.into_iter().map(|item| match &item {
            Value::Text(text) if !text.contains(marks::DOWNLOAD) => {
                match super::parse::script(text) {
                    Some(block) => Value::Script(block.into()),
                    None => item,
                }
            }
            _ => item,
        });
        parsed.collect()
    }
}
