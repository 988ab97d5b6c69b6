//! Expressions.

use oxc_ast::ast::{ChainElement, Expression, LogicalOperator};

use super::Interpreter;
use super::assignment::Assignment;
use super::branches::Side;
use super::calls::{CallSite, Tagged, module};
use super::classes::{ClassLiteral, Construction};
use super::elements::Elements;
use super::literals::{
    Arguments, ArrowLiteral, FunctionLiteral, ListLiteral, ObjectLiteral, Template,
};
use super::members::Member;
use super::names::Name;
use super::operators::{Operation, Unary, Update};
use super::reference::Reference;
use crate::heap::Kind;
use crate::value::Value;

/// An expression.
#[derive(Clone, Copy)]
pub(super) struct Term<'a>(pub(super) &'a Expression<'a>);

impl<'a> Term<'a> {
    /// Evaluates the expression.
    pub(super) fn value(self, it: &mut Interpreter<'a>) -> Value {
        match self.0 {
            Expression::StringLiteral(literal) => {
                it.spend(literal.value.len() / 256);
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
                it.heap.object(Kind::Pattern(pattern, flags), Vec::new())
            }
            Expression::Identifier(name) => Name(name.name.as_str()).read(it),
            Expression::ThisExpression(_) => it.frame.this.clone(),
            Expression::TemplateLiteral(template) => Template(template).value(it),
            Expression::BinaryExpression(_) => Operation::chain(self.0, it),
            Expression::CallExpression(call) => CallSite(call).value(it),
            Expression::AwaitExpression(awaited) => it.expression(&awaited.argument),
            Expression::ObjectExpression(object) => ObjectLiteral(object).value(it),
            Expression::ArrayExpression(array) => {
                let lists = ListLiteral(&array.elements).lists(it);
                let lists: Vec<Value> = lists
                    .into_iter()
                    .map(|elements| elements.list(&mut it.heap))
                    .collect();
                it.any(lists)
            }
            Expression::ArrowFunctionExpression(function) => ArrowLiteral(function).value(it),
            Expression::FunctionExpression(function) => {
                FunctionLiteral::new(function, None).value(it)
            }
            Expression::ClassExpression(class) => ClassLiteral(class).value(it),
            Expression::ParenthesizedExpression(inner) => it.expression(&inner.expression),
            _ => self.rarer_value(it),
        }
    }

    fn rarer_value(self, it: &mut Interpreter<'a>) -> Value {
        match self.0 {
            Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::PrivateFieldExpression(_) => {
                let (object, name) = Member(self.0.to_member_expression()).parts(it);
                Reference::at(&object, &name).get(it)
            }
            Expression::ChainExpression(chain) => Chain(&chain.expression).value(it),
            Expression::ConditionalExpression(condition) => {
                let test = it.expression(&condition.test).is_true();
                let one = Term(&condition.consequent).if_taken(test, it);
                let other = Term(&condition.alternate).if_taken(test.map(|is_true| !is_true), it);
                it.any(one.into_iter().chain(other))
            }
            Expression::LogicalExpression(logical) => {
                let left = it.expression(&logical.left);
                Term(&logical.right).behind(logical.operator, left, it)
            }
            Expression::AssignmentExpression(assignment) => Assignment(assignment).value(it),
            Expression::UpdateExpression(update) => Update(update).value(it),
            Expression::UnaryExpression(unary) => Unary(unary).value(it),
            Expression::NewExpression(new) => {
                let class = it.expression(&new.callee);
                let arguments = Arguments(&new.arguments).values(it);
                Construction::new(&class, arguments).follow(it)
            }
            Expression::TaggedTemplateExpression(tagged) => Tagged(tagged).value(it),
            Expression::SequenceExpression(sequence) => {
                let values = sequence.expressions.iter().map(|one| it.expression(one));
                values.last().unwrap_or(Value::Undefined)
            }
            Expression::YieldExpression(yielded) => {
                if let Some(argument) = &yielded.argument {
                    let value = it.expression(argument);
                    if yielded.delegate {
                        let elements = Elements::of(&value, it);
                        it.frame.yielded.extend(elements.values);
                    } else {
                        it.frame.yielded.push(value);
                    }
                }
                Value::anything()
            }
            Expression::ImportExpression(import) => {
                let source = it.expression(&import.source);
                match source.as_text() {
                    Some(source) => module(source),
                    None => Value::anything(),
                }
            }
            Expression::PrivateInExpression(inside) => {
                it.expression(&inside.right);
                Value::Unknown
            }
            Expression::Super(_) => it.frame.above.clone().unwrap_or(Value::Undefined),
            Expression::TSAsExpression(inner) => it.expression(&inner.expression),
            Expression::TSSatisfiesExpression(inner) => it.expression(&inner.expression),
            Expression::TSTypeAssertion(inner) => it.expression(&inner.expression),
            Expression::TSNonNullExpression(inner) => it.expression(&inner.expression),
            Expression::TSInstantiationExpression(inner) => it.expression(&inner.expression),
            _ => Value::anything(),
        }
    }

    /// Evaluates the expression if it is or may be taken. Otherwise postpones it.
    pub(super) fn if_taken(
        self,
        is_taken: Option<bool>,
        it: &mut Interpreter<'a>,
    ) -> Option<Value> {
        it.branches
            .reach(is_taken, Side::Expression(self.0), &it.frame);
        match is_taken {
            Some(true) => Some(it.expression(self.0)),
            Some(false) => None,
            None => Some(it.perhaps(|it| it.expression(self.0))),
        }
    }

    /// Evaluates a logical operator that has this expression behind it.
    fn behind(self, operator: LogicalOperator, left: Value, it: &mut Interpreter<'a>) -> Value {
        let is_left = |value: &Value| match operator {
            LogicalOperator::Or => value.is_true(),
            LogicalOperator::And => value.is_true().map(|is_true| !is_true),
            LogicalOperator::Coalesce => value.is_nullish().map(|is_nullish| !is_nullish),
        };
        let right = self.if_taken(is_left(&left).map(|is_left| !is_left), it);
        let kept = left
            .alternatives()
            .iter()
            .filter(|value| is_left(value) != Some(false))
            .cloned();
        let all: Vec<Value> = kept.chain(right).collect();
        it.any(all)
    }

    /// Returns the value, or that of this expression where the value may be missing.
    pub(super) fn unless_given(self, value: Value, it: &mut Interpreter<'a>) -> Value {
        let is_missing = |value: &Value| matches!(value, Value::Undefined | Value::Absent);
        let may_be_missing =
            |value: &Value| is_missing(value) || matches!(value, Value::Unknown | Value::Path(_));
        if !value.alternatives().iter().any(may_be_missing) {
            return value;
        }
        let default = it.perhaps(|it| it.expression(self.0));
        let given = value
            .alternatives()
            .iter()
            .filter(|value| !is_missing(value))
            .cloned();
        let all: Vec<Value> = given.chain([default]).collect();
        it.any(all)
    }
}

/// What is inside of `a?.b`.
struct Chain<'a>(&'a ChainElement<'a>);

impl<'a> Chain<'a> {
    fn value(&self, it: &mut Interpreter<'a>) -> Value {
        match self.0 {
            ChainElement::CallExpression(call) => CallSite(call).value(it),
            ChainElement::TSNonNullExpression(inner) => it.expression(&inner.expression),
            other => {
                let (object, name) = Member(other.to_member_expression()).parts(it);
                Reference::at(&object, &name).get(it)
            }
        }
    }
}
