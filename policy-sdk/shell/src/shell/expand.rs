//! Expands a word of the shell: quotes, variables, substitutions.

use super::{Shell, braces, extent};
use crate::halt::{Halt, Outcome};
use crate::marks::{self, DOCUMENT};
use crate::path::Path;
use crate::scene::Value;

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

impl Shell<'_> {
    /// Returns the words that a command's word expands to. If a variable may have several values,
    /// returns the words of each reading.
    pub(super) fn expand(&mut self, word: &str) -> Outcome<Vec<String>> {
        if is_plain(word) {
            self.spend(1)?;
            return Ok(vec![word.to_owned()]);
        }
        let mut fields = Vec::new();
        for word in braces::expand(word) {
            fields.extend(self.readings(&word, false)?.finish());
        }
        self.spend(fields.iter().map(String::len).sum::<usize>() / 8)?;
        Ok(fields)
    }

    /// Returns the possible texts of a word that is not split, such as an assigned value or a
    /// here-document.
    pub(super) fn texts(&mut self, word: &str) -> Outcome<Vec<String>> {
        let readings = self.readings(word, false)?;
        let texts: Vec<String> = readings.0.into_iter().map(joined).collect();
        self.spend(texts.iter().map(String::len).sum::<usize>() / 8)?;
        Ok(texts)
    }

    /// Returns the text of a word that is not split. If there are several readings, returns the
    /// first.
    pub(super) fn text(&mut self, word: &str) -> Outcome<String> {
        Ok(self.texts(word)?.into_iter().next().unwrap_or_default())
    }

    /// Returns the text of a here-document whose delimiter is not quoted.
    pub(super) fn document(&mut self, text: &str) -> Outcome<String> {
        if !text.contains(['$', '`', '\\']) {
            self.spend(text.len() / 64 + 1)?;
            return Ok(text.to_owned());
        }
        let texts = self.readings(text, true)?;
        Ok(texts.0.into_iter().next().map(joined).unwrap_or_default())
    }

    fn readings(&mut self, word: &str, is_document: bool) -> Outcome<Readings> {
        self.spend(word.len() / 4 + 1)?;
        let chars: Vec<char> = word.chars().collect();
        let mut out = Readings(vec![Reading::default()]);
        let mut in_double = is_document;
        let mut at = 0;
        while at < chars.len() {
            let next = chars.get(at + 1).copied();
            match chars[at] {
                '\\' if in_double => match next {
                    Some('\n') => at += 1,
                    Some(c @ ('$' | '`' | '"' | '\\')) if !(is_document && c == '"') => {
                        out.push_char(c);
                        at += 1;
                    }
                    _ => out.push_char('\\'),
                },
                '\\' => {
                    if let Some(c) = next.filter(|c| !matches!(*c, '\n' | DOCUMENT)) {
                        out.push_char(c);
                    }
                    at += usize::from(next != Some(DOCUMENT));
                }
                '"' if !is_document => {
                    in_double = !in_double;
                    out.push("");
                }
                // A here-document was set aside where none can be.
                DOCUMENT => return Err(Halt::Mistaken),
                '\'' if !in_double => {
                    let end = extent::single(&chars, at + 1).unwrap_or(chars.len());
                    out.push(&literal(&chars, at + 1, end)?);
                    at = end;
                }
                '`' => {
                    let end = extent::backtick(&chars, at + 1).unwrap_or(chars.len());
                    let text = unescaped_backticks(&slice(&chars, at + 1, end));
                    let output = self.substitution(&text)?;
                    out.push_text(&output, in_double);
                    at = end;
                }
                '<' | '>' if !in_double && next == Some('(') => {
                    let end = extent::paren(&chars, at + 2).unwrap_or(chars.len());
                    let text = slice(&chars, at + 2, end);
                    let name = self.process(&text)?;
                    if chars[at] == '>' {
                        self.scene.set(&reader_of(&name), Value::of(text));
                    }
                    out.push(&name);
                    at = end;
                }
                '$' => at = self.dollar(&chars, at, in_double, &mut out)?,
                c if in_double => {
                    let is_text = |c: &&char| !matches!(**c, '\\' | '"' | '`' | '$' | DOCUMENT);
                    let more: String = chars[at + 1..].iter().take_while(is_text).collect();
                    out.push_char(c);
                    at += more.chars().count();
                    out.push(&more);
                }
                c => out.push_char(c),
            }
            at += 1;
        }
        Ok(out)
    }

    /// Reads the expansion that the `$` at `at` begins, and returns its last index.
    fn dollar(
        &mut self,
        chars: &[char],
        at: usize,
        in_double: bool,
        out: &mut Readings,
    ) -> Outcome<usize> {
        let end = match chars.get(at + 1) {
            Some('\'') if !in_double => {
                let end = extent::ansi(chars, at + 2).unwrap_or(chars.len());
                out.push(&crate::escapes::decode(&literal(chars, at + 2, end)?));
                end
            }
            Some('"') if !in_double => at,
            Some('(') => {
                let end = extent::paren(chars, at + 2).unwrap_or(chars.len());
                let text = slice(chars, at + 2, end);
                let output = self.parenthesis(&text)?;
                out.push_text(&output, in_double);
                end
            }
            Some('{') => {
                let end = extent::brace(chars, at + 2).unwrap_or(chars.len());
                let value = self.parameter(&slice(chars, at + 2, end))?;
                out.push_value(&value, in_double);
                end
            }
            Some('[') => {
                out.push(&marks::unknown());
                let close = (at..chars.len()).find(|&i| chars[i] == ']');
                close.unwrap_or(chars.len())
            }
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                let is_name = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
                let name: String = chars[at + 1..].iter().take_while(is_name).collect();
                let is_powershell = name == "env" && chars.get(at + 4) == Some(&':');
                if is_powershell && self.scene.assigned(&name).is_none() {
                    // `$env:TEMP` is meant for PowerShell, whatever a shell in between would make
                    // of it.
                    out.push("$env");
                    return Ok(at + name.len());
                }
                out.push_value(&self.scene.value(&name), in_double);
                at + name.len()
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(*c) => {
                out.push_value(&self.scene.value(&c.to_string()), in_double);
                at + 1
            }
            _ => {
                out.push("$");
                at
            }
        };
        Ok(end)
    }

    fn parenthesis(&mut self, text: &str) -> Outcome<String> {
        let is_arithmetic = text.starts_with('(') && text.ends_with(')') && !text.contains(';');
        if is_arithmetic {
            self.readings(&text[1..text.len() - 1], true)?;
            return Ok(marks::unknown());
        }
        self.substitution(text)
    }

    /// Runs a substitution in a subshell, and returns its output.
    fn substitution(&mut self, text: &str) -> Outcome<String> {
        let output = self.apart(|shell| shell.run(text, None))?;
        let output = self.documents.put_back(&output);
        Ok(output.trim_end_matches('\n').to_owned())
    }

    /// Runs a process substitution, and returns the name of the file that stands for it.
    fn process(&mut self, text: &str) -> Outcome<String> {
        let output = self.apart(|shell| shell.run(text, None))?;
        let output = self.documents.put_back(&output).into_owned();
        Ok(self.scene.store_output(output))
    }
}

impl Shell<'_> {
    /// Follows the command of `>(…)` that reads what is written to this file.
    pub(super) fn feed_process(&mut self, path: &Path, text: &str) -> Outcome<()> {
        match self.scene.assigned(&reader_of(&path.text())) {
            Some(command) => {
                let command = command.first();
                self.apart(|shell| shell.run(&command, Some(text)))
                    .map(drop)
            }
            None => Ok(()),
        }
    }
}

/// The variable that holds the command of `>(…)`, which no shell can name.
fn reader_of(file: &str) -> String {
    format!(">{file}")
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
