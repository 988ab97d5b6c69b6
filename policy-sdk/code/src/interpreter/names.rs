//! Names of the program and of the runtime.

use super::Interpreter;
use super::reference::Reference;
use crate::value::Value;

/// A name, wherever it was declared.
pub(super) struct Name<'n>(pub(super) &'n str);

impl Name<'_> {
    /// Returns its value. A name that the program does not declare is the runtime's.
    pub(super) fn read(&self, it: &mut Interpreter<'_>) -> Value {
        let Self(name) = *self;
        let (variable, object) = it.scopes.find(it.frame.scope, name);
        let value = match (variable, name) {
            (Some(variable), _) => it.scopes.read(variable),
            (None, "undefined") => Value::Undefined,
            (None, "NaN") => Value::Number(f64::NAN),
            (None, "Infinity") => Value::Number(f64::INFINITY),
            (None, name) => it.get(&Value::path("globalThis"), name),
        };
        match object {
            Some(object) => {
                let field = it.get(&object, name);
                it.any([field, value])
            }
            None => value,
        }
    }

    /// Assigns a value to it.
    pub(super) fn assign(&self, value: Value, it: &mut Interpreter<'_>) {
        let Self(name) = *self;
        let (variable, object) = it.scopes.find(it.frame.scope, name);
        if let Some(object) = object {
            Reference::at(&object, &Value::text(name)).set(value.clone(), &mut it.heap);
        }
        match variable {
            Some(variable) => it.scopes.write(variable, value, &mut it.heap),
            None => it.heap.write_over(name, value),
        }
    }
}
