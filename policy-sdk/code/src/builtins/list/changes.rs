//! Methods that change a list, a set or a map.

use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    pub(super) fn list_change(
        &mut self,
        method: &str,
        this: &Value,
        mut elements: Vec<Value>,
        is_open: bool,
        arguments: &[Value],
    ) -> Value {
        let Value::Object(id) = this else {
            return Value::Unknown;
        };
        let id = *id;
        match method {
            "push" | "add" => {
                self.heap.push(id, arguments.to_vec());
                if method == "add" {
                    this.clone()
                } else {
                    Value::Unknown
                }
            }
            "unshift" => {
                let all = arguments.iter().cloned().chain(elements).collect();
                self.heap.replace(id, all);
                Value::Unknown
            }
            "pop" | "shift" => {
                if elements.is_empty() {
                    return if is_open {
                        Value::Unknown
                    } else {
                        Value::Undefined
                    };
                }
                let taken = if method == "pop" {
                    elements.pop()
                } else {
                    Some(elements.remove(0))
                };
                self.heap.replace(id, elements);
                let taken = taken.unwrap_or(Value::Undefined);
                if is_open {
                    self.any([taken, Value::Unknown])
                } else {
                    taken
                }
            }
            "splice" => {
                let length = elements.len() as f64;
                let start = arguments.first().map_or(Some(0.0), Value::as_number);
                let count = arguments
                    .get(1)
                    .map_or(Some(f64::INFINITY), Value::as_number);
                let (Some(start), Some(count)) = (start, count) else {
                    self.heap.open(id);
                    self.heap
                        .push(id, arguments.get(2..).unwrap_or_default().to_vec());
                    return self.heap.open_list(elements);
                };
                let start = if start < 0.0 {
                    (length + start).max(0.0)
                } else {
                    start.min(length)
                } as usize;
                let end = (start as f64 + count.max(0.0)).min(length) as usize;
                let new = arguments.get(2..).unwrap_or_default().to_vec();
                let taken: Vec<Value> = elements.splice(start..end, new).collect();
                self.heap.replace(id, elements);
                self.list_of(taken, is_open)
            }
            "set" | "get" => self.map_method(method, this, elements, is_open, arguments),
            _ => {
                self.hand_over(arguments, &Value::Unknown);
                Value::Unknown
            }
        }
    }

    /// Treats a map as the list of its pairs.
    pub(super) fn map_method(
        &mut self,
        method: &str,
        this: &Value,
        pairs: Vec<Value>,
        is_open: bool,
        arguments: &[Value],
    ) -> Value {
        if method == "set" {
            let pair = self.heap.list(arguments.iter().take(2).cloned().collect());
            if let Value::Object(id) = this {
                self.heap.push(*id, vec![pair]);
            }
            return this.clone();
        }
        let key = arguments.first().cloned().unwrap_or(Value::Undefined);
        let mut found = vec![Value::Undefined];
        for pair in pairs {
            let known = self.get(&pair, "0");
            let is_other = matches!((&known, &key), (Value::Text(a), Value::Text(b))
                if a != b && !a.contains(UNKNOWN) && !b.contains(UNKNOWN));
            if is_other {
                continue;
            }
            if known == key {
                found.clear();
            }
            found.push(self.get(&pair, "1"));
        }
        if is_open {
            found.push(Value::Unknown);
        }
        self.any(found)
    }

    /// Stores the elements in the list itself, or in a new one.
    pub(super) fn changed(
        &mut self,
        is_same: bool,
        this: &Value,
        values: Vec<Value>,
        is_open: bool,
    ) -> Value {
        match this {
            Value::Object(id) if is_same => {
                self.heap.replace(*id, values.clone());
                // If this may not happen, the list has either content. The result is the new one.
                if self.heap.is_inside(*id) {
                    this.clone()
                } else {
                    self.list_of(values, is_open)
                }
            }
            _ => self.list_of(values, is_open),
        }
    }
}
