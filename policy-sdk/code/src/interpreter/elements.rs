//! The elements of a list, or of anything else that can be iterated.

use super::texts::Texts;
use super::texts::append;
use super::{Interpreter, LONGEST_TEXT};
use crate::heap::{Heap, MOST_ELEMENTS};
use crate::value::{MOST, Value};
use crate::{Bound, UNKNOWN};

/// The elements of an iterable.
#[derive(Default)]
pub(crate) struct Elements {
    pub(crate) values: Vec<Value>,
    /// Whether there may be more.
    pub(crate) is_open: bool,
}

impl Elements {
    pub(crate) fn new(values: Vec<Value>, is_open: bool) -> Self {
        Self { values, is_open }
    }

    /// Elements of which nothing is known.
    fn unknown() -> Self {
        Self::new(Vec::new(), true)
    }

    /// The elements of a list, if the value is one.
    pub(crate) fn of_list(value: &Value, heap: &Heap<'_>) -> Option<Self> {
        let (values, is_open) = heap.as_list(value)?;
        Some(Self::new(values.to_vec(), is_open))
    }

    /// Returns the elements of an iterable.
    pub(crate) fn of(value: &Value, it: &mut Interpreter<'_>) -> Self {
        match value {
            Value::OneOf(values) => {
                let mut all = Self::default();
                for value in values.iter() {
                    let elements = Self::of(value, it);
                    all.is_open |= elements.is_open;
                    for element in elements.values {
                        all.values.push(it.any([element, Value::Absent]));
                    }
                }
                all
            }
            Value::Object(_) => match Self::of_list(value, &it.heap) {
                Some(elements) => elements,
                None => Self::iterated(value, it),
            },
            Value::Text(text) => {
                let chars = text.chars().take(MOST_ELEMENTS);
                let chars = chars.map(|c| Value::text(c.encode_utf8(&mut [0; 4])));
                Self::new(
                    chars.collect(),
                    text.contains(UNKNOWN) || text.len() > MOST_ELEMENTS,
                )
            }
            Value::Path(path) => Self::new(vec![Value::path(&format!("{path}.{UNKNOWN}"))], true),
            Value::Undefined | Value::Null | Value::Absent => Self::default(),
            _ => Self::unknown(),
        }
    }

    /// Calls the program's own iterator of an object.
    fn iterated(value: &Value, it: &mut Interpreter<'_>) -> Self {
        let iterator = it.get(value, "Symbol.iterator");
        if it.heap.as_function(&iterator).is_none() {
            return Self::unknown();
        }
        let iterated = it.call(&iterator, value.clone(), Vec::new());
        Self::of_list(&iterated, &it.heap).unwrap_or_else(Self::unknown)
    }

    /// Makes a list of them.
    pub(crate) fn list(self, heap: &mut Heap<'_>) -> Value {
        if self.values.len() > MOST_ELEMENTS {
            heap.exceed(Bound::Steps);
            return heap.open_list(self.values.into_iter().take(MOST_ELEMENTS).collect());
        }
        if self.is_open {
            heap.open_list(self.values)
        } else {
            heap.list(self.values)
        }
    }

    /// Returns them, and an unknown one if there may be more.
    pub(crate) fn with_unknown(self) -> impl Iterator<Item = Value> {
        let unknown = self.is_open.then_some(Value::Unknown);
        self.values.into_iter().chain(unknown)
    }

    /// Adds the elements of another iterable. Returns whether there may be more of them.
    pub(super) fn spread(values: &mut Vec<Value>, list: &Value, it: &mut Interpreter<'_>) -> bool {
        let elements = Self::of(list, it);
        let room = MOST_ELEMENTS.saturating_sub(values.len());
        values.extend(elements.values.into_iter().take(room));
        if elements.is_open {
            values.push(Value::Unknown);
        }
        elements.is_open
    }

    /// Joins the texts of the elements with a separator.
    pub(crate) fn joined(&self, separator: &str, it: &mut Interpreter<'_>) -> Value {
        // Each text so far, and whether it has an element.
        let mut texts: Vec<(String, bool)> = vec![(String::new(), false)];
        let more = self.is_open.then_some(Value::Unknown);
        for element in self.values.iter().chain(&more) {
            let mut endings: Vec<Option<Value>> = Vec::new();
            for one in element.alternatives() {
                let ending = match one {
                    Value::Absent => None,
                    Value::Undefined | Value::Null => Some(Value::text("")),
                    other => Some(Texts::of(other, it)),
                };
                match ending {
                    Some(Value::OneOf(all)) => endings.extend(all.iter().cloned().map(Some)),
                    other => endings.push(other),
                }
            }
            if texts.len() * endings.len() > MOST {
                it.heap.exceed(Bound::Alternatives);
                endings = vec![Some(Value::some_text())];
            }
            let length = texts.iter().map(|(text, _)| text.len()).sum::<usize>();
            if length > LONGEST_TEXT {
                it.heap.exceed(Bound::Length);
            }
            if length > LONGEST_TEXT || !it.spend(length / 1024) {
                return Value::some_text();
            }
            texts = longer(texts, &endings, separator);
        }
        let values: Vec<Value> = texts.into_iter().map(|(text, _)| it.made(text)).collect();
        it.any(values)
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
