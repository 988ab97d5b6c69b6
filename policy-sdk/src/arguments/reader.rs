//! Reads documents from a text and forgives what some client forgives.
//!
//! It uses no recursion and reads the text once. Valid JSON comes out as `serde_json` reads it,
//! except for what is nested deeper than [`DEEPEST`].

use serde_json::{Map, Number, Value, map::Entry};

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

/// A position in a text, and the rules for reading on.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    keys: Keys,
    pub(super) quotes: Quotes,
    pub(super) doubts: Doubts,
    /// How many more objects and lists may be opened.
    left: usize,
}

/// An object or list that is not closed yet.
enum Open {
    Object(Map<String, Value>, Option<String>),
    List(Vec<Value>),
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
            left,
            text,
            at: 0,
            keys,
            quotes,
            doubts: Doubts::default(),
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
        self.skip(true);
        if self.rest().starts_with("```") {
            self.at += 3;
        } else if let Some(quote) = self.peek().filter(|c| is_quote(*c)) {
            let start = self.at;
            let text = self.string(quote);
            self.skip(true);
            if self.peek() == Some(':') {
                // The object has no opening brace.
                self.at = start;
                found.push(self.tree(vec![Open::Object(Map::new(), None)]));
            } else {
                found.push(Value::String(text));
            }
        }
        while let Some(at) = self.rest().find(['{', '[']) {
            self.at += at;
            found.push(self.tree(Vec::new()));
        }
        found
    }

    /// Reads one object or list, to its end or the end of the text.
    fn tree(&mut self, mut open: Vec<Open>) -> Value {
        loop {
            self.skip(!awaits_value(open.last()));
            let Some(next) = self.peek() else {
                return self.close_all(open);
            };
            match next {
                '{' | '[' | '(' if open.len() >= DEEPEST => {
                    let text = self.deeper();
                    self.put(open.last_mut(), Value::String(text));
                }
                '{' | '[' | '(' => {
                    self.left = self.left.saturating_sub(1);
                    if self.left == 0 {
                        self.at = self.text.len();
                        continue;
                    }
                    self.at += 1;
                    open.push(match next {
                        '{' => Open::Object(Map::new(), None),
                        _ => Open::List(Vec::new()),
                    });
                }
                '}' | ']' | ')' => {
                    self.at += 1;
                    if let Some(whole) = self.close(&mut open, next == '}') {
                        return whole;
                    }
                }
                ',' | ';' => {
                    self.at += 1;
                    self.settle(open.last_mut());
                }
                ':' | '=' => {
                    self.at += if self.rest().starts_with("=>") { 2 } else { 1 };
                    let object = missing_brace(open.last_mut());
                    open.extend(object);
                }
                '\\' => {
                    self.doubts.is_escaped = true;
                    self.at += 1;
                }
                _ => self.scalar(open.last_mut(), next),
            }
        }
    }

    /// Reads a string, number or bare word, and adds it to the innermost open object or list.
    fn scalar(&mut self, open: Option<&mut Open>, next: char) {
        let is_key = matches!(open, Some(Open::Object(_, None)));
        self.doubts.has_entities |= ["&quot;", "&#34;", "&apos;", "&#39;"]
            .iter()
            .any(|entity| self.rest().starts_with(entity));
        let value = match (is_quote(next), is_key) {
            (true, true) => Value::String(self.string(next)),
            (true, false) => Value::String(self.joined_string(next)),
            (false, true) => Value::String(self.bare_key().to_owned()),
            (false, false) => self.bare_value(),
        };
        match (open, value) {
            (Some(Open::Object(_, key @ None)), Value::String(text)) => *key = Some(text),
            (open, value) => self.put(open, value),
        }
    }

    fn put(&mut self, open: Option<&mut Open>, value: Value) {
        match open {
            Some(Open::List(values)) => values.push(value),
            Some(Open::Object(entries, key)) => match entries.entry(key.take().unwrap_or_default())
            {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    self.doubts.keys = true;
                    if self.keys == Keys::Last {
                        entry.insert(value);
                    }
                }
            },
            None => {}
        }
    }

    /// Ends an entry. A key without a value gets `null`.
    fn settle(&mut self, open: Option<&mut Open>) {
        if let Some(Open::Object(_, Some(_))) = open {
            // The key may be the rest of a string before it.
            self.doubts.strings = true;
            self.put(open, Value::Null);
        }
    }

    /// Closes the innermost object, or list, and everything that is open inside it. Returns the
    /// tree once nothing is open any more. A bracket that closes nothing is skipped.
    fn close(&mut self, open: &mut Vec<Open>, is_object: bool) -> Option<Value> {
        let is_meant = |open: &Open| matches!(open, Open::Object(..)) == is_object;
        let at = open.iter().rposition(is_meant)?;
        let closed = open.split_off(at);
        let value = self.close_all(closed);
        if open.is_empty() {
            return Some(value);
        }
        self.put(open.last_mut(), value);
        None
    }

    fn close_all(&mut self, mut open: Vec<Open>) -> Value {
        while let Some(mut last) = open.pop() {
            self.settle(Some(&mut last));
            let value = match last {
                Open::Object(entries, _) => Value::Object(entries),
                Open::List(values) => Value::Array(values),
            };
            if open.is_empty() {
                return value;
            }
            self.put(open.last_mut(), value);
        }
        Value::Null
    }

    /// Skips what is nested too deeply, and returns it as it was written.
    fn deeper(&mut self) -> String {
        let start = self.at;
        let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
        for byte in self.rest().bytes() {
            self.at += 1;
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' | b'(' if !in_string => depth += 1,
                b'}' | b']' | b')' if !in_string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.text[start..self.at].to_owned()
    }

    fn bare_key(&mut self) -> &'a str {
        let ends = [':', '=', ',', '{', '}', '[', ']', '"', '\n'];
        let key = self.bare(|_, c| ends.contains(&c));
        let closing = self.rest().strip_prefix('"').map(str::trim_start);
        if closing.is_some_and(|behind| behind.starts_with(':')) {
            // The string has no opening quote.
            self.at += 1;
        }
        key
    }

    fn bare_value(&mut self) -> Value {
        let token = self.bare(|token, c| match c {
            ',' | '}' | ']' | '\n' => true,
            ')' => !token.contains('('),
            c if is_quote(c) => is_whole(token),
            _ => false,
        });
        if is_prefix(token) && self.peek().is_some_and(is_quote) {
            return Value::String(self.prefixed_string(token));
        }
        let is_cut = self.rest().is_empty();
        literal(token, is_cut).unwrap_or_else(|| Value::String(token.to_owned()))
    }

    /// Reads an unquoted word, up to a character that ends it. It has at least one character.
    fn bare(&mut self, ends: impl Fn(&str, char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let mut characters = rest.char_indices().skip(1);
        let end = characters.find(|(at, c)| ends(&rest[..*at], *c));
        let end = end.map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest[..end].trim()
    }

    /// Skips white space, control characters and comments.
    ///
    /// Where a value may stand, `#fff` is a value; there only `# fff` is a comment.
    pub(super) fn skip(&mut self, with_hashes: bool) {
        let hash = if with_hashes { "#" } else { "# " };
        loop {
            let rest = self.rest().trim_start_matches(is_blank);
            self.at = self.text.len() - rest.len();
            let comment = if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            } else if rest.starts_with("//") || rest.starts_with(hash) {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                return;
            };
            self.at += comment;
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '´' | '“' | '”' | '„' | '‘' | '’')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

fn awaits_value(open: Option<&Open>) -> bool {
    matches!(open, Some(Open::Object(_, Some(_))))
}

/// Opens the object that a key in a list must belong to.
fn missing_brace(open: Option<&mut Open>) -> Option<Open> {
    let Some(Open::List(values)) = open else {
        return None;
    };
    let Some(Value::String(key)) = values.pop_if(|value| value.is_string()) else {
        return None;
    };
    Some(Open::Object(Map::new(), Some(key)))
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
