//! Conditions on the way into a statement.

use crate::db::Value;

/// Conditions that all must be met, with the values in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    texts: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition. Each `?` in it is the next of the values.
    pub(super) fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let text = self.placed(condition, values);
        self.texts.push(text);
    }

    /// Numbers each `?` of a text as the next of the values, which go along with the conditions.
    pub(super) fn placed(&mut self, text: &str, values: impl IntoIterator<Item = Value>) -> String {
        let mut placed = String::new();
        let mut parts = text.split('?');
        placed += parts.next().unwrap_or_default();
        let mut next = self.values.len();
        for part in parts {
            next += 1;
            placed += &format!("${next}{part}");
        }
        self.values.extend(values);
        placed
    }

    /// The conditions as they stand behind `WHERE`.
    pub(super) fn text(&self) -> String {
        match self.texts.is_empty() {
            true => "1 = 1".to_owned(),
            false => self.texts.join(" AND "),
        }
    }
}
