//! Operators.

use oxc_ast::ast::{
    BinaryOperator, Expression, UnaryExpression, UnaryOperator, UpdateExpression, UpdateOperator,
};

use super::Interpreter;
use super::assignment::Place;
use super::texts::Texts;
use crate::UNKNOWN;
use crate::value::Value;

/// An operator between two values.
pub(super) struct Operation<'v> {
    operator: BinaryOperator,
    left: &'v Value,
    right: &'v Value,
}

impl<'v> Operation<'v> {
    pub(super) fn new(operator: BinaryOperator, left: &'v Value, right: &'v Value) -> Self {
        Self {
            operator,
            left,
            right,
        }
    }

    /// Evaluates a chain of operators without recursion, because it may be thousands long.
    pub(super) fn chain<'a>(mut expression: &'a Expression<'a>, it: &mut Interpreter<'a>) -> Value {
        let mut chain = Vec::new();
        while let Expression::BinaryExpression(binary) = expression {
            chain.push(binary);
            expression = &binary.left;
        }
        let mut value = it.expression(expression);
        while let Some(binary) = chain.pop() {
            if !it.spend(1) {
                return Value::anything();
            }
            let right = it.expression(&binary.right);
            let operation = Operation::new(binary.operator, &value, &right);
            value = operation.value(it);
        }
        value
    }

    /// Evaluates the operation.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let &Self {
            operator,
            left,
            right,
        } = self;
        if operator == BinaryOperator::Addition {
            return self.sum(it);
        }
        if let (Value::OneOf(_), _) | (_, Value::OneOf(_)) = (left, right) {
            return Value::Unknown;
        }
        it.spend(left.as_text().map_or(0, str::len) / 1024);
        if let (Value::Text(left), Value::Text(right)) = (left, right)
            && operator.is_compare()
        {
            return order(operator, left, right);
        }
        match operator {
            BinaryOperator::StrictEquality | BinaryOperator::Equality => {
                equality(left, right, false)
            }
            BinaryOperator::StrictInequality | BinaryOperator::Inequality => {
                equality(left, right, true)
            }
            _ => match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => arithmetic(operator, left, right),
                _ => Value::Unknown,
            },
        }
    }

    fn sum(&self, it: &mut Interpreter<'_>) -> Value {
        let &Self { left, right, .. } = self;
        if let (Value::Number(left), Value::Number(right)) = (left, right) {
            return Value::Number(left + right);
        }
        let is_text = |value: &Value| {
            value
                .alternatives()
                .iter()
                .any(|value| matches!(value, Value::Text(_) | Value::Object(_)))
        };
        if is_text(left) || is_text(right) {
            return Texts::concat(&[left.clone(), right.clone()], it);
        }
        match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => Value::Number(left + right),
            // The result is a number or a text, and unknown.
            _ => Value::Unknown,
        }
    }
}

/// An operator before a value.
pub(super) struct Unary<'a>(pub(super) &'a UnaryExpression<'a>);

impl<'a> Unary<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let value = it.expression(&self.0.argument);
        match self.0.operator {
            UnaryOperator::Void => Value::Undefined,
            UnaryOperator::LogicalNot => value
                .is_true()
                .map_or(Value::Unknown, |is_true| Value::Bool(!is_true)),
            UnaryOperator::UnaryNegation => value
                .as_number()
                .map_or(Value::Unknown, |n| Value::Number(-n)),
            UnaryOperator::UnaryPlus => value.as_number().map_or(Value::Unknown, Value::Number),
            UnaryOperator::BitwiseNot => value
                .as_number()
                .map_or(Value::Unknown, |n| Value::Number(f64::from(!to_int(n)))),
            UnaryOperator::Typeof => match value {
                Value::Text(_) => Value::text("string"),
                Value::Number(_) => Value::text("number"),
                Value::Undefined => Value::text("undefined"),
                _ => Value::Unknown,
            },
            UnaryOperator::Delete => Value::Unknown,
        }
    }
}

/// `++` or `--`.
pub(super) struct Update<'a>(pub(super) &'a UpdateExpression<'a>);

impl<'a> Update<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let old = Place(&self.0.argument).read(it);
        let step = if self.0.operator == UpdateOperator::Increment {
            1.0
        } else {
            -1.0
        };
        let new = old
            .as_number()
            .map_or(Value::Unknown, |number| Value::Number(number + step));
        Place(&self.0.argument).assign(new.clone(), it);
        if self.0.prefix { new } else { old }
    }
}

fn equality(left: &Value, right: &Value, is_not: bool) -> Value {
    let is_equal = match (left, right) {
        (Value::Text(a), Value::Text(b)) if a.contains(UNKNOWN) || b.contains(UNKNOWN) => {
            return Value::Unknown;
        }
        (Value::Unknown | Value::Path(_), _) | (_, Value::Unknown | Value::Path(_)) => {
            return Value::Unknown;
        }
        (Value::Number(a), Value::Number(b)) => a == b,
        (a, b) => a == b,
    };
    Value::Bool(is_equal != is_not)
}

fn order(operator: BinaryOperator, left: &str, right: &str) -> Value {
    if left.contains(UNKNOWN) || right.contains(UNKNOWN) {
        return Value::Unknown;
    }
    let order = left.encode_utf16().cmp(right.encode_utf16());
    match operator {
        BinaryOperator::LessThan => Value::Bool(order.is_lt()),
        BinaryOperator::LessEqualThan => Value::Bool(order.is_le()),
        BinaryOperator::GreaterThan => Value::Bool(order.is_gt()),
        BinaryOperator::GreaterEqualThan => Value::Bool(order.is_ge()),
        _ => Value::Unknown,
    }
}

fn arithmetic(operator: BinaryOperator, left: f64, right: f64) -> Value {
    let int = |number: i32| Value::Number(f64::from(number));
    let (a, b) = (to_int(left), to_int(right));
    match operator {
        BinaryOperator::Subtraction => Value::Number(left - right),
        BinaryOperator::Multiplication => Value::Number(left * right),
        BinaryOperator::Division => Value::Number(left / right),
        BinaryOperator::Remainder => Value::Number(left % right),
        BinaryOperator::Exponential => Value::Number(left.powf(right)),
        BinaryOperator::LessThan => Value::Bool(left < right),
        BinaryOperator::LessEqualThan => Value::Bool(left <= right),
        BinaryOperator::GreaterThan => Value::Bool(left > right),
        BinaryOperator::GreaterEqualThan => Value::Bool(left >= right),
        BinaryOperator::BitwiseAnd => int(a & b),
        BinaryOperator::BitwiseOR => int(a | b),
        BinaryOperator::BitwiseXOR => int(a ^ b),
        BinaryOperator::ShiftLeft => int(a.wrapping_shl(b as u32)),
        BinaryOperator::ShiftRight => int(a.wrapping_shr(b as u32)),
        BinaryOperator::ShiftRightZeroFill => {
            Value::Number(f64::from((a as u32).wrapping_shr(b as u32)))
        }
        _ => Value::Unknown,
    }
}

/// The 32 bits that JavaScript's bitwise operators use.
fn to_int(number: f64) -> i32 {
    if !number.is_finite() {
        return 0;
    }
    (number.trunc() % 4_294_967_296.0) as i64 as i32
}
