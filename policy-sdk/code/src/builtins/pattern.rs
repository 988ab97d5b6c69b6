//! Regular expressions, as far as `regex-lite` reads them as JavaScript does.

use std::rc::Rc;

use regex_lite::{Regex, RegexBuilder};

use crate::UNKNOWN;
use crate::heap::{Kind, MOST_ELEMENTS};
use crate::interpreter::Interpreter;
use crate::value::Value;

/// The longest pattern, in bytes.
const LONGEST_PATTERN: usize = 512;
/// The most that the bytes of the text times the bytes of the pattern may be.
const LONGEST: usize = 1 << 21;
/// The most bytes of memory for a pattern.
const LARGEST: usize = 1 << 16;

impl<'a> Interpreter<'a> {
    pub(super) fn pattern_of(&mut self, pattern: &Value, flags: &Value) -> Value {
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
        self.heap
            .object(Kind::Pattern(pattern.clone(), flags), Vec::new())
    }

    /// Compiles the pattern for a text. Returns whether it stands for all matches.
    fn regex(&mut self, pattern: &Value, text: &str) -> Option<(Regex, bool)> {
        let Value::Object(id) = pattern else {
            return None;
        };
        let Kind::Pattern(pattern, flags) = &self.heap.get(*id).kind else {
            return None;
        };
        let (pattern, flags) = (pattern.clone(), flags.clone());
        if pattern.len() > LONGEST_PATTERN
            || text.len() * pattern.len() > LONGEST
            || text.contains(UNKNOWN)
        {
            return None;
        }
        self.spend(text.len() * pattern.len() / 256 + pattern.len());
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(LARGEST)
            .build();
        Some((regex.ok()?, flags.contains('g')))
    }

    pub(super) fn split_by_pattern(&mut self, text: &str, pattern: &Value) -> Option<Vec<Value>> {
        let (regex, _) = self.regex(pattern, text)?;
        Some(
            regex
                .split(text)
                .take(MOST_ELEMENTS + 1)
                .map(Value::text)
                .collect(),
        )
    }

    pub(super) fn replace_pattern(
        &mut self,
        text: &Rc<str>,
        pattern: &Value,
        new: &Value,
    ) -> Value {
        let Some((regex, is_all)) = self.regex(pattern, text) else {
            return self.any([Value::Text(text.clone()), Value::some_text()]);
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
            if !self.spend(1 + new.as_text().map_or(0, str::len) / 64) {
                return Value::some_text();
            }
            parts.push(Value::text(&text[end..whole.start()]));
            parts.push(self.replacement(new, &groups));
            end = whole.end();
        }
        parts.push(Value::text(&text[end..]));
        self.concat(&parts)
    }

    fn replacement(&mut self, new: &Value, groups: &[Value]) -> Value {
        if new.may_be_called() {
            let value = self.call(new, Value::Undefined, groups.to_vec());
            return self.text_of(&value);
        }
        let new = self.text_of(new);
        self.each(&new, |_, new| {
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

    /// The result of `match` and `matchAll`: the matches. Their groups are not told apart.
    pub(super) fn matches(&mut self, text: &str, pattern: &Value) -> Value {
        let Some((regex, is_all)) = self.regex(pattern, text) else {
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
        self.list_of(found, false)
    }

    pub(super) fn pattern_method(
        &mut self,
        method: &str,
        this: &Value,
        arguments: &[Value],
    ) -> Value {
        let text = arguments.first().cloned().unwrap_or(Value::Undefined);
        let Value::Text(text) = text else {
            return Value::Unknown;
        };
        match method {
            "test" => match self.regex(this, &text) {
                Some((regex, _)) => Value::Bool(regex.is_match(&text)),
                None => Value::Unknown,
            },
            "exec" => match self.regex(this, &text) {
                // A pattern with `g` continues where it was, so the result may be any of its
                // matches.
                Some((_, true)) | None => Value::Unknown,
                Some((_, false)) => self.matches(&text, this),
            },
            _ => Value::Unknown,
        }
    }
}
