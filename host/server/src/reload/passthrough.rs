//! Which paths are forwarded although no policy sees them: those the operator lists, and never one
//! that policies judge.
//!
//! A path is compared as it stands in the request. One that a server might read in another way than
//! Sluice does is not passed at all, whatever is listed.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use thiserror::Error as ThisError;
use tokio::sync::watch;

use crate::routes::{self, ROUTES, Route};

/// The most patterns that a policy file may list.
pub const MAX_PATTERNS: usize = 1024;
/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 512;

/// The paths that are passed. Immutable; cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passthrough {
    patterns: Arc<[Pattern]>,
}

/// One path, or with `/*` at its end every path below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The path without `/*`. Empty for `/*` alone.
    path: String,
    below: bool,
}

/// Why a text is not a [`Pattern`], and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum PatternError {
    /// It does not begin with a slash.
    #[error("expected a path that begins with `/`, as in `/v1/files/*`, found `{0}`")]
    NotAbsolute(String),
    /// It is too long to be meant.
    #[error("expected at most {MAX_PATTERN} bytes, found {0}")]
    TooLong(usize),
    /// A star anywhere but at the end.
    #[error("`*` can only follow the last `/`, as in `/v1/files/*`, found `{0}`")]
    Star(String),
    /// Two slashes in a row, or one at the end.
    #[error("`{0}` has an empty segment: write each `/` once and none at the end")]
    EmptySegment(String),
    /// A segment that leads elsewhere.
    #[error("`{0}` has the segment `{1}`: write the path that it leads to")]
    Dots(String, String),
    /// Something that no plain path has.
    #[error("`{0}` has a `{1}`: list plain paths, without escapes and without a query")]
    Character(String, char),
    /// A path that policies judge.
    #[error("`{0}` is judged by the policies, so it can't pass them by: leave it out")]
    Judged(String),
    /// Another path of the table.
    #[error("Sluice has a route of its own for `{0}`: leave it out")]
    Served(String),
}

/// Reads the [`Passthrough`] as it is now. Cloning is cheap. The default never passes anything.
#[derive(Clone, Debug)]
pub struct PassthroughHandle(pub(super) watch::Receiver<Passthrough>);

impl Passthrough {
    /// Passes what one of these matches.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        Self {
            patterns: patterns.into_iter().collect(),
        }
    }

    /// Whether a request for this path, without its query, is forwarded unseen. One that policies judge never
    /// is, whatever its method.
    pub fn allows(&self, path: &str) -> bool {
        check_plain(path).is_ok()
            && !routes::reads_as_judged(path)
            && self.patterns.iter().any(|pattern| pattern.matches(path))
    }

    /// What is passed, in the order of the policy file.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

impl Pattern {
    /// Takes a plain path. `/v1/*` reaches neither below `/v1/responses`, which `/v1/responses/*` does, nor what
    /// ends like a judged path, as `/openai/v1/responses` does.
    fn matches(&self, path: &str) -> bool {
        if !self.below {
            return self.path == path;
        }
        let below = path.strip_prefix(self.path.as_str());
        below.is_some_and(|rest| rest.starts_with('/'))
            && !routes::ends_as_judged(path)
            && judged().all(|judged| !is_under(path, judged) || is_under(&self.path, judged))
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let path = text.strip_suffix("/*");
        let below = path.is_some();
        let path = path.unwrap_or(text);
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLong(text.len()));
        }
        if !text.starts_with('/') {
            return Err(PatternError::NotAbsolute(text.to_owned()));
        }
        if path.contains('*') {
            return Err(PatternError::Star(text.to_owned()));
        }
        if !(below && path.is_empty()) {
            check_plain(path)?;
        }
        if !below && routes::reads_as_judged(path) {
            return Err(PatternError::Judged(text.to_owned()));
        }
        if !below && is_served(path) {
            return Err(PatternError::Served(text.to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            below,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)?;
        out.write_str(if self.below { "/*" } else { "" })
    }
}

impl Serialize for Passthrough {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.patterns.iter().map(ToString::to_string))
    }
}

impl PassthroughHandle {
    /// What is passed now.
    pub fn current(&self) -> Passthrough {
        self.0.borrow().clone()
    }

    /// Whether a request for this path, without its query, is forwarded unseen now.
    pub fn allows(&self, path: &str) -> bool {
        self.current().allows(path)
    }
}

impl Default for PassthroughHandle {
    fn default() -> Self {
        Passthrough::default().into()
    }
}

impl From<Passthrough> for PassthroughHandle {
    /// It stays as it is.
    fn from(passthrough: Passthrough) -> Self {
        Self(watch::channel(passthrough).1)
    }
}

/// Checks that every server reads the path in the same way: nothing to decode, to resolve or to cut off.
fn check_plain(path: &str) -> Result<(), PatternError> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(PatternError::NotAbsolute(path.to_owned()));
    };
    for segment in rest.split('/') {
        if segment.is_empty() {
            return Err(PatternError::EmptySegment(path.to_owned()));
        }
        if matches!(segment, "." | "..") {
            return Err(PatternError::Dots(path.to_owned(), segment.to_owned()));
        }
        if let Some(found) = segment
            .chars()
            .find(|found| !routes::is_plain_letter(*found))
        {
            return Err(PatternError::Character(path.to_owned(), found));
        }
    }
    Ok(())
}

/// The paths that policies judge and that have no variable part.
fn judged() -> impl Iterator<Item = &'static str> {
    let judged = ROUTES.iter().filter(|route| route.is_judged());
    judged
        .map(|route| route.path)
        .filter(|path| !path.contains('{'))
}

/// Whether a server that cares for neither case nor an end of slashes and dots takes `path` for one of the table.
fn is_served(path: &str) -> bool {
    let path = routes::below_v1(path.trim_end_matches(['/', '.']));
    let is = |route: &Route| path.eq_ignore_ascii_case(routes::below_v1(route.path));
    ROUTES.iter().any(is)
}

/// Whether `path` is `judged` or continues it by anything but more letters of its last name:
/// `/v1/messages/a` and `/v1/messages.json` do, `/v1/messages-archive` does not.
fn is_under(path: &str, judged: &str) -> bool {
    let (path, judged) = (path.to_ascii_lowercase(), judged.to_ascii_lowercase());
    let below = routes::below_v1(&path).strip_prefix(routes::below_v1(&judged));
    let names = |found: char| found.is_ascii_alphanumeric() || matches!(found, '-' | '_');
    below.is_some_and(|rest| !rest.starts_with(names))
}
