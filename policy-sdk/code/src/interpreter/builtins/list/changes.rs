//! Methods that change a list, a set or a map.

use super::super::MethodCall;
use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::value::{Id, Value};

/// A call of a method that may change a list.
pub(super) struct Change<'c> {
    pub(super) call: MethodCall<'c>,
    pub(super) id: Id,
}

impl Change<'_> {
    /// Changes the list, and returns what the method returns.
    pub(super) fn follow(&self, elements: Elements, it: &mut Interpreter<'_>) -> Value {
        let MethodCall {
            name,
            this,
            arguments,
        } = self.call;
        let id = self.id;
        let Elements {
            values: mut elements,
            is_open,
        } = elements;
        match name {
            "push" | "add" => {
                it.heap.push(id, arguments.to_vec());
                if name == "add" {
                    this.clone()
                } else {
                    Value::Unknown
                }
            }
            "unshift" => {
                let all = arguments.iter().cloned().chain(elements).collect();
                it.heap.replace(id, all);
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
                let taken = if name == "pop" {
                    elements.pop()
                } else {
                    Some(elements.remove(0))
                };
                it.heap.replace(id, elements);
                let taken = taken.unwrap_or(Value::Undefined);
                if is_open {
                    it.any([taken, Value::Unknown])
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
                    it.heap.open(id);
                    it.heap
                        .push(id, arguments.get(2..).unwrap_or_default().to_vec());
                    return it.heap.open_list(elements);
                };
                let start = if start < 0.0 {
                    (length + start).max(0.0)
                } else {
                    start.min(length)
                } as usize;
                let end = (start as f64 + count.max(0.0)).min(length) as usize;
                let new = arguments.get(2..).unwrap_or_default().to_vec();
                let taken: Vec<Value> = elements.splice(start..end, new).collect();
                it.heap.replace(id, elements);
                Elements::new(taken, is_open).list(&mut it.heap)
            }
            "set" => {
                let pair = it.heap.list(arguments.iter().take(2).cloned().collect());
                it.heap.push(id, vec![pair]);
                this.clone()
            }
            "get" => self.value_of_key(Elements::new(elements, is_open), it),
            _ => {
                it.hand_over(arguments, &Value::Unknown);
                Value::Unknown
            }
        }
    }

    /// `get` of a map, which is treated as the list of its pairs.
    fn value_of_key(&self, pairs: Elements, it: &mut Interpreter<'_>) -> Value {
        let key = self.call.argument(0);
        let mut found = vec![Value::Undefined];
        for pair in pairs.values {
            let known = it.get(&pair, "0");
            let is_other = matches!((&known, &key), (Value::Text(a), Value::Text(b))
                if a != b && !a.contains(UNKNOWN) && !b.contains(UNKNOWN));
            if is_other {
                continue;
            }
            if known == key {
                found.clear();
            }
            found.push(it.get(&pair, "1"));
        }
        if pairs.is_open {
            found.push(Value::Unknown);
        }
        it.any(found)
    }
}
