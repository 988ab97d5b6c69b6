//! Texts that are put together of values, each of which may be one of several.

use std::rc::Rc;

use super::elements::Elements;
use super::{Interpreter, LONGEST_TEXT};
use crate::value::{MOST, Value, number_text};
use crate::{Bound, UNKNOWN};

/// The possible texts so far.
pub(crate) struct Texts(Vec<String>);

impl Texts {
    /// Converts a value to a text.
    pub(crate) fn of(value: &Value, it: &mut Interpreter<'_>) -> Value {
        match value {
            Value::Text(_) => value.clone(),
            Value::Number(number) => Value::text(&number_text(*number)),
            Value::Bool(value) => Value::text(&value.to_string()),
            Value::Undefined => Value::text("undefined"),
            Value::Null => Value::text("null"),
            Value::Absent => Value::text(""),
            Value::Unknown | Value::Path(_) => Value::some_text(),
            Value::OneOf(values) => {
                let texts: Vec<Value> = values.iter().map(|value| Self::of(value, it)).collect();
                it.any(texts)
            }
            Value::Object(_) if it.heap.as_list(value).is_some() => {
                it.deeper(|it| Elements::of(value, it).joined(",", it))
            }
            Value::Object(_) => it.deeper(|it| {
                for name in ["Symbol.toPrimitive", "toString", "valueOf"] {
                    let method = it.get(value, name);
                    if let Value::Object(_) = method {
                        let text = it.call(&method, value.clone(), vec![Value::text("string")]);
                        return if matches!(text, Value::Object(_)) {
                            Value::some_text()
                        } else {
                            Self::of(&text, it)
                        };
                    }
                }
                Value::some_text()
            }),
        }
    }

    /// Returns the texts of the parts, joined.
    pub(crate) fn concat(parts: &[Value], it: &mut Interpreter<'_>) -> Value {
        let mut texts = Self(vec![String::new()]);
        for part in parts {
            let mut endings = Self::endings(part, it);
            if texts.0.len() * endings.len() > MOST {
                it.heap.exceed(Bound::Alternatives);
                endings = vec![UNKNOWN.to_string().into()];
            }
            it.spend(texts.length() / 256);
            texts.extend(&endings);
            if texts.length() > LONGEST_TEXT {
                it.heap.exceed(Bound::Length);
                return Value::some_text();
            }
        }
        let values: Vec<Value> = texts.0.into_iter().map(|text| it.made(text)).collect();
        it.any(values)
    }

    /// The possible texts of a value.
    fn endings(part: &Value, it: &mut Interpreter<'_>) -> Vec<Rc<str>> {
        let mut endings = Vec::new();
        for part in part.alternatives() {
            let text = Self::of(part, it);
            let texts = text.alternatives().iter().filter_map(Value::as_text);
            endings.extend(texts.map(Rc::<str>::from));
        }
        endings.dedup();
        endings
    }

    /// The length of all of them.
    fn length(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }

    /// Continues each of them with each of the endings.
    fn extend(&mut self, endings: &[Rc<str>]) {
        if let [ending] = endings {
            self.0.iter_mut().for_each(|text| append(text, ending));
            return;
        }
        let longer = |text: &String, ending: &str| {
            let mut text = text.clone();
            append(&mut text, ending);
            text
        };
        let all = self.0.iter();
        self.0 = all
            .flat_map(|text| endings.iter().map(move |ending| longer(text, ending)))
            .collect();
    }
}

/// Appends a text. Adjacent unknown parts share one mark.
pub(crate) fn append(text: &mut String, more: &str) {
    let more = match text.ends_with(UNKNOWN) {
        true => more.trim_start_matches(UNKNOWN),
        false => more,
    };
    text.push_str(more);
}
