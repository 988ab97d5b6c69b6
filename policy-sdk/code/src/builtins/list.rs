//! Methods of lists.

mod callbacks;
mod changes;

use crate::heap::MOST_ELEMENTS;
use crate::interpreter::{Interpreter, LONGEST_TEXT, append};
use crate::value::{MOST, Value};
use crate::{Bound, UNKNOWN};

impl<'a> Interpreter<'a> {
    pub(super) fn list_method(&mut self, method: &str, this: &Value, arguments: &[Value]) -> Value {
        if let Value::OneOf(lists) = this {
            let mut results = Vec::new();
            for list in lists.iter() {
                results.push(self.perhaps(|it| it.list_method(method, list, arguments)));
            }
            return self.any(results);
        }
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let (elements, is_open) = self.elements(this);
        self.spend(elements.len() / 8);
        if let Some(value) = self.list_call(method, &elements, is_open, arguments) {
            return value;
        }
        match method {
            "join" => {
                let separator = match &first {
                    Value::Undefined => ",".to_owned(),
                    other => self
                        .text_of(other)
                        .as_text()
                        .map_or_else(|| UNKNOWN.to_string(), str::to_owned),
                };
                self.joined_text(this, &separator)
            }
            "toString" => self.joined_text(this, ","),
            "concat" => {
                let mut all = elements;
                let mut is_more_open = is_open;
                for argument in arguments {
                    if self.heap.as_list(argument).is_some() || matches!(argument, Value::OneOf(_))
                    {
                        let (more, is_more) = self.elements(argument);
                        is_more_open |= is_more;
                        all.extend(more);
                    } else {
                        all.push(argument.clone());
                    }
                }
                self.list_of(all, is_more_open)
            }
            "slice" => self.sliced(elements, is_open, arguments),
            "flat" => {
                let depth = first.as_number().unwrap_or(1.0).clamp(0.0, 8.0) as usize;
                self.flat(elements, depth, is_open)
            }
            "reverse" | "toReversed" => {
                let reversed: Vec<Value> = elements.into_iter().rev().collect();
                self.changed(method == "reverse", this, reversed, is_open)
            }
            "sort" | "toSorted" => {
                let sorted = self.sorted(elements, &first);
                self.changed(method == "sort", this, sorted, is_open)
            }
            "fill" => {
                let filled = vec![first; elements.len()];
                self.changed(true, this, filled, is_open)
            }
            "at" => match first.as_number() {
                Some(at) if at < 0.0 && !is_open => elements
                    .iter()
                    .rev()
                    .nth(-at as usize - 1)
                    .cloned()
                    .unwrap_or(Value::Undefined),
                Some(at) if at >= 0.0 => self.get(this, &(at as usize).to_string()),
                _ => self.get(this, &UNKNOWN.to_string()),
            },
            "keys" => self.keys(this),
            "values" => self.list_of(elements, is_open),
            "entries" => {
                let mut pairs = Vec::new();
                for (at, element) in elements.into_iter().enumerate() {
                    pairs.push(self.heap.list(vec![Value::Number(at as f64), element]));
                }
                self.list_of(pairs, is_open)
            }
            _ => self.list_change(method, this, elements, is_open, arguments),
        }
    }

    pub(crate) fn list_of(&mut self, values: Vec<Value>, is_open: bool) -> Value {
        if values.len() > MOST_ELEMENTS {
            self.heap.exceed(Bound::Steps);
            return self
                .heap
                .open_list(values.into_iter().take(MOST_ELEMENTS).collect());
        }
        if is_open {
            self.heap.open_list(values)
        } else {
            self.heap.list(values)
        }
    }

    fn sliced(&mut self, elements: Vec<Value>, is_open: bool, arguments: &[Value]) -> Value {
        let length = elements.len() as f64;
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
        let is_unsure = is_open || elements.iter().any(|element| element.has(&Value::Absent));
        match (
            place(arguments.first(), 0.0),
            place(arguments.get(1), length),
        ) {
            (Some(start), Some(end)) if !is_unsure || start == 0.0 => {
                let (start, end) = (start as usize, end.max(start) as usize);
                let part = elements[start..end].to_vec();
                self.list_of(part, is_open)
            }
            _ => self.heap.open_list(elements),
        }
    }

    fn flat(&mut self, elements: Vec<Value>, depth: usize, mut is_open: bool) -> Value {
        let mut flat = elements;
        for _ in 0..depth {
            let mut next = Vec::new();
            let mut is_done = true;
            for element in flat {
                let is_list = element
                    .alternatives()
                    .iter()
                    .any(|value| self.heap.as_list(value).is_some());
                if is_list && next.len() < MOST_ELEMENTS {
                    is_done = false;
                    let (inner, is_more) = self.elements(&element);
                    is_open |= is_more;
                    next.extend(inner);
                } else {
                    next.push(element);
                }
            }
            flat = next;
            if is_done {
                break;
            }
        }
        self.list_of(flat, is_open)
    }

    /// Joins the texts of the elements with a separator.
    pub(crate) fn joined_text(&mut self, list: &Value, separator: &str) -> Value {
        let (elements, is_open) = self.elements(list);
        // Each text so far, and whether it has an element.
        let mut texts: Vec<(String, bool)> = vec![(String::new(), false)];
        let more = is_open.then_some(Value::Unknown);
        for element in elements.iter().chain(&more) {
            let mut endings: Vec<Option<Value>> = Vec::new();
            for one in element.alternatives() {
                let ending = match one {
                    Value::Absent => None,
                    Value::Undefined | Value::Null => Some(Value::text("")),
                    other => Some(self.text_of(other)),
                };
                match ending {
                    Some(Value::OneOf(all)) => endings.extend(all.iter().cloned().map(Some)),
                    other => endings.push(other),
                }
            }
            if texts.len() * endings.len() > MOST {
                self.heap.exceed(Bound::Alternatives);
                endings = vec![Some(Value::some_text())];
            }
            let length = texts.iter().map(|(text, _)| text.len()).sum::<usize>();
            if length > LONGEST_TEXT {
                self.heap.exceed(Bound::Length);
            }
            if length > LONGEST_TEXT || !self.spend(length / 1024) {
                return Value::some_text();
            }
            texts = longer(texts, &endings, separator);
        }
        let values: Vec<Value> = texts.into_iter().map(|(text, _)| self.made(text)).collect();
        self.any(values)
    }

    /// `new Array(3)`, `Array("a", "b")`.
    pub(super) fn array_of(&mut self, arguments: &[Value]) -> Value {
        match arguments {
            [Value::Number(length)] if *length >= 0.0 && *length <= MOST_ELEMENTS as f64 => {
                self.heap.list(vec![Value::Undefined; *length as usize])
            }
            [Value::Unknown | Value::Path(_) | Value::Number(_)] => self.heap.open_list(Vec::new()),
            _ => self.heap.list(arguments.to_vec()),
        }
    }
}

fn longer(
    texts: Vec<(String, bool)>,
    endings: &[Option<Value>],
    separator: &str,
) -> Vec<(String, bool)> {
    let add = |(mut text, is_begun): (String, bool), ending: &Option<Value>| match ending {
        None => (text, is_begun),
        Some(ending) => {
            if is_begun {
                append(&mut text, separator);
            }
            append(&mut text, ending.as_text().unwrap_or("\u{FFFF}"));
            (text, true)
        }
    };
    match endings {
        [ending] => texts.into_iter().map(|text| add(text, ending)).collect(),
        endings => {
            let all = texts
                .into_iter()
                .flat_map(|text| endings.iter().map(move |ending| add(text.clone(), ending)));
            all.collect()
        }
    }
}
