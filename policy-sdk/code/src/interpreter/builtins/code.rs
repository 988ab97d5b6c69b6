//! Functions that run code, now or later, or keep values for it.

use super::Called;
use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::interpreter::calls::module;
use crate::interpreter::texts::Texts;
use crate::value::Value;

/// A call of a function that runs code.
pub(super) struct CodeFunction<'c>(pub(super) Called<'c>);

impl CodeFunction<'_> {
    /// Evaluates the call. Returns `None` if the function is not known here.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let Called { path, arguments } = self.0;
        let first = self.0.argument(0);
        let second = self.0.argument(1);
        let value = match path {
            "eval" => match first {
                Value::Path(_) | Value::Unknown => Value::anything(),
                other => it.each(&other, |it, code| match code.as_text() {
                    Some(code) => it.perhaps(|it| it.source(code)),
                    None => code.clone(),
                }),
            },
            "Function" | "AsyncFunction" | "Function.prototype.constructor" => {
                return Some(self.function(it));
            }
            "require" | "import" => match first.as_text() {
                Some(name) => module(name),
                None => Value::anything(),
            },
            "store" => {
                let key = first.as_name();
                it.heap.write_over(&format!("load:{key}"), second);
                Value::Undefined
            }
            "load" => {
                let key = first.as_name();
                let stored = it.heap.written(&format!("load:{key}"));
                match stored {
                    Some(stored) => it.any([stored, Value::Unknown]),
                    None => Value::Unknown,
                }
            }
            "%resolve" => {
                let so_far = it.resolved.take();
                let value = it.any(so_far.into_iter().chain([first]));
                it.resolved = Some(value);
                Value::Undefined
            }
            "setTimeout" | "setInterval" | "setImmediate" | "queueMicrotask"
            | "process.nextTick" => {
                if let Some(code) = first.as_text() {
                    it.perhaps(|it| it.source(code));
                }
                it.hand_over(arguments, &Value::Unknown);
                Value::Unknown
            }
            _ => return None,
        };
        Some(value)
    }

    /// `new Function("a", "b", "return a + b")`.
    fn function(&self, it: &mut Interpreter<'_>) -> Value {
        let mut parts = Vec::new();
        for argument in self.0.arguments {
            let text = Texts::of(argument, it);
            match text.as_text() {
                Some(text) if !text.contains(UNKNOWN) => parts.push(text.to_owned()),
                _ => return Value::anything(),
            }
        }
        let body = parts.pop().unwrap_or_default();
        it.source(&format!(
            "(async function ({}) {{\n{body}\n}})",
            parts.join(",")
        ))
    }
}
