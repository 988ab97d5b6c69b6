//! Reads PowerShell's expressions.

use std::rc::Rc;

use super::cursor::{Cursor, is_dash, is_name};
use super::tree::Expression;
use super::{members, parse, text};

/// The most operators and members in one expression.
pub(super) const LONGEST: usize = 250;

/// The precedence of the operators. A comma binds more strongly than any of them.
const LEVELS: &[&[&str]] = &[
    &["and", "or", "xor", "band", "bor", "bxor", "??"],
    &[
        "eq",
        "ne",
        "ge",
        "gt",
        "lt",
        "le",
        "like",
        "notlike",
        "match",
        "notmatch",
        "replace",
        "contains",
        "notcontains",
        "in",
        "notin",
        "split",
        "join",
        "is",
        "isnot",
        "as",
        "shl",
        "shr",
    ],
    &["+", "-"],
    &["*", "/", "%"],
    &["f"],
    &[".."],
];

/// Whether an expression comes next, and not a command.
pub(super) fn is_next(cursor: &Cursor<'_>) -> bool {
    let second = cursor.second();
    match cursor.peek() {
        Some('$' | '(' | '[' | '{' | '!' | ',') => true,
        Some('@') => second.is_some_and(|c| "({'\"".contains(c)),
        Some('+') => true,
        Some(c) if is_dash(c) => true,
        Some(c) if c.is_ascii_digit() => is_number(cursor),
        Some(_) => text::is_next(cursor),
        None => false,
    }
}

/// Whether a number comes next: `7` is one and `7z` is not.
fn is_number(cursor: &Cursor<'_>) -> bool {
    let rest = cursor.rest();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let word = &rest[..end.unwrap_or(rest.len())];
    let digits = word
        .trim_end_matches("..")
        .trim_end_matches(|c: char| "kmgtpbdlKMGTPBDL".contains(c));
    word.starts_with("0x") || digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Reads an expression.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Expression {
    let first = binary(cursor, 0);
    let mark = cursor.mark();
    cursor.spaces();
    if !cursor.starts("? ") {
        cursor.back(mark);
        return first;
    }
    // The value of a ternary is either of the two.
    cursor.next();
    cursor.blanks();
    let yes = binary(cursor, 0);
    cursor.blanks();
    cursor.eat(":");
    cursor.blanks();
    let no = binary(cursor, 0);
    Expression::List(vec![yes, no])
}

/// Reads an expression without commas outside of parentheses.
pub(super) fn one(cursor: &mut Cursor<'_>) -> Expression {
    let mut left = unary(cursor);
    for _ in 0..LONGEST {
        let mark = cursor.mark();
        cursor.spaces();
        let Some((operator, _)) = operator(cursor) else {
            cursor.back(mark);
            return left;
        };
        cursor.blanks();
        left = Expression::Binary(operator.to_owned(), Box::new(left), Box::new(unary(cursor)));
    }
    left
}

fn binary(cursor: &mut Cursor<'_>, lowest: usize) -> Expression {
    let mut left = list(cursor, unary);
    for _ in 0..LONGEST {
        let mark = cursor.mark();
        cursor.spaces();
        match operator(cursor) {
            Some((operator, level)) if level >= lowest => {
                cursor.blanks();
                let right = cursor.deeper(|cursor| Some(binary(cursor, level + 1)));
                let right = right.unwrap_or(Expression::Nothing);
                left = Expression::Binary(operator.to_owned(), Box::new(left), Box::new(right));
            }
            _ => {
                cursor.back(mark);
                return left;
            }
        }
    }
    left
}

/// Reads an operator, and returns its precedence too.
fn operator(cursor: &mut Cursor<'_>) -> Option<(&'static str, usize)> {
    let next = cursor.peek()?;
    let mark = cursor.mark();
    let named = is_dash(next) && cursor.second().is_some_and(char::is_alphabetic);
    if named {
        cursor.next();
        let word = cursor.take_while(char::is_alphabetic).to_lowercase();
        let found = level(&word).or_else(|| level(word.strip_prefix(['c', 'i'])?));
        if found.is_none() {
            cursor.back(mark);
        }
        return found;
    }
    let found = ["..", "??", "+", "-", "*", "/", "%"]
        .iter()
        .find(|sign| cursor.starts(sign))?;
    let is_assignment = cursor.rest()[found.len()..].starts_with('=');
    if is_assignment {
        return None;
    }
    cursor.eat(found);
    level(found)
}

fn level(word: &str) -> Option<(&'static str, usize)> {
    LEVELS.iter().enumerate().find_map(|(level, operators)| {
        let found = operators.iter().find(|operator| **operator == word)?;
        Some((*found, level))
    })
}

/// Reads one element, or several with commas between them.
pub(super) fn list(
    cursor: &mut Cursor<'_>,
    element: fn(&mut Cursor<'_>) -> Expression,
) -> Expression {
    let first = element(cursor);
    let mut more = Vec::new();
    loop {
        let mark = cursor.mark();
        cursor.spaces();
        if !cursor.eat(",") {
            cursor.back(mark);
            break;
        }
        cursor.blanks();
        more.push(element(cursor));
    }
    if more.is_empty() {
        return first;
    }
    Expression::List([first].into_iter().chain(more).collect())
}

/// Reads a value with its prefix operators.
fn unary(cursor: &mut Cursor<'_>) -> Expression {
    let read = cursor.deeper(|cursor| Some(unary_one(cursor)));
    read.unwrap_or(Expression::Nothing)
}

fn unary_one(cursor: &mut Cursor<'_>) -> Expression {
    match (cursor.peek(), cursor.second()) {
        (Some('!' | '+' | ','), _) => {
            cursor.next();
            cursor.spaces();
            unary(cursor)
        }
        (Some(dash), Some(next)) if is_dash(dash) && next.is_alphabetic() => {
            cursor.next();
            let word = cursor.take_while(char::is_alphabetic).to_lowercase();
            cursor.spaces();
            Expression::Unary(word, Box::new(unary(cursor)))
        }
        (Some(dash), _) if is_dash(dash) => {
            cursor.next();
            match unary(cursor) {
                Expression::Number(number) => Expression::Number(-number),
                other => other,
            }
        }
        (Some('['), _) => typed(cursor),
        _ => operand(cursor),
    }
}

/// Reads `[name]value`, or `[name]` alone.
fn typed(cursor: &mut Cursor<'_>) -> Expression {
    let name = type_name(cursor);
    if cursor.starts("::") {
        return members::read(cursor, Expression::Type(name));
    }
    let mark = cursor.mark();
    cursor.spaces();
    let is_cast = match cursor.peek() {
        Some(c) if is_dash(c) => cursor.second().is_some_and(|c| c.is_ascii_digit()),
        Some(_) => is_next(cursor),
        None => false,
    };
    if is_cast {
        return Expression::Cast(name, Box::new(unary(cursor)));
    }
    cursor.back(mark);
    Expression::Type(name)
}

/// Reads the name of a type in lower case, without the prefix `system.`.
fn type_name(cursor: &mut Cursor<'_>) -> String {
    let start = cursor.rest();
    skip_type(cursor);
    let length = start.len() - cursor.rest().len();
    let name = start[..length]
        .trim_matches(['[', ']'])
        .trim()
        .to_lowercase();
    match name.strip_prefix("system.") {
        Some(short) => short.to_owned(),
        None => name,
    }
}

/// Skips a type or an attribute in its brackets.
pub(super) fn skip_type(cursor: &mut Cursor<'_>) {
    let mut open = 0usize;
    while let Some(c) = cursor.peek() {
        match c {
            '[' => open += 1,
            ']' => open -= 1,
            '\n' if open == 1 => return,
            '\'' | '"' => {
                text::quoted(cursor);
                continue;
            }
            _ => {}
        }
        cursor.next();
        if open == 0 {
            return;
        }
    }
}

/// Reads a value with the members behind it.
pub(super) fn operand(cursor: &mut Cursor<'_>) -> Expression {
    let value = primary(cursor);
    members::read(cursor, value)
}

pub(super) fn primary(cursor: &mut Cursor<'_>) -> Expression {
    if text::is_next(cursor) {
        return text::quoted(cursor);
    }
    match cursor.peek() {
        Some('$') => match text::variable(cursor) {
            Some(value) => value,
            None => {
                cursor.next();
                Expression::Nothing
            }
        },
        Some('(') => {
            cursor.next();
            Expression::Statements(parse::block(cursor, ')'))
        }
        Some('{') => {
            cursor.next();
            Expression::Script(Rc::new(parse::block(cursor, '}')))
        }
        Some('@') if cursor.eat("@(") => Expression::Statements(parse::block(cursor, ')')),
        Some('@') if cursor.eat("@{") => table(cursor),
        Some(c) if c.is_ascii_digit() => number(cursor),
        _ => word(cursor),
    }
}

fn word(cursor: &mut Cursor<'_>) -> Expression {
    let word = cursor.take_while(|c| is_name(c) || matches!(c, '-' | '\\' | ':' | '~'));
    if word.is_empty() {
        return Expression::Nothing;
    }
    Expression::literal(word)
}

fn number(cursor: &mut Cursor<'_>) -> Expression {
    if cursor.eat("0x") {
        let digits = cursor.take_while(|c| c.is_ascii_hexdigit());
        return Expression::Number(i64::from_str_radix(digits, 16).unwrap_or(0));
    }
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    let number = digits.parse().unwrap_or(0);
    cursor.take_while(|c| c.is_ascii_alphabetic());
    Expression::Number(number)
}

/// Reads the entries of a table behind its `@{`.
fn table(cursor: &mut Cursor<'_>) -> Expression {
    let entries = cursor.deeper(|cursor| {
        let mut entries = Vec::new();
        loop {
            cursor.blanks();
            match cursor.peek() {
                None => return entries,
                Some('}') => {
                    cursor.next();
                    return entries;
                }
                Some(';' | '=' | ',') => {
                    cursor.next();
                    continue;
                }
                Some(_) => {}
            }
            entries.extend(entry(cursor));
        }
    });
    Expression::Table(entries)
}

fn entry(cursor: &mut Cursor<'_>) -> Option<(String, Expression)> {
    let before = cursor.mark();
    let key = operand(cursor);
    if cursor.mark() == before {
        cursor.next();
        return None;
    }
    cursor.spaces();
    if !cursor.eat("=") {
        return None;
    }
    cursor.blanks();
    let value = if is_next(cursor) {
        read(cursor)
    } else {
        let block = entry_command(cursor);
        Expression::Statements(block)
    };
    Some((key.as_literal().unwrap_or_default().to_lowercase(), value))
}

/// Reads an entry whose value is a command: `@{ a = Get-Item x }`.
fn entry_command(cursor: &mut Cursor<'_>) -> super::tree::Block {
    use super::tree::{Block, Element, Statement, What};
    let (words, redirects) = super::words::read(cursor);
    let what = What::Command(words);
    Block {
        parameters: Vec::new(),
        statements: vec![Statement::Pipeline(vec![Element { what, redirects }])],
    }
}
