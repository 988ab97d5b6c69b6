//! Expands what is between `${` and `}`.

use super::Shell;
use super::expand::Word;
use crate::halt::Outcome;
use crate::scene::{Scene, Value};
use crate::{glob, marks};

/// The text between `${` and `}`.
pub(super) enum Parameter<'t> {
    /// `!name`: the variable whose name this variable holds.
    Indirect(&'t str),
    /// `#name`: a length, which is not worked out.
    Length,
    Variable(Variable<'t>),
}

/// A variable or an element of one, and what is done to its value.
pub(super) struct Variable<'t> {
    name: &'t str,
    index: Option<&'t str>,
    /// The operator and what it is applied with, empty if there is none: `:-default`, `%.txt`.
    operation: &'t str,
}

impl<'t> Parameter<'t> {
    pub(super) fn parse(text: &'t str) -> Self {
        if let Some(name) = text.strip_prefix('!') {
            return Self::Indirect(name);
        }
        if text.len() > 1 && text.starts_with('#') {
            return Self::Length;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = match text.chars().next() {
            Some(c) if is_name(c) => text.find(|c| !is_name(c)).unwrap_or(text.len()),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        let (name, rest) = text.split_at(end);
        let indexed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        Self::Variable(Variable {
            name,
            index: indexed.map(|(index, _)| index),
            operation: indexed.map_or(rest, |(_, operation)| operation),
        })
    }

    /// Returns what it expands to.
    pub(super) fn value(&self, shell: &mut Shell<'_>) -> Outcome<Value> {
        match self {
            Self::Indirect(name) => {
                let name = shell.scene.value(name).first();
                Ok(shell.scene.value(&name))
            }
            Self::Length => Ok(Value::of(marks::unknown())),
            Self::Variable(variable) => variable.value(shell),
        }
    }
}

impl Variable<'_> {
    fn value(&self, shell: &mut Shell<'_>) -> Outcome<Value> {
        let value = self.assigned(&shell.scene);
        let is_empty = value.as_ref().is_none_or(|value| value.first().is_empty());
        let stripped = self.operation.strip_prefix(':').unwrap_or(self.operation);
        match stripped.chars().next() {
            None => return Ok(value.unwrap_or_else(|| shell.scene.value(self.name))),
            Some('-' | '=') if is_empty => {
                let default = Value::OneOf(Word(&stripped[1..]).texts(shell)?);
                if stripped.starts_with('=') {
                    shell.scene.assign(self.name, default.clone());
                }
                return Ok(default);
            }
            Some('+') if self.operation.starts_with([':', '+']) => {
                // Whether the variable is set may be unknown, but the text for that case is known.
                return Ok(Value::OneOf(Word(&stripped[1..]).texts(shell)?));
            }
            _ => {}
        }
        let value = value.unwrap_or_else(|| shell.scene.value(self.name));
        let Value::OneOf(texts) = value else {
            return Ok(value);
        };
        let mut changed = Vec::new();
        for text in texts {
            changed.push(self.changed(&text, shell)?);
        }
        Ok(Value::OneOf(changed))
    }

    /// The value that the command gave it.
    fn assigned(&self, scene: &Scene) -> Option<Value> {
        let value = scene.assigned(self.name)?;
        let (Some(index), Value::Array(values)) = (self.index, &value) else {
            return Some(value);
        };
        match (index, index.parse::<usize>()) {
            ("@" | "*", _) => Some(value),
            (_, Ok(at)) => Some(Value::of(values.get(at).cloned().unwrap_or_default())),
            _ => Some(Value::OneOf(values.clone())),
        }
    }

    /// Applies the operation to a text.
    fn changed(&self, text: &str, shell: &mut Shell<'_>) -> Outcome<String> {
        let first = self.operation.chars().next().unwrap_or_default();
        let rest = self.operation.get(first.len_utf8()..).unwrap_or_default();
        if ":-=?".contains(first) {
            if first == ':' && rest.starts_with(|c: char| c.is_ascii_digit() || c == ' ') {
                return Ok(substring(text, rest));
            }
            return Ok(text.to_owned());
        }
        let argument = Word(rest.trim_start_matches(first)).text(shell)?;
        Ok(match first {
            '^' => text.to_uppercase(),
            ',' => text.to_lowercase(),
            '#' => without_start(text, &argument, rest.starts_with('#')),
            '%' => without_end(text, &argument, rest.starts_with('%')),
            '/' => {
                let (from, to) = argument.split_once('/').unwrap_or((&argument, ""));
                if from.is_empty() {
                    text.to_owned()
                } else if from.contains(['*', '?', '[']) {
                    marks::unknown()
                } else if rest.starts_with('/') {
                    text.replace(from, to)
                } else {
                    text.replacen(from, to, 1)
                }
            }
            _ => marks::unknown(),
        })
    }
}

fn substring(text: &str, range: &str) -> String {
    let mut numbers = range
        .split(':')
        .map(|number| number.trim().parse::<usize>());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(from)), None) => text.chars().skip(from).collect(),
        (Some(Ok(from)), Some(Ok(length))) => text.chars().skip(from).take(length).collect(),
        _ => marks::unknown(),
    }
}

fn without_start(text: &str, pattern: &str, is_longest: bool) -> String {
    let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    ends.push(text.len());
    if is_longest {
        ends.reverse();
    }
    let end = ends
        .into_iter()
        .find(|&end| glob::matches(pattern, &text[..end]));
    text[end.unwrap_or(0)..].to_owned()
}

fn without_end(text: &str, pattern: &str, is_longest: bool) -> String {
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.push(text.len());
    if !is_longest {
        starts.reverse();
    }
    let start = starts
        .into_iter()
        .find(|&start| glob::matches(pattern, &text[start..]));
    text[..start.unwrap_or(text.len())].to_owned()
}
