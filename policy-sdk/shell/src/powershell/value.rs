//! The values of PowerShell's expressions.

use std::rc::Rc;

use super::tree::Block;
use crate::marks;

/// The longest text that is kept.
const LONGEST: usize = 32 * 1024;

/// One value, as a pipeline passes it on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A text, or anything else whose text matters, such as a path or a process. It has marks for
    /// unknown parts.
    Text(String),
    Number(i64),
    /// Code that may be run.
    Script(Rc<Block>),
    Table(Vec<(String, Values)>),
    /// A type, or an object of that type, by its name in lower case.
    Type(String),
}

/// The value of an expression: nothing, one thing, or several.
pub(crate) type Values = Vec<Value>;

impl Value {
    /// A value about which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self::Text(marks::unknown())
    }

    /// A text. If it is too long to be kept, something unknown.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() > LONGEST {
            return Self::unknown();
        }
        Self::Text(text)
    }

    /// Its text, as far as it is known.
    pub(crate) fn as_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Script(_) | Self::Table(_) | Self::Type(_) => marks::unknown(),
        }
    }
}

/// One text.
pub(crate) fn one(text: impl Into<String>) -> Values {
    vec![Value::text(text)]
}

/// One value about which nothing is known.
pub(crate) fn unknown() -> Values {
    vec![Value::unknown()]
}

/// The text of each value.
pub(crate) fn texts(items: &[Value]) -> Vec<String> {
    items.iter().map(Value::as_text).collect()
}

/// All texts as one, as they would be printed.
pub(crate) fn lines(items: &[Value]) -> String {
    texts(items).join("\n")
}

/// Whether it is `$false`, `0` or nothing.
pub(crate) fn is_false(items: &[Value]) -> bool {
    match items {
        [] => true,
        [Value::Text(text)] => text.eq_ignore_ascii_case("false"),
        [Value::Number(number)] => *number == 0,
        _ => false,
    }
}
