//! A match, as the replacing code sees it.

use std::cell::OnceCell;
use std::ops::Range;

use regex_automata::util::captures::Captures;

use super::automaton::Automaton;

/// A match of one of the patterns.
pub struct Match<'a> {
    automaton: &'a Automaton,
    haystack: &'a str,
    span: Range<usize>,
    pattern: usize,
    captures: OnceCell<Captures>,
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
            captures: OnceCell::new(),
        }
    }

    /// The number of the pattern, in the order they were given, counted from 0.
    pub fn pattern(&self) -> usize {
        self.pattern
    }

    /// The text that matched.
    pub fn text(&self) -> &'a str {
        &self.haystack[self.span.clone()]
    }

    /// The text of a group. `None` if there is no such group, or it took no part in the match.
    pub fn group(&self, name: &str) -> Option<&'a str> {
        let range = self.group_range(name)?;
        Some(&self.text()[range])
    }

    /// The place of a group in [`text`](Self::text).
    pub fn group_range(&self, name: &str) -> Option<Range<usize>> {
        if !self.automaton.has_group(self.pattern, name) {
            return None;
        }
        let span = self.captures().get_group_by_name(name)?;
        Some(span.start - self.span.start..span.end - self.span.start)
    }

    /// Returns `template` with `$1` and `${name}` replaced by the text of those groups, and `$$` by
    /// `$`.
    pub fn expand(&self, template: &str) -> String {
        self.captures().interpolate_string(self.haystack, template)
    }

    fn captures(&self) -> &Captures {
        self.captures.get_or_init(|| {
            let span = self.span.clone();
            self.automaton.captures(self.haystack, span, self.pattern)
        })
    }
}
