//! Reads fields of objects, of texts, and of the runtime.

use std::rc::Rc;

use oxc_ast::ast::MemberExpression;

use super::Interpreter;
use super::builtins::Chars;
use super::reference::Reference;
use crate::UNKNOWN;
use crate::heap::{Field, Heap, Kind, Object};
use crate::value::{Id, Value};

/// Names that lead back to the runtime's global names.
const GLOBALS: &[&str] = &[
    "globalThis",
    "window",
    "self",
    "global",
    "frames",
    "top",
    "parent",
];
/// How many parents of an object are searched.
const MOST_PARENTS: usize = 8;

/// A member, as it is written.
pub(super) struct Member<'a>(pub(super) &'a MemberExpression<'a>);

impl<'a> Member<'a> {
    /// Returns the object, and the name that is read from it.
    pub(super) fn parts(&self, it: &mut Interpreter<'a>) -> (Value, Value) {
        match self.0 {
            MemberExpression::StaticMemberExpression(member) => {
                let object = it.expression(&member.object);
                (object, Value::literal(member.property.name.as_str()))
            }
            MemberExpression::ComputedMemberExpression(member) => {
                let object = it.expression(&member.object);
                let name = it.expression(&member.expression);
                (object, name)
            }
            MemberExpression::PrivateFieldExpression(member) => {
                let object = it.expression(&member.object);
                (object, Value::literal(&format!("#{}", member.field.name)))
            }
        }
    }
}

/// The name of a field that is read.
pub(super) struct Lookup<'n>(pub(super) &'n str);

impl Lookup<'_> {
    /// Reads the field on a value.
    pub(super) fn on(&self, object: &Value, it: &mut Interpreter<'_>) -> Value {
        let Self(name) = *self;
        match object {
            Value::OneOf(_) => Reference::at(object, &Value::text(name)).get(it),
            Value::Path(path) => self.on_path(path, it),
            Value::Object(id) => self.on_object(*id, it),
            Value::Text(text) => self.on_text(text, it),
            Value::Number(_) => Value::path(&format!("Number.prototype.{name}")),
            Value::Unknown if is_promise(name) => Value::path(&format!("Promise.prototype.{name}")),
            Value::Unknown => Value::Unknown,
            Value::Bool(_) if name == "toString" => Value::path("Object.prototype.toString"),
            // A promise of `undefined` is `undefined` here.
            Value::Undefined if is_promise(name) => {
                Value::path(&format!("Promise.prototype.{name}"))
            }
            Value::Undefined | Value::Null | Value::Absent | Value::Bool(_) => Value::Undefined,
        }
    }

    fn on_path(&self, path: &Rc<str>, it: &mut Interpreter<'_>) -> Value {
        let Self(name) = *self;
        let path = if GLOBALS.contains(&&**path) {
            if GLOBALS.contains(&name) {
                return Value::path("globalThis");
            }
            Rc::from(name)
        } else if matches!(name, "call" | "apply" | "bind")
            && !matches!(&**path, "tools" | "Reflect")
        {
            return Value::path(&format!("Function.prototype.{name}"));
        } else if matches!(name, "default" | "promises") && !path.starts_with("tools") {
            // `import fs from "fs"`, `require("fs").promises`.
            path.clone()
        } else if is_promise(name) && &**path != "Promise" && !path.ends_with(".prototype") {
            return Value::path(&format!("Promise.prototype.{name}"));
        } else {
            format!("{path}.{name}").into()
        };
        match it.heap.written(&path) {
            Some(written) => it.any([written, Value::Path(path)]),
            None => known_path(path),
        }
    }

    fn on_text(&self, text: &Rc<str>, it: &mut Interpreter<'_>) -> Value {
        let Self(name) = *self;
        if name == "length" {
            it.spend(text.len() / 1024);
            let is_known = !text.contains(UNKNOWN);
            return if is_known {
                Value::Number(text.encode_utf16().count() as f64)
            } else {
                Value::Unknown
            };
        }
        if is_promise(name) {
            return Value::path(&format!("Promise.prototype.{name}"));
        }
        if let Ok(at) = name.parse::<usize>() {
            return Chars(text).at(at, it);
        }
        if name.contains(UNKNOWN) {
            return Value::some_text();
        }
        Value::path(&format!("String.prototype.{name}"))
    }

    fn on_object(&self, id: Id, it: &mut Interpreter<'_>) -> Value {
        let Self(name) = *self;
        if name.contains(UNKNOWN) {
            return any_field(id, &mut it.heap);
        }
        if let Some(value) = self.own(id, it) {
            return value;
        }
        let mut holder = it.heap.get(id).parent.clone();
        for _ in 0..MOST_PARENTS {
            let Some(Value::Object(parent)) = holder else {
                break;
            };
            if let Some(value) = self.of_holder(parent, &Value::Object(id), it) {
                return value;
            }
            holder = it.heap.get(parent).parent.clone();
        }
        if let Some(value @ Value::Path(_)) = holder {
            return it.get(&value, name);
        }
        self.inherited(it.heap.get(id))
    }

    /// Returns a field that every object of this kind has.
    fn inherited(&self, object: &Object<'_>) -> Value {
        let Self(name) = *self;
        if is_promise(name) {
            return Value::path(&format!("Promise.prototype.{name}"));
        }
        match (&object.kind, name) {
            (Kind::List(values, is_open), "length") => {
                let is_known = !is_open && !values.iter().any(|value| value.has(&Value::Absent));
                if is_known {
                    Value::Number(values.len() as f64)
                } else {
                    Value::Unknown
                }
            }
            (Kind::List(..), "constructor") => Value::path("Array"),
            (Kind::List(..), _) => Value::path(&format!("Array.prototype.{name}")),
            (Kind::Function(_) | Kind::Bound { .. }, "constructor") => Value::path("Function"),
            (Kind::Function(_) | Kind::Bound { .. }, "call" | "apply" | "bind" | "toString") => {
                Value::path(&format!("Function.prototype.{name}"))
            }
            (Kind::Pattern(pattern, _), "source") => Value::literal(pattern),
            (Kind::Pattern(..), _) => Value::path(&format!("RegExp.prototype.{name}")),
            (Kind::Plain, "toString" | "hasOwnProperty" | "valueOf" | "propertyIsEnumerable") => {
                Value::path(&format!("Object.prototype.{name}"))
            }
            (Kind::Plain, "constructor") => Value::path("Object"),
            _ if object.has_unknown_name() => Value::anything(),
            _ => Value::Undefined,
        }
    }

    fn own(&self, id: Id, it: &mut Interpreter<'_>) -> Option<Value> {
        let Self(name) = *self;
        if let Kind::List(values, is_open) = &it.heap.get(id).kind
            && let Ok(at) = name.parse::<usize>()
        {
            let is_sure = !is_open && !values.iter().any(|value| value.has(&Value::Absent));
            return match values.get(at) {
                Some(value) if is_sure => Some(value.clone()),
                // Elements that may be missing or come from elsewhere shift the others.
                _ if !is_sure => Some(any_field(id, &mut it.heap)),
                _ => Some(Value::Undefined),
            };
        }
        self.of_holder(id, &Value::Object(id), it)
    }

    /// Reads a field of an object that is read on `this`.
    fn of_holder(&self, holder: Id, this: &Value, it: &mut Interpreter<'_>) -> Option<Value> {
        let Self(name) = *self;
        let field = it.heap.get(holder).field(name)?.clone();
        let value = field.read(holder, this, it);
        if !it.heap.get(holder).has_unknown_name() {
            return Some(value);
        }
        let unknown = it
            .heap
            .get(holder)
            .fields
            .iter()
            .filter(|field| field.name.contains(UNKNOWN));
        let others: Vec<Value> = unknown.map(|field| field.value.now().clone()).collect();
        Some(it.any(others.into_iter().chain([value])))
    }
}

impl Field {
    /// Returns the value of a field that is read on `this`.
    pub(crate) fn read(&self, holder: Id, this: &Value, it: &mut Interpreter<'_>) -> Value {
        let value = it.heap.field_value(holder, self);
        if self.is_getter {
            it.call(&value, this.clone(), Vec::new())
        } else {
            value
        }
    }
}

/// Returns the value of paths that stand for plain values.
fn known_path(path: Rc<str>) -> Value {
    match &*path {
        "process.platform" => Value::text("linux"),
        "process.env.HOME" | "Deno.env.HOME" => Value::text("~"),
        "process.argv" | "Deno.args" | "Bun.argv" => Value::Unknown,
        "path.sep" => Value::text("/"),
        "os.EOL" => Value::text("\n"),
        _ if path.starts_with("process.env.") => Value::some_text(),
        _ => Value::Path(path),
    }
}

/// Returns any field of an object.
fn any_field(id: Id, heap: &mut Heap<'_>) -> Value {
    let mut values = heap.get(id).values();
    values.retain(|value| *value != Value::Absent);
    let is_open = match &heap.get(id).kind {
        Kind::List(_, is_open) => *is_open,
        _ => true,
    };
    if is_open {
        values.push(Value::Unknown);
    }
    let methods = heap.get(id).parent.clone();
    if let Some(Value::Object(parent)) = methods {
        values.extend(heap.get(parent).values());
    }
    heap.any(values)
}

/// Methods of a promise, which is treated as its result.
fn is_promise(name: &str) -> bool {
    matches!(name, "then" | "catch" | "finally")
}
