//! Literals: objects, lists, templates, functions; and the arguments of calls.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionBody, ArrowFunctionExpression, Expression,
    ObjectExpression, ObjectPropertyKind, PropertyKey, PropertyKind, TemplateLiteral,
};

use super::Interpreter;
use super::elements::Elements;
use super::reference::Reference;
use super::source::Source;
use super::texts::Texts;
use crate::function::{Body, Function};
use crate::heap::Kind;
use crate::value::{MOST, Value, number_text};

/// An object, as it is written.
pub(super) struct ObjectLiteral<'a>(pub(super) &'a ObjectExpression<'a>);

impl<'a> ObjectLiteral<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let object = it.heap.object(Kind::Plain, Vec::new());
        for property in &self.0.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let source = it.expression(&spread.argument);
                    Source(&source).copy_to(&object, it);
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    let name = Key::new(&property.key, property.computed).value(it);
                    let value = it.expression(&property.value);
                    let is_getter = property.kind == PropertyKind::Get;
                    if property.kind != PropertyKind::Set {
                        Reference::at(&object, &name).define(value, is_getter, &mut it.heap);
                    }
                }
            }
        }
        object
    }
}

/// The name of a property.
pub(super) struct Key<'a> {
    key: &'a PropertyKey<'a>,
    is_computed: bool,
}

impl<'a> Key<'a> {
    pub(super) fn new(key: &'a PropertyKey<'a>, is_computed: bool) -> Self {
        Self { key, is_computed }
    }

    /// Returns the name.
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        match self.key {
            PropertyKey::StaticIdentifier(name) => Value::literal(name.name.as_str()),
            PropertyKey::PrivateIdentifier(name) => Value::literal(&format!("#{}", name.name)),
            other => match other.as_expression() {
                Some(expression) if self.is_computed => it.expression(expression),
                Some(Expression::StringLiteral(text)) => Value::literal(text.value.as_str()),
                Some(Expression::NumericLiteral(number)) => Value::text(&number_text(number.value)),
                Some(expression) => it.expression(expression),
                None => Value::some_text(),
            },
        }
    }
}

/// A list, as it is written.
pub(super) struct ListLiteral<'a>(pub(super) &'a [ArrayExpressionElement<'a>]);

impl<'a> ListLiteral<'a> {
    /// Returns the possible lists, with each possible spread.
    pub(super) fn lists(&self, it: &mut Interpreter<'a>) -> Vec<Elements> {
        let mut lists = vec![Elements::default()];
        for element in self.0 {
            match element {
                ArrayExpressionElement::SpreadElement(spread) => {
                    let value = it.expression(&spread.argument);
                    lists = Self::spread(&lists, &value, it);
                }
                other => {
                    let value = match other.as_expression() {
                        Some(expression) => it.expression(expression),
                        None => Value::Undefined,
                    };
                    let all = lists.iter_mut();
                    all.for_each(|list| list.values.push(value.clone()));
                }
            }
        }
        lists
    }

    /// Continues each list with each list that the value may be, unless they are too many.
    fn spread(lists: &[Elements], value: &Value, it: &mut Interpreter<'a>) -> Vec<Elements> {
        let are_few = lists.len() * value.alternatives().len() <= MOST;
        let choices = if are_few {
            value.alternatives()
        } else {
            std::slice::from_ref(value)
        };
        let mut longer = Vec::new();
        for list in lists {
            for choice in choices {
                let mut values = list.values.clone();
                let is_more = Elements::spread(&mut values, choice, it);
                longer.push(Elements::new(values, list.is_open || is_more));
            }
        }
        longer
    }
}

/// The arguments of a call.
pub(super) struct Arguments<'a>(pub(super) &'a [Argument<'a>]);

impl<'a> Arguments<'a> {
    pub(super) fn values(&self, it: &mut Interpreter<'a>) -> Vec<Value> {
        let mut values = Vec::new();
        for argument in self.0 {
            match argument {
                Argument::SpreadElement(spread) => {
                    let value = it.expression(&spread.argument);
                    Elements::spread(&mut values, &value, it);
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        values.push(it.expression(expression));
                    }
                }
            }
        }
        values
    }
}

/// A template without a function before it.
pub(super) struct Template<'a>(pub(super) &'a TemplateLiteral<'a>);

impl<'a> Template<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let mut parts = Vec::new();
        for (at, quasi) in self.0.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw);
            it.spend(text.len() / 256);
            parts.push(Value::literal(text.as_str()));
            if let Some(expression) = self.0.expressions.get(at) {
                parts.push(it.expression(expression));
            }
        }
        Texts::concat(&parts, it)
    }
}

/// An arrow function.
pub(super) struct ArrowLiteral<'a>(pub(super) &'a ArrowFunctionExpression<'a>);

impl<'a> ArrowLiteral<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let body = match &self.0.body {
            ArrowFunctionBody::FunctionBody(body) => Body::Statements(body),
            other => match other.as_expression() {
                Some(expression) => Body::Expression(expression),
                None => return Value::anything(),
            },
        };
        it.made_function(Function {
            params: Some(&self.0.params),
            body,
            scope: it.frame.scope,
            this: Some(it.frame.this.clone()),
            is_generator: false,
            is_async: self.0.r#async,
            above: it.frame.above.clone(),
        })
    }
}

/// A function or a method, with the parent class of the class that it is in.
pub(super) struct FunctionLiteral<'a> {
    function: &'a oxc_ast::ast::Function<'a>,
    above: Option<Value>,
}

impl<'a> FunctionLiteral<'a> {
    pub(super) fn new(function: &'a oxc_ast::ast::Function<'a>, above: Option<Value>) -> Self {
        Self { function, above }
    }

    pub(super) fn value(self, it: &mut Interpreter<'a>) -> Value {
        let Self { function, above } = self;
        let Some(body) = &function.body else {
            return Value::Undefined;
        };
        let mut scope = it.frame.scope;
        let is_named = function.is_expression() && function.id.is_some();
        if is_named {
            scope = it.scopes.open(scope, false, &mut it.heap);
        }
        let value = it.made_function(Function {
            params: Some(&function.params),
            body: Body::Statements(body),
            scope,
            this: None,
            is_generator: function.generator,
            is_async: function.r#async || function.generator,
            above,
        });
        if let Some(id) = function.id.as_ref().filter(|_| is_named) {
            it.scopes
                .declare(scope, id.name.as_str(), value.clone(), &mut it.heap);
        }
        value
    }
}
