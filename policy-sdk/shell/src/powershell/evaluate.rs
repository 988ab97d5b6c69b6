//! Evaluates PowerShell's expressions, as far as the script says.

use super::follow::PowerShell;
use super::operators;
use super::tree::{Expression, Piece};
use super::value::{Value, Values, one, texts, unknown};
use crate::halt::Outcome;
use crate::scene::Scene;
use crate::{marks, windows};

/// The profile: the file that PowerShell runs whenever it starts.
const PROFILE: &str = "~/Documents/PowerShell/Microsoft.PowerShell_profile.ps1";

impl Expression {
    /// Returns the value of an expression.
    pub(super) fn value(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        shell.runner.spend(1)?;
        match self {
            Self::Text(pieces) => Self::text(pieces, shell),
            Self::Number(number) => Ok(vec![Value::Number(*number)]),
            Self::Variable(name) => Ok(Self::variable(name, shell)),
            Self::List(values) => {
                let mut items = Values::new();
                for value in values {
                    items.extend(value.value(shell)?);
                }
                Ok(items)
            }
            Self::Statements(block) => shell.block(block),
            Self::Script(block) => Ok(vec![Value::Script(block.clone())]),
            Self::Table(entries) => {
                let mut values = Vec::new();
                for (key, value) in entries {
                    values.push((key.clone(), value.value(shell)?));
                }
                Ok(vec![Value::Table(values)])
            }
            Self::Type(name) => Ok(vec![Value::Type(name.clone())]),
            Self::Cast(name, value) => {
                let value = value.value(shell)?;
                Ok(cast(name, value))
            }
            Self::Member(member) => member.value(shell),
            Self::Index(value, index) => {
                let value = value.value(shell)?;
                let index = index.value(shell)?;
                Ok(operators::index(&value, &index))
            }
            Self::Binary(operator, left, right) => {
                let left = left.value(shell)?;
                let right = right.value(shell)?;
                Ok(operators::binary(operator, left, right))
            }
            Self::Unary(operator, value) => {
                let value = value.value(shell)?;
                Ok(operators::unary(operator, value))
            }
            Self::Nothing => Ok(Values::new()),
        }
    }

    /// Returns a text with its variables replaced, in all versions that are possible.
    fn text(pieces: &[Piece], shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let mut alternatives = one("");
        for piece in pieces {
            let behind = match piece {
                Piece::Literal(text) => vec![text.clone()],
                Piece::Value(value) => {
                    let items = value.value(shell)?;
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
    fn variable(name: &str, shell: &PowerShell<'_>) -> Values {
        if let Some(items) = shell.variables.get(name) {
            return items.clone();
        }
        let known = match name {
            "home" => "~",
            "profile" => PROFILE,
            "true" => "True",
            "false" => "False",
            "null" => return Values::new(),
            "pwd" => return one(shell.runner.scene().folder().text()),
            name => return inherited(name, shell.runner.scene()),
        };
        one(known)
    }
}

fn cast(name: &str, value: Values) -> Values {
    if name == "scriptblock" || name == "management.automation.scriptblock" {
        return code(value);
    }
    if matches!(name, "pscustomobject" | "ordered" | "hashtable") {
        return value;
    }
    operators::cast(name, value)
}

/// Returns the value of an environment variable that the surrounding shell set.
fn inherited(name: &str, scene: &Scene) -> Values {
    let Some(name) = name.strip_prefix("env:") else {
        return unknown();
    };
    let values = scene.variable(&name.to_uppercase());
    match windows::variable(name) {
        _ if !values.is_empty() => values.into_iter().map(Value::Text).collect(),
        Some(known) => one(known),
        None => unknown(),
    }
}

/// Makes texts into code that may be run. A download stays marked as a download.
pub(super) fn code(value: Values) -> Values {
    let parsed = value.into_iter().map(|item| match &item {
        Value::Text(text) if !text.contains(marks::DOWNLOAD) => match super::parse::script(text) {
            Some(block) => Value::Script(block.into()),
            None => item,
        },
        _ => item,
    });
    parsed.collect()
}
