//! Methods of functions and promises.

use super::MethodCall;
use crate::heap::Kind;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::value::Value;

/// A call of a method of a function.
pub(super) struct FunctionMethod<'c>(pub(super) MethodCall<'c>);

impl FunctionMethod<'_> {
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let MethodCall { name, this, .. } = self.0;
        let mut arguments = self.0.arguments.to_vec();
        if arguments.is_empty() && name != "toString" {
            arguments.push(Value::Undefined);
        }
        match name {
            "call" => {
                let receiver = arguments.remove(0);
                it.call(this, receiver, arguments)
            }
            "apply" => {
                let receiver = arguments.remove(0);
                let list = arguments.into_iter().next().unwrap_or(Value::Undefined);
                let all = Elements::of(&list, it).with_unknown().collect();
                it.call(this, receiver, all)
            }
            "bind" => {
                let receiver = arguments.remove(0);
                let bound = Kind::Bound {
                    function: this.clone(),
                    this: receiver,
                    arguments: arguments.into(),
                };
                it.heap.object(bound, Vec::new())
            }
            _ => Value::Unknown,
        }
    }
}

/// A call of a method of a promise, which is treated as its result.
pub(super) struct PromiseMethod<'c>(pub(super) MethodCall<'c>);

impl PromiseMethod<'_> {
    /// Calls its callbacks at once, with its result.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let first = self.0.argument(0);
        let this = self.0.this.clone();
        match self.0.name {
            "then" => {
                if let Some(second) = self.0.arguments.get(1) {
                    it.hand_over(std::slice::from_ref(second), &Value::Unknown);
                }
                if first.may_be_called() {
                    it.call(&first, Value::Undefined, vec![this])
                } else {
                    this
                }
            }
            "catch" => {
                let caught =
                    it.perhaps(|it| it.call(&first, Value::Undefined, vec![Value::Unknown]));
                it.any([this, caught])
            }
            _ => {
                it.call(&first, Value::Undefined, Vec::new());
                this
            }
        }
    }
}
