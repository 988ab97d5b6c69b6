//! Expands a word of the shell: quotes, variables, substitutions.

use super::parameter::Parameter;
use super::substitute::{Process, Substitution};
use super::{Shell, braces, extent};
use crate::halt::{Halt, Outcome};
use crate::marks::{self, DOCUMENT};
use crate::scene::{Scene, Value};

/// The most possible readings of one word.
const MOST_READINGS: usize = 16;

/// A word while it is read, with one reading for each possible value of its parts.
struct Readings(Vec<Reading>);

#[derive(Clone, Default)]
struct Reading {
    fields: Vec<String>,
    open: Option<String>,
}

impl Readings {
    fn push(&mut self, text: &str) {
        for reading in &mut self.0 {
            reading.open.get_or_insert_default().push_str(text);
        }
    }

    fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    fn push_value(&mut self, value: &Value, is_quoted: bool) {
        match value {
            Value::Array(values) => self.push_fields(values, is_quoted),
            Value::OneOf(values) => match values.as_slice() {
                [only] => self.push_text(only, is_quoted),
                _ => self.fork(values, is_quoted),
            },
        }
    }

    fn push_text(&mut self, text: &str, is_quoted: bool) {
        if is_quoted || !text.contains(char::is_whitespace) {
            // An unquoted empty value makes no word.
            if is_quoted || !text.is_empty() {
                self.push(text);
            }
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.close();
        }
        for (at, part) in text.split_whitespace().enumerate() {
            if at > 0 {
                self.close();
            }
            self.push(part);
        }
        if text.ends_with(char::is_whitespace) {
            self.close();
        }
    }

    fn push_fields(&mut self, values: &[String], is_quoted: bool) {
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.close();
            }
            self.push_text(value, is_quoted);
        }
    }

    fn fork(&mut self, values: &[String], is_quoted: bool) {
        let mut forked = Vec::new();
        for reading in &self.0 {
            for value in values {
                if forked.len() < MOST_READINGS {
                    let mut one = Self(vec![reading.clone()]);
                    one.push_text(value, is_quoted);
                    forked.append(&mut one.0);
                }
            }
        }
        self.0 = forked;
    }

    fn close(&mut self) {
        for reading in &mut self.0 {
            reading.fields.extend(reading.open.take());
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        let mut fields: Vec<String> = Vec::new();
        let is_one = self.0.len() == 1;
        for field in self.0.into_iter().flat_map(|reading| reading.fields) {
            if is_one || !fields.contains(&field) {
                fields.push(field);
            }
        }
        fields
    }
}

/// A word of a command, as it is written.
pub(super) struct Word<'t>(pub(super) &'t str);

impl Word<'_> {
    /// Returns the words that it expands to. If a variable may have several values, returns the words of
    /// each reading.
    pub(super) fn fields(&self, shell: &mut Shell<'_>) -> Outcome<Vec<String>> {
        if is_plain(self.0) {
            shell.spend(1)?;
            return Ok(vec![self.0.to_owned()]);
        }
        let mut fields = Vec::new();
        for word in braces::expand(self.0) {
            fields.extend(Expansion::readings(&word, false, shell)?.finish());
        }
        shell.spend(fields.iter().map(String::len).sum::<usize>() / 8)?;
        Ok(fields)
    }

    /// Returns its possible texts where it is not split, such as in an assignment.
    pub(super) fn texts(&self, shell: &mut Shell<'_>) -> Outcome<Vec<String>> {
        let readings = Expansion::readings(self.0, false, shell)?;
        let texts: Vec<String> = readings.0.into_iter().map(joined).collect();
        shell.spend(texts.iter().map(String::len).sum::<usize>() / 8)?;
        Ok(texts)
    }

    /// Returns its text where it is not split. If there are several readings, returns the first.
    pub(super) fn text(&self, shell: &mut Shell<'_>) -> Outcome<String> {
        Ok(self.texts(shell)?.into_iter().next().unwrap_or_default())
    }
}

/// A text in which quotes mean nothing: a here-document whose delimiter is not quoted, or arithmetic.
pub(super) struct Document<'t>(pub(super) &'t str);

impl Document<'_> {
    pub(super) fn text(&self, shell: &mut Shell<'_>) -> Outcome<String> {
        let Self(text) = self;
        if !text.contains(['$', '`', '\\']) {
            shell.spend(text.len() / 64 + 1)?;
            return Ok((*text).to_owned());
        }
        let texts = Expansion::readings(text, true, shell)?;
        Ok(texts.0.into_iter().next().map(joined).unwrap_or_default())
    }

    /// Follows the substitutions in it.
    fn follow(&self, shell: &mut Shell<'_>) -> Outcome<()> {
        Expansion::readings(self.0, true, shell).map(drop)
    }
}

/// A word or a document while it is expanded.
struct Expansion {
    chars: Vec<char>,
    /// The character that is read. What begins there is read up to its last character.
    at: usize,
    is_document: bool,
    in_double: bool,
    out: Readings,
}

impl Expansion {
    fn new(text: &str, is_document: bool) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            is_document,
            in_double: is_document,
            out: Readings(vec![Reading::default()]),
        }
    }

    /// Expands a text, and returns its readings.
    fn readings(text: &str, is_document: bool, shell: &mut Shell<'_>) -> Outcome<Readings> {
        shell.spend(text.len() / 4 + 1)?;
        Self::new(text, is_document).finish(shell)
    }

    fn finish(mut self, shell: &mut Shell<'_>) -> Outcome<Readings> {
        while self.at < self.chars.len() {
            match self.chars[self.at] {
                '\\' => self.escape(),
                '"' if !self.is_document => {
                    self.in_double = !self.in_double;
                    self.out.push("");
                }
                // A here-document was set aside where none can be.
                DOCUMENT => return Err(Halt::Mistaken),
                '\'' if !self.in_double => {
                    let (start, end) = self.to(1, extent::single);
                    self.out.push(&literal(&self.chars, start, end)?);
                }
                '`' => {
                    let text = unescaped_backticks(&self.inside(1, extent::backtick));
                    let output = Substitution(&text).output(shell)?;
                    self.out.push_text(&output, self.in_double);
                }
                c @ ('<' | '>') if !self.in_double && self.next() == Some('(') => {
                    let text = self.inside(2, extent::paren);
                    let name = Process(&text).file(c == '>', shell)?;
                    self.out.push(&name);
                }
                '$' => self.dollar(shell)?,
                c if self.in_double => self.quoted(c),
                c => self.out.push_char(c),
            }
            self.at += 1;
        }
        Ok(self.out)
    }

    fn next(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    /// Goes to the end of what begins so many characters ahead. Returns where it begins and ends.
    fn to(&mut self, skip: usize, end: fn(&[char], usize) -> Option<usize>) -> (usize, usize) {
        let start = self.at + skip;
        self.at = end(&self.chars, start).unwrap_or(self.chars.len());
        (start, self.at)
    }

    /// Does the same, and returns the text.
    fn inside(&mut self, skip: usize, end: fn(&[char], usize) -> Option<usize>) -> String {
        let (start, end) = self.to(skip, end);
        slice(&self.chars, start, end)
    }

    /// Reads a backslash and what it escapes.
    fn escape(&mut self) {
        let next = self.next();
        if self.in_double {
            match next {
                Some('\n') => self.at += 1,
                Some(c @ ('$' | '`' | '"' | '\\')) if !(self.is_document && c == '"') => {
                    self.out.push_char(c);
                    self.at += 1;
                }
                _ => self.out.push_char('\\'),
            }
            return;
        }
        if let Some(c) = next.filter(|c| !matches!(*c, '\n' | DOCUMENT)) {
            self.out.push_char(c);
        }
        self.at += usize::from(next != Some(DOCUMENT));
    }

    /// Reads characters between double quotes that mean nothing.
    fn quoted(&mut self, first: char) {
        let is_text = |c: &&char| !matches!(**c, '\\' | '"' | '`' | '$' | DOCUMENT);
        let more: String = self.chars[self.at + 1..]
            .iter()
            .take_while(is_text)
            .collect();
        self.out.push_char(first);
        self.at += more.chars().count();
        self.out.push(&more);
    }

    /// Reads the expansion that a `$` begins.
    fn dollar(&mut self, shell: &mut Shell<'_>) -> Outcome<()> {
        match self.next() {
            Some('\'') if !self.in_double => {
                let (start, end) = self.to(2, extent::ansi);
                let text = literal(&self.chars, start, end)?;
                self.out.push(&crate::escapes::decode(&text));
            }
            Some('"') if !self.in_double => {}
            Some('(') => {
                let text = self.inside(2, extent::paren);
                let output = Self::parenthesis(&text, shell)?;
                self.out.push_text(&output, self.in_double);
            }
            Some('{') => {
                let text = self.inside(2, extent::brace);
                let value = Parameter::parse(&text).value(shell)?;
                self.out.push_value(&value, self.in_double);
            }
            Some('[') => {
                self.out.push(&marks::unknown());
                let close = (self.at..self.chars.len()).find(|&i| self.chars[i] == ']');
                self.at = close.unwrap_or(self.chars.len());
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.variable(&shell.scene),
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                let value = shell.scene.value(&c.to_string());
                self.out.push_value(&value, self.in_double);
                self.at += 1;
            }
            _ => self.out.push("$"),
        }
        Ok(())
    }

    /// Follows what is in `$(…)`, and returns what it expands to.
    fn parenthesis(text: &str, shell: &mut Shell<'_>) -> Outcome<String> {
        let is_arithmetic = text.starts_with('(') && text.ends_with(')') && !text.contains(';');
        if is_arithmetic {
            Document(&text[1..text.len() - 1]).follow(shell)?;
            return Ok(marks::unknown());
        }
        Substitution(text).output(shell)
    }

    /// Reads `$NAME`.
    fn variable(&mut self, scene: &Scene) {
        let is_name = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
        let name: String = self.chars[self.at + 1..]
            .iter()
            .take_while(is_name)
            .collect();
        let is_powershell = name == "env" && self.chars.get(self.at + 4) == Some(&':');
        if is_powershell && scene.assigned(&name).is_none() {
            // `$env:TEMP` is meant for PowerShell, whatever a shell in between would make of it.
            self.out.push("$env");
        } else {
            self.out.push_value(&scene.value(&name), self.in_double);
        }
        self.at += name.len();
    }
}

fn joined(reading: Reading) -> String {
    let mut fields = reading.fields;
    fields.extend(reading.open);
    fields.join(" ")
}

fn slice(chars: &[char], from: usize, to: usize) -> String {
    chars.get(from..to).unwrap_or_default().iter().collect()
}

/// Returns a literal part of the word.
fn literal(chars: &[char], from: usize, to: usize) -> Outcome<String> {
    let text = slice(chars, from, to);
    if text.contains(DOCUMENT) {
        return Err(Halt::Mistaken);
    }
    Ok(text)
}

fn unescaped_backticks(text: &str) -> String {
    text.replace("\\`", "`")
        .replace("\\$", "$")
        .replace("\\\\", "\\")
}

/// Whether the word is literal: nothing in it means anything to a shell.
fn is_plain(word: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&c);
    !word.is_empty() && word.bytes().all(is_plain)
}
