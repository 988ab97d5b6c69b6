//! Reads fields of objects, of texts, and of the runtime.

use std::rc::Rc;

use oxc_ast::ast::MemberExpression;

use super::Interpreter;
use crate::UNKNOWN;
use crate::heap::{Field, Kind};
use crate::value::{Id, Value, number_text};

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

impl<'a> Interpreter<'a> {
    /// Returns the object of a member expression, and the name that is read from it.
    pub(super) fn member(&mut self, member: &'a MemberExpression<'a>) -> (Value, Value) {
        match member {
            MemberExpression::StaticMemberExpression(member) => {
                let object = self.expression(&member.object);
                (object, Value::literal(member.property.name.as_str()))
            }
            MemberExpression::ComputedMemberExpression(member) => {
                let object = self.expression(&member.object);
                let name = self.expression(&member.expression);
                (object, name)
            }
            MemberExpression::PrivateFieldExpression(member) => {
                let object = self.expression(&member.object);
                (object, Value::literal(&format!("#{}", member.field.name)))
            }
        }
    }

    /// Reads a field whose name may be one of several.
    pub(crate) fn get_any(&mut self, object: &Value, name: &Value) -> Value {
        let mut values = Vec::new();
        for object in object.alternatives() {
            for name in name.alternatives() {
                let name = self.name_text(name);
                values.push(self.get(object, &name));
            }
        }
        self.any(values)
    }

    /// The text of a field's name.
    pub(crate) fn name_text(&mut self, name: &Value) -> Rc<str> {
        match name {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number_text(*number).into(),
            Value::Path(path) if path.starts_with("Symbol.") => path.clone(),
            Value::Bool(value) => value.to_string().into(),
            Value::Undefined => "undefined".into(),
            Value::Null => "null".into(),
            _ => UNKNOWN.to_string().into(),
        }
    }

    /// Reads a field.
    pub(crate) fn get(&mut self, object: &Value, name: &str) -> Value {
        match object {
            Value::OneOf(_) => self.get_any(object, &Value::text(name)),
            Value::Path(path) => self.get_of_path(path, name),
            Value::Object(id) => self.get_of_object(*id, name),
            Value::Text(text) => self.get_of_text(text, name),
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

    fn get_of_path(&mut self, path: &Rc<str>, name: &str) -> Value {
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
        match self.heap.written(&path) {
            Some(written) => self.any([written, Value::Path(path)]),
            None => self.known_path(path),
        }
    }

    /// Returns the value of paths that stand for plain values.
    fn known_path(&mut self, path: Rc<str>) -> Value {
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

    fn get_of_text(&mut self, text: &Rc<str>, name: &str) -> Value {
        if name == "length" {
            self.spend(text.len() / 1024);
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
            return self.char_at(text, at);
        }
        if name.contains(UNKNOWN) {
            return Value::some_text();
        }
        Value::path(&format!("String.prototype.{name}"))
    }

    fn get_of_object(&mut self, id: Id, name: &str) -> Value {
        if name.contains(UNKNOWN) {
            return self.any_field(id);
        }
        if let Some(value) = self.own_field(id, name) {
            return value;
        }
        let mut holder = self.heap.get(id).parent.clone();
        for _ in 0..MOST_PARENTS {
            let Some(Value::Object(parent)) = holder else {
                break;
            };
            if let Some(value) = self.field_called_on(parent, name, &Value::Object(id)) {
                return value;
            }
            holder = self.heap.get(parent).parent.clone();
        }
        if let Some(value @ Value::Path(_)) = holder {
            return self.get(&value, name);
        }
        self.inherited(id, name)
    }

    /// Returns a field that every object of this kind has.
    fn inherited(&mut self, id: Id, name: &str) -> Value {
        if is_promise(name) {
            return Value::path(&format!("Promise.prototype.{name}"));
        }
        match (&self.heap.get(id).kind, name) {
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
            _ if self.heap.get(id).has_unknown_name() => Value::anything(),
            _ => Value::Undefined,
        }
    }

    fn own_field(&mut self, id: Id, name: &str) -> Option<Value> {
        if let Kind::List(values, is_open) = &self.heap.get(id).kind
            && let Ok(at) = name.parse::<usize>()
        {
            let is_sure = !is_open && !values.iter().any(|value| value.has(&Value::Absent));
            return match values.get(at) {
                Some(value) if is_sure => Some(value.clone()),
                // Elements that may be missing or come from elsewhere shift the others.
                _ if !is_sure => Some(self.any_field(id)),
                _ => Some(Value::Undefined),
            };
        }
        self.field_called_on(id, name, &Value::Object(id))
    }

    fn field_called_on(&mut self, holder: Id, name: &str, this: &Value) -> Option<Value> {
        let field = self.heap.get(holder).field(name)?.clone();
        let value = self.value_of_field(holder, &field, this);
        if !self.heap.get(holder).has_unknown_name() {
            return Some(value);
        }
        let unknown = self
            .heap
            .get(holder)
            .fields
            .iter()
            .filter(|field| field.name.contains(UNKNOWN));
        let others: Vec<Value> = unknown.map(|field| field.value.now().clone()).collect();
        Some(self.any(others.into_iter().chain([value])))
    }

    /// Returns the value of a field that is read on `this`.
    pub(crate) fn value_of_field(&mut self, holder: Id, field: &Field, this: &Value) -> Value {
        let value = self.heap.field_value(holder, field);
        if field.is_getter {
            self.call(&value, this.clone(), Vec::new())
        } else {
            value
        }
    }

    /// Returns any field of an object.
    pub(crate) fn any_field(&mut self, id: Id) -> Value {
        let mut values = self.heap.get(id).values();
        values.retain(|value| *value != Value::Absent);
        let is_open = match &self.heap.get(id).kind {
            Kind::List(_, is_open) => *is_open,
            _ => true,
        };
        if is_open {
            values.push(Value::Unknown);
        }
        let methods = self.heap.get(id).parent.clone();
        if let Some(Value::Object(parent)) = methods {
            values.extend(self.heap.get(parent).values());
        }
        self.any(values)
    }
}

/// Methods of a promise, which is treated as its result.
fn is_promise(name: &str) -> bool {
    matches!(name, "then" | "catch" | "finally")
}
