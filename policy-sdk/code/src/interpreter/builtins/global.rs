//! Global functions, and functions of global objects.

use super::Called;
use super::code::CodeFunction;
use super::encoding::{Codes, EncodingFunction};
use super::json::JsonFunction;
use super::list::array_of;
use super::number::number_of;
use super::objects::ObjectFunction;
use super::pattern::pattern_of;
use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::texts::{Texts, append};
use crate::value::Value;

/// A call of a function that computes.
pub(super) struct Global<'c>(pub(super) Called<'c>);

impl Global<'_> {
    /// Evaluates the call. Returns `None` if the function is not known here.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let Called { path, arguments } = self.0;
        let first = self.0.argument(0);
        let second = self.0.argument(1);
        let value = match path {
            "String" => match first {
                Value::Undefined if arguments.is_empty() => Value::text(""),
                other => Texts::of(&other, it),
            },
            "String.raw" => self.raw_text(it),
            "String.fromCharCode" | "String.fromCodePoint" => Codes(arguments).text(it),
            "Number" | "parseInt" | "Number.parseInt" | "BigInt" => number_of(&first, &second),
            "Array.of" => it.heap.list(arguments.to_vec()),
            "Array" => array_of(arguments, &mut it.heap),
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
                let any = Elements::of(&first, it).with_unknown();
                it.any(any)
            }
            "RegExp" => pattern_of(&first, &second, &mut it.heap),
            "path.join" | "path.resolve" => self.joined_path(it),
            "os.homedir" => Value::text("~"),
            "os.tmpdir" => Value::text("/tmp"),
            "process.cwd" | "Deno.cwd" => Value::text("."),
            "Math.floor" | "Math.ceil" | "Math.round" | "Math.trunc" | "Math.abs" | "Math.max"
            | "Math.min" => mathematics(path, arguments),
            _ => {
                return CodeFunction(self.0)
                    .value(it)
                    .or_else(|| ObjectFunction(self.0).value(it))
                    .or_else(|| EncodingFunction(self.0).value(it))
                    .or_else(|| JsonFunction(self.0).value(it));
            }
        };
        Some(value)
    }

    /// Evaluates a template tagged with `String.raw`.
    fn raw_text(&self, it: &mut Interpreter<'_>) -> Value {
        let texts = self.0.argument(0);
        let raw = it.get(&texts, "raw");
        let quasis = Elements::of(&raw, it).values;
        let mut parts = Vec::new();
        for (at, quasi) in quasis.into_iter().enumerate() {
            parts.push(quasi);
            parts.extend(self.0.arguments.get(at + 1).cloned());
        }
        Texts::concat(&parts, it)
    }

    /// `path.join`, `path.resolve`.
    fn joined_path(&self, it: &mut Interpreter<'_>) -> Value {
        let mut parts = Vec::new();
        for (at, argument) in self.0.arguments.iter().enumerate() {
            if at > 0 {
                parts.push(Value::text("/"));
            }
            parts.push(argument.clone());
        }
        let joined = Texts::concat(&parts, it);
        let is_resolve = self.0.path == "path.resolve";
        it.each(&joined, |_, path| match path.as_text() {
            Some(path) => Value::Text(plain_path(path, is_resolve).into()),
            None => Value::some_text(),
        })
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

/// Resolves `.` and `..` in a path. In `resolve`, an absolute part drops the parts before it.
fn plain_path(path: &str, is_resolve: bool) -> String {
    let path = match path.rfind("//").filter(|_| is_resolve) {
        Some(at) => &path[at + 1..],
        None => path,
    };
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts
                .last()
                .is_some_and(|last| !matches!(*last, ".." | "~") && !last.contains(UNKNOWN)) =>
            {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut plain = String::new();
    if is_absolute {
        plain.push('/');
    }
    append(&mut plain, &parts.join("/"));
    if plain.is_empty() {
        ".".to_owned()
    } else {
        plain
    }
}
