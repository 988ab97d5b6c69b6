//! Reads the fields of a mapping and notes what is wrong with them, without stopping.

use std::ops::RangeInclusive;

use super::fault::{Fault, Mark, nearest, unknown};
use super::tree::{Node, Value, join};

/// The fields of one mapping.
pub(crate) struct Fields<'a> {
    /// The place of the mapping.
    pub(crate) at: Mark,
    path: String,
    entries: &'a [(super::tree::Key, Node)],
    /// Fields that are probably there under a misspelled name. They are not reported as missing.
    meant: Vec<&'static str>,
}

/// One field that is there.
pub(crate) struct Field<'a> {
    pub(crate) path: String,
    pub(crate) node: &'a Node,
}

impl<'a> Fields<'a> {
    /// Reads the fields of `node`, which must be a mapping that has no other fields than these.
    pub(crate) fn of(
        node: &'a Node,
        path: &str,
        known: &'static [&'static str],
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            faults.push(wrong_kind(node, path, "a mapping"));
            return None;
        };
        let mut meant = Vec::new();
        for (key, _) in entries
            .iter()
            .filter(|(key, _)| !known.contains(&key.name.as_str()))
        {
            meant.extend(nearest(&key.name, known));
            let problem = unknown("field", &key.name, known);
            faults.push(Fault::new(key.at, path, problem));
        }
        Some(Self {
            at: node.at,
            path: path.to_owned(),
            entries,
            meant,
        })
    }

    /// Returns a field. `None` if it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<Field<'a>> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        let path = join(&self.path, name);
        (!matches!(node.value, Value::Null)).then_some(Field { path, node })
    }

    /// Returns a field that is required. Notes a fault if it is missing.
    pub(crate) fn require(&self, name: &str, faults: &mut Vec<Fault>) -> Option<Field<'a>> {
        let field = self.get(name);
        if field.is_none() && !self.meant.contains(&name) {
            faults.push(Fault::new(
                self.at,
                &self.path,
                format!("missing field `{name}`"),
            ));
        }
        field
    }
}

impl<'a> Field<'a> {
    /// The place of its value.
    pub(crate) fn at(&self) -> Mark {
        self.node.at
    }

    /// Makes a fault of this field.
    pub(crate) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault::new(self.node.at, &self.path, problem)
    }

    /// Its value, a string.
    pub(crate) fn text(&self, faults: &mut Vec<Fault>) -> Option<&'a str> {
        if let Value::Text(text) = &self.node.value {
            return Some(text);
        }
        faults.push(wrong_kind(self.node, &self.path, "a string"));
        None
    }

    /// Its value, one of a few words.
    pub(crate) fn word<T: Copy>(
        &self,
        words: &[(&'static str, T)],
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let text = self.text(faults)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            faults.push(self.fault(unknown("value", text, &known)));
        }
        found.map(|(_, value)| *value)
    }

    /// Its value, a whole number within bounds.
    pub(crate) fn number(
        &self,
        bounds: RangeInclusive<u64>,
        faults: &mut Vec<Fault>,
    ) -> Option<u64> {
        let Value::Number(number) = &self.node.value else {
            faults.push(wrong_kind(self.node, &self.path, "a whole number"));
            return None;
        };
        let within = number.as_u64().filter(|number| bounds.contains(number));
        if within.is_none() {
            let (low, high) = bounds.into_inner();
            let problem = format!("expected a whole number from {low} to {high}, found {number}");
            faults.push(self.fault(problem));
        }
        within
    }

    /// Its value, a list.
    pub(crate) fn list(&self, faults: &mut Vec<Fault>) -> Option<&'a [Node]> {
        if let Value::List(items) = &self.node.value {
            return Some(items);
        }
        faults.push(wrong_kind(self.node, &self.path, "a list"));
        None
    }
}

fn wrong_kind(node: &Node, path: &str, expected: &str) -> Fault {
    let hint = match (&node.value, expected) {
        (Value::Number(_) | Value::Bool(_), "a string") => " (quote it)",
        (Value::Map(_), "a list") => " (begin each of its items with `- `)",
        _ => "",
    };
    Fault::new(
        node.at,
        path,
        format!("expected {expected}, found {}{hint}", node.kind()),
    )
}
