//! Operators.

use std::rc::Rc;

use oxc_ast::ast::{
    AssignmentExpression, AssignmentOperator, BinaryOperator, Expression, UnaryExpression,
    UnaryOperator, UpdateExpression, UpdateOperator,
};

use super::Interpreter;
use crate::UNKNOWN;
use crate::value::{MOST, Value, number_text};

impl<'a> Interpreter<'a> {
    /// Evaluates a chain of operators without recursion, because it may be thousands long.
    pub(super) fn binary(&mut self, mut expression: &'a Expression<'a>) -> Value {
        let mut chain = Vec::new();
        while let Expression::BinaryExpression(binary) = expression {
            chain.push(binary);
            expression = &binary.left;
        }
        let mut value = self.expression(expression);
        while let Some(binary) = chain.pop() {
            if !self.spend(1) {
                return Value::anything();
            }
            let right = self.expression(&binary.right);
            value = self.operate(binary.operator, &value, &right);
        }
        value
    }

    pub(super) fn operate(
        &mut self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> Value {
        if operator == BinaryOperator::Addition {
            return self.add(left, right);
        }
        if let (Value::OneOf(_), _) | (_, Value::OneOf(_)) = (left, right) {
            return Value::Unknown;
        }
        self.spend(left.as_text().map_or(0, str::len) / 1024);
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

    fn add(&mut self, left: &Value, right: &Value) -> Value {
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
            return self.concat(&[left.clone(), right.clone()]);
        }
        match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => Value::Number(left + right),
            // The result is a number or a text, and unknown.
            _ => Value::Unknown,
        }
    }

    /// Returns the texts of the parts, joined.
    pub(crate) fn concat(&mut self, parts: &[Value]) -> Value {
        let mut texts = vec![String::new()];
        for part in parts {
            let mut endings = Vec::new();
            for part in part.alternatives() {
                let text = self.text_of(part);
                endings.extend(
                    text.alternatives()
                        .iter()
                        .filter_map(Value::as_text)
                        .map(Rc::<str>::from),
                );
            }
            endings.dedup();
            if texts.len() * endings.len() > MOST {
                self.heap.exceed(crate::Bound::Alternatives);
                endings = vec![UNKNOWN.to_string().into()];
            }
            self.spend(texts.iter().map(String::len).sum::<usize>() / 256);
            texts = match endings.as_slice() {
                [ending] => {
                    texts.iter_mut().for_each(|text| append(text, ending));
                    texts
                }
                endings => texts
                    .iter()
                    .flat_map(|text| {
                        endings.iter().map(|ending| {
                            let mut text = text.clone();
                            append(&mut text, ending);
                            text
                        })
                    })
                    .collect(),
            };
            if texts.iter().map(String::len).sum::<usize>() > super::LONGEST_TEXT {
                self.heap.exceed(crate::Bound::Length);
                return Value::some_text();
            }
        }
        let values: Vec<Value> = texts.into_iter().map(|text| self.made(text)).collect();
        self.any(values)
    }

    /// Converts a value to a text.
    pub(crate) fn text_of(&mut self, value: &Value) -> Value {
        match value {
            Value::Text(_) => value.clone(),
            Value::Number(number) => Value::text(&number_text(*number)),
            Value::Bool(value) => Value::text(&value.to_string()),
            Value::Undefined => Value::text("undefined"),
            Value::Null => Value::text("null"),
            Value::Absent => Value::text(""),
            Value::Unknown | Value::Path(_) => Value::some_text(),
            Value::OneOf(values) => {
                let texts: Vec<Value> = values.iter().map(|value| self.text_of(value)).collect();
                self.any(texts)
            }
            Value::Object(_) if self.heap.as_list(value).is_some() => {
                self.deeper(|this| this.joined_text(value, ","))
            }
            Value::Object(_) => self.deeper(|this| {
                for name in ["Symbol.toPrimitive", "toString", "valueOf"] {
                    let method = this.get(value, name);
                    if let Value::Object(_) = method {
                        let text = this.call(&method, value.clone(), vec![Value::text("string")]);
                        return if matches!(text, Value::Object(_)) {
                            Value::some_text()
                        } else {
                            this.text_of(&text)
                        };
                    }
                }
                Value::some_text()
            }),
        }
    }

    pub(super) fn unary(&mut self, unary: &'a UnaryExpression<'a>) -> Value {
        let value = self.expression(&unary.argument);
        match unary.operator {
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

    pub(super) fn update(&mut self, update: &'a UpdateExpression<'a>) -> Value {
        let old = self.read_target(&update.argument);
        let step = if update.operator == UpdateOperator::Increment {
            1.0
        } else {
            -1.0
        };
        let new = old
            .as_number()
            .map_or(Value::Unknown, |number| Value::Number(number + step));
        self.assign_simple(&update.argument, new.clone());
        if update.prefix { new } else { old }
    }

    pub(super) fn assignment(&mut self, assignment: &'a AssignmentExpression<'a>) -> Value {
        let value = match assignment.operator {
            AssignmentOperator::Assign => self.expression(&assignment.right),
            operator => {
                let Some(target) = assignment.left.as_simple_assignment_target() else {
                    return self.expression(&assignment.right);
                };
                let old = self.read_target(target);
                match operator.to_binary_operator() {
                    Some(operator) => {
                        let right = self.expression(&assignment.right);
                        self.operate(operator, &old, &right)
                    }
                    // `||=`, `&&=`, `??=`.
                    None => {
                        let right = self.perhaps(|this| this.expression(&assignment.right));
                        self.any([old, right])
                    }
                }
            }
        };
        self.assign(&assignment.left, value.clone());
        value
    }
}

/// Appends a text. Adjacent unknown parts share one mark.
pub(crate) fn append(text: &mut String, more: &str) {
    let more = match text.ends_with(UNKNOWN) {
        true => more.trim_start_matches(UNKNOWN),
        false => more,
    };
    text.push_str(more);
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
