//! What PowerShell's expressions give.

use std::rc::Rc;

use super::tree::Block;
use crate::marks;

/// A text is kept up to this length.
const LONGEST: usize = 32 * 1024;

/// One thing that a pipeline passes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A text, a path, a process: whatever has a text that matters. With marks for what is not known.
    Text(String),
    Number(i64),
    /// A piece of code that may be run.
    Script(Rc<Block>),
    Table(Vec<(String, Values)>),
    /// A type, or an object of that type, by its name in lower case.
    Type(String),
}

/// What an expression gives: nothing, one thing, or several.
pub(crate) type Values = Vec<Value>;

impl Value {
    /// Something of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self::Text(marks::unknown())
    }

    /// A text, or something unknown where the text is too long to be kept.
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

/// Something of which nothing is known.
pub(crate) fn unknown() -> Values {
    vec![Value::unknown()]
}

/// The text of each.
pub(crate) fn texts(items: &[Value]) -> Vec<String> {
    items.iter().map(Value::as_text).collect()
}

/// The texts as one, as where they are printed.
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
