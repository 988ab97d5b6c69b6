//! The names that a condition of `Where-Object` selects.

use super::follow::PowerShell;
use super::operators::first;
use super::tree::{Block, Element, Expression, Statement, What};
use super::value::texts;
use crate::halt::Outcome;

/// A condition on `$_`.
pub(super) struct Condition<'e>(&'e Expression);

impl<'e> Condition<'e> {
    /// The condition that a script block consists of. `None` if there is more in it.
    pub(super) fn of(script: &'e Block) -> Option<Self> {
        let [Statement::Pipeline(elements)] = script.statements.as_slice() else {
            return None;
        };
        match elements.as_slice() {
            [
                Element {
                    what: What::Expression(condition),
                    ..
                },
            ] => Some(Self(condition)),
            _ => None,
        }
    }

    /// The names that a condition on `$_.Name` selects. Returns `None` if it may select any.
    pub(super) fn names(&self, shell: &mut PowerShell<'_>) -> Outcome<Option<Vec<String>>> {
        match self.0 {
            Expression::Statements(block) => match Self::of(block) {
                Some(condition) => condition.names(shell),
                None => Ok(None),
            },
            Expression::Binary(operator, left, right) => match operator.as_str() {
                "or" => {
                    let (left, right) = (Self(left).names(shell)?, Self(right).names(shell)?);
                    Ok(left.zip(right).map(|(left, right)| [left, right].concat()))
                }
                "and" => {
                    let left = Self(left).names(shell)?;
                    Ok(if left.is_some() {
                        left
                    } else {
                        Self(right).names(shell)?
                    })
                }
                "eq" | "like" | "in" if is_name(left) => Ok(Some(texts(&right.value(shell)?))),
                "contains" if is_name(right) => Ok(Some(texts(&left.value(shell)?))),
                "match" if is_name(left) => {
                    let pattern = first(&right.value(shell)?);
                    Ok(alternatives(&pattern))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

fn is_name(expression: &Expression) -> bool {
    let names = ["name", "pschildname", "basename"];
    match expression {
        Expression::Member(member) => {
            member.of == Expression::Variable("_".to_owned())
                && names.contains(&member.name.as_str())
        }
        _ => false,
    }
}

/// The texts that a regular expression such as `^(bin|obj)$` allows.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let inner = inner
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(inner);
    let names: Vec<String> = inner
        .split('|')
        .map(|name| name.replace('\\', ""))
        .collect();
    let is_plain = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "._-".contains(c))
    };
    names.iter().all(is_plain).then_some(names)
}
