//! What a variable or a field holds, and what it held before.

use crate::value::{MOST, Value, one_of};

/// A value with its earlier ones.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    now: Value,
    past: Vec<Value>,
}

impl Held {
    pub(crate) fn new(value: Value) -> Self {
        Self {
            now: value,
            past: Vec::new(),
        }
    }

    /// The value that was assigned last.
    pub(crate) fn now(&self) -> &Value {
        &self.now
    }

    /// The value at an unknown time: any that it ever had.
    pub(crate) fn ever(&self) -> Value {
        if self.past.is_empty() {
            return self.now.clone();
        }
        one_of([&self.now].into_iter().chain(&self.past).cloned()).0
    }

    /// Assigns a value, and remembers the one before. Returns whether they are different.
    pub(super) fn replace(&mut self, new: Value) -> bool {
        let is_other = self.now != new && self.now != Value::Undefined;
        let old = std::mem::replace(&mut self.now, new);
        // Otherwise the values that grow in a loop would fill it.
        if is_other && self.past.len() <= MOST && !self.past.contains(&old) {
            self.past.push(old);
        }
        is_other
    }

    /// Assigns a value that has the one before as an alternative.
    pub(super) fn extend(&mut self, joined: Value) {
        self.now = joined;
    }
}
