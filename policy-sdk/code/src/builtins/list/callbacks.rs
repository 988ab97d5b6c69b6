//! Methods that call a function of the program for the elements of a list.

use crate::interpreter::Interpreter;
use crate::value::Value;

/// The longest list that is sorted by a function of the program.
const LONGEST_SORTED: usize = 256;

impl<'a> Interpreter<'a> {
    /// Calls methods that take a function for each element. Returns `None` if it knows no such
    /// method.
    pub(super) fn list_call(
        &mut self,
        method: &str,
        elements: &[Value],
        is_open: bool,
        arguments: &[Value],
    ) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let value = match method {
            "map" | "flatMap" => {
                let values = self.mapped(&first, elements, is_open);
                if method == "map" {
                    self.list_of(values, is_open)
                } else {
                    self.flat(values, 1, is_open)
                }
            }
            "forEach" => {
                self.mapped(&first, elements, is_open);
                Value::Undefined
            }
            "filter" => {
                let verdicts = self.mapped(&first, elements, is_open);
                let kept =
                    elements
                        .iter()
                        .cloned()
                        .zip(verdicts)
                        .filter_map(|(element, verdict)| match verdict.is_true() {
                            Some(false) => None,
                            Some(true) => Some(element),
                            None => Some(crate::value::one_of([element, Value::Absent]).0),
                        });
                let kept = kept.collect();
                self.list_of(kept, is_open)
            }
            "find" | "findLast" => {
                let verdicts = self.mapped(&first, elements, is_open);
                let mut pairs: Vec<(Value, Value)> =
                    elements.iter().cloned().zip(verdicts).collect();
                if method == "findLast" {
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
                self.any(found)
            }
            "some" | "every" | "findIndex" | "findLastIndex" => {
                self.mapped(&first, elements, is_open);
                Value::Unknown
            }
            "reduce" | "reduceRight" => self.reduced(method, elements.to_vec(), is_open, arguments),
            _ => return None,
        };
        Some(value)
    }

    /// Returns the function's result for each element, and for unknown ones.
    pub(super) fn mapped(
        &mut self,
        function: &Value,
        elements: &[Value],
        is_open: bool,
    ) -> Vec<Value> {
        let mut values = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            if !self.spend(1) {
                break;
            }
            let arguments = vec![element.clone(), Value::Number(at as f64)];
            let is_sure = !element.has(&Value::Absent);
            let value = if is_sure {
                self.call(function, Value::Undefined, arguments)
            } else {
                let value = self.perhaps(|it| it.call(function, Value::Undefined, arguments));
                self.any([value, Value::Absent])
            };
            values.push(value);
        }
        if is_open || elements.is_empty() {
            let given = vec![Value::Unknown, Value::Unknown];
            self.until_it_rests(|it| it.call(function, Value::Undefined, given.clone()));
        }
        values
    }

    pub(super) fn reduced(
        &mut self,
        method: &str,
        mut elements: Vec<Value>,
        is_open: bool,
        arguments: &[Value],
    ) -> Value {
        if method == "reduceRight" {
            elements.reverse();
        }
        let function = arguments.first().cloned().unwrap_or(Value::Undefined);
        let mut elements = elements.into_iter().enumerate();
        let mut value = match arguments.get(1) {
            Some(start) => start.clone(),
            None => elements
                .next()
                .map_or(Value::Unknown, |(_, element)| element),
        };
        let mut is_called = false;
        for (at, element) in elements {
            if !self.spend(1) {
                break;
            }
            is_called = true;
            value = self.call(
                &function,
                Value::Undefined,
                vec![value, element, Value::Number(at as f64)],
            );
        }
        if is_open || !is_called {
            let start = value.clone();
            let more = self.until_it_rests(|it| {
                it.call(
                    &function,
                    Value::Undefined,
                    vec![start.clone(), Value::Unknown, Value::Unknown],
                )
            });
            value = if is_open {
                self.any([value, more])
            } else {
                value
            };
        }
        value
    }

    /// Sorts by the program's function, or by text. If the order is unknown, the elements stay as
    /// they are.
    pub(super) fn sorted(&mut self, elements: Vec<Value>, compare: &Value) -> Vec<Value> {
        if *compare == Value::Undefined {
            let texts: Option<Vec<String>> = elements
                .iter()
                .map(|e| e.as_text().map(str::to_owned))
                .collect();
            let Some(mut texts) = texts else {
                return elements;
            };
            texts.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            return texts.iter().map(|text| Value::text(text)).collect();
        }
        if elements.len() > LONGEST_SORTED {
            self.hand_over(std::slice::from_ref(compare), &Value::Unknown);
            return elements;
        }
        let mut sorted: Vec<Value> = Vec::new();
        for element in elements {
            let mut at = sorted.len();
            while at > 0 && self.spend(1) {
                let order = self.call(
                    compare,
                    Value::Undefined,
                    vec![sorted[at - 1].clone(), element.clone()],
                );
                if order.as_number().is_none_or(|order| order <= 0.0) {
                    break;
                }
                at -= 1;
            }
            sorted.insert(at, element);
        }
        sorted
    }
}
