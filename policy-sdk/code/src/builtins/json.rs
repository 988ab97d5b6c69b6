//! `JSON.parse` and `JSON.stringify`.

use serde_json::Value as Json;

use crate::UNKNOWN;
use crate::heap::Kind;
use crate::interpreter::Interpreter;
use crate::value::Value;

/// How deeply values may be nested.
const DEEPEST: usize = 16;

impl<'a> Interpreter<'a> {
    /// Returns `None` if it knows no such function.
    pub(super) fn json_function(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        match path {
            "JSON.parse" => Some(self.each(&first, |it, text| it.parsed(text))),
            "JSON.stringify" => {
                let all = self.json(&first, DEEPEST);
                let texts = all.into_iter().map(|json| match json {
                    // An unknown part is a text here, but may be anything to the program.
                    Some(json) => {
                        Value::Text(json.to_string().replace("\"\u{FFFF}\"", "\u{FFFF}").into())
                    }
                    None => Value::Undefined,
                });
                let texts: Vec<Value> = texts.collect();
                Some(self.any(texts))
            }
            _ => None,
        }
    }

    fn parsed(&mut self, text: &Value) -> Value {
        let Some(text) = text.as_text() else {
            return Value::Unknown;
        };
        self.spend(text.len() / 32);
        match serde_json::from_str(text) {
            Ok(json) if !text.contains(UNKNOWN) => self.value_of(&json, DEEPEST),
            _ => Value::Unknown,
        }
    }

    fn value_of(&mut self, json: &Json, depth: usize) -> Value {
        if depth == 0 || !self.spend(1) {
            return Value::Unknown;
        }
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
            Json::String(text) => Value::literal(text),
            Json::Array(values) => {
                let values: Vec<Value> = values
                    .iter()
                    .map(|value| self.value_of(value, depth - 1))
                    .collect();
                self.list_of(values, false)
            }
            Json::Object(fields) => {
                let object = self.heap.object(Kind::Plain, Vec::new());
                for (name, value) in fields {
                    let value = self.value_of(value, depth - 1);
                    self.define(&object, &Value::literal(name), value, false);
                }
                object
            }
        }
    }
}
