//! Regular expressions, as far as `regex-lite` reads them as JavaScript does.

use regex_lite::{Regex, RegexBuilder};

use super::MethodCall;
use crate::UNKNOWN;
use crate::heap::{Heap, Kind, MOST_ELEMENTS};
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::texts::Texts;
use crate::value::Value;

/// The longest pattern, in bytes.
const LONGEST_PATTERN: usize = 512;
/// The most that the bytes of the text times the bytes of the pattern may be.
const LONGEST: usize = 1 << 21;
/// The most bytes of memory for a pattern.
const LARGEST: usize = 1 << 16;

/// Makes a regular expression of a text and its flags.
pub(super) fn pattern_of(pattern: &Value, flags: &Value, heap: &mut Heap<'_>) -> Value {
    let Value::Text(pattern) = pattern else {
        return if matches!(pattern, Value::Object(_)) {
            pattern.clone()
        } else {
            Value::Unknown
        };
    };
    if pattern.contains(UNKNOWN) {
        return Value::Unknown;
    }
    let flags = flags.as_text().unwrap_or_default().into();
    heap.object(Kind::Pattern(pattern.clone(), flags), Vec::new())
}

/// A search for a pattern in a text.
pub(super) struct Search<'v> {
    text: &'v str,
    pattern: &'v Value,
}

impl<'v> Search<'v> {
    pub(super) fn new(text: &'v str, pattern: &'v Value) -> Self {
        Self { text, pattern }
    }

    /// Compiles the pattern for a text. Returns whether it stands for all matches.
    fn regex(&self, it: &mut Interpreter<'_>) -> Option<(Regex, bool)> {
        let &Self { text, pattern } = self;
        let Value::Object(id) = pattern else {
            return None;
        };
        let Kind::Pattern(pattern, flags) = &it.heap.get(*id).kind else {
            return None;
        };
        let (pattern, flags) = (pattern.clone(), flags.clone());
        if pattern.len() > LONGEST_PATTERN
            || text.len() * pattern.len() > LONGEST
            || text.contains(UNKNOWN)
        {
            return None;
        }
        it.spend(text.len() * pattern.len() / 256 + pattern.len());
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(LARGEST)
            .build();
        Some((regex.ok()?, flags.contains('g')))
    }

    /// Splits the text at the matches.
    pub(super) fn split(&self, it: &mut Interpreter<'_>) -> Option<Vec<Value>> {
        let (regex, _) = self.regex(it)?;
        Some(
            regex
                .split(self.text)
                .take(MOST_ELEMENTS + 1)
                .map(Value::text)
                .collect(),
        )
    }

    /// Replaces the matches.
    pub(super) fn replaced(&self, new: &Value, it: &mut Interpreter<'_>) -> Value {
        let text = self.text;
        let Some((regex, is_all)) = self.regex(it) else {
            return it.any([Value::text(text), Value::some_text()]);
        };
        let mut parts = Vec::new();
        let mut end = 0;
        let most = if is_all { MOST_ELEMENTS } else { 1 };
        for found in regex.captures_iter(text).take(most) {
            let Some(whole) = found.get(0) else {
                continue;
            };
            let groups: Vec<Value> = (0..found.len())
                .map(|at| {
                    found
                        .get(at)
                        .map_or(Value::Undefined, |group| Value::text(group.as_str()))
                })
                .collect();
            if !it.spend(1 + new.as_text().map_or(0, str::len) / 64) {
                return Value::some_text();
            }
            parts.push(Value::text(&text[end..whole.start()]));
            parts.push(Replacement(new).text(&groups, it));
            end = whole.end();
        }
        parts.push(Value::text(&text[end..]));
        Texts::concat(&parts, it)
    }

    /// The result of `match` and `matchAll`: the matches. Their groups are not told apart.
    pub(super) fn matches(&self, it: &mut Interpreter<'_>) -> Value {
        let text = self.text;
        let Some((regex, is_all)) = self.regex(it) else {
            return Value::Unknown;
        };
        let found: Vec<Value> = if is_all {
            regex
                .find_iter(text)
                .take(MOST_ELEMENTS)
                .map(|found| Value::text(found.as_str()))
                .collect()
        } else {
            let Some(found) = regex.captures(text) else {
                return Value::Null;
            };
            (0..found.len())
                .map(|at| {
                    found
                        .get(at)
                        .map_or(Value::Undefined, |group| Value::text(group.as_str()))
                })
                .collect()
        };
        Elements::new(found, false).list(&mut it.heap)
    }
}

/// What matches are replaced by: a text, or a function that is called for each.
struct Replacement<'v>(&'v Value);

impl Replacement<'_> {
    /// Returns the text for a match with these groups.
    fn text(&self, groups: &[Value], it: &mut Interpreter<'_>) -> Value {
        if self.0.may_be_called() {
            let value = it.call(self.0, Value::Undefined, groups.to_vec());
            return Texts::of(&value, it);
        }
        let new = Texts::of(self.0, it);
        it.each(&new, |_, new| {
            let mut made = new.as_text().unwrap_or_default().replace("$$", "\u{FFFE}");
            for (at, group) in groups.iter().enumerate().rev() {
                let name = if at == 0 {
                    "$&".to_owned()
                } else {
                    format!("${at}")
                };
                made = made.replace(&name, group.as_text().unwrap_or_default());
            }
            Value::Text(made.replace('\u{FFFE}', "$").into())
        })
    }
}

/// A call of a method of a pattern.
pub(super) struct PatternMethod<'c>(pub(super) MethodCall<'c>);

impl PatternMethod<'_> {
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let text = self.0.argument(0);
        let Value::Text(text) = text else {
            return Value::Unknown;
        };
        let search = Search::new(&text, self.0.this);
        match self.0.name {
            "test" => match search.regex(it) {
                Some((regex, _)) => Value::Bool(regex.is_match(&text)),
                None => Value::Unknown,
            },
            "exec" => match search.regex(it) {
                // A pattern with `g` continues where it was, so the result may be any of its
                // matches.
                Some((_, true)) | None => Value::Unknown,
                Some((_, false)) => search.matches(it),
            },
            _ => Value::Unknown,
        }
    }
}
