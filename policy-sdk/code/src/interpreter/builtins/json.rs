//! `JSON.parse` and `JSON.stringify`.

use serde_json::Value as Json;

use super::Called;
use crate::UNKNOWN;
use crate::heap::Kind;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::reference::Reference;
use crate::interpreter::report::Serializer;
use crate::value::Value;

/// How deeply values may be nested.
const DEEPEST: usize = 16;

/// A call of a function of `JSON`.
pub(super) struct JsonFunction<'c>(pub(super) Called<'c>);

impl JsonFunction<'_> {
    /// Evaluates the call. Returns `None` if the function is not known here.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let first = self.0.argument(0);
        match self.0.path {
            "JSON.parse" => {
                let json = Deserializer { depth: DEEPEST };
                Some(it.each(&first, |it, text| json.parsed(text, it)))
            }
            "JSON.stringify" => {
                let all = Serializer { depth: DEEPEST }.values(&first, it);
                let texts = all.into_iter().map(|json| match json {
                    // An unknown part is a text here, but may be anything to the program.
                    Some(json) => {
                        Value::Text(json.to_string().replace("\"\u{FFFF}\"", "\u{FFFF}").into())
                    }
                    None => Value::Undefined,
                });
                let texts: Vec<Value> = texts.collect();
                Some(it.any(texts))
            }
            _ => None,
        }
    }
}

/// Makes values of JSON that is nested no deeper than `depth`.
#[derive(Clone, Copy)]
struct Deserializer {
    depth: usize,
}

impl Deserializer {
    /// Returns the value of a text, which may be no JSON.
    fn parsed(self, text: &Value, it: &mut Interpreter<'_>) -> Value {
        let Some(text) = text.as_text() else {
            return Value::Unknown;
        };
        it.spend(text.len() / 32);
        match serde_json::from_str(text) {
            Ok(json) if !text.contains(UNKNOWN) => self.value(&json, it),
            _ => Value::Unknown,
        }
    }

    fn value(self, json: &Json, it: &mut Interpreter<'_>) -> Value {
        if self.depth == 0 || !it.spend(1) {
            return Value::Unknown;
        }
        let inner = Self {
            depth: self.depth - 1,
        };
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
            Json::String(text) => Value::literal(text),
            Json::Array(values) => {
                let values: Vec<Value> =
                    values.iter().map(|value| inner.value(value, it)).collect();
                Elements::new(values, false).list(&mut it.heap)
            }
            Json::Object(fields) => {
                let object = it.heap.object(Kind::Plain, Vec::new());
                for (name, value) in fields {
                    let value = inner.value(value, it);
                    Reference::at(&object, &Value::literal(name)).define(
                        value,
                        false,
                        &mut it.heap,
                    );
                }
                object
            }
        }
    }
}
