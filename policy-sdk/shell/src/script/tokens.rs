//! A script's tokens: names, texts, commands between backticks, and marks.

use crate::escapes::decode as decode_escapes;
use crate::language::Language;
use crate::marks;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name with its qualifiers: `os.path.join`.
    Name(String),
    /// A string. Variables in it are written as a shell's.
    Text(String),
    /// A string that the language hands to a shell.
    Command(String),
    /// Any other character, and the end of a line.
    Mark(char),
}

/// A script, token by token.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    /// For each of them, how far the statement is indented that it stands in.
    pub(super) indents: Vec<usize>,
}

/// Reads a script's tokens.
pub(super) fn read(language: Language, text: &str) -> Script {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader {
        language,
        chars: &chars,
        at: 0,
        script: Script::default(),
        indent: 0,
        open: 0,
    };
    reader.indent = reader.spaces(0);
    while reader.at < chars.len() {
        reader.step();
    }
    reader.script
}

struct Reader<'a> {
    language: Language,
    chars: &'a [char],
    at: usize,
    script: Script,
    /// How far the statement is indented.
    indent: usize,
    /// How many brackets are open.
    open: usize,
}

impl Reader<'_> {
    fn push(&mut self, token: Token) {
        self.script.tokens.push(token);
        self.script.indents.push(self.indent);
    }

    /// Takes a mark. A line that ends within brackets is no statement's end.
    fn mark(&mut self, mark: char) {
        self.push(Token::Mark(mark));
        match mark {
            '(' | '[' | '{' => self.open += 1,
            ')' | ']' | '}' => self.open = self.open.saturating_sub(1),
            '\n' if self.open == 0 => self.indent = self.spaces(self.at + 1),
            _ => {}
        }
    }

    fn spaces(&self, from: usize) -> usize {
        let rest = self.chars.get(from..).unwrap_or_default();
        rest.iter().take_while(|c| matches!(c, ' ' | '\t')).count()
    }

    fn step(&mut self) {
        let c = self.chars[self.at];
        if self.is_comment() {
            self.skip_line();
        } else if self.starts_with("/*") && self.language == Language::JavaScript {
            self.at += 2;
            while self.at < self.chars.len() && !self.starts_with("*/") {
                self.at += 1;
            }
            self.at += 2;
        } else if matches!(c, '"' | '\'' | '`') {
            self.text("");
        } else if c.is_alphabetic() || matches!(c, '_' | '$' | '@') {
            self.name();
        } else if self.starts_with("%x") && self.language == Language::Ruby {
            self.at += 2;
            self.delimited();
        } else {
            if !c.is_whitespace() || c == '\n' {
                self.mark(c);
            }
            self.at += 1;
        }
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn is_comment(&self) -> bool {
        if !matches!(self.chars[self.at], '#' | '/' | '-') {
            return false;
        }
        // In Perl `$#` is a count, and a URL's slashes are part of a string.
        let before = self
            .at
            .checked_sub(1)
            .map_or('\n', |before| self.chars[before]);
        before != '$'
            && self
                .language
                .comments()
                .iter()
                .any(|comment| self.starts_with(comment))
    }

    fn skip_line(&mut self) {
        while self.at < self.chars.len() && self.chars[self.at] != '\n' {
            self.at += 1;
        }
    }

    fn name(&mut self) {
        let start = self.at;
        let mut name = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            let is_joint = |joint: &str, this: &Self| {
                this.starts_with(joint)
                    && this
                        .chars
                        .get(this.at + joint.len())
                        .is_some_and(|c| c.is_alphabetic() || *c == '_')
            };
            if c.is_alphanumeric() || c == '_' || (self.at == start && matches!(c, '$' | '@')) {
                name.push(c);
                self.at += 1;
            } else if is_joint(".", self) || is_joint("?.", self) {
                name.push('.');
                self.at += if c == '?' { 2 } else { 1 };
            } else if is_joint("::", self) || is_joint("->", self) {
                name.push('.');
                self.at += 2;
            } else {
                break;
            }
        }
        let is_prefix = name.len() < 3 && name.chars().all(|c| "rbfuRBFU".contains(c));
        match self.chars.get(self.at) {
            Some('"' | '\'') if is_prefix && self.language == Language::Python => self.text(&name),
            Some('{' | '(' | '/' | '[' | '|') if name == "qx" => self.delimited(),
            Some('$') if name == "$" => self.at += 1,
            _ => self.push(Token::Name(name.trim_start_matches(['$', '@']).to_owned())),
        }
    }

    /// Reads `qx{…}`, `%x(…)`. The opener comes next.
    fn delimited(&mut self) {
        let close = match self.chars.get(self.at) {
            Some('{') => '}',
            Some('(') => ')',
            Some('[') => ']',
            Some(&other) => other,
            None => return,
        };
        self.at += 1;
        let start = self.at;
        while self.at < self.chars.len() && self.chars[self.at] != close {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.at += 1;
        self.push(Token::Command(interpolated(&text)));
    }

    fn text(&mut self, prefix: &str) {
        let quote = self.chars[self.at];
        let triple: String = [quote; 3].iter().collect();
        let is_triple = self.language == Language::Python && self.starts_with(&triple);
        let end = if is_triple { triple } else { quote.to_string() };
        let is_long = is_triple || quote == '`' || self.language.has_long_texts();
        self.at += end.len();
        let mut raw = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            if (c == quote && self.starts_with(&end)) || (c == '\n' && !is_long) {
                break;
            }
            raw.push(c);
            self.at += 1;
            if c == '\\'
                && let Some(&escaped) = self.chars.get(self.at)
            {
                raw.push(escaped);
                self.at += 1;
            }
        }
        self.at += end.len();
        let prefix = prefix.to_ascii_lowercase();
        let has_escapes = !prefix.contains('r')
            && (quote != '\'' || matches!(self.language, Language::Python | Language::JavaScript));
        let mut text = if has_escapes {
            decode_escapes(&raw)
        } else {
            raw
        };
        if self.language == Language::Perl && quote == '"' {
            text = text.replace("$ENV{", "${");
        }
        let is_ruby = self.language == Language::Ruby;
        if prefix.contains('f') || quote == '"' && is_ruby || quote == '`' {
            text = interpolated(&text);
        } else if quote == '\'' || !matches!(self.language, Language::Perl | Language::Php) {
            text = text.replace('$', "\\$");
        }
        self.push(match quote {
            '`' if self.language.has_command_quotes() => Token::Command(text),
            _ => Token::Text(text),
        });
    }
}

/// Rewrites `{name}`, `#{name}` and `${name}` as a shell's variables, and other expressions as
/// unknown.
fn interpolated(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let before = rest[..at].trim_end_matches(['$', '#']);
        out.push_str(before);
        let Some(end) = rest[at..].find('}') else {
            out.push_str(&rest[at..]);
            return out;
        };
        let name = &rest[at + 1..at + end];
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name {
            out.push_str("${");
            out.push_str(name);
            out.push('}');
        } else {
            out.push_str(&marks::unknown());
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}
