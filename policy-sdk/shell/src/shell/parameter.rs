//! Expands what is between `${` and `}`.

use super::Shell;
use crate::halt::Outcome;
use crate::scene::Value;
use crate::{glob, marks};

impl Shell<'_> {
    /// Returns the value of a parameter expansion, given the text between its braces.
    pub(super) fn parameter(&mut self, text: &str) -> Outcome<Value> {
        if let Some(name) = text.strip_prefix('!') {
            let name = self.scene.value(name).first();
            return Ok(self.scene.value(&name));
        }
        if text.len() > 1 && text.starts_with('#') {
            return Ok(Value::of(marks::unknown()));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = match text.chars().next() {
            Some(c) if is_name(c) => text.find(|c| !is_name(c)).unwrap_or(text.len()),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        let (name, rest) = text.split_at(end);
        match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((index, rest)) => {
                let value = self.element(name, index);
                self.operated(name, value, rest)
            }
            None => {
                let value = self.scene.assigned(name);
                self.operated(name, value, rest)
            }
        }
    }

    fn element(&self, name: &str, index: &str) -> Option<Value> {
        let values = match self.scene.assigned(name)? {
            Value::Array(values) => values,
            one @ Value::OneOf(_) => return Some(one),
        };
        match (index, index.parse::<usize>()) {
            ("@" | "*", _) => Some(Value::Array(values)),
            (_, Ok(at)) => Some(Value::of(values.get(at).cloned().unwrap_or_default())),
            _ => Some(Value::OneOf(values)),
        }
    }

    fn operated(&mut self, name: &str, value: Option<Value>, operator: &str) -> Outcome<Value> {
        let is_empty = value.as_ref().is_none_or(|value| value.first().is_empty());
        let stripped = operator.strip_prefix(':').unwrap_or(operator);
        match stripped.chars().next() {
            None => return Ok(value.unwrap_or_else(|| self.scene.value(name))),
            Some('-' | '=') if is_empty => {
                let default = Value::OneOf(self.texts(&stripped[1..])?);
                if stripped.starts_with('=') {
                    self.scene.assign(name, default.clone());
                }
                return Ok(default);
            }
            Some('+') if operator.starts_with([':', '+']) => {
                // Whether the variable is set may be unknown, but the text for that case is known.
                return Ok(Value::OneOf(self.texts(&stripped[1..])?));
            }
            _ => {}
        }
        let value = value.unwrap_or_else(|| self.scene.value(name));
        let Value::OneOf(texts) = value else {
            return Ok(value);
        };
        let mut changed = Vec::new();
        for text in texts {
            changed.push(self.changed(&text, operator)?);
        }
        Ok(Value::OneOf(changed))
    }

    fn changed(&mut self, text: &str, operator: &str) -> Outcome<String> {
        let first = operator.chars().next().unwrap_or_default();
        let rest = operator.get(first.len_utf8()..).unwrap_or_default();
        if ":-=?".contains(first) {
            if first == ':' && rest.starts_with(|c: char| c.is_ascii_digit() || c == ' ') {
                return Ok(substring(text, rest));
            }
            return Ok(text.to_owned());
        }
        let argument = self.text(rest.trim_start_matches(first))?;
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
