//! Follows classes and `new`, and TypeScript's enumerations and namespaces.

use std::rc::Rc;

use oxc_ast::ast::{
    Class, ClassElement, MethodDefinitionKind, TSEnumDeclaration, TSEnumMemberName,
    TSNamespaceDeclaration, TSNamespaceDeclarationBody,
};

use super::Interpreter;
use crate::function::{Body, Function};
use crate::heap::Kind;
use crate::value::{Id, Value};

impl<'a> Interpreter<'a> {
    pub(super) fn class(&mut self, class: &'a Class<'a>) -> Value {
        let above = class
            .heritage
            .as_ref()
            .map(|heritage| self.expression(&heritage.expression));
        let scope = self.scopes.open(self.frame.scope, false, &mut self.heap);
        let value = self.made_function(Function {
            params: None,
            body: Body::Class(class),
            scope,
            this: None,
            is_generator: false,
            is_async: false,
            above: above.clone(),
        });
        if let Some(id) = &class.id {
            self.scopes
                .declare(scope, id.name.as_str(), value.clone(), &mut self.heap);
            if class.is_declaration() {
                self.scopes.declare(
                    self.frame.scope,
                    id.name.as_str(),
                    value.clone(),
                    &mut self.heap,
                );
            }
        }
        let prototype = self.heap.object(Kind::Plain, Vec::new());
        if let (Some(above), &Value::Object(prototype), &Value::Object(class)) =
            (&above, &prototype, &value)
        {
            let parent = self.get(above, "prototype");
            self.heap.set_parent(prototype, parent);
            self.heap.set_parent(class, above.clone());
        }
        self.define(&value, &Value::text("prototype"), prototype.clone(), false);
        let around = std::mem::replace(&mut self.frame.scope, scope);
        self.members(class, &value, &prototype, &above);
        self.frame.scope = around;
        value
    }

    fn members(
        &mut self,
        class: &'a Class<'a>,
        value: &Value,
        prototype: &Value,
        above: &Option<Value>,
    ) {
        for element in &class.body.body {
            match element {
                ClassElement::MethodDefinition(method) => {
                    let name = self.key(&method.key, method.computed);
                    let function = self.function(&method.value, above.clone());
                    let holder = if method.r#static { value } else { prototype };
                    match method.kind {
                        MethodDefinitionKind::Constructor => {
                            self.define(prototype, &Value::text("constructor"), function, false);
                        }
                        MethodDefinitionKind::Set => {}
                        kind => {
                            self.define(holder, &name, function, kind == MethodDefinitionKind::Get)
                        }
                    }
                }
                ClassElement::PropertyDefinition(property) if property.r#static => {
                    let name = self.key(&property.key, property.computed);
                    if let Some(expression) = &property.value {
                        let around = std::mem::replace(&mut self.frame.this, value.clone());
                        let field = self.expression(expression);
                        self.frame.this = around;
                        self.define(value, &name, field, false);
                    }
                }
                ClassElement::StaticBlock(block) => {
                    let around = std::mem::replace(&mut self.frame.this, value.clone());
                    self.block(&block.body);
                    self.frame.this = around;
                }
                _ => {}
            }
        }
    }

    /// Returns the result of `new`.
    pub(crate) fn construct(&mut self, class: &Value, arguments: Vec<Value>) -> Value {
        self.deeper(|it| {
            let mut made = Vec::new();
            for class in class.alternatives() {
                made.push(it.construct_one(class, arguments.clone()));
            }
            it.any(made)
        })
    }

    fn construct_one(&mut self, class: &Value, arguments: Vec<Value>) -> Value {
        match class {
            Value::Path(path) => self.runtime_new(path, arguments),
            Value::Object(_) if self.heap.as_function(class).is_some() => {
                let object = self.heap.object(Kind::Plain, Vec::new());
                let prototype = self.get(class, "prototype");
                if let (Value::Object(id), Value::Object(_)) = (&object, &prototype) {
                    self.heap.set_parent(*id, prototype);
                }
                let returned = self.initialize(class, &object, arguments);
                let returned: Vec<Value> = returned
                    .alternatives()
                    .iter()
                    .filter(|value| value.may_be_called())
                    .cloned()
                    .collect();
                self.any(returned.into_iter().chain([object]))
            }
            Value::Object(_) => self.call(class, Value::Undefined, arguments),
            _ => {
                self.hand_over(&arguments, &Value::Unknown);
                Value::Unknown
            }
        }
    }

    /// Runs a class's constructor on an object.
    pub(super) fn initialize(
        &mut self,
        class: &Value,
        this: &Value,
        arguments: Vec<Value>,
    ) -> Value {
        let Some(function) = self.heap.as_function(class).cloned() else {
            if let Value::Path(path) = class {
                let made = self.runtime_new(path, arguments);
                if let (Value::Object(id), Value::Path(_)) = (this, &made) {
                    self.heap.set_parent(*id, made);
                }
            }
            return Value::Undefined;
        };
        let Body::Class(_) = function.body else {
            return self.invoke(&function, this.clone(), arguments);
        };
        self.called.insert(function.key());
        let prototype = self.get(class, "prototype");
        let constructor = match &prototype {
            Value::Object(id) => self.own_constructor(*id),
            _ => None,
        };
        if constructor.is_none()
            && let Some(above) = function.above.clone()
        {
            self.deeper(|it| it.initialize(&above, this, arguments.clone()));
        }
        self.fields_of_class(&function, this);
        match constructor {
            Some(constructor) => self.call(&constructor, this.clone(), arguments),
            None => Value::Undefined,
        }
    }

    fn own_constructor(&self, prototype: Id) -> Option<Value> {
        let field = self.heap.get(prototype).field("constructor")?;
        Some(field.value.now().clone())
    }

    /// Defines the fields that each object of a class gets.
    pub(super) fn fields_of_class(&mut self, function: &Rc<Function<'a>>, this: &Value) {
        let Body::Class(class) = function.body else {
            return;
        };
        let scope = std::mem::replace(&mut self.frame.scope, function.scope);
        let around = std::mem::replace(&mut self.frame.this, this.clone());
        for element in &class.body.body {
            let ClassElement::PropertyDefinition(property) = element else {
                continue;
            };
            if property.r#static {
                continue;
            }
            let name = self.key(&property.key, property.computed);
            if let Some(expression) = &property.value {
                let value = self.expression(expression);
                self.set(this, &name, value);
            }
        }
        self.frame.scope = scope;
        self.frame.this = around;
    }

    pub(super) fn enumeration(&mut self, declaration: &'a TSEnumDeclaration<'a>) {
        let object = self.heap.object(Kind::Plain, Vec::new());
        for (at, member) in declaration.body.members.iter().enumerate() {
            let name = match &member.id {
                TSEnumMemberName::Identifier(name) => Value::literal(name.name.as_str()),
                TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => {
                    Value::literal(name.value.as_str())
                }
                TSEnumMemberName::ComputedTemplateString(name) => self.template(name),
            };
            let value = match &member.initializer {
                Some(initializer) => self.expression(initializer),
                None => Value::Number(at as f64),
            };
            self.define(&object, &name, value, false);
        }
        self.scopes.declare(
            self.frame.scope,
            declaration.id.name.as_str(),
            object,
            &mut self.heap,
        );
    }

    /// Declares the content of a namespace in the scope around it, so its exports are found only by
    /// their bare names.
    pub(super) fn namespace(&mut self, declaration: &'a TSNamespaceDeclaration<'a>) {
        match &declaration.body {
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                self.hoist(&block.body);
                self.statements(&block.body);
            }
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => self.namespace(inner),
        }
    }
}
