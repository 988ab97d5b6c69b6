//! Reads the words of a PowerShell command.

use super::cursor::{Cursor, is_dash, is_name};
use super::tree::{Argument, Expression, Piece, Redirect};
use super::{expression, parse, text};

/// Reads a command's words and redirections, up to the end of the command.
pub(super) fn read(cursor: &mut Cursor<'_>) -> (Vec<Argument>, Vec<Redirect>) {
    let (mut words, mut redirects) = (Vec::new(), Vec::new());
    invocation(cursor);
    loop {
        cursor.spaces();
        if let Some(redirect) = parse::redirect(cursor) {
            redirects.push(redirect);
            continue;
        }
        match cursor.peek() {
            None | Some('\n' | ';' | '|' | '&' | ')' | '}') => return (words, redirects),
            Some(',' | '<' | '>') => {
                cursor.next();
            }
            Some(_) if cursor.starts("--%") => {
                cursor.eat("--%");
                as_they_stand(cursor, &mut words);
            }
            Some(_) => words.push(argument(cursor, words.is_empty())),
        }
    }
}

/// Skips the `&` or `.` that runs the word behind it.
fn invocation(cursor: &mut Cursor<'_>) {
    let runs = match (cursor.peek(), cursor.second()) {
        (Some('&'), next) => next != Some('&'),
        (Some('.'), Some(next)) => next.is_whitespace() || "'\"$({".contains(next),
        _ => false,
    };
    if runs {
        cursor.next();
    }
}

fn argument(cursor: &mut Cursor<'_>, is_first: bool) -> Argument {
    match (cursor.peek(), cursor.second()) {
        (Some('@'), Some(next)) if is_name(next) => {
            cursor.next();
            Argument::Splat(cursor.take_while(|c| is_name(c) || c == ':').to_lowercase())
        }
        (Some(dash), Some(next)) if is_dash(dash) && !is_first && is_first_of_name(next) => {
            parameter(cursor)
        }
        _ => Argument::Value(expression::list(cursor, one)),
    }
}

fn is_first_of_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '?'
}

fn parameter(cursor: &mut Cursor<'_>) -> Argument {
    cursor.next();
    let name = parameter_name(cursor);
    match cursor.peek() {
        Some(':') => {
            cursor.next();
            cursor.spaces();
            Argument::Parameter(name, Some(expression::list(cursor, one)))
        }
        Some(c) if !c.is_whitespace() && !"(){};,|&<>'\"@".contains(c) => {
            // This is an option of a program and not of a cmdlet: `-o=x`, `-Dname=value`.
            let mut pieces = vec![Piece::Literal(format!("-{name}"))];
            if let Expression::Text(rest) = text::bare(cursor) {
                pieces.extend(rest);
            }
            Argument::Value(Expression::Text(pieces))
        }
        _ => Argument::Parameter(name, None),
    }
}

/// Reads a parameter's name. Any letter in it may be escaped with a backtick.
fn parameter_name(cursor: &mut Cursor<'_>) -> String {
    let mut name = String::new();
    loop {
        name.push_str(cursor.take_while(|c| is_name(c) || c == '-' || c == '?'));
        if cursor.peek() != Some('`') || !cursor.second().is_some_and(is_name) {
            return name;
        }
        cursor.next();
    }
}

/// Reads one value.
pub(super) fn one(cursor: &mut Cursor<'_>) -> Expression {
    let is_closed = matches!(
        (cursor.peek(), cursor.second()),
        (Some('(' | '{'), _) | (Some('@'), Some('(' | '{')) | (Some('$'), Some('('))
    );
    if is_closed {
        return expression::operand(cursor);
    }
    if text::is_next(cursor) {
        return text::quoted(cursor);
    }
    if cursor.peek() != Some('$') {
        return bare(cursor);
    }
    let value = expression::operand(cursor);
    let goes_on = cursor
        .peek()
        .is_some_and(|c| !c.is_whitespace() && !"(){};,|&<>".contains(c));
    if !goes_on {
        return value;
    }
    let mut pieces = vec![Piece::Value(value)];
    if let Expression::Text(rest) = text::bare(cursor) {
        pieces.extend(rest);
    }
    Expression::Text(pieces)
}

/// Reads a bare word. If there is none, skips a character, so that reading always ends.
fn bare(cursor: &mut Cursor<'_>) -> Expression {
    let before = cursor.mark();
    let word = text::bare(cursor);
    let is_stuck =
        cursor.mark() == before && !matches!(cursor.peek(), None | Some(')' | '}' | '\n'));
    if is_stuck {
        cursor.next();
    }
    word
}

/// Reads the words behind `--%`. There, no character has a special meaning.
fn as_they_stand(cursor: &mut Cursor<'_>, words: &mut Vec<Argument>) {
    loop {
        cursor.take_while(|c| c.is_whitespace() && c != '\n');
        match cursor.peek() {
            None | Some('\n' | '|') => return,
            Some(_) => words.push(Argument::Value(text::verbatim(cursor))),
        }
    }
}
