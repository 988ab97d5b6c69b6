//! Fields by their names, where both the object and the name may be several.

use super::Interpreter;
use crate::heap::Heap;
use crate::value::Value;

/// A field of an object, by its name.
#[derive(Clone, Copy)]
pub(crate) struct Reference<'v> {
    object: &'v Value,
    name: &'v Value,
}

impl<'v> Reference<'v> {
    pub(crate) fn at(object: &'v Value, name: &'v Value) -> Self {
        Self { object, name }
    }

    /// Reads the field.
    pub(crate) fn get(&self, it: &mut Interpreter<'_>) -> Value {
        let mut values = Vec::new();
        for object in self.object.alternatives() {
            for name in self.name.alternatives() {
                let name = name.as_name();
                values.push(it.get(object, &name));
            }
        }
        it.any(values)
    }

    /// Writes the field, or one of the runtime's.
    pub(crate) fn set(&self, value: Value, heap: &mut Heap<'_>) {
        let are_several = self.object.alternatives().len() * self.name.alternatives().len() > 1;
        let around = are_several.then(|| heap.regions.enter());
        for object in self.object.alternatives() {
            for name in self.name.alternatives() {
                let name = name.as_name();
                match object {
                    Value::Object(id) => heap.set_field(*id, &name, value.clone(), false),
                    Value::Path(path)
                        if matches!(&**path, "globalThis" | "window" | "self" | "global") =>
                    {
                        heap.write_over(&name, value.clone());
                    }
                    Value::Path(path) => heap.write_over(&format!("{path}.{name}"), value.clone()),
                    _ => {}
                }
            }
        }
        if let Some(around) = around {
            heap.regions.leave(around);
        }
    }

    /// Defines the field, if the object is one of the program.
    pub(crate) fn define(&self, value: Value, is_getter: bool, heap: &mut Heap<'_>) {
        let Value::Object(id) = self.object else {
            return;
        };
        for name in self.name.alternatives() {
            let name = name.as_name();
            heap.set_field(*id, &name, value.clone(), is_getter);
        }
    }

    /// Defines the field by a descriptor, as `Object.defineProperty` does.
    pub(crate) fn describe(&self, descriptor: &Value, it: &mut Interpreter<'_>) {
        let getter = it.get(descriptor, "get");
        if it.heap.as_function(&getter).is_some() {
            self.define(getter, true, &mut it.heap);
        } else {
            let value = it.get(descriptor, "value");
            self.set(value, &mut it.heap);
        }
    }
}
