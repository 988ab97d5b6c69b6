//! The variables of a script.

use std::collections::BTreeMap;

use super::operators;
use super::value::{Value, Values};

/// A variable has at most this many possible values.
pub(super) const MOST_VALUES: usize = 64;

/// The variables at one point of a script.
#[derive(Default)]
pub(super) struct Variables {
    /// By name in lower case.
    values: BTreeMap<String, Values>,
    /// How many conditions enclose this point. A variable that is assigned under one may keep its
    /// old value.
    conditions: usize,
}

impl Variables {
    /// The value that the script gave a variable.
    pub(super) fn get(&self, name: &str) -> Option<&Values> {
        self.values.get(name)
    }

    /// Sets a variable, whatever its value was.
    pub(super) fn set(&mut self, name: &str, mut value: Values) {
        value.truncate(MOST_VALUES);
        self.values.insert(name.to_owned(), value);
    }

    /// Sets a variable, or adds to its value. Under a condition it may also keep its old value.
    pub(super) fn assign(&mut self, name: &str, value: Values, is_added: bool) {
        let before = self.values.get(name).cloned();
        let value = match before {
            Some(before) if is_added => operators::binary("+", before, value),
            Some(before) if self.conditions > 0 => either(value, before),
            _ => value,
        };
        self.set(name, value);
    }

    /// Sets variables for a while. Returns their old values, for [`restore`](Self::restore).
    pub(super) fn replace(&mut self, new: Vec<(String, Values)>) -> Vec<(String, Option<Values>)> {
        let before = new.into_iter().map(|(name, value)| {
            let before = self.values.insert(name.clone(), value);
            (name, before)
        });
        before.collect()
    }

    pub(super) fn restore(&mut self, before: Vec<(String, Option<Values>)>) {
        for (name, value) in before.into_iter().rev() {
            match value {
                Some(value) => self.values.insert(name, value),
                None => self.values.remove(&name),
            };
        }
    }

    /// Enters a condition.
    pub(super) fn under_condition(&mut self) {
        self.conditions += 1;
    }

    /// Leaves a condition.
    pub(super) fn behind_condition(&mut self) {
        self.conditions -= 1;
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
