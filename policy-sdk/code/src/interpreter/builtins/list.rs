//! Methods of lists.

mod callbacks;
mod changes;

use super::MethodCall;
use crate::UNKNOWN;
use crate::heap::{Heap, MOST_ELEMENTS};
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::source::Source;
use crate::interpreter::texts::Texts;
use crate::value::Value;

use callbacks::Callback;
use changes::Change;

/// The longest list that is sorted by a function of the program.
const LONGEST_SORTED: usize = 256;

/// A call of a method of a list, a set or a map.
pub(super) struct ListMethod<'c>(pub(super) MethodCall<'c>);

impl ListMethod<'_> {
    /// Evaluates the call, on each of the lists that it may be on.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let Value::OneOf(lists) = self.0.this else {
            return self.value_of_one(it);
        };
        let mut results = Vec::new();
        for list in lists.iter() {
            let call = MethodCall {
                this: list,
                ..self.0
            };
            results.push(it.perhaps(|it| Self(call).value(it)));
        }
        it.any(results)
    }

    fn value_of_one(&self, it: &mut Interpreter<'_>) -> Value {
        let elements = Elements::of(self.0.this, it);
        it.spend(elements.values.len() / 8);
        let callback = Callback {
            name: self.0.name,
            arguments: self.0.arguments,
            elements: &elements,
        };
        match callback.value(it) {
            Some(value) => value,
            None => self.value_of(elements, it),
        }
    }

    /// Evaluates methods that only read the list.
    fn value_of(&self, elements: Elements, it: &mut Interpreter<'_>) -> Value {
        let MethodCall {
            name,
            this,
            arguments,
        } = self.0;
        let first = self.0.argument(0);
        match name {
            "join" => {
                let separator = match &first {
                    Value::Undefined => ",".to_owned(),
                    other => Texts::of(other, it)
                        .as_text()
                        .map_or_else(|| UNKNOWN.to_string(), str::to_owned),
                };
                Elements::of(this, it).joined(&separator, it)
            }
            "toString" => Elements::of(this, it).joined(",", it),
            "concat" => self.concatenated(elements, it),
            "slice" => elements.sliced(arguments, &mut it.heap),
            "flat" => {
                let depth = first.as_number().unwrap_or(1.0).clamp(0.0, 8.0) as usize;
                elements.flat(depth, it).list(&mut it.heap)
            }
            "at" => match first.as_number() {
                Some(at) if at < 0.0 && !elements.is_open => {
                    let mut reversed = elements.values.iter().rev();
                    let found = reversed.nth(-at as usize - 1);
                    found.cloned().unwrap_or(Value::Undefined)
                }
                Some(at) if at >= 0.0 => it.get(this, &(at as usize).to_string()),
                _ => it.get(this, &UNKNOWN.to_string()),
            },
            "keys" => Source(this).names(&mut it.heap),
            "values" => elements.list(&mut it.heap),
            "entries" => {
                let mut pairs = Vec::new();
                for (at, element) in elements.values.into_iter().enumerate() {
                    pairs.push(it.heap.list(vec![Value::Number(at as f64), element]));
                }
                Elements::new(pairs, elements.is_open).list(&mut it.heap)
            }
            _ => self.change(elements, it),
        }
    }

    fn concatenated(&self, mut all: Elements, it: &mut Interpreter<'_>) -> Value {
        for argument in self.0.arguments {
            if it.heap.as_list(argument).is_some() || matches!(argument, Value::OneOf(_)) {
                let more = Elements::of(argument, it);
                all.is_open |= more.is_open;
                all.values.extend(more.values);
            } else {
                all.values.push(argument.clone());
            }
        }
        all.list(&mut it.heap)
    }

    /// Evaluates methods that change the list, or make a changed one.
    fn change(&self, mut elements: Elements, it: &mut Interpreter<'_>) -> Value {
        let name = self.0.name;
        match (name, self.0.this) {
            ("reverse" | "toReversed", _) => {
                elements.values.reverse();
                self.changed(name == "reverse", elements, it)
            }
            ("sort" | "toSorted", _) => {
                let sorted = elements.sorted(&self.0.argument(0), it);
                self.changed(name == "sort", sorted, it)
            }
            ("fill", _) => {
                elements.values.fill(self.0.argument(0));
                self.changed(true, elements, it)
            }
            (_, Value::Object(id)) => {
                let change = Change {
                    call: self.0,
                    id: *id,
                };
                change.follow(elements, it)
            }
            _ => Value::Unknown,
        }
    }

    /// Stores the elements in the list itself, or in a new one.
    fn changed(&self, is_same: bool, elements: Elements, it: &mut Interpreter<'_>) -> Value {
        match self.0.this {
            Value::Object(id) if is_same => {
                it.heap.replace(*id, elements.values.clone());
                // If this may not happen, the list has either content. The result is the new one.
                if it.heap.is_inside(*id) {
                    self.0.this.clone()
                } else {
                    elements.list(&mut it.heap)
                }
            }
            _ => elements.list(&mut it.heap),
        }
    }
}

impl Elements {
    /// Makes a list of those from one index to another.
    fn sliced(self, arguments: &[Value], heap: &mut Heap<'_>) -> Value {
        let length = self.values.len() as f64;
        let place = |value: Option<&Value>, missing: f64| match value {
            None | Some(Value::Undefined) => Some(missing),
            Some(value) => {
                let at = value.as_number()?;
                Some(if at < 0.0 {
                    (length + at).max(0.0)
                } else {
                    at.min(length)
                })
            }
        };
        let is_unsure = self.is_open
            || self
                .values
                .iter()
                .any(|element| element.has(&Value::Absent));
        match (
            place(arguments.first(), 0.0),
            place(arguments.get(1), length),
        ) {
            (Some(start), Some(end)) if !is_unsure || start == 0.0 => {
                let (start, end) = (start as usize, end.max(start) as usize);
                let part = self.values[start..end].to_vec();
                Self::new(part, self.is_open).list(heap)
            }
            _ => heap.open_list(self.values),
        }
    }

    /// Replaces lists among them by their elements, so many times.
    fn flat(self, depth: usize, it: &mut Interpreter<'_>) -> Self {
        let Self {
            values: mut flat,
            mut is_open,
        } = self;
        for _ in 0..depth {
            let mut next = Vec::new();
            let mut is_done = true;
            for element in flat {
                let is_list = element
                    .alternatives()
                    .iter()
                    .any(|value| it.heap.as_list(value).is_some());
                if is_list && next.len() < MOST_ELEMENTS {
                    is_done = false;
                    let inner = Self::of(&element, it);
                    is_open |= inner.is_open;
                    next.extend(inner.values);
                } else {
                    next.push(element);
                }
            }
            flat = next;
            if is_done {
                break;
            }
        }
        Self::new(flat, is_open)
    }

    /// Sorts by the program's function, or by text. If the order is unknown, the elements stay as
    /// they are.
    fn sorted(mut self, compare: &Value, it: &mut Interpreter<'_>) -> Self {
        if *compare == Value::Undefined {
            let texts: Option<Vec<String>> = self
                .values
                .iter()
                .map(|e| e.as_text().map(str::to_owned))
                .collect();
            let Some(mut texts) = texts else {
                return self;
            };
            texts.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            self.values = texts.iter().map(|text| Value::text(text)).collect();
            return self;
        }
        if self.values.len() > LONGEST_SORTED {
            it.hand_over(std::slice::from_ref(compare), &Value::Unknown);
            return self;
        }
        let mut sorted: Vec<Value> = Vec::new();
        for element in self.values {
            let mut at = sorted.len();
            while at > 0 && it.spend(1) {
                let order = it.call(
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
        Self::new(sorted, self.is_open)
    }
}

/// `new Array(3)`, `Array("a", "b")`.
pub(super) fn array_of(arguments: &[Value], heap: &mut Heap<'_>) -> Value {
    match arguments {
        [Value::Number(length)] if *length >= 0.0 && *length <= MOST_ELEMENTS as f64 => {
            heap.list(vec![Value::Undefined; *length as usize])
        }
        [Value::Unknown | Value::Path(_) | Value::Number(_)] => heap.open_list(Vec::new()),
        _ => heap.list(arguments.to_vec()),
    }
}
