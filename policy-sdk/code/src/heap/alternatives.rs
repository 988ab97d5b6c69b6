//! Joins an old and a new value into alternatives.

use super::{Heap, Kind, MOST_ELEMENTS};
use crate::UNKNOWN;
use crate::value::Value;

/// How many numbers, growing texts or growing lists of a loop are kept as separate alternatives.
const MOST_GROWN: usize = 4;
/// How deeply objects are compared.
const SAME_DEPTH: usize = 3;

impl Heap<'_> {
    /// Returns both the old and the new value as alternatives. In a loop this reaches a fixed
    /// point.
    pub(super) fn joined(&mut self, old: Value, new: Value) -> Value {
        if new
            .alternatives()
            .iter()
            .all(|value| self.is_in(value, &old))
        {
            return old;
        }
        let joined = self.any([old.clone(), new]);
        let settled = self.settled(joined);
        self.regions.note_change(settled != old);
        settled
    }

    /// Whether one of the alternatives is like the value.
    fn is_in(&self, value: &Value, alternatives: &Value) -> bool {
        let mut alternatives = alternatives.alternatives().iter();
        alternatives.any(|other| self.is_same(value, other, SAME_DEPTH))
    }

    fn is_same(&self, a: &Value, b: &Value, depth: usize) -> bool {
        let (Value::Object(x), Value::Object(y)) = (a, b) else {
            return a == b;
        };
        let (x, y) = (self.get(*x), self.get(*y));
        let are_same = |a: &Value, b: &Value| depth > 0 && self.is_same(a, b, depth - 1);
        let is_kind_same = match (&x.kind, &y.kind) {
            (Kind::Plain, Kind::Plain) => true,
            (Kind::List(a, is_open), Kind::List(b, is_other_open)) => {
                let mut pairs = a.iter().zip(b);
                is_open == is_other_open && a.len() == b.len() && pairs.all(|(a, b)| are_same(a, b))
            }
            _ => return a == b,
        };
        is_kind_same
            && x.parent == y.parent
            && x.fields.len() == y.fields.len()
            && x.fields
                .iter()
                .zip(&y.fields)
                .all(|(a, b)| a.name == b.name && are_same(a.value.now(), b.value.now()))
    }

    /// Makes counters and growing texts and lists unknown before there are too many alternatives.
    fn settled(&mut self, joined: Value) -> Value {
        match Growth::of(&joined, self) {
            Growth::None => joined,
            Growth::Numbers => Value::Unknown,
            Growth::Text(start) => {
                let all = joined.alternatives();
                let others = all[..all.len() - 1].iter().cloned();
                self.any(
                    others
                        .chain([Value::Text(start.into())])
                        .collect::<Vec<_>>(),
                )
            }
            Growth::Lists(elements) => self.open_list(elements),
        }
    }
}

/// What grows from one alternative to the next, as in a loop.
enum Growth {
    None,
    Numbers,
    /// A text, of which this is known.
    Text(String),
    /// A list. These are all elements.
    Lists(Vec<Value>),
}

impl Growth {
    fn of(joined: &Value, heap: &Heap<'_>) -> Self {
        let all = joined.alternatives();
        let [others @ .., last] = all else {
            return Self::None;
        };
        if all.len() <= MOST_GROWN {
            return Self::None;
        }
        let numbers = all.iter().filter(|value| matches!(value, Value::Number(_)));
        if numbers.count() > MOST_GROWN {
            return Self::Numbers;
        }
        if let Value::Text(grown) = last {
            let texts = others.iter().filter_map(Value::as_text);
            let starts = texts.filter(|text| grown.starts_with(*text));
            if let Some(start) = starts.min_by_key(|text| text.len()) {
                return Self::Text(format!("{}{UNKNOWN}", start.trim_end_matches(UNKNOWN)));
            }
        }
        let lists = all.iter().filter_map(|value| Some(heap.as_list(value)?.0));
        let lists: Vec<&[Value]> = lists.collect();
        if lists.len() <= MOST_GROWN {
            return Self::None;
        }
        let mut elements: Vec<Value> = Vec::new();
        for element in lists.into_iter().flatten() {
            if elements.len() < MOST_ELEMENTS && !elements.contains(element) {
                elements.push(element.clone());
            }
        }
        Self::Lists(elements)
    }
}
