//! Follows calls of the program's own functions.

use std::rc::Rc;

use super::Interpreter;
use super::classes::ClassFields;
use super::patterns::Pattern;
use super::reference::Reference;
use super::statements::Block;
use super::terms::Term;
use crate::function::{Body, Frame, Function};
use crate::value::Value;

/// A call of a function of the program.
#[derive(Clone)]
pub(super) struct Invocation<'a> {
    function: Rc<Function<'a>>,
    this: Value,
    arguments: Vec<Value>,
}

impl<'a> Invocation<'a> {
    pub(super) fn new(function: &Rc<Function<'a>>, this: Value, arguments: Vec<Value>) -> Self {
        Self {
            function: Rc::clone(function),
            this,
            arguments,
        }
    }

    /// A call of a function that nothing calls, with unknown arguments.
    pub(super) fn with_anything(function: &Rc<Function<'a>>) -> Self {
        let params = function.params.map_or(0, |params| params.items.len());
        Self::new(function, Value::anything(), vec![Value::anything(); params])
    }

    /// Follows the call. Returns what the function may return.
    pub(super) fn follow(self, it: &mut Interpreter<'a>) -> Value {
        let key = self.function.key();
        it.functions.call(key);
        if it.functions.is_recursive(key) {
            return Value::anything();
        }
        if let Body::Class(class) = self.function.body {
            let fields = ClassFields::new(class, self.function.scope);
            fields.define(&self.this, it);
            return Value::Undefined;
        }
        if self.function.is_async {
            it.functions.runs_later(&self);
        }
        it.functions.enter(key);
        let Self {
            function,
            this,
            arguments,
        } = self;
        let this = function.this.clone().unwrap_or(this);
        let scope = it.scopes.open(function.scope, true, &mut it.heap);
        let frame = Frame::new(scope, this, function.above.clone());
        let around = std::mem::replace(&mut it.frame, frame);
        function.bind(scope, arguments, it);
        let value = function.value(it);
        it.frame = around;
        it.functions.leave();
        value
    }
}

impl<'a> Function<'a> {
    /// Declares its parameters in the scope of a call.
    fn bind(&self, scope: u32, arguments: Vec<Value>, it: &mut Interpreter<'a>) {
        let Some(params) = self.params else {
            return;
        };
        if self.this.is_none() {
            let list = it.heap.list(arguments.clone());
            it.scopes.declare(scope, "arguments", list, &mut it.heap);
        }
        let mut arguments = arguments.into_iter();
        for param in &params.items {
            let mut value = arguments.next().unwrap_or(Value::Undefined);
            if let Some(initializer) = &param.initializer {
                value = Term(initializer).unless_given(value, it);
            }
            if param.accessibility.is_some()
                && let Some(id) = param.pattern.get_binding_identifier()
            {
                // TypeScript's `constructor(private x)`.
                let this = it.frame.this.clone();
                Reference::at(&this, &Value::text(id.name.as_str()))
                    .set(value.clone(), &mut it.heap);
            }
            Pattern(&param.pattern).bind(value, scope, it);
        }
        if let Some(rest) = &params.rest {
            let list = it.heap.list(arguments.collect());
            Pattern(&rest.rest.argument).bind(list, scope, it);
        }
    }

    /// Follows its body, in the frame of a call.
    fn value(&self, it: &mut Interpreter<'a>) -> Value {
        match self.body {
            Body::Expression(expression) => it.expression(expression),
            Body::Statements(body) => {
                Block(&body.statements).hoist(it);
                Block(&body.statements).follow(it);
                let returned = std::mem::take(&mut it.frame.returned);
                if self.is_generator {
                    let yielded = std::mem::take(&mut it.frame.yielded);
                    return it.heap.list(yielded);
                }
                it.any(returned)
            }
            Body::Class(_) => Value::Undefined,
        }
    }
}
