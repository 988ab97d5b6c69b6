//! Parses a PowerShell script into statements and pipelines.
//!
//! Every text gives a tree. Errors in it are skipped, because a shell may run what comes before
//! them.

use std::rc::Rc;

use super::cursor::{Cursor, is_name};
use super::tree::{Block, Element, Expression, Parameter, Redirect, Statement, What};
use super::{expression, text, words};

/// Keywords that are followed by conditions and blocks. Each block may run or not.
const PARTS: &[&str] = &[
    "if",
    "elseif",
    "else",
    "while",
    "until",
    "do",
    "for",
    "try",
    "catch",
    "finally",
    "trap",
    "begin",
    "process",
    "end",
    "clean",
    "data",
    "class",
    "parallel",
    "sequence",
    "inlinescript",
];

/// Parses a whole script. Returns `None` if it is nested too deeply.
pub(crate) fn script(text: &str) -> Option<Block> {
    let mut cursor = Cursor::new(text);
    let block = block(&mut cursor, '\0');
    (!cursor.is_too_deep()).then_some(block)
}

/// Reads statements up to the character that closes them.
pub(super) fn block(cursor: &mut Cursor<'_>, closer: char) -> Block {
    cursor.deeper(|cursor| {
        let mut block = Block::default();
        loop {
            cursor.blanks();
            match cursor.peek() {
                None => return block,
                Some(c) if c == closer => {
                    cursor.next();
                    return block;
                }
                Some(_) => {}
            }
            let before = cursor.mark();
            statement(cursor, &mut block);
            if cursor.mark() == before {
                cursor.next();
            }
        }
    })
}

fn statement(cursor: &mut Cursor<'_>, block: &mut Block) {
    let mark = cursor.mark();
    let word = cursor.take_while(is_name).to_lowercase();
    let is_word = !cursor.peek().is_some_and(|c| "-.\\/:".contains(c));
    cursor.spaces();
    let next = cursor.peek();
    match word.as_str() {
        "param" if next == Some('(') => block.parameters.extend(parameters(cursor)),
        "function" | "filter" | "workflow" if is_word => block.statements.push(function(cursor)),
        "foreach" if next == Some('(') => block.statements.push(for_each(cursor)),
        "switch" if is_word => block.statements.push(switch(cursor)),
        "return" | "throw" | "exit" if is_word => chain(cursor, &mut block.statements),
        "class" if is_word => {
            cursor.take_while(|c| c != '{' && c != '\n');
            block.statements.push(parts(cursor));
        }
        word if is_word && PARTS.contains(&word) && opens(word, cursor) => {
            block.statements.push(parts(cursor));
        }
        _ => {
            cursor.back(mark);
            chain(cursor, &mut block.statements);
        }
    }
}

/// Whether the text behind a keyword fits it: `end` may be a command too.
fn opens(word: &str, cursor: &mut Cursor<'_>) -> bool {
    let mark = cursor.mark();
    cursor.blanks();
    let next = cursor.peek();
    cursor.back(mark);
    match word {
        "if" | "elseif" | "while" | "until" | "for" => next == Some('('),
        "catch" | "trap" => matches!(next, Some('{' | '[')),
        _ => next == Some('{'),
    }
}

/// Reads pipelines joined by `&&` and `||`.
fn chain(cursor: &mut Cursor<'_>, statements: &mut Vec<Statement>) {
    loop {
        if let Some(statement) = pipeline(cursor) {
            statements.push(statement);
        }
        cursor.spaces();
        if !cursor.eat("&&") && !cursor.eat("||") {
            // The pipeline runs in the background.
            cursor.eat("&");
            return;
        }
        cursor.blanks();
    }
}

fn pipeline(cursor: &mut Cursor<'_>) -> Option<Statement> {
    let mut elements = Vec::new();
    loop {
        cursor.spaces();
        let element = element(cursor)?;
        cursor.spaces();
        if let (What::Expression(target), true) = (&element.what, elements.is_empty())
            && let Some(is_added) = assignment(cursor)
        {
            return Some(Statement::Assign {
                target: target.clone(),
                is_added,
                value: Box::new(value_of_assignment(cursor)),
            });
        }
        elements.push(element);
        // In newer versions a `|` may begin the next line too.
        let mark = cursor.mark();
        cursor.blanks();
        if cursor.starts("||") || !cursor.eat("|") {
            cursor.back(mark);
            return Some(Statement::Pipeline(elements));
        }
        cursor.blanks();
    }
}

/// Reads an assignment operator. Returns whether it appends to the old value.
fn assignment(cursor: &mut Cursor<'_>) -> Option<bool> {
    if cursor.starts("=") && !cursor.starts("==") {
        cursor.next();
        return Some(false);
    }
    let others = ["+=", "-=", "*=", "/=", "%=", "??="];
    others
        .iter()
        .any(|operator| cursor.eat(operator))
        .then_some(true)
}

fn value_of_assignment(cursor: &mut Cursor<'_>) -> Statement {
    cursor.blanks();
    let value = cursor.deeper(|cursor| {
        let mut block = Block::default();
        statement(cursor, &mut block);
        block
    });
    let mut statements = value.statements;
    match statements.len() {
        1 => statements.remove(0),
        _ => Statement::Parts(vec![Block {
            parameters: Vec::new(),
            statements,
        }]),
    }
}

fn element(cursor: &mut Cursor<'_>) -> Option<Element> {
    let mut redirects = Vec::new();
    let what = if expression::is_next(cursor) {
        let expression = expression::read(cursor);
        cursor.spaces();
        while let Some(redirect) = redirect(cursor) {
            redirects.push(redirect);
            cursor.spaces();
        }
        What::Expression(expression)
    } else {
        let (words, found) = words::read(cursor);
        redirects = found;
        if words.is_empty() {
            return None;
        }
        What::Command(words)
    };
    Some(Element { what, redirects })
}

/// Reads `> file`, `2>> file` or `2>&1`. The last has no file, so it is left out.
pub(super) fn redirect(cursor: &mut Cursor<'_>) -> Option<Redirect> {
    loop {
        let stream = cursor.peek().filter(|c| c.is_ascii_digit() || *c == '*');
        let opens = if stream.is_some() {
            cursor.second()
        } else {
            cursor.peek()
        };
        if opens != Some('>') {
            return None;
        }
        if stream.is_some() {
            cursor.next();
        }
        cursor.next();
        let is_added = cursor.eat(">");
        if cursor.eat("&") {
            cursor.take_while(|c| c.is_ascii_digit());
            cursor.spaces();
            continue;
        }
        cursor.spaces();
        return Some(Redirect {
            target: words::one(cursor),
            is_added,
            is_output: !matches!(stream, Some('2'..='6')),
        });
    }
}

/// Reads conditions and blocks, and the keywords between them.
fn parts(cursor: &mut Cursor<'_>) -> Statement {
    let mut parts = Vec::new();
    let mut is_open = true;
    loop {
        let mark = cursor.mark();
        cursor.blanks();
        match cursor.peek() {
            Some('(') if is_open => {
                cursor.next();
                parts.push(block(cursor, ')'));
            }
            Some('[' | ',') if is_open => {
                cursor.take_while(|c| !c.is_whitespace() && c != '{');
            }
            Some('{') if is_open => {
                cursor.next();
                parts.push(block(cursor, '}'));
                is_open = false;
            }
            _ => {
                let word = cursor.take_while(is_name).to_lowercase();
                let goes_on = ["elseif", "else", "while", "until", "catch", "finally"];
                if !goes_on.contains(&word.as_str()) {
                    cursor.back(mark);
                    return Statement::Parts(parts);
                }
                // `else if`
                cursor.spaces();
                let before = cursor.mark();
                if !cursor.take_while(is_name).eq_ignore_ascii_case("if") {
                    cursor.back(before);
                }
                is_open = true;
            }
        }
    }
}

fn switch(cursor: &mut Cursor<'_>) -> Statement {
    // `switch -Regex -File (…) {`
    cursor.take_while(|c| c != '(' && c != '{' && c != '\n');
    let mut parts = Vec::new();
    while let Some(opener @ ('(' | '{')) = cursor.peek() {
        cursor.next();
        parts.push(block(cursor, if opener == '(' { ')' } else { '}' }));
        if opener == '{' {
            break;
        }
        cursor.blanks();
    }
    Statement::Switch(parts)
}

fn for_each(cursor: &mut Cursor<'_>) -> Statement {
    cursor.eat("(");
    cursor.blanks();
    let variable = if cursor.peek() == Some('$') {
        text::variable(cursor)
    } else {
        None
    };
    let name = match variable {
        Some(Expression::Variable(name)) => name,
        _ => String::new(),
    };
    cursor.blanks();
    let mark = cursor.mark();
    if !cursor.take_while(is_name).eq_ignore_ascii_case("in") {
        cursor.back(mark);
    }
    let values = block(cursor, ')');
    cursor.blanks();
    // `foreach -parallel` and `-throttlelimit 5` come before the parenthesis only.
    let body = if cursor.eat("{") {
        block(cursor, '}')
    } else {
        Block::default()
    };
    Statement::ForEach { name, values, body }
}

fn function(cursor: &mut Cursor<'_>) -> Statement {
    let name = cursor.take_while(|c| !c.is_whitespace() && c != '(' && c != '{');
    let name = name.rsplit(':').next().unwrap_or(name).to_lowercase();
    cursor.blanks();
    let mut declared = Vec::new();
    if cursor.peek() == Some('(') {
        declared = parameters(cursor);
        cursor.blanks();
    }
    let mut body = Block::default();
    if cursor.eat("{") {
        body = block(cursor, '}');
    }
    body.parameters.extend(declared);
    let body = Rc::new(body);
    Statement::Function { name, body }
}

/// Reads declared parameters in parentheses, and skips their types and attributes.
fn parameters(cursor: &mut Cursor<'_>) -> Vec<Parameter> {
    cursor.eat("(");
    let mut parameters = Vec::new();
    loop {
        cursor.blanks();
        match cursor.peek() {
            None => return parameters,
            Some(')') => {
                cursor.next();
                return parameters;
            }
            Some('$') => match text::variable(cursor) {
                Some(Expression::Variable(name)) => {
                    let default = default(cursor);
                    parameters.push(Parameter { name, default });
                }
                _ => {
                    cursor.next();
                }
            },
            Some('[') => expression::skip_type(cursor),
            Some(_) => {
                cursor.next();
            }
        }
    }
}

fn default(cursor: &mut Cursor<'_>) -> Option<Expression> {
    cursor.blanks();
    if !cursor.eat("=") {
        return None;
    }
    cursor.blanks();
    Some(expression::one(cursor))
}
