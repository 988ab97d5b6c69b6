//! Evaluates calls of the runtime: the parts of JavaScript that make values, by their paths.

mod code;
mod encoding;
mod global;
mod json;
mod list;
mod methods;
mod number;
mod objects;
mod offered;
mod pattern;
mod programs;
mod text;

use std::rc::Rc;

use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::texts::Texts;
use crate::value::Value;

use global::Global;
use list::{ListMethod, array_of};
use methods::{FunctionMethod, PromiseMethod};
use number::NumberMethod;
use offered::Offered;
use pattern::PatternMethod;
use programs::Start;
use text::TextMethod;

pub(super) use text::Chars;

/// A call of what the runtime offers.
pub(super) struct RuntimeCall<'c> {
    path: &'c Rc<str>,
    this: Value,
    arguments: Vec<Value>,
}

/// A call of a function of the runtime, by its path.
#[derive(Clone, Copy)]
struct Called<'c> {
    path: &'c str,
    arguments: &'c [Value],
}

/// A call of a method of the runtime, on a value.
#[derive(Clone, Copy)]
struct MethodCall<'c> {
    name: &'c str,
    this: &'c Value,
    arguments: &'c [Value],
}

impl Called<'_> {
    /// The argument at this place, or `undefined`.
    fn argument(&self, at: usize) -> Value {
        self.arguments.get(at).cloned().unwrap_or(Value::Undefined)
    }
}

impl MethodCall<'_> {
    /// The argument at this place, or `undefined`.
    fn argument(&self, at: usize) -> Value {
        self.arguments.get(at).cloned().unwrap_or(Value::Undefined)
    }
}

impl<'c> RuntimeCall<'c> {
    pub(super) fn new(path: &'c Rc<str>, this: Value, arguments: Vec<Value>) -> Self {
        Self {
            path,
            this,
            arguments,
        }
    }

    /// Follows the call.
    pub(super) fn follow(self, it: &mut Interpreter<'_>) -> Value {
        let Self {
            path,
            this,
            arguments,
        } = self;
        if let Some((holder, name)) = path.split_once(".prototype.") {
            let call = MethodCall {
                name,
                this: &this,
                arguments: &arguments,
            };
            return match holder {
                "String" => TextMethod(call).value(it),
                "Array" => ListMethod(call).value(it),
                "Function" => FunctionMethod(call).value(it),
                "Promise" => PromiseMethod(call).value(it),
                "RegExp" => PatternMethod(call).value(it),
                "Number" => NumberMethod(call).value(),
                "Object" if name == "toString" => Texts::of(&this, it),
                _ => Value::Unknown,
            };
        }
        let call = Called {
            path,
            arguments: &arguments,
        };
        if let Some(value) = Global(call).value(it) {
            return value;
        }
        if Start(call).report(it) {
            return Value::Unknown;
        }
        Offered(call).follow(it)
    }

    /// Evaluates `new` on a class of the runtime.
    pub(super) fn construct(self, it: &mut Interpreter<'_>) -> Value {
        let Self {
            path, arguments, ..
        } = self;
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        match &**path {
            "Proxy" => it.any([first, Value::anything()]),
            "Promise" => Self::promise(&first, it),
            "Array" => array_of(&arguments, &mut it.heap),
            "Set" | "Map" | "Uint8Array" | "Uint16Array" | "Uint32Array" => {
                let Elements { values, is_open } = Elements::of(&first, it);
                match is_open {
                    true => it.heap.open_list(values),
                    false => it.heap.list(values),
                }
            }
            "Function" | "AsyncFunction" | "String" | "Object" | "RegExp" => {
                RuntimeCall::new(path, Value::Undefined, arguments).follow(it)
            }
            "URL" | "Date" | "Error" | "TextEncoder" | "TextDecoder" | "AbortController" => {
                Value::Unknown
            }
            _ => {
                RuntimeCall::new(path, Value::Undefined, arguments).follow(it);
                // If it was given the tools, its result may lead to them.
                Value::Path(format!("{path}()").into())
            }
        }
    }

    /// Evaluates `new Promise(executor)`. A promise is treated as its result.
    fn promise(executor: &Value, it: &mut Interpreter<'_>) -> Value {
        let around = it.resolved.take();
        if it.heap.as_function(executor).is_some() {
            let settle = Value::path("%resolve");
            let arguments = vec![settle.clone(), settle];
            it.call(executor, Value::Undefined, arguments);
        } else {
            it.hand_over(std::slice::from_ref(executor), &Value::Unknown);
        }
        let resolved = std::mem::replace(&mut it.resolved, around);
        resolved.unwrap_or(Value::Unknown)
    }
}
