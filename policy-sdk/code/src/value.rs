//! The possible values of an expression.

use std::rc::Rc;

use crate::UNKNOWN;

/// The most alternatives that are kept apart.
pub(crate) const MOST: usize = 16;

/// The index of an object in the [`Heap`](crate::heap::Heap).
pub(crate) type Id = u32;

/// A value, as far as the source tells.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Unknown data: a tool's result, or something that was parsed.
    Unknown,
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    /// A text. Its unknown parts are [`UNKNOWN`].
    Text(Rc<str>),
    /// A list, an object or a function of this program.
    Object(Id),
    /// Something that the runtime offers, by its path: `tools.exec_command`, `Object.assign`. A
    /// path that begins with [`UNKNOWN`] may lead to anything, including the tools.
    Path(Rc<str>),
    /// An element of a list that may be missing.
    Absent,
    /// One of these. None of them is a `OneOf`.
    OneOf(Rc<[Value]>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) | (Self::Path(a), Self::Path(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            (Self::OneOf(a), Self::OneOf(b)) => Rc::ptr_eq(a, b) || a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A text from the source or its data, in which [`UNKNOWN`] is just a character.
    pub(crate) fn literal(text: &str) -> Self {
        if !text.contains(is_mark) {
            return Self::text(text);
        }
        let text: String = text
            .chars()
            .map(|c| if is_mark(c) { '\u{FFFD}' } else { c })
            .collect();
        Self::Text(text.into())
    }

    /// An unknown text.
    pub(crate) fn some_text() -> Self {
        Self::Text(UNKNOWN.to_string().into())
    }

    /// Anything, including the tools.
    pub(crate) fn anything() -> Self {
        Self::Path(UNKNOWN.to_string().into())
    }

    pub(crate) fn path(path: &str) -> Self {
        Self::Path(path.into())
    }

    /// The possible values.
    pub(crate) fn alternatives(&self) -> &[Value] {
        match self {
            Self::OneOf(values) => values,
            value => std::slice::from_ref(value),
        }
    }

    pub(crate) fn has(&self, value: &Self) -> bool {
        self.alternatives().contains(value)
    }

    /// Whether it may be a function, or something that the runtime offers.
    pub(crate) fn may_be_called(&self) -> bool {
        self.alternatives()
            .iter()
            .any(|value| matches!(value, Self::Path(_) | Self::Object(_)))
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Bool(value) => Some(f64::from(*value)),
            Self::Null => Some(0.0),
            Self::Text(text) if !text.contains(UNKNOWN) => number(text),
            _ => None,
        }
    }

    /// Its text as the name of a field.
    pub(crate) fn as_name(&self) -> Rc<str> {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number_text(*number).into(),
            Self::Path(path) if path.starts_with("Symbol.") => path.clone(),
            Self::Bool(value) => value.to_string().into(),
            Self::Undefined => "undefined".into(),
            Self::Null => "null".into(),
            _ => UNKNOWN.to_string().into(),
        }
    }

    /// Whether it is truthy. Returns `None` if that is unknown.
    pub(crate) fn is_true(&self) -> Option<bool> {
        match self {
            Self::Undefined | Self::Null | Self::Absent => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Number(number) => Some(*number != 0.0 && !number.is_nan()),
            Self::Text(text) if text.chars().all(|c| c == UNKNOWN) && !text.is_empty() => None,
            Self::Text(text) => Some(!text.is_empty()),
            Self::Object(_) => Some(true),
            Self::Unknown | Self::Path(_) => None,
            Self::OneOf(values) => {
                let first = values.first()?.is_true()?;
                values
                    .iter()
                    .all(|value| value.is_true() == Some(first))
                    .then_some(first)
            }
        }
    }

    /// Whether it is `undefined` or `null`. Returns `None` if that is unknown.
    pub(crate) fn is_nullish(&self) -> Option<bool> {
        match self {
            Self::Undefined | Self::Null | Self::Absent => Some(true),
            Self::Unknown | Self::Path(_) => None,
            Self::OneOf(values) => {
                let first = values.first()?.is_nullish()?;
                values
                    .iter()
                    .all(|value| value.is_nullish() == Some(first))
                    .then_some(first)
            }
            _ => Some(false),
        }
    }
}

/// Whether this project gives the character a special meaning in texts.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{FDD0}'..='\u{FDEF}')
}

/// Collects alternatives. Returns the value, and whether all of them are in it.
pub(crate) fn one_of(values: impl IntoIterator<Item = Value>) -> (Value, bool) {
    let mut all: Vec<Value> = Vec::new();
    let mut is_whole = true;
    for value in values {
        for value in value.alternatives() {
            if all.contains(value) {
                continue;
            }
            is_whole &= all.len() < MOST;
            if !is_whole {
                break;
            }
            all.push(value.clone());
        }
    }
    if !is_whole {
        return (shared(&all), false);
    }
    let value = match all.len() {
        0 => Value::Undefined,
        1 => all.remove(0),
        _ => Value::OneOf(all.into()),
    };
    (value, true)
}

/// What too many alternatives have in common.
fn shared(all: &[Value]) -> Value {
    if all
        .iter()
        .any(|value| matches!(value, Value::Path(_) | Value::Object(_)))
    {
        return Value::anything();
    }
    let texts: Option<Vec<&str>> = all.iter().map(Value::as_text).collect();
    match texts.as_deref() {
        Some([first, rest @ ..]) => {
            let length = rest.iter().fold(first.len(), |most, text| {
                let same = first
                    .char_indices()
                    .zip(text.chars())
                    .take_while(|((_, a), b)| a == b);
                most.min(same.last().map_or(0, |((at, c), _)| at + c.len_utf8()))
            });
            Value::Text(format!("{}{UNKNOWN}", &first[..length]).into())
        }
        _ => Value::Unknown,
    }
}

/// Parses a number as JavaScript does.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
    match text.as_bytes() {
        [] => Some(0.0),
        [b'0', b'x' | b'X', ..] => radix(&text[2..], 16),
        [b'0', b'o' | b'O', ..] => radix(&text[2..], 8),
        [b'0', b'b' | b'B', ..] => radix(&text[2..], 2),
        _ if text
            .bytes()
            .all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c)) =>
        {
            Some(text.parse().unwrap_or(f64::NAN))
        }
        _ => Some(f64::NAN),
    }
}

/// Formats a number, as JavaScript does wherever Rust does the same.
pub(crate) fn number_text(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_alternatives_keep_what_they_share() {
        let texts = (0..20).map(|n| Value::text(&format!("rm -rf {n}")));
        let (value, is_whole) = one_of(texts);
        assert!(!is_whole);
        assert_eq!(value, Value::text("rm -rf \u{FFFF}"));
    }

    #[test]
    fn a_mark_in_a_literal_is_only_a_character() {
        assert_eq!(Value::literal("a\u{FFFF}b"), Value::text("a\u{FFFD}b"));
    }
}
