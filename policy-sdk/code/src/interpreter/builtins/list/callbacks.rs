//! Methods that call a function of the program for the elements of a list.

use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::value::{Value, one_of};

/// A call of a method that may take a function for each element.
pub(super) struct Callback<'c> {
    pub(super) name: &'c str,
    pub(super) arguments: &'c [Value],
    pub(super) elements: &'c Elements,
}

impl Callback<'_> {
    /// Evaluates the call. Returns `None` if the method is no such method.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let is_open = self.elements.is_open;
        let elements = &self.elements.values;
        let value = match self.name {
            "map" | "flatMap" => {
                let mapped = Elements::new(self.mapped(it), is_open);
                let mapped = match self.name {
                    "map" => mapped,
                    _ => mapped.flat(1, it),
                };
                mapped.list(&mut it.heap)
            }
            "forEach" => {
                self.mapped(it);
                Value::Undefined
            }
            "filter" => {
                let verdicts = self.mapped(it);
                let kept =
                    elements
                        .iter()
                        .cloned()
                        .zip(verdicts)
                        .filter_map(|(element, verdict)| match verdict.is_true() {
                            Some(false) => None,
                            Some(true) => Some(element),
                            None => Some(one_of([element, Value::Absent]).0),
                        });
                let kept = kept.collect();
                Elements::new(kept, is_open).list(&mut it.heap)
            }
            "find" | "findLast" => {
                let verdicts = self.mapped(it);
                let mut pairs: Vec<(Value, Value)> =
                    elements.iter().cloned().zip(verdicts).collect();
                if self.name == "findLast" {
                    pairs.reverse();
                }
                let mut found = Vec::new();
                for (element, verdict) in pairs {
                    match verdict.is_true() {
                        Some(false) => {}
                        Some(true) => {
                            found.push(element);
                            break;
                        }
                        None => found.push(element),
                    }
                }
                if is_open {
                    found.push(Value::Unknown);
                }
                it.any(found)
            }
            "some" | "every" | "findIndex" | "findLastIndex" => {
                self.mapped(it);
                Value::Unknown
            }
            "reduce" | "reduceRight" => self.reduced(it),
            _ => return None,
        };
        Some(value)
    }

    fn function(&self) -> Value {
        let function = self.arguments.first();
        function.cloned().unwrap_or(Value::Undefined)
    }

    /// Returns the function's result for each element, and for unknown ones.
    fn mapped(&self, it: &mut Interpreter<'_>) -> Vec<Value> {
        let function = self.function();
        let mut values = Vec::new();
        for (at, element) in self.elements.values.iter().enumerate() {
            if !it.spend(1) {
                break;
            }
            let arguments = vec![element.clone(), Value::Number(at as f64)];
            let is_sure = !element.has(&Value::Absent);
            let value = if is_sure {
                it.call(&function, Value::Undefined, arguments)
            } else {
                let value = it.perhaps(|it| it.call(&function, Value::Undefined, arguments));
                it.any([value, Value::Absent])
            };
            values.push(value);
        }
        if self.elements.is_open || self.elements.values.is_empty() {
            let given = vec![Value::Unknown, Value::Unknown];
            it.until_it_rests(|it| it.call(&function, Value::Undefined, given.clone()));
        }
        values
    }

    /// `reduce`, `reduceRight`.
    fn reduced(&self, it: &mut Interpreter<'_>) -> Value {
        let is_open = self.elements.is_open;
        let mut elements = self.elements.values.clone();
        if self.name == "reduceRight" {
            elements.reverse();
        }
        let function = self.function();
        let mut elements = elements.into_iter().enumerate();
        let mut value = match self.arguments.get(1) {
            Some(start) => start.clone(),
            None => elements
                .next()
                .map_or(Value::Unknown, |(_, element)| element),
        };
        let mut is_called = false;
        for (at, element) in elements {
            if !it.spend(1) {
                break;
            }
            is_called = true;
            value = it.call(
                &function,
                Value::Undefined,
                vec![value, element, Value::Number(at as f64)],
            );
        }
        if is_open || !is_called {
            let start = value.clone();
            let more = it.until_it_rests(|it| {
                it.call(
                    &function,
                    Value::Undefined,
                    vec![start.clone(), Value::Unknown, Value::Unknown],
                )
            });
            value = if is_open {
                it.any([value, more])
            } else {
                value
            };
        }
        value
    }
}
