//! PowerShell's operators on texts and lists.

use super::value::{Value, Values, one, texts, unknown};
use crate::marks;

/// The most elements of a list or range that are followed.
const MOST: usize = 256;
/// The most possible texts of an expression.
const MOST_TEXTS: usize = 16;

/// Returns the value of a binary operator.
pub(super) fn binary(operator: &str, left: Values, right: Values) -> Values {
    match operator {
        "+" => add(left, right),
        "*" => repeat(&left, &right),
        "join" => one(texts(&left).join(&first(&right))),
        "split" => split(&left, &first(&right)),
        "replace" => replace(&left, &right),
        "f" => format(&first(&left), &right),
        ".." => range(&left, &right),
        "as" => left,
        "??" => left.into_iter().chain(right).take(MOST).collect(),
        "-" | "/" | "%" => unknown(),
        // This is a comparison, whose result is unknown.
        _ => unknown(),
    }
}

/// Returns the value of a unary operator.
pub(super) fn unary(operator: &str, value: Values) -> Values {
    match operator {
        "join" => one(texts(&value).concat()),
        "split" => split(&value, " "),
        _ => unknown(),
    }
}

/// Returns the value of `[name]value`.
pub(super) fn cast(name: &str, value: Values) -> Values {
    match name {
        "char" => value.iter().map(character).collect(),
        "char[]" => {
            let text = first(&value);
            let letters = text.chars().take(MOST);
            letters.map(|c| Value::text(c.to_string())).collect()
        }
        "string" => one(texts(&value).join(" ")),
        "int" | "int32" | "byte" | "convert" => value.iter().map(number).collect(),
        _ => value,
    }
}

fn character(item: &Value) -> Value {
    let code = match number(item) {
        Value::Number(code) => u32::try_from(code).ok(),
        _ => None,
    };
    match code.and_then(char::from_u32) {
        Some(c) => Value::text(marks::neutral(&c.to_string())),
        None => item.clone(),
    }
}

fn number(item: &Value) -> Value {
    let Value::Text(text) = item else {
        return item.clone();
    };
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.trim().parse(),
    };
    parsed.map_or_else(|_| item.clone(), Value::Number)
}

/// Returns the value of `value[index]`.
pub(super) fn index(value: &Values, index: &Values) -> Values {
    if let [Value::Table(entries)] = value.as_slice() {
        let key = first(index).to_lowercase();
        return entry(entries, &key);
    }
    let letters: Values = match value.as_slice() {
        [Value::Text(text)] if !marks::is_open(text) => text
            .chars()
            .take(4 * MOST)
            .map(|c| Value::text(c.to_string()))
            .collect(),
        [_] => return value.clone(),
        _ => value.clone(),
    };
    let picked = index.iter().take(MOST).map(|at| match at {
        Value::Number(at) => nth(&letters, *at),
        _ => None,
    });
    let picked: Option<Values> = picked.collect();
    // The index is unknown, so it may be any of the elements.
    picked.unwrap_or_else(|| value.clone())
}

/// Returns the entry of a table.
pub(super) fn entry(entries: &[(String, Values)], key: &str) -> Values {
    let found = entries.iter().find(|(name, _)| name == key);
    found.map_or_else(unknown, |(_, value)| value.clone())
}

fn nth(items: &Values, at: i64) -> Option<Value> {
    let at = if at < 0 {
        items.len().checked_sub(usize::try_from(-at).ok()?)?
    } else {
        usize::try_from(at).ok()?
    };
    items.get(at).cloned()
}

fn add(left: Values, right: Values) -> Values {
    match (left.as_slice(), right.as_slice()) {
        ([Value::Number(a)], [Value::Number(b)]) => vec![Value::Number(a.saturating_add(*b))],
        ([Value::Text(_) | Value::Number(_)], _) => both(&texts(&left), &texts(&right)),
        _ => left.into_iter().chain(right).take(MOST).collect(),
    }
}

/// Joins each of the first texts with each of the second.
pub(super) fn both(left: &[String], right: &[String]) -> Values {
    let left = left.iter().flat_map(|left| {
        let joined = right
            .iter()
            .map(move |right| Value::text(format!("{left}{right}")));
        joined.take(MOST_TEXTS)
    });
    left.take(MOST_TEXTS).collect()
}

fn repeat(left: &Values, right: &Values) -> Values {
    match (left.as_slice(), right.as_slice()) {
        ([Value::Text(text)], [Value::Number(times)]) if (0..64).contains(times) => {
            one(text.repeat(usize::try_from(*times).unwrap_or(0)))
        }
        _ => unknown(),
    }
}

fn split(value: &Values, separator: &str) -> Values {
    let separator = unescaped(separator);
    let texts = texts(value);
    let parts = texts.iter().flat_map(|text| match separator.as_deref() {
        Some("") | None => vec![text.as_str()],
        Some(separator) => text.split(separator).collect(),
    });
    parts.take(MOST).map(Value::text).collect()
}

fn replace(value: &Values, arguments: &Values) -> Values {
    let arguments = texts(arguments);
    let pattern = arguments.first().map(String::as_str).unwrap_or_default();
    let with = arguments.get(1).map(String::as_str).unwrap_or_default();
    let Some(pattern) = unescaped(pattern).filter(|pattern| !pattern.is_empty()) else {
        return unknown();
    };
    let replaced = value.iter().map(|item| match item {
        Value::Text(text) => Value::text(replaced(text, &pattern, with)),
        other => other.clone(),
    });
    replaced.collect()
}

/// Returns the text with the pattern replaced by another text, in any case.
pub(super) fn replaced(text: &str, pattern: &str, with: &str) -> String {
    if text.is_ascii() && pattern.is_ascii() {
        let (lower, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (at, found) in lower.match_indices(&pattern) {
            out.push_str(&text[from..at]);
            out.push_str(with);
            from = at + found.len();
        }
        out.push_str(&text[from..]);
        return out;
    }
    text.replace(pattern, with)
}

/// Returns the text that a regular expression matches. Returns `None` if it matches several.
fn unescaped(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                c if c.is_alphanumeric() => return None,
                c => text.push(c),
            },
            '.' | '*' | '+' | '?' | '[' | '(' | '|' | '^' | '$' if pattern.len() > 1 => {
                return None;
            }
            c => text.push(c),
        }
    }
    Some(text)
}

/// Returns the value of `'{0}{1}' -f a, b`.
fn format(format: &str, arguments: &Values) -> Values {
    let arguments = texts(arguments);
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let escaped = behind.starts_with(&rest[at..=at]);
        let end = behind.find('}');
        match end {
            _ if escaped => {
                out.push_str(&rest[at..=at]);
                rest = &behind[1..];
            }
            Some(end) if rest[at..].starts_with('{') => {
                let number = behind[..end].split([',', ':']).next().unwrap_or_default();
                let argument = number
                    .trim()
                    .parse()
                    .ok()
                    .and_then(|n: usize| arguments.get(n));
                out.push_str(argument.map_or(&marks::unknown(), |argument| argument));
                rest = &behind[end + 1..];
            }
            _ => {
                out.push_str(&rest[at..=at]);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    one(out)
}

fn range(left: &Values, right: &Values) -> Values {
    let (Some(Value::Number(from)), Some(Value::Number(to))) = (left.first(), right.first()) else {
        return unknown();
    };
    let (from, to) = (*from, *to);
    let numbers: Values = if from <= to {
        (from..=to).take(MOST).map(Value::Number).collect()
    } else {
        (to..=from).rev().take(MOST).map(Value::Number).collect()
    };
    numbers
}

/// The first text, or an empty one.
pub(super) fn first(items: &[Value]) -> String {
    items.first().map(Value::as_text).unwrap_or_default()
}
