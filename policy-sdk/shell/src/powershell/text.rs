//! Reads strings of a PowerShell script: quotes, here-strings, bare words, and the variables in
//! them.

use super::cursor::{Cursor, is_name};
use super::parse;
use super::tree::{Expression, Piece};

/// The pieces of a text while it is read.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    literal: String,
}

impl Pieces {
    fn push(&mut self, c: char) {
        self.literal.push(c);
    }

    fn push_value(&mut self, value: Expression) {
        self.close();
        self.pieces.push(Piece::Value(value));
    }

    fn close(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.pieces.push(Piece::Literal(literal));
        }
    }

    fn into_text(mut self) -> Expression {
        self.close();
        Expression::Text(self.pieces)
    }
}

/// Whether a quoted string or a here-string comes next.
pub(super) fn is_next(cursor: &Cursor<'_>) -> bool {
    let is_here = |c: Option<char>| c.is_some_and(|c| is_single(c) || is_double(c));
    match cursor.peek() {
        Some('@') => is_here(cursor.second()),
        next => is_here(next),
    }
}

/// Reads a quoted string or a here-string.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Expression {
    if cursor.eat("@") {
        return here(cursor);
    }
    let mut pieces = Pieces::default();
    quote(cursor, &mut pieces);
    pieces.into_text()
}

/// Reads a bare word, up to the character that ends it.
pub(super) fn bare(cursor: &mut Cursor<'_>) -> Expression {
    let mut pieces = Pieces::default();
    while let Some(c) = cursor.peek() {
        match c {
            c if c.is_whitespace() || "(){};,|&<>".contains(c) => break,
            '`' if !escape(cursor, &mut pieces) => break,
            '`' => {}
            '$' => variable_or_dollar(cursor, &mut pieces),
            c if is_single(c) || is_double(c) => quote(cursor, &mut pieces),
            c => {
                cursor.next();
                pieces.push(c);
            }
        }
    }
    pieces.into_text()
}

/// Reads the rest of a word, up to a space.
pub(super) fn verbatim(cursor: &mut Cursor<'_>) -> Expression {
    Expression::literal(cursor.take_while(|c| !c.is_whitespace()))
}

fn quote(cursor: &mut Cursor<'_>, pieces: &mut Pieces) {
    match cursor.next() {
        Some(open) if is_single(open) => {
            until(cursor, pieces, is_single, |cursor, pieces| {
                pieces.literal.extend(cursor.next());
            });
        }
        Some(_) => until(cursor, pieces, is_double, expandable),
        None => {}
    }
}

/// Reads up to a closing quote. A doubled quote is part of the text.
fn until(
    cursor: &mut Cursor<'_>,
    pieces: &mut Pieces,
    is_quote: fn(char) -> bool,
    read: fn(&mut Cursor<'_>, &mut Pieces),
) {
    while let Some(c) = cursor.peek() {
        if !is_quote(c) {
            read(cursor, pieces);
            continue;
        }
        cursor.next();
        if !cursor.peek().is_some_and(is_quote) {
            return;
        }
        cursor.next();
        pieces.push(c);
    }
}

/// Reads one character, escape or variable of a string in double quotes.
fn expandable(cursor: &mut Cursor<'_>, pieces: &mut Pieces) {
    match cursor.peek() {
        Some('`') => {
            escape(cursor, pieces);
        }
        Some('$') => variable_or_dollar(cursor, pieces),
        Some(c) => {
            cursor.next();
            pieces.push(c);
        }
        None => {}
    }
}

/// Reads a backtick and the character that it escapes. At the end of the text it reads nothing and
/// returns `false`.
fn escape(cursor: &mut Cursor<'_>, pieces: &mut Pieces) -> bool {
    let Some(escaped) = cursor.second() else {
        cursor.next();
        return false;
    };
    cursor.next();
    cursor.next();
    match escaped {
        'n' => pieces.push('\n'),
        'r' => pieces.push('\r'),
        't' => pieces.push('\t'),
        '0' => pieces.push('\0'),
        // The line continues.
        '\r' => {
            cursor.eat("\n");
        }
        '\n' => {}
        other => pieces.push(other),
    }
    true
}

fn variable_or_dollar(cursor: &mut Cursor<'_>, pieces: &mut Pieces) {
    match variable(cursor) {
        Some(value) => pieces.push_value(value),
        None => pieces.literal.extend(cursor.next()),
    }
}

/// Reads `$name`, `${name}` or `$(…)`. Returns `None` if the dollar sign begins none of them.
pub(super) fn variable(cursor: &mut Cursor<'_>) -> Option<Expression> {
    match cursor.second()? {
        '(' => {
            cursor.eat("$(");
            Some(Expression::Statements(parse::block(cursor, ')')))
        }
        '{' => {
            cursor.eat("${");
            let name = cursor.take_while(|c| c != '}');
            cursor.eat("}");
            Some(named(name))
        }
        c @ ('$' | '?' | '^') => {
            cursor.next();
            cursor.next();
            Some(Expression::Variable(c.to_string()))
        }
        c if is_name(c) => {
            cursor.next();
            let mark = cursor.mark();
            let name = cursor.take_while(is_name);
            let is_scoped = cursor.peek() == Some(':') && cursor.second().is_some_and(is_name);
            if !is_scoped {
                return Some(named(name));
            }
            cursor.next();
            cursor.take_while(is_name);
            let end = cursor.mark();
            cursor.back(mark);
            let full = &cursor.rest()[..end - mark];
            cursor.back(end);
            Some(named(full))
        }
        _ => None,
    }
}

fn named(name: &str) -> Expression {
    let name = name.to_lowercase();
    let scopes = [
        "global:",
        "local:",
        "script:",
        "private:",
        "using:",
        "variable:",
    ];
    let bare = scopes.iter().find_map(|scope| name.strip_prefix(scope));
    Expression::Variable(bare.unwrap_or(&name).to_owned())
}

/// Reads a here-string behind its `@`, up to a line that begins with the quote and `@`.
fn here(cursor: &mut Cursor<'_>) -> Expression {
    let is_single = cursor.next().is_some_and(is_single);
    cursor.take_while(|c| c != '\n');
    cursor.next();
    if is_single {
        let (text, length) = close(cursor.rest());
        cursor.skip(length);
        return Expression::literal(text);
    }
    cursor.deeper(document).unwrap_or(Expression::Nothing)
}

/// Returns the text of a here-string in single quotes, and the length including its end.
fn close(rest: &str) -> (&str, usize) {
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if let Some(end) = ends_here(line, is_single) {
            let text = rest[..at].strip_suffix('\n').unwrap_or_default();
            return (text.strip_suffix('\r').unwrap_or(text), at + end);
        }
        at += line.len();
    }
    (rest, rest.len())
}

/// Reads a here-string in double quotes. Its substitutions may contain others.
fn document(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let mut pieces = Pieces::default();
    let mut is_line = true;
    while let Some(c) = cursor.peek() {
        if let (true, Some(end)) = (is_line, ends_here(cursor.rest(), is_double)) {
            cursor.skip(end);
            pieces
                .literal
                .truncate(pieces.literal.trim_end_matches(['\r', '\n']).len());
            break;
        }
        is_line = c == '\n';
        expandable(cursor, &mut pieces);
    }
    Some(pieces.into_text())
}

/// Returns the length of the quote and `@` that end a here-string, if they come next.
fn ends_here(text: &str, is_quote: fn(char) -> bool) -> Option<usize> {
    let quote = text.chars().next().filter(|c| is_quote(*c))?;
    text[quote.len_utf8()..]
        .starts_with('@')
        .then(|| quote.len_utf8() + 1)
}

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '‚' | '‛')
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}
