//! A match, as it is shown to whoever replaces it.

use std::ops::Range;

use super::automaton::Automaton;

/// A match of one of the patterns.
pub struct Match<'a> {
    automaton: &'a Automaton,
    haystack: &'a str,
    span: Range<usize>,
    pattern: usize,
}

impl<'a> Match<'a> {
    pub(super) fn new(
        automaton: &'a Automaton,
        haystack: &'a str,
        span: Range<usize>,
        pattern: usize,
    ) -> Self {
        Self {
            automaton,
            haystack,
            span,
            pattern,
        }
    }

    /// Which pattern, in the order they were given, counted from 0.
    pub fn pattern(&self) -> usize {
        self.pattern
    }

    /// The text that matched.
    pub fn text(&self) -> &'a str {
        &self.haystack[self.span.clone()]
    }

    /// The text of a group; `None` where there is no such group or it took no part.
    pub fn group(&self, name: &str) -> Option<&'a str> {
        let captures = self
            .automaton
            .captures(self.haystack, self.span.clone(), self.pattern);
        let span = captures.get_group_by_name(name)?;
        Some(&self.haystack[span])
    }

    /// `template` with `$1` and `${name}` replaced by what those groups matched, and `$$` by `$`.
    pub fn expand(&self, template: &str) -> String {
        self.automaton
            .captures(self.haystack, self.span.clone(), self.pattern)
            .interpolate_string(self.haystack, template)
    }
}
