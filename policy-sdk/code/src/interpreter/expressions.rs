//! Expressions.

use std::rc::Rc;

use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, ChainElement, Expression, LogicalOperator,
    TemplateLiteral,
};

use super::Interpreter;
use super::untaken::Untaken;
use crate::function::{Body, Function};
use crate::heap::Kind;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    pub(super) fn expression(&mut self, expression: &'a Expression<'a>) -> Value {
        self.deeper(|this| this.expression_here(expression))
    }

    fn expression_here(&mut self, expression: &'a Expression<'a>) -> Value {
        match expression {
            Expression::StringLiteral(literal) => {
                self.spend(literal.value.len() / 256);
                Value::literal(literal.value.as_str())
            }
            Expression::NumericLiteral(literal) => Value::Number(literal.value),
            Expression::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expression::NullLiteral(_) => Value::Null,
            Expression::BigIntLiteral(literal) => {
                literal.value.parse().map_or(Value::Unknown, Value::Number)
            }
            Expression::RegExpLiteral(literal) => {
                let pattern = literal.regex.pattern.text.as_str().into();
                let flags = literal.regex.flags.to_string().into();
                self.heap.object(Kind::Pattern(pattern, flags), Vec::new())
            }
            Expression::Identifier(name) => self.name(name.name.as_str()),
            Expression::ThisExpression(_) => self.frame.this.clone(),
            Expression::TemplateLiteral(template) => self.template(template),
            Expression::BinaryExpression(_) => self.binary(expression),
            Expression::CallExpression(call) => self.call_expression(call),
            Expression::AwaitExpression(awaited) => self.expression(&awaited.argument),
            Expression::ObjectExpression(object) => self.object(object),
            Expression::ArrayExpression(array) => {
                let lists = self.array(&array.elements);
                let lists: Vec<Value> = lists
                    .into_iter()
                    .map(|(elements, is_open)| self.list_of(elements, is_open))
                    .collect();
                self.any(lists)
            }
            Expression::ArrowFunctionExpression(function) => self.arrow(function),
            Expression::FunctionExpression(function) => self.function(function, None),
            Expression::ClassExpression(class) => self.class(class),
            Expression::ParenthesizedExpression(inner) => self.expression(&inner.expression),
            _ => self.rarer_expression(expression),
        }
    }

    fn rarer_expression(&mut self, expression: &'a Expression<'a>) -> Value {
        match expression {
            Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::PrivateFieldExpression(_) => {
                let (object, name) = self.member(expression.to_member_expression());
                self.get_any(&object, &name)
            }
            Expression::ChainExpression(chain) => self.chain(&chain.expression),
            Expression::ConditionalExpression(condition) => {
                let test = self.expression(&condition.test).is_true();
                let one = self.if_taken(test, &condition.consequent);
                let other = self.if_taken(test.map(|is_true| !is_true), &condition.alternate);
                self.any(one.into_iter().chain(other))
            }
            Expression::LogicalExpression(logical) => {
                let left = self.expression(&logical.left);
                self.logical(logical.operator, left, &logical.right)
            }
            Expression::AssignmentExpression(assignment) => self.assignment(assignment),
            Expression::UpdateExpression(update) => self.update(update),
            Expression::UnaryExpression(unary) => self.unary(unary),
            Expression::NewExpression(new) => self.new_expression(new),
            Expression::TaggedTemplateExpression(tagged) => self.tagged(tagged),
            Expression::SequenceExpression(sequence) => {
                let values = sequence.expressions.iter().map(|one| self.expression(one));
                values.last().unwrap_or(Value::Undefined)
            }
            Expression::YieldExpression(yielded) => {
                if let Some(argument) = &yielded.argument {
                    let value = self.expression(argument);
                    if yielded.delegate {
                        let (values, _) = self.elements(&value);
                        self.frame.yielded.extend(values);
                    } else {
                        self.frame.yielded.push(value);
                    }
                }
                Value::anything()
            }
            Expression::ImportExpression(import) => {
                let source = self.expression(&import.source);
                match source.as_text() {
                    Some(source) => super::calling::module(source),
                    None => Value::anything(),
                }
            }
            Expression::PrivateInExpression(inside) => {
                self.expression(&inside.right);
                Value::Unknown
            }
            Expression::Super(_) => self.frame.above.clone().unwrap_or(Value::Undefined),
            Expression::TSAsExpression(inner) => self.expression(&inner.expression),
            Expression::TSSatisfiesExpression(inner) => self.expression(&inner.expression),
            Expression::TSTypeAssertion(inner) => self.expression(&inner.expression),
            Expression::TSNonNullExpression(inner) => self.expression(&inner.expression),
            Expression::TSInstantiationExpression(inner) => self.expression(&inner.expression),
            _ => Value::anything(),
        }
    }

    fn chain(&mut self, chain: &'a ChainElement<'a>) -> Value {
        match chain {
            ChainElement::CallExpression(call) => self.call_expression(call),
            ChainElement::TSNonNullExpression(inner) => self.expression(&inner.expression),
            other => {
                let (object, name) = self.member(other.to_member_expression());
                self.get_any(&object, &name)
            }
        }
    }

    /// Returns the value of a name. A name that the program does not declare is the runtime's.
    pub(super) fn name(&mut self, name: &str) -> Value {
        let (cell, object) = self.scopes.find(self.frame.scope, name);
        let value = match (cell, name) {
            (Some(cell), _) => self.scopes.read(cell),
            (None, "undefined") => Value::Undefined,
            (None, "NaN") => Value::Number(f64::NAN),
            (None, "Infinity") => Value::Number(f64::INFINITY),
            (None, name) => self.get(&Value::path("globalThis"), name),
        };
        match object {
            Some(object) => {
                let field = self.get(&object, name);
                self.any([field, value])
            }
            None => value,
        }
    }

    pub(super) fn template(&mut self, template: &'a TemplateLiteral<'a>) -> Value {
        let mut parts = Vec::new();
        for (at, quasi) in template.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw);
            self.spend(text.len() / 256);
            parts.push(Value::literal(text.as_str()));
            if let Some(expression) = template.expressions.get(at) {
                parts.push(self.expression(expression));
            }
        }
        self.concat(&parts)
    }

    /// Evaluates an expression if it is or may be taken. Otherwise postpones it.
    fn if_taken(
        &mut self,
        is_taken: Option<bool>,
        expression: &'a Expression<'a>,
    ) -> Option<Value> {
        self.reach(is_taken, Untaken::Expression(expression));
        match is_taken {
            Some(true) => Some(self.expression(expression)),
            Some(false) => None,
            None => Some(self.perhaps(|this| this.expression(expression))),
        }
    }

    fn logical(
        &mut self,
        operator: LogicalOperator,
        left: Value,
        right: &'a Expression<'a>,
    ) -> Value {
        let is_left = |value: &Value| match operator {
            LogicalOperator::Or => value.is_true(),
            LogicalOperator::And => value.is_true().map(|is_true| !is_true),
            LogicalOperator::Coalesce => value.is_nullish().map(|is_nullish| !is_nullish),
        };
        let right = self.if_taken(is_left(&left).map(|is_left| !is_left), right);
        let kept = left
            .alternatives()
            .iter()
            .filter(|value| is_left(value) != Some(false))
            .cloned();
        let all: Vec<Value> = kept.chain(right).collect();
        self.any(all)
    }

    fn arrow(&mut self, function: &'a ArrowFunctionExpression<'a>) -> Value {
        let body = match &function.body {
            ArrowFunctionBody::FunctionBody(body) => Body::Statements(body),
            other => match other.as_expression() {
                Some(expression) => Body::Expression(expression),
                None => return Value::anything(),
            },
        };
        self.made_function(Function {
            params: Some(&function.params),
            body,
            scope: self.frame.scope,
            this: Some(self.frame.this.clone()),
            is_generator: false,
            is_async: function.r#async,
            above: self.frame.above.clone(),
        })
    }

    pub(super) fn function(
        &mut self,
        function: &'a oxc_ast::ast::Function<'a>,
        above: Option<Value>,
    ) -> Value {
        let Some(body) = &function.body else {
            return Value::Undefined;
        };
        let mut scope = self.frame.scope;
        let is_named = function.is_expression() && function.id.is_some();
        if is_named {
            scope = self.scopes.open(scope, false, &mut self.heap);
        }
        let value = self.made_function(Function {
            params: Some(&function.params),
            body: Body::Statements(body),
            scope,
            this: None,
            is_generator: function.generator,
            is_async: function.r#async || function.generator,
            above,
        });
        if let Some(id) = function.id.as_ref().filter(|_| is_named) {
            self.scopes
                .declare(scope, id.name.as_str(), value.clone(), &mut self.heap);
        }
        value
    }

    pub(super) fn made_function(&mut self, function: Function<'a>) -> Value {
        let function = Rc::new(function);
        self.functions.push(function.clone());
        self.heap.object(Kind::Function(function), Vec::new())
    }
}
