//! Reads documents from a text and forgives what some client forgives.
//!
//! It uses no recursion and reads the text once. Valid JSON comes out as `serde_json` reads it,
//! except for what is nested deeper than [`DEEPEST`].

use serde_json::{Number, Value};

use super::cursor::Cursor;
use super::tree::Tree;

/// The most levels of a tree. What is nested deeper is kept as a string, as it was written.
pub(super) const DEEPEST: usize = 128;

/// Which of two equal keys wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    First,
    Last,
}

/// Which quote ends a string that contains quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// The first.
    First,
    /// The first that is followed by something that may follow a string.
    Fitting,
    /// The first that is followed by the next field or by the end of everything.
    Last,
}

/// Things in the text that clients read differently.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubts {
    /// One object has a key twice.
    pub(super) keys: bool,
    /// A string may end elsewhere, or be one with the next.
    pub(super) strings: bool,
    /// A string begins with a quote behind a backslash.
    pub(super) is_escaped: bool,
    /// A string begins with a quote that is an HTML entity.
    pub(super) has_entities: bool,
}

/// Reads a text by some rules.
pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    keys: Keys,
    pub(super) quotes: Quotes,
    pub(super) doubts: Doubts,
    /// How many more objects and lists may be opened.
    left: usize,
}

impl Doubts {
    pub(super) fn join(&mut self, other: Self) {
        self.keys |= other.keys;
        self.strings |= other.strings;
        self.is_escaped |= other.is_escaped;
        self.has_entities |= other.has_entities;
    }
}

impl<'a> Reader<'a> {
    /// A reader that opens no more objects and lists than `left`. With none left it is at its end.
    pub(super) fn new(text: &'a str, keys: Keys, quotes: Quotes, left: usize) -> Self {
        Self {
            cursor: Cursor::new(text),
            keys,
            quotes,
            doubts: Doubts::default(),
            left,
        }
    }

    /// Returns what clients would read differently, as far as the text was read.
    pub(super) fn doubts(&self) -> Doubts {
        self.doubts
    }

    /// How many more objects and lists may be opened.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Returns the objects and lists in the text, ignoring what is around them. If the text is one
    /// string, returns that.
    pub(super) fn documents(&mut self) -> Vec<Value> {
        let mut found = Vec::new();
        self.cursor.skip(true);
        if self.cursor.rest().starts_with("```") {
            self.cursor.step(3);
        } else if let Some(quote) = self.cursor.peek().filter(|c| is_quote(*c)) {
            let start = self.cursor.at();
            let text = self.string(quote);
            self.cursor.skip(true);
            if self.cursor.peek() == Some(':') {
                // The object has no opening brace.
                self.cursor.go_to(start);
                let mut tree = Tree::new(self.keys);
                tree.open_object();
                found.push(self.document(tree));
            } else {
                found.push(Value::String(text));
            }
        }
        while let Some(at) = self.cursor.rest().find(['{', '[']) {
            self.cursor.step(at);
            found.push(self.document(Tree::new(self.keys)));
        }
        found
    }

    /// Reads one object or list, to its end or the end of the text.
    fn document(&mut self, mut tree: Tree) -> Value {
        let whole = loop {
            self.cursor.skip(!tree.awaits_value());
            let Some(next) = self.cursor.peek() else {
                break tree.close_all();
            };
            if let Some(whole) = self.token(next, &mut tree) {
                break whole;
            }
        };
        self.doubts.join(tree.doubts());
        whole
    }

    /// Reads the bracket, mark or value that begins with this character. Returns the whole tree if this
    /// closes it.
    fn token(&mut self, next: char, tree: &mut Tree) -> Option<Value> {
        match next {
            '{' | '[' | '(' => self.open(next, tree),
            '}' | ']' | ')' => {
                self.cursor.step(1);
                return tree.close(next == '}');
            }
            ',' | ';' => {
                self.cursor.step(1);
                tree.settle();
            }
            ':' | '=' => {
                let is_arrow = self.cursor.rest().starts_with("=>");
                self.cursor.step(if is_arrow { 2 } else { 1 });
                tree.open_missing_object();
            }
            '\\' => {
                self.doubts.is_escaped = true;
                self.cursor.step(1);
            }
            _ => {
                let value = self.scalar(next, tree.awaits_key());
                tree.add(value);
            }
        }
        None
    }

    fn open(&mut self, bracket: char, tree: &mut Tree) {
        if tree.is_deepest() {
            return tree.put(Value::String(self.cursor.nested().to_owned()));
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return self.cursor.go_to_end();
        }
        self.cursor.step(1);
        match bracket {
            '{' => tree.open_object(),
            _ => tree.open_list(),
        }
    }

    /// Reads a string, number or bare word.
    fn scalar(&mut self, next: char, is_key: bool) -> Value {
        self.doubts.has_entities |= ["&quot;", "&#34;", "&apos;", "&#39;"]
            .iter()
            .any(|entity| self.cursor.rest().starts_with(entity));
        match (is_quote(next), is_key) {
            (true, true) => Value::String(self.string(next)),
            (true, false) => Value::String(self.joined_string(next)),
            (false, true) => Value::String(self.bare_key().to_owned()),
            (false, false) => self.bare_value(),
        }
    }

    fn bare_key(&mut self) -> &'a str {
        let ends = [':', '=', ',', '{', '}', '[', ']', '"', '\n'];
        let key = self.cursor.word(|_, c| ends.contains(&c));
        let closing = self.cursor.rest().strip_prefix('"').map(str::trim_start);
        if closing.is_some_and(|behind| behind.starts_with(':')) {
            // The string has no opening quote.
            self.cursor.step(1);
        }
        key
    }

    fn bare_value(&mut self) -> Value {
        let token = self.cursor.word(|token, c| match c {
            ',' | '}' | ']' | '\n' => true,
            ')' => !token.contains('('),
            c if is_quote(c) => is_whole(token),
            _ => false,
        });
        if is_prefix(token) && self.cursor.peek().is_some_and(is_quote) {
            return Value::String(self.prefixed_string(token));
        }
        let is_cut = self.cursor.rest().is_empty();
        literal(token, is_cut).unwrap_or_else(|| Value::String(token.to_owned()))
    }
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '´' | '“' | '”' | '„' | '‘' | '’')
}

/// Whether this is a prefix that Python writes before a quote.
fn is_prefix(token: &str) -> bool {
    let letters = "rRbBuUfF";
    (1..=2).contains(&token.len()) && token.chars().all(|c| letters.contains(c))
}

/// Whether a bare word ends at a quote behind it.
fn is_whole(token: &str) -> bool {
    const LONGEST: usize = 32;
    token.len() <= LONGEST && (is_prefix(token) || literal(token.trim(), false).is_some())
}

/// The value that a bare word names, if any. A word that the end of the text cut off counts too.
fn literal(token: &str, is_cut: bool) -> Option<Value> {
    let words = [
        ("true", Value::Bool(true)),
        ("True", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("False", Value::Bool(false)),
        ("null", Value::Null),
        ("None", Value::Null),
        ("undefined", Value::Null),
    ];
    let named = words
        .into_iter()
        .find(|(word, _)| *word == token || is_cut && word.starts_with(token));
    named.map(|(_, value)| value).or_else(|| number(token))
}

/// The number that a token means. A number too large for JSON's readers is none.
fn number(token: &str) -> Option<Value> {
    if let Ok(number) = serde_json::from_str::<Number>(token) {
        return Some(number.into());
    }
    let digits = token.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        let number = u64::from_str_radix(digits, 16).ok()?;
        return Some(number.into());
    }
    Number::from_f64(token.replace('_', "").parse().ok()?).map(Value::Number)
}
