//! Evaluates calls of the runtime: the parts of JavaScript that make values, by their paths.

mod encoding;
mod json;
mod list;
mod objects;
mod offered;
mod pattern;
mod text;

use std::rc::Rc;

use crate::UNKNOWN;
use crate::heap::Kind;
use crate::interpreter::Interpreter;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Calls a function of the runtime.
    pub(crate) fn runtime(&mut self, path: &Rc<str>, this: Value, arguments: Vec<Value>) -> Value {
        if let Some((holder, method)) = path.split_once(".prototype.") {
            return match holder {
                "String" => self.text_method(method, &this, &arguments),
                "Array" => self.list_method(method, &this, &arguments),
                "Function" => self.function_method(method, &this, arguments),
                "Promise" => self.promise_method(method, this, &arguments),
                "RegExp" => self.pattern_method(method, &this, &arguments),
                "Number" => self.number_method(method, &this, &arguments),
                "Object" if method == "toString" => self.text_of(&this),
                _ => Value::Unknown,
            };
        }
        if let Some(value) = self.global(path, &arguments) {
            return value;
        }
        if self.program_start(path, &arguments) {
            return Value::Unknown;
        }
        self.other(path, &arguments)
    }

    /// Evaluates `new` on a class of the runtime.
    pub(crate) fn runtime_new(&mut self, path: &Rc<str>, arguments: Vec<Value>) -> Value {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        match &**path {
            "Proxy" => self.any([first, Value::anything()]),
            "Promise" => {
                let kept = self.resolved.take();
                self.hand_over_once(&first, &[Value::path("%resolve"), Value::path("%resolve")]);
                let resolved = std::mem::replace(&mut self.resolved, kept);
                resolved.unwrap_or(Value::Unknown)
            }
            "Function" | "AsyncFunction" => self.runtime(path, Value::Undefined, arguments),
            "Array" => self.array_of(&arguments),
            "Set" | "Map" | "Uint8Array" | "Uint16Array" | "Uint32Array" => {
                let (elements, is_open) = self.elements(&first);
                if is_open {
                    self.heap.open_list(elements)
                } else {
                    self.heap.list(elements)
                }
            }
            "String" | "Object" | "RegExp" => self.runtime(path, Value::Undefined, arguments),
            "URL" | "Date" | "Error" | "TextEncoder" | "TextDecoder" | "AbortController" => {
                Value::Unknown
            }
            _ => {
                self.runtime(path, Value::Undefined, arguments);
                // If it was given the tools, its result may lead to them.
                Value::Path(format!("{path}()").into())
            }
        }
    }

    fn hand_over_once(&mut self, function: &Value, arguments: &[Value]) {
        if self.heap.as_function(function).is_some() {
            self.call(function, Value::Undefined, arguments.to_vec());
        } else {
            self.hand_over(std::slice::from_ref(function), &Value::Unknown);
        }
    }

    /// Calls global functions and functions of global objects. Returns `None` if it knows no such
    /// function.
    fn global(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        let value = match path {
            "String" => match first {
                Value::Undefined if arguments.is_empty() => Value::text(""),
                other => self.text_of(&other),
            },
            "String.raw" => self.raw_text(arguments),
            "String.fromCharCode" | "String.fromCodePoint" => self.text_of_codes(arguments),
            "Number" | "parseInt" | "Number.parseInt" | "BigInt" => self.number_of(&first, &second),
            "Array.of" => self.heap.list(arguments.to_vec()),
            "Array" => self.array_of(arguments),
            "Promise.resolve"
            | "Promise.allSettled"
            | "Promise.all"
            | "structuredClone"
            | "util.promisify"
            | "Object.freeze"
            | "Object.seal"
            | "Object.preventExtensions"
            | "Object"
            | "Promise.withResolvers" => first,
            "Promise.race" | "Promise.any" => {
                let (elements, is_open) = self.elements(&first);
                self.any(
                    elements
                        .into_iter()
                        .chain(is_open.then_some(Value::Unknown)),
                )
            }
            "RegExp" => self.pattern_of(&first, &second),
            "path.join" | "path.resolve" => self.joined_path(path, arguments),
            "os.homedir" => Value::text("~"),
            "os.tmpdir" => Value::text("/tmp"),
            "process.cwd" | "Deno.cwd" => Value::text("."),
            "Math.floor" | "Math.ceil" | "Math.round" | "Math.trunc" | "Math.abs" | "Math.max"
            | "Math.min" => mathematics(path, arguments),
            _ => {
                return self
                    .code_function(path, arguments)
                    .or_else(|| self.object_function(path, arguments))
                    .or_else(|| self.encoding_function(path, arguments))
                    .or_else(|| self.json_function(path, arguments));
            }
        };
        Some(value)
    }

    /// Calls functions that run code, now or later, or keep values for it. Returns `None` if it
    /// knows no such function.
    fn code_function(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        let value = match path {
            "eval" => match first {
                Value::Path(_) | Value::Unknown => Value::anything(),
                other => self.each(&other, |this, code| match code.as_text() {
                    Some(code) => this.perhaps(|this| this.source(code)),
                    None => code.clone(),
                }),
            },
            "Function" | "AsyncFunction" | "Function.prototype.constructor" => {
                return Some(self.function_of(arguments));
            }
            "require" | "import" => match first.as_text() {
                Some(name) => crate::interpreter::module(name),
                None => Value::anything(),
            },
            "store" => {
                let key = self.name_text(&first);
                self.heap.write_over(&format!("load:{key}"), second);
                Value::Undefined
            }
            "load" => {
                let key = self.name_text(&first);
                let stored = self.heap.written(&format!("load:{key}"));
                match stored {
                    Some(stored) => self.any([stored, Value::Unknown]),
                    None => Value::Unknown,
                }
            }
            "%resolve" => {
                let so_far = self.resolved.take();
                let value = self.any(so_far.into_iter().chain([first]));
                self.resolved = Some(value);
                Value::Undefined
            }
            "setTimeout" | "setInterval" | "setImmediate" | "queueMicrotask"
            | "process.nextTick" => {
                if let Some(code) = first.as_text() {
                    self.perhaps(|this| this.source(code));
                }
                self.hand_over(arguments, &Value::Unknown);
                Value::Unknown
            }
            _ => return None,
        };
        Some(value)
    }

    /// `new Function("a", "b", "return a + b")`.
    fn function_of(&mut self, arguments: &[Value]) -> Value {
        let mut parts = Vec::new();
        for argument in arguments {
            let text = self.text_of(argument);
            match text.as_text() {
                Some(text) if !text.contains(UNKNOWN) => parts.push(text.to_owned()),
                _ => return Value::anything(),
            }
        }
        let body = parts.pop().unwrap_or_default();
        self.source(&format!(
            "(async function ({}) {{\n{body}\n}})",
            parts.join(",")
        ))
    }

    fn function_method(&mut self, method: &str, this: &Value, mut arguments: Vec<Value>) -> Value {
        if arguments.is_empty() && method != "toString" {
            arguments.push(Value::Undefined);
        }
        match method {
            "call" => {
                let receiver = arguments.remove(0);
                self.call(this, receiver, arguments)
            }
            "apply" => {
                let receiver = arguments.remove(0);
                let list = arguments.into_iter().next().unwrap_or(Value::Undefined);
                let (elements, is_open) = self.elements(&list);
                let all = elements
                    .into_iter()
                    .chain(is_open.then_some(Value::Unknown))
                    .collect();
                self.call(this, receiver, all)
            }
            "bind" => {
                let receiver = arguments.remove(0);
                let bound = Kind::Bound {
                    function: this.clone(),
                    this: receiver,
                    arguments: arguments.into(),
                };
                self.heap.object(bound, Vec::new())
            }
            _ => Value::Unknown,
        }
    }

    /// A promise is treated as its result, so its callbacks are called with that at once.
    fn promise_method(&mut self, method: &str, this: Value, arguments: &[Value]) -> Value {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        match method {
            "then" => {
                if let Some(second) = arguments.get(1) {
                    self.hand_over(std::slice::from_ref(second), &Value::Unknown);
                }
                if first.may_be_called() {
                    self.call(&first, Value::Undefined, vec![this])
                } else {
                    this
                }
            }
            "catch" => {
                let caught =
                    self.perhaps(|it| it.call(&first, Value::Undefined, vec![Value::Unknown]));
                self.any([this, caught])
            }
            _ => {
                self.call(&first, Value::Undefined, Vec::new());
                this
            }
        }
    }
}

fn mathematics(path: &str, arguments: &[Value]) -> Value {
    let numbers: Option<Vec<f64>> = arguments.iter().map(Value::as_number).collect();
    let Some(numbers) = numbers else {
        return Value::Unknown;
    };
    let Some(first) = numbers.first().copied() else {
        return Value::Unknown;
    };
    Value::Number(match path {
        "Math.floor" => first.floor(),
        "Math.ceil" => first.ceil(),
        "Math.round" => (first + 0.5).floor(),
        "Math.trunc" => first.trunc(),
        "Math.abs" => first.abs(),
        "Math.max" => numbers.into_iter().fold(f64::NEG_INFINITY, f64::max),
        _ => numbers.into_iter().fold(f64::INFINITY, f64::min),
    })
}
