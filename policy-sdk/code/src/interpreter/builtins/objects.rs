//! Functions of `Object`, `Reflect` and `Array`.

use super::list::ListMethod;
use super::{Called, MethodCall};
use crate::heap::{Kind, MOST_ELEMENTS};
use crate::interpreter::Interpreter;
use crate::interpreter::classes::Construction;
use crate::interpreter::elements::Elements;
use crate::interpreter::reference::Reference;
use crate::interpreter::source::Source;
use crate::value::Value;

/// A call of a function of `Object`, `Reflect` or `Array`.
pub(super) struct ObjectFunction<'c>(pub(super) Called<'c>);

impl ObjectFunction<'_> {
    /// Evaluates the call. Returns `None` if the function is not known here.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let Called { path, arguments } = self.0;
        let (holder, _) = path.split_once('.')?;
        if !matches!(holder, "Object" | "Reflect" | "Array") {
            return None;
        }
        let first = self.0.argument(0);
        let second = self.0.argument(1);
        let third = self.0.argument(2);
        let value = match path {
            "Object.keys" | "Object.getOwnPropertyNames" | "Reflect.ownKeys" => {
                Source(&first).names(&mut it.heap)
            }
            "Object.values" => {
                let pairs = Source(&first).pairs(it);
                let values = pairs.into_iter().map(|(_, value)| value).collect();
                Source(&first).list(values, &mut it.heap)
            }
            "Object.entries" => {
                let mut entries = Vec::new();
                for (name, value) in Source(&first).pairs(it) {
                    entries.push(it.heap.list(vec![name, value]));
                }
                Source(&first).list(entries, &mut it.heap)
            }
            "Object.fromEntries" => {
                let object = it.heap.object(Kind::Plain, Vec::new());
                let entries = Elements::of(&first, it).values;
                for entry in entries {
                    let (name, value) = (it.get(&entry, "0"), it.get(&entry, "1"));
                    Reference::at(&object, &name).define(value, false, &mut it.heap);
                }
                object
            }
            "Object.assign" => {
                for source in arguments.iter().skip(1) {
                    if let Value::Path(_) = first {
                        continue;
                    }
                    Source(source).copy_to(&first, it);
                }
                first
            }
            "Object.create" => {
                let object = it.heap.object(Kind::Plain, Vec::new());
                if let (Value::Object(id), Value::Object(_) | Value::Path(_)) = (&object, &first) {
                    it.heap.set_parent(*id, first);
                }
                object
            }
            "Object.setPrototypeOf" | "Reflect.setPrototypeOf" => {
                if let Value::Object(id) = first {
                    it.heap.set_parent(id, second);
                }
                first
            }
            "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => match &first {
                Value::Object(id) => it.heap.get(*id).parent.clone().unwrap_or(Value::anything()),
                _ => Value::anything(),
            },
            "Object.defineProperty" | "Reflect.defineProperty" => {
                Reference::at(&first, &second).describe(&third, it);
                first
            }
            "Object.getOwnPropertyDescriptor" | "Reflect.getOwnPropertyDescriptor" => {
                let value = Reference::at(&first, &second).get(it);
                let object = it.heap.object(Kind::Plain, Vec::new());
                Reference::at(&object, &Value::text("value")).define(value, false, &mut it.heap);
                object
            }
            "Array.isArray" => Value::Unknown,
            "Array.from" => it.each(&first, |it, source| self.list_from(source, it)),
            _ => return self.reflect(it),
        };
        Some(value)
    }

    /// Functions of `Reflect` that are not also functions of `Object`.
    fn reflect(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let first = self.0.argument(0);
        let second = self.0.argument(1);
        let third = self.0.argument(2);
        let value = match self.0.path {
            "Reflect.get" => Reference::at(&first, &second).get(it),
            "Reflect.set" => {
                Reference::at(&first, &second).set(third, &mut it.heap);
                Value::Bool(true)
            }
            "Reflect.apply" => {
                let all = Elements::of(&third, it).with_unknown().collect();
                it.call(&first, second, all)
            }
            "Reflect.construct" => {
                let elements = Elements::of(&second, it).values;
                Construction::new(&first, elements).follow(it)
            }
            _ => return None,
        };
        Some(value)
    }

    /// `Array.from(list, f)`, `Array.from({ length: 3 }, f)`.
    fn list_from(&self, source: &Value, it: &mut Interpreter<'_>) -> Value {
        let length = match source {
            Value::Object(id) if matches!(it.heap.get(*id).kind, Kind::Plain) => {
                it.get(source, "length")
            }
            _ => Value::Undefined,
        };
        let list = match length.as_number() {
            Some(length) if length <= MOST_ELEMENTS as f64 => {
                let count = length.max(0.0) as usize;
                it.heap.list(vec![Value::Undefined; count])
            }
            _ => Elements::of(source, it).list(&mut it.heap),
        };
        match &self.0.argument(1) {
            Value::Undefined => list,
            function => {
                let call = MethodCall {
                    name: "map",
                    this: &list,
                    arguments: std::slice::from_ref(function),
                };
                ListMethod(call).value(it)
            }
        }
    }
}
