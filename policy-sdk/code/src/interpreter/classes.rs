//! Follows classes and `new`.

use oxc_ast::ast::{Class, ClassElement, MethodDefinitionKind};

use super::Interpreter;
use super::builtins::RuntimeCall;
use super::invocation::Invocation;
use super::literals::{FunctionLiteral, Key};
use super::reference::Reference;
use super::statements::Block;
use crate::function::{Body, Function};
use crate::heap::Kind;
use crate::value::Value;

/// A class, as it is written.
pub(super) struct ClassLiteral<'a>(pub(super) &'a Class<'a>);

impl<'a> ClassLiteral<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let Self(class) = *self;
        let above = class
            .heritage
            .as_ref()
            .map(|heritage| it.expression(&heritage.expression));
        let scope = it.scopes.open(it.frame.scope, false, &mut it.heap);
        let value = it.made_function(Function {
            params: None,
            body: Body::Class(class),
            scope,
            this: None,
            is_generator: false,
            is_async: false,
            above: above.clone(),
        });
        if let Some(id) = &class.id {
            let name = id.name.as_str();
            it.scopes.declare(scope, name, value.clone(), &mut it.heap);
            if class.is_declaration() {
                it.scopes
                    .declare(it.frame.scope, name, value.clone(), &mut it.heap);
            }
        }
        let prototype = it.heap.object(Kind::Plain, Vec::new());
        if let (Some(above), &Value::Object(prototype), &Value::Object(class)) =
            (&above, &prototype, &value)
        {
            let parent = it.get(above, "prototype");
            it.heap.set_parent(prototype, parent);
            it.heap.set_parent(class, above.clone());
        }
        let name = Value::text("prototype");
        Reference::at(&value, &name).define(prototype.clone(), false, &mut it.heap);
        let around = std::mem::replace(&mut it.frame.scope, scope);
        self.members(&value, &prototype, &above, it);
        it.frame.scope = around;
        value
    }

    fn members(
        &self,
        value: &Value,
        prototype: &Value,
        above: &Option<Value>,
        it: &mut Interpreter<'a>,
    ) {
        for element in &self.0.body.body {
            match element {
                ClassElement::MethodDefinition(method) => {
                    let name = Key::new(&method.key, method.computed).value(it);
                    let function = FunctionLiteral::new(&method.value, above.clone()).value(it);
                    let holder = if method.r#static { value } else { prototype };
                    match method.kind {
                        MethodDefinitionKind::Constructor => {
                            let name = Value::text("constructor");
                            Reference::at(prototype, &name).define(function, false, &mut it.heap);
                        }
                        MethodDefinitionKind::Set => {}
                        kind => {
                            let is_getter = kind == MethodDefinitionKind::Get;
                            Reference::at(holder, &name).define(function, is_getter, &mut it.heap);
                        }
                    }
                }
                ClassElement::PropertyDefinition(property) if property.r#static => {
                    let name = Key::new(&property.key, property.computed).value(it);
                    if let Some(expression) = &property.value {
                        let around = std::mem::replace(&mut it.frame.this, value.clone());
                        let field = it.expression(expression);
                        it.frame.this = around;
                        Reference::at(value, &name).define(field, false, &mut it.heap);
                    }
                }
                ClassElement::StaticBlock(block) => {
                    let around = std::mem::replace(&mut it.frame.this, value.clone());
                    Block(&block.body).in_scope(it);
                    it.frame.this = around;
                }
                _ => {}
            }
        }
    }
}

/// The fields that each object of a class gets.
pub(super) struct ClassFields<'a> {
    class: &'a Class<'a>,
    /// The scope of the class.
    scope: u32,
}

impl<'a> ClassFields<'a> {
    pub(super) fn new(class: &'a Class<'a>, scope: u32) -> Self {
        Self { class, scope }
    }

    /// Defines the fields of an object.
    pub(super) fn define(&self, this: &Value, it: &mut Interpreter<'a>) {
        let scope = std::mem::replace(&mut it.frame.scope, self.scope);
        let around = std::mem::replace(&mut it.frame.this, this.clone());
        for element in &self.class.body.body {
            let ClassElement::PropertyDefinition(property) = element else {
                continue;
            };
            if property.r#static {
                continue;
            }
            let name = Key::new(&property.key, property.computed).value(it);
            if let Some(expression) = &property.value {
                let value = it.expression(expression);
                Reference::at(this, &name).set(value, &mut it.heap);
            }
        }
        it.frame.scope = scope;
        it.frame.this = around;
    }
}

/// `new` on a class.
pub(crate) struct Construction<'v> {
    class: &'v Value,
    arguments: Vec<Value>,
}

impl<'v> Construction<'v> {
    pub(crate) fn new(class: &'v Value, arguments: Vec<Value>) -> Self {
        Self { class, arguments }
    }

    /// Returns the result of `new`.
    pub(crate) fn follow(self, it: &mut Interpreter<'_>) -> Value {
        it.deeper(|it| {
            let mut made = Vec::new();
            for class in self.class.alternatives() {
                let arguments = self.arguments.clone();
                made.push(Construction::new(class, arguments).follow_one(it));
            }
            it.any(made)
        })
    }

    fn follow_one(self, it: &mut Interpreter<'_>) -> Value {
        let Self { class, arguments } = self;
        match class {
            Value::Path(path) => RuntimeCall::new(path, Value::Undefined, arguments).construct(it),
            Value::Object(_) if it.heap.as_function(class).is_some() => {
                let object = it.heap.object(Kind::Plain, Vec::new());
                let prototype = it.get(class, "prototype");
                if let (Value::Object(id), Value::Object(_)) = (&object, &prototype) {
                    it.heap.set_parent(*id, prototype);
                }
                let returned = Construction::new(class, arguments).initialize(&object, it);
                let returned: Vec<Value> = returned
                    .alternatives()
                    .iter()
                    .filter(|value| value.may_be_called())
                    .cloned()
                    .collect();
                it.any(returned.into_iter().chain([object]))
            }
            Value::Object(_) => it.call(class, Value::Undefined, arguments),
            _ => {
                it.hand_over(&arguments, &Value::Unknown);
                Value::Unknown
            }
        }
    }

    /// Runs the constructor on an object.
    pub(super) fn initialize(self, this: &Value, it: &mut Interpreter<'_>) -> Value {
        let Self { class, arguments } = self;
        let Some(function) = it.heap.as_function(class).cloned() else {
            if let Value::Path(path) = class {
                let made = RuntimeCall::new(path, Value::Undefined, arguments).construct(it);
                if let (Value::Object(id), Value::Path(_)) = (this, &made) {
                    it.heap.set_parent(*id, made);
                }
            }
            return Value::Undefined;
        };
        let Body::Class(body) = function.body else {
            return Invocation::new(&function, this.clone(), arguments).follow(it);
        };
        it.functions.call(function.key());
        let prototype = it.get(class, "prototype");
        let constructor = match &prototype {
            Value::Object(id) => {
                let field = it.heap.get(*id).field("constructor");
                field.map(|field| field.value.now().clone())
            }
            _ => None,
        };
        if constructor.is_none()
            && let Some(above) = function.above.clone()
        {
            it.deeper(|it| Construction::new(&above, arguments.clone()).initialize(this, it));
        }
        let fields = ClassFields::new(body, function.scope);
        fields.define(this, it);
        match constructor {
            Some(constructor) => it.call(&constructor, this.clone(), arguments),
            None => Value::Undefined,
        }
    }
}
