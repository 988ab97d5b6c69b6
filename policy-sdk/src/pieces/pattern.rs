//! The patterns that a finder looks for.

use std::fmt;

use regex_syntax::hir::Hir;

/// A pattern: a regular expression in the syntax of the `regex` crate, or a literal text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// A pattern that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The number of the pattern, counted from 0. `None` if all of them together are at fault.
    pub pattern: Option<usize>,
    /// The reason.
    pub reason: String,
}

impl Pattern {
    /// A regular expression.
    pub fn regex(regex: impl Into<String>) -> Self {
        Self(regex.into())
    }

    /// A text that matches itself.
    pub fn literal(text: &str) -> Self {
        Self(regex_syntax::escape(text))
    }

    /// The same pattern, ignoring upper and lower case.
    #[must_use]
    pub fn ignoring_case(self) -> Self {
        Self(format!("(?i:{})", self.0))
    }

    pub(super) fn parse(&self, index: usize) -> Result<Hir, PatternError> {
        let refused = |reason| PatternError {
            pattern: Some(index),
            reason,
        };
        let hir = regex_syntax::parse(&self.0).map_err(|error| refused(one_line(&error)))?;
        match hir.properties().minimum_len() {
            Some(0) => Err(refused("it matches the empty text".to_owned())),
            None => Err(refused("it can match nothing".to_owned())),
            Some(_) => Ok(hir),
        }
    }
}

/// Returns the last line of the parser's message. It says what is wrong; the lines before it draw
/// the pattern.
fn one_line(error: &regex_syntax::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for PatternError {}
