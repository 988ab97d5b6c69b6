//! Functions of `Object`, `Reflect`, `Array` and `path`.

use crate::UNKNOWN;
use crate::heap::Kind;
use crate::interpreter::{Interpreter, append};
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Returns `None` if it knows no such function.
    pub(super) fn object_function(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        let third = arguments.get(2).cloned().unwrap_or(Value::Undefined);
        let value = match path {
            "Object.keys" | "Object.getOwnPropertyNames" | "Reflect.ownKeys" => self.keys(&first),
            "Object.values" => {
                let pairs = self.pairs(&first);
                let values = pairs.into_iter().map(|(_, value)| value).collect();
                self.list_like(&first, values)
            }
            "Object.entries" => {
                let mut entries = Vec::new();
                for (name, value) in self.pairs(&first) {
                    entries.push(self.heap.list(vec![name, value]));
                }
                self.list_like(&first, entries)
            }
            "Object.fromEntries" => {
                let object = self.heap.object(Kind::Plain, Vec::new());
                let (entries, _) = self.elements(&first);
                for entry in entries {
                    let (name, value) = (self.get(&entry, "0"), self.get(&entry, "1"));
                    self.define(&object, &name, value, false);
                }
                object
            }
            "Object.assign" => {
                for source in arguments.iter().skip(1) {
                    if let Value::Path(_) = first {
                        continue;
                    }
                    self.copy_fields(&first, source);
                }
                first
            }
            "Object.create" => {
                let object = self.heap.object(Kind::Plain, Vec::new());
                if let (Value::Object(id), Value::Object(_) | Value::Path(_)) = (&object, &first) {
                    self.heap.set_parent(*id, first);
                }
                object
            }
            "Object.setPrototypeOf" | "Reflect.setPrototypeOf" => {
                if let Value::Object(id) = first {
                    self.heap.set_parent(id, second);
                }
                first
            }
            "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => match &first {
                Value::Object(id) => self
                    .heap
                    .get(*id)
                    .parent
                    .clone()
                    .unwrap_or(Value::anything()),
                _ => Value::anything(),
            },
            "Object.defineProperty" | "Reflect.defineProperty" => {
                self.define_property(&first, &second, &third);
                first
            }
            "Object.getOwnPropertyDescriptor" | "Reflect.getOwnPropertyDescriptor" => {
                let value = self.get_any(&first, &second);
                let object = self.heap.object(Kind::Plain, Vec::new());
                self.define(&object, &Value::text("value"), value, false);
                object
            }
            "Array.isArray" => Value::Unknown,
            "Array.from" => self.each(&first, |it, source| it.list_from(source, &second)),
            _ => return self.reflect_function(path, arguments),
        };
        Some(value)
    }

    fn reflect_function(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        let third = arguments.get(2).cloned().unwrap_or(Value::Undefined);
        let value = match path {
            "Reflect.get" => self.get_any(&first, &second),
            "Reflect.set" => {
                self.set(&first, &second, third);
                Value::Bool(true)
            }
            "Reflect.apply" => {
                let (elements, is_open) = self.elements(&third);
                let all = elements
                    .into_iter()
                    .chain(is_open.then_some(Value::Unknown))
                    .collect();
                self.call(&first, second, all)
            }
            "Reflect.construct" => {
                let (elements, _) = self.elements(&second);
                self.construct(&first, elements)
            }
            _ => return None,
        };
        Some(value)
    }

    /// Returns the names and values of an object's fields.
    fn pairs(&mut self, object: &Value) -> Vec<(Value, Value)> {
        let names = self.keys(object);
        let (names, _) = self.elements(&names);
        let mut pairs = Vec::new();
        for name in names {
            let value = self.get_any(object, &name);
            pairs.push((name, value));
        }
        pairs
    }

    fn list_like(&mut self, object: &Value, values: Vec<Value>) -> Value {
        let is_known = matches!(object, Value::Object(id)
            if !matches!(self.heap.get(*id).kind, Kind::List(_, true)) && !self.heap.get(*id).has_unknown_name());
        if is_known {
            self.heap.list(values)
        } else {
            self.heap.open_list(values)
        }
    }

    fn define_property(&mut self, object: &Value, name: &Value, descriptor: &Value) {
        let getter = self.get(descriptor, "get");
        if self.heap.as_function(&getter).is_some() {
            self.define(object, name, getter, true);
        } else {
            let value = self.get(descriptor, "value");
            self.set(object, name, value);
        }
    }

    /// `Array.from(list, f)`, `Array.from({ length: 3 }, f)`.
    fn list_from(&mut self, source: &Value, function: &Value) -> Value {
        let length = match source {
            Value::Object(id) if matches!(self.heap.get(*id).kind, Kind::Plain) => {
                self.get(source, "length")
            }
            _ => Value::Undefined,
        };
        let list = match length.as_number() {
            Some(length) if length <= crate::heap::MOST_ELEMENTS as f64 => {
                let count = length.max(0.0) as usize;
                self.heap.list(vec![Value::Undefined; count])
            }
            _ => {
                let (elements, is_open) = self.elements(source);
                self.list_of(elements, is_open)
            }
        };
        match function {
            Value::Undefined => list,
            function => self.list_method("map", &list, std::slice::from_ref(function)),
        }
    }

    pub(super) fn joined_path(&mut self, function: &str, arguments: &[Value]) -> Value {
        let mut parts = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            if at > 0 {
                parts.push(Value::text("/"));
            }
            parts.push(argument.clone());
        }
        let joined = self.concat(&parts);
        let is_resolve = function == "path.resolve";
        self.each(&joined, |_, path| match path.as_text() {
            Some(path) => Value::Text(plain_path(path, is_resolve).into()),
            None => Value::some_text(),
        })
    }
}

/// Resolves `.` and `..` in a path. In `resolve`, an absolute part drops the parts before it.
fn plain_path(path: &str, is_resolve: bool) -> String {
    let path = match path.rfind("//").filter(|_| is_resolve) {
        Some(at) => &path[at + 1..],
        None => path,
    };
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts
                .last()
                .is_some_and(|last| !matches!(*last, ".." | "~") && !last.contains(UNKNOWN)) =>
            {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut plain = String::new();
    if is_absolute {
        plain.push('/');
    }
    append(&mut plain, &parts.join("/"));
    if plain.is_empty() {
        ".".to_owned()
    } else {
        plain
    }
}
