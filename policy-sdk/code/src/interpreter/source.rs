//! Takes objects and lists apart.

use std::rc::Rc;

use super::Interpreter;
use super::elements::Elements;
use super::reference::Reference;
use crate::UNKNOWN;
use crate::heap::{Field, Heap, Kind};
use crate::value::Value;

/// A value whose fields or elements are taken.
pub(crate) struct Source<'v>(pub(crate) &'v Value);

impl Source<'_> {
    /// Copies all its fields to an object.
    pub(crate) fn copy_to(&self, object: &Value, it: &mut Interpreter<'_>) {
        for source in self.0.alternatives() {
            match source {
                Value::Object(id) => {
                    let fields: Vec<Field> = it.heap.get(*id).fields.clone();
                    let elements = Elements::of_list(source, &it.heap).unwrap_or_default();
                    for (at, element) in elements.values.into_iter().enumerate() {
                        let name = Value::text(&at.to_string());
                        Reference::at(object, &name).define(element, false, &mut it.heap);
                    }
                    for field in fields {
                        let value = field.read(*id, source, it);
                        let name = Value::Text(field.name);
                        Reference::at(object, &name).define(value, false, &mut it.heap);
                    }
                }
                Value::Unknown | Value::Path(_) => {
                    let value = if matches!(source, Value::Path(_)) {
                        it.get(source, &UNKNOWN.to_string())
                    } else {
                        Value::Unknown
                    };
                    Reference::at(object, &Value::some_text()).define(value, false, &mut it.heap);
                }
                _ => {}
            }
        }
    }

    /// Returns a copy without some of its fields.
    pub(super) fn without(&self, taken: &[Rc<str>], it: &mut Interpreter<'_>) -> Value {
        if let Value::Path(_) = self.0 {
            return self.0.clone();
        }
        let copy = it.heap.object(Kind::Plain, Vec::new());
        for source in self.0.alternatives() {
            let Value::Object(id) = source else {
                Source(source).copy_to(&copy, it);
                continue;
            };
            for field in it.heap.get(*id).fields.clone() {
                if !taken.contains(&field.name) {
                    let value = it.heap.field_value(*id, &field);
                    let name = Value::Text(field.name);
                    Reference::at(&copy, &name).define(value, field.is_getter, &mut it.heap);
                }
            }
        }
        copy
    }

    /// Returns the element at an index.
    pub(super) fn element(&self, at: usize, it: &mut Interpreter<'_>) -> Value {
        it.each(self.0, |it, value| match it.heap.as_list(value) {
            Some(_) => it.get(value, &at.to_string()),
            None => {
                let Elements { values, is_open } = Elements::of(value, it);
                match values.into_iter().nth(at) {
                    Some(element) => element,
                    None if is_open => it.get(value, &UNKNOWN.to_string()),
                    None => Value::Undefined,
                }
            }
        })
    }

    /// Returns the list of the elements from an index on.
    pub(super) fn behind(&self, at: usize, it: &mut Interpreter<'_>) -> Value {
        let Elements { values, is_open } = Elements::of(self.0, it);
        let rest = values.into_iter().skip(at).collect();
        if is_open {
            it.heap.open_list(rest)
        } else {
            it.heap.list(rest)
        }
    }

    /// Returns the names of its fields, as a list.
    pub(crate) fn names(&self, heap: &mut Heap<'_>) -> Value {
        match self.0 {
            Value::Object(id) => {
                let object = heap.get(*id);
                let mut names: Vec<Value> = match &object.kind {
                    Kind::List(values, _) => (0..values.len())
                        .map(|at| Value::text(&at.to_string()))
                        .collect(),
                    _ => Vec::new(),
                };
                names.extend(
                    object
                        .fields
                        .iter()
                        .map(|field| Value::Text(field.name.clone())),
                );
                let is_open = matches!(object.kind, Kind::List(_, true));
                if is_open {
                    heap.open_list(names)
                } else {
                    heap.list(names)
                }
            }
            _ => heap.open_list(vec![Value::some_text()]),
        }
    }

    /// Returns the names and values of its fields.
    pub(crate) fn pairs(&self, it: &mut Interpreter<'_>) -> Vec<(Value, Value)> {
        let names = Source(self.0).names(&mut it.heap);
        let names = Elements::of(&names, it).values;
        let mut pairs = Vec::new();
        for name in names {
            let value = Reference::at(self.0, &name).get(it);
            pairs.push((name, value));
        }
        pairs
    }

    /// Makes a list of what was taken from it, which may have more if it may.
    pub(crate) fn list(&self, values: Vec<Value>, heap: &mut Heap<'_>) -> Value {
        let is_known = matches!(self.0, Value::Object(id) if heap.get(*id).is_known());
        if is_known {
            heap.list(values)
        } else {
            heap.open_list(values)
        }
    }
}
