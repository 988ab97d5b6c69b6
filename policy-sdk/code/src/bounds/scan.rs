//! Measures how deeply a source is nested, and counts its tokens.

mod cursor;
mod nesting;

use cursor::{Cursor, Template, is_of_name};
use nesting::{Deep, Nesting};

use crate::Bound;

/// Words that begin one more level of nesting.
const DEEPER: &[&str] = &[
    "async", "await", "case", "delete", "do", "else", "extends", "for", "if", "new", "return",
    "throw", "try", "typeof", "void", "while", "with", "yield", "keyof", "infer", "unique",
    "readonly", "asserts",
];
/// Words that are followed by a head in parentheses.
const HEADS: &[&str] = &["if", "for", "while", "with", "switch", "catch"];
/// Words that continue the text before them.
const CONTINUING: &[&str] = &[
    "as",
    "else",
    "extends",
    "from",
    "in",
    "instanceof",
    "is",
    "of",
    "satisfies",
];

/// What comes before a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Something that an operator may follow: a name, a literal, a call.
    Operand,
    /// The end of a block or of an object. Without a grammar it is unknown which.
    Brace,
    /// An operator, an opening bracket, a keyword, or the head of an `if`. An operand must follow.
    Operator,
}

/// Reads a source once.
pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    nesting: Nesting,
    before: Before,
    /// The word or the dot before this position.
    word: &'a [u8],
    is_new_line: bool,
    tokens: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            cursor: Cursor::new(source),
            nesting: Nesting::default(),
            before: Before::Operator,
            word: b"",
            is_new_line: true,
            tokens: 0,
        }
    }

    /// Walks to the end and returns the number of tokens. Fails if something is nested too deeply, or if
    /// there are more tokens than `most`.
    pub(super) fn walk(mut self, most: usize) -> Result<usize, Bound> {
        if self.cursor.rest().starts_with(b"#!") {
            self.is_new_line |= self.cursor.line();
        }
        while !self.cursor.is_at_end() {
            self.token().map_err(|Deep| Bound::Nesting)?;
            if self.tokens > most {
                return Err(Bound::Length);
            }
        }
        Ok(self.tokens)
    }

    /// Steps over a token, or over what is between two tokens.
    fn token(&mut self) -> Result<(), Deep> {
        match self.cursor.peek(0) {
            b'\n' | b'\r' => {
                self.is_new_line = true;
                self.cursor.step(1);
            }
            c if c.is_ascii_whitespace() => self.cursor.step(1),
            b'/' if self.cursor.peek(1) == b'/' => self.is_new_line |= self.cursor.line(),
            b'/' if self.cursor.peek(1) == b'*' => self.is_new_line |= self.cursor.comment(),
            first => {
                self.tokens += 1;
                self.token_of(first)?;
            }
        }
        Ok(())
    }

    /// Steps over the token that begins with this byte.
    fn token_of(&mut self, first: u8) -> Result<(), Deep> {
        match first {
            quote @ (b'"' | b'\'') => {
                self.operand();
                self.cursor.string(quote);
            }
            b'`' => {
                // A template behind an operand is its argument.
                if self.before == Before::Brace {
                    self.operand();
                }
                self.cursor.step(1);
                self.template()?;
            }
            b'/' => self.slash()?,
            c if is_of_name(c) => self.name()?,
            c => self.mark(c)?,
        }
        Ok(())
    }

    /// Reads a template, from behind its opening mark or from behind the end of an expression in
    /// it.
    fn template(&mut self) -> Result<(), Deep> {
        match self.cursor.template() {
            Template::Closed => self.end_operand(Before::Operand),
            Template::Expression => self.open(b'`')?,
            Template::CutOff => {}
        }
        Ok(())
    }

    /// Reads a division or a regular expression.
    fn slash(&mut self) -> Result<(), Deep> {
        let regex = self.cursor.regex();
        match (self.before, regex) {
            (Before::Operator, Some(length)) => {
                self.cursor.step(length);
                self.end_operand(Before::Operand);
            }
            // If both readings are possible, the rest must be the same in both.
            (Before::Brace, Some(length)) if differs(&self.cursor.rest()[..length]) => {
                return Err(Deep);
            }
            _ => {
                self.cursor.step(1);
                self.before = Before::Operator;
            }
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), Deep> {
        let word = self.cursor.name();
        let is_property = matches!(self.word, b"." | b"?.");
        let is =
            |words: &[&str]| !is_property && words.iter().any(|other| other.as_bytes() == word);
        if is(CONTINUING) {
            self.is_new_line = false;
        } else {
            self.operand();
        }
        if is(DEEPER) {
            match word {
                b"else" => self.nesting.chain(),
                _ => self.nesting.deeper()?,
            }
        }
        let is_operator = is(DEEPER) || is(HEADS) || is(CONTINUING);
        self.end_operand(if is_operator {
            Before::Operator
        } else {
            Before::Operand
        });
        self.word = word;
        self.nesting.check()
    }

    /// Begins an operand. Behind another operand, it begins a new statement.
    fn operand(&mut self) {
        let is_statement = match self.before {
            Before::Operand => self.is_new_line,
            Before::Brace => true,
            Before::Operator => false,
        };
        if is_statement {
            self.statement();
        }
    }

    fn statement(&mut self) {
        let is_else = continues_with_else(self.cursor.rest());
        self.nesting.statement(is_else);
    }

    fn end_operand(&mut self, before: Before) {
        self.before = before;
        self.word = b"";
        self.is_new_line = false;
    }

    fn mark(&mut self, c: u8) -> Result<(), Deep> {
        let next = self.cursor.peek(1);
        match c {
            b'(' | b'[' | b'{' => {
                self.cursor.step(1);
                return self.open(c);
            }
            b')' | b']' | b'}' => {
                self.cursor.step(1);
                return self.close();
            }
            b';' => {
                self.cursor.step(1);
                self.statement();
            }
            b',' => {
                self.cursor.step(1);
                self.nesting.element();
            }
            b'.' | b'?' if c == b'.' || next == b'.' => {
                let length = if c == b'?' { 2 } else { 1 };
                self.word = &self.cursor.rest()[..length];
                self.cursor.step(length);
                self.before = Before::Operator;
                return Ok(());
            }
            // In a script `<!--` begins a comment, but not in a module.
            b'<' if self.cursor.rest().starts_with(b"<!--") => return Err(Deep),
            b'+' | b'-' if next == c && self.before != Before::Operator => {
                // `a++` is still an operand; `++` before an operand is an operator.
                self.cursor.step(2);
                self.before = Before::Brace;
                return Ok(());
            }
            b'?' | b':' | b'=' | b'<' | b'!' | b'~' | b'&' | b'|' => {
                self.cursor.step(1);
                self.nesting.deeper()?;
            }
            b'*' if next == b'*' => {
                self.cursor.step(2);
                self.nesting.deeper()?;
            }
            // Before an operand it adds a level, between two operands it does not.
            b'+' | b'-' if self.before == Before::Operator => {
                self.cursor.step(1);
                self.nesting.deeper()?;
            }
            _ => self.cursor.step(1),
        }
        self.end_operand(Before::Operator);
        Ok(())
    }

    fn open(&mut self, bracket: u8) -> Result<(), Deep> {
        self.nesting.check_brackets()?;
        let is_head =
            HEADS.iter().any(|head| head.as_bytes() == self.word) || self.word == b"await";
        if bracket == b'{' && self.before == Before::Brace {
            self.statement();
        }
        self.nesting.open(bracket, is_head);
        self.end_operand(Before::Operator);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Deep> {
        let Some(level) = self.nesting.close() else {
            self.end_operand(Before::Brace);
            return Ok(());
        };
        match level.bracket {
            b'`' => return self.template(),
            b'{' => self.end_operand(Before::Brace),
            _ if level.is_head => self.end_operand(Before::Operator),
            _ => self.end_operand(Before::Operand),
        }
        Ok(())
    }
}

fn continues_with_else(rest: &[u8]) -> bool {
    let start = rest
        .iter()
        .position(|c| !c.is_ascii_whitespace() && *c != b';');
    // A comment in between is rare, and counts as an `else`.
    start.is_some_and(|start| rest[start..].starts_with(b"else") || rest[start] == b'/')
}

/// Whether what is behind this text would be read differently if it were a division and not a regular
/// expression.
fn differs(regex: &[u8]) -> bool {
    let body = &regex[1..regex.len() - 1];
    body.iter().any(|c| {
        matches!(
            c,
            b'"' | b'\'' | b'`' | b'/' | b'*' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'\\'
        )
    })
}
