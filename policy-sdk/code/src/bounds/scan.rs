//! Measures how deeply a source is nested, and counts its tokens.

mod skip;

use super::{DEEPEST, LONGEST_RUN};
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

/// The state when a bracket opened.
struct Level {
    bracket: u8,
    /// How deeply constructs without brackets are nested.
    run: usize,
    /// How many `else` there are in this chain.
    chain: usize,
    /// Whether it is the head of an `if` or a loop.
    is_head: bool,
}

/// Reads a source once.
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    run: usize,
    chain: usize,
    /// The runs and chains of all open levels.
    around: usize,
    before: Before,
    word: &'a [u8],
    is_new_line: bool,
    tokens: usize,
}

/// The source is nested too deeply, or can be read in two ways.
struct Deep;

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            text: source.as_bytes(),
            at: 0,
            levels: Vec::new(),
            run: 0,
            chain: 0,
            around: 0,
            before: Before::Operator,
            word: b"",
            is_new_line: true,
            tokens: 0,
        }
    }

    /// Walks to the end and returns the number of tokens. Fails if something is nested too deeply, or if
    /// there are more tokens than `most`.
    pub(super) fn walk(mut self, most: usize) -> Result<usize, Bound> {
        if self.text.starts_with(b"#!") {
            self.skip_line();
        }
        while self.at < self.text.len() {
            self.token().map_err(|Deep| Bound::Nesting)?;
            if self.tokens > most {
                return Err(Bound::Length);
            }
        }
        Ok(self.tokens)
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Steps over a token, or over what is between two tokens.
    fn token(&mut self) -> Result<(), Deep> {
        match self.peek(0) {
            b'\n' | b'\r' => {
                self.is_new_line = true;
                self.at += 1;
            }
            c if c.is_ascii_whitespace() => self.at += 1,
            b'/' if self.peek(1) == b'/' => self.skip_line(),
            b'/' if self.peek(1) == b'*' => self.skip_comment(),
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
                self.skip_string(quote);
            }
            b'`' => {
                // A template behind an operand is its argument.
                if self.before == Before::Brace {
                    self.operand();
                }
                self.at += 1;
                self.template()?;
            }
            b'/' => self.slash()?,
            c if c.is_ascii_alphanumeric()
                || matches!(c, b'_' | b'$' | b'#' | b'@' | b'\\')
                || c >= 0x80 =>
            {
                self.name()?;
            }
            c => self.mark(c)?,
        }
        Ok(())
    }

    /// Reads a template, from behind its opening mark or from behind the end of an expression in
    /// it.
    fn template(&mut self) -> Result<(), Deep> {
        while self.at < self.text.len() {
            match self.peek(0) {
                b'\\' => self.at += 1,
                b'`' => {
                    self.at += 1;
                    self.end_operand(Before::Operand);
                    return Ok(());
                }
                b'$' if self.peek(1) == b'{' => {
                    self.at += 2;
                    return self.open(b'`');
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.text.len());
        Ok(())
    }

    /// Reads a division or a regular expression.
    fn slash(&mut self) -> Result<(), Deep> {
        let end = self.regex_end();
        match (self.before, end) {
            (Before::Operator, Some(end)) => {
                self.at = end;
                self.end_operand(Before::Operand);
            }
            // If both readings are possible, the rest must be the same in both.
            (Before::Brace, Some(end)) if self.differs(end) => return Err(Deep),
            _ => {
                self.at += 1;
                self.before = Before::Operator;
            }
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), Deep> {
        let start = self.at;
        while {
            let c = self.peek(0);
            c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'#' | b'@' | b'\\') || c >= 0x80
        } {
            // `\u{65}` is part of a name.
            if self.peek(0) == b'\\' && self.peek(2) == b'{' {
                self.at += 2;
                while self.at < self.text.len() && self.peek(0) != b'}' && self.peek(0) != b'\n' {
                    self.at += 1;
                }
            }
            self.at = (self.at + 1).min(self.text.len());
        }
        let word = &self.text[start..self.at];
        let is_property = matches!(self.word, b"." | b"?.");
        let is =
            |words: &[&str]| !is_property && words.iter().any(|other| other.as_bytes() == word);
        if is(CONTINUING) {
            self.is_new_line = false;
        } else {
            self.operand();
        }
        if is(DEEPER) {
            if word == b"else" {
                self.chain += 1;
            } else {
                self.deeper()?;
            }
        }
        let is_operator = is(DEEPER) || is(HEADS) || is(CONTINUING);
        self.end_operand(if is_operator {
            Before::Operator
        } else {
            Before::Operand
        });
        self.word = word;
        self.check()
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
        self.run = 0;
        if !self.continues_with_else() {
            self.chain = 0;
        }
    }

    fn continues_with_else(&self) -> bool {
        let rest = &self.text[self.at..];
        let start = rest
            .iter()
            .position(|c| !c.is_ascii_whitespace() && *c != b';');
        // A comment in between is rare, and counts as an `else`.
        start.is_some_and(|start| rest[start..].starts_with(b"else") || rest[start] == b'/')
    }

    fn end_operand(&mut self, before: Before) {
        self.before = before;
        self.word = b"";
        self.is_new_line = false;
    }

    fn mark(&mut self, c: u8) -> Result<(), Deep> {
        match c {
            b'(' | b'[' | b'{' => {
                self.at += 1;
                return self.open(c);
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                return self.close();
            }
            b';' => {
                self.at += 1;
                self.statement();
            }
            b',' => {
                self.at += 1;
                self.run = 0;
            }
            b'.' | b'?' if self.text[self.at..].starts_with(b"?.") || c == b'.' => {
                let end = if c == b'?' { 2 } else { 1 };
                self.word = &self.text[self.at..self.at + end];
                self.at += end;
                self.before = Before::Operator;
                return Ok(());
            }
            // In a script `<!--` begins a comment, but not in a module.
            b'<' if self.text[self.at..].starts_with(b"<!--") => return Err(Deep),
            b'+' | b'-' if self.peek(1) == c && self.before != Before::Operator => {
                // `a++` is still an operand; `++` before an operand is an operator.
                self.at += 2;
                self.before = Before::Brace;
                return Ok(());
            }
            b'?' | b':' | b'=' | b'<' | b'!' | b'~' | b'&' | b'|' => {
                self.at += 1;
                self.deeper()?;
            }
            b'*' if self.peek(1) == b'*' => {
                self.at += 2;
                self.deeper()?;
            }
            // Before an operand it adds a level, between two operands it does not.
            b'+' | b'-' if self.before == Before::Operator => {
                self.at += 1;
                self.deeper()?;
            }
            _ => self.at += 1,
        }
        self.end_operand(Before::Operator);
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Deep> {
        self.run += 1;
        self.check()
    }

    fn check(&self) -> Result<(), Deep> {
        if self.around + self.run + self.chain > LONGEST_RUN {
            Err(Deep)
        } else {
            Ok(())
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Deep> {
        if self.levels.len() >= DEEPEST {
            return Err(Deep);
        }
        let is_head =
            HEADS.iter().any(|head| head.as_bytes() == self.word) || self.word == b"await";
        if bracket == b'{' && self.before == Before::Brace {
            self.statement();
        }
        self.around += self.run + self.chain;
        self.levels.push(Level {
            bracket,
            run: self.run,
            chain: self.chain,
            is_head,
        });
        // Each level is parsed inside the recursion of the one around it.
        self.run = 0;
        self.chain = 0;
        self.end_operand(Before::Operator);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Deep> {
        let Some(level) = self.levels.pop() else {
            self.end_operand(Before::Brace);
            return Ok(());
        };
        self.run = level.run;
        self.chain = level.chain;
        self.around -= level.run + level.chain;
        match level.bracket {
            b'`' => return self.template(),
            b'{' => self.end_operand(Before::Brace),
            _ if level.is_head => self.end_operand(Before::Operator),
            _ => self.end_operand(Before::Operand),
        }
        Ok(())
    }
}
