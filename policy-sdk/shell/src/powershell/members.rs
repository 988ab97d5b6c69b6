//! Reads what follows a value: members, calls, elements.

use super::cursor::{Cursor, is_name};
use super::expression::LONGEST;
use super::tree::{Expression, Member};
use super::{expression, text};

/// Reads `.name`, `::name`, `(…)` and `[…]` behind a value.
pub(super) fn read(cursor: &mut Cursor<'_>, value: Expression) -> Expression {
    let mut value = value;
    for _ in 0..LONGEST {
        let mark = cursor.mark();
        cursor.eat("?");
        if cursor.eat("::") || cursor.starts(".") && !cursor.starts("..") && cursor.eat(".") {
            let Some(name) = member_name(cursor) else {
                cursor.back(mark);
                return value;
            };
            let arguments = arguments(cursor);
            let of = value;
            value = Expression::Member(Box::new(Member {
                of,
                name,
                arguments,
            }));
        } else if cursor.eat("[") {
            let index = expression::read(cursor);
            cursor.blanks();
            cursor.eat("]");
            value = Expression::Index(Box::new(value), Box::new(index));
        } else {
            cursor.back(mark);
            if !cursor.eat("++") {
                cursor.eat("--");
            }
            return value;
        }
    }
    value
}

fn member_name(cursor: &mut Cursor<'_>) -> Option<String> {
    if text::is_next(cursor) {
        let name = text::quoted(cursor);
        return Some(name.as_literal().unwrap_or_default().to_lowercase());
    }
    match cursor.peek()? {
        '$' => {
            text::variable(cursor)?;
            Some(String::new())
        }
        c if is_name(c) => Some(cursor.take_while(is_name).to_lowercase()),
        _ => None,
    }
}

/// Reads the arguments of a call, if there are any.
fn arguments(cursor: &mut Cursor<'_>) -> Option<Vec<Expression>> {
    if cursor.starts("{") {
        // `.ForEach{ … }`
        return Some(vec![expression::primary(cursor)]);
    }
    if !cursor.eat("(") {
        return None;
    }
    cursor.blanks();
    if cursor.eat(")") {
        return Some(Vec::new());
    }
    let given = cursor.deeper(|cursor| Some(expression::read(cursor)));
    cursor.blanks();
    cursor.eat(")");
    Some(match given.unwrap_or(Expression::Nothing) {
        Expression::List(values) => values,
        one => vec![one],
    })
}
