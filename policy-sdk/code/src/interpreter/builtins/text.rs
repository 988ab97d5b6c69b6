//! Methods of texts.

use std::rc::Rc;

use super::MethodCall;
use super::pattern::Search;
use crate::heap::MOST_ELEMENTS;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::texts::{Texts, append};
use crate::value::Value;
use crate::{Bound, UNKNOWN};

/// The most bytes that a text may have when it is repeated or padded.
const LONGEST: usize = 1 << 20;

/// A call of a method of a text, which may be one of several.
pub(super) struct TextMethod<'c>(pub(super) MethodCall<'c>);

impl TextMethod<'_> {
    /// Evaluates the call.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Value {
        // The method was found on a text, so the other possible values are left out.
        let is_text = |value: &&Value| matches!(value, Value::Text(_));
        let texts: Vec<Value> = self
            .0
            .this
            .alternatives()
            .iter()
            .filter(is_text)
            .cloned()
            .collect();
        let this = if texts.is_empty() {
            Texts::of(self.0.this, it)
        } else {
            it.any(texts)
        };
        it.each(&this, |it, text| match text.as_text() {
            Some(text) => {
                let text: Rc<str> = text.into();
                TextCall {
                    name: self.0.name,
                    text: &text,
                    arguments: self.0.arguments,
                }
                .value(it)
            }
            None => Value::some_text(),
        })
    }
}

/// A call of a method of one text.
struct TextCall<'c> {
    name: &'c str,
    text: &'c Rc<str>,
    arguments: &'c [Value],
}

impl TextCall<'_> {
    fn value(&self, it: &mut Interpreter<'_>) -> Value {
        let &Self {
            name,
            text,
            arguments,
        } = self;
        it.spend(text.len() / 256);
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        match name {
            "concat" => {
                let parts: Vec<Value> = [Value::Text(text.clone())]
                    .into_iter()
                    .chain(arguments.iter().cloned())
                    .collect();
                Texts::concat(&parts, it)
            }
            "trim" => Value::text(text.trim()),
            "trimStart" | "trimLeft" => Value::text(text.trim_start()),
            "trimEnd" | "trimRight" => Value::text(text.trim_end()),
            "toLowerCase" | "toLocaleLowerCase" => Value::Text(text.to_lowercase().into()),
            "toUpperCase" | "toLocaleUpperCase" => Value::Text(text.to_uppercase().into()),
            "toString" | "valueOf" | "normalize" | "toWellFormed" => Value::Text(text.clone()),
            "slice" | "substring" | "substr" => self.cut(name, &first, &second, it),
            "charAt" | "at" => match first.as_number().unwrap_or(0.0) {
                at if at < 0.0 => self.cut("slice", &first, &Value::Undefined, it),
                at => Chars(text).at(at as usize, it),
            },
            "charCodeAt" | "codePointAt" => {
                let at = first.as_number().unwrap_or(0.0) as usize;
                match Chars(text)
                    .at(at, it)
                    .as_text()
                    .and_then(|c| c.chars().next())
                {
                    Some(c) if c != UNKNOWN => Value::Number(f64::from(u32::from(c))),
                    _ => Value::Unknown,
                }
            }
            "repeat" => match first.as_number() {
                Some(count) if count >= 0.0 && count * (text.len() as f64) < LONGEST as f64 => {
                    it.made(text.repeat(count as usize))
                }
                _ => Value::Text(format!("{text}{UNKNOWN}").into()),
            },
            "padStart" | "padEnd" => self.pad(&first, arguments.get(1), it),
            "split" => self.split(&first, it),
            "replace" | "replaceAll" => self.replace(&first, &second, it),
            "match" | "matchAll" => Search::new(text, &first).matches(it),
            "includes" | "startsWith" | "endsWith" => {
                let is = match first.as_text() {
                    Some(part) if !part.contains(UNKNOWN) && !text.contains(UNKNOWN) => {
                        match name {
                            "includes" => text.contains(part),
                            "startsWith" => text.starts_with(part),
                            _ => text.ends_with(part),
                        }
                    }
                    _ => return Value::Unknown,
                };
                if arguments.len() > 1 {
                    Value::Unknown
                } else {
                    Value::Bool(is)
                }
            }
            "indexOf" if arguments.len() == 1 && !text.contains(UNKNOWN) => match first.as_text() {
                Some(part) if !part.contains(UNKNOWN) => Value::Number(match text.find(part) {
                    Some(at) => text[..at].encode_utf16().count() as f64,
                    None => -1.0,
                }),
                _ => Value::Unknown,
            },
            "lastIndexOf" | "indexOf" | "search" | "localeCompare" => Value::Unknown,
            _ => Value::Unknown,
        }
    }

    /// Returns a part of a text by its indexes, as far as it is known.
    fn cut(&self, method: &str, start: &Value, end: &Value, it: &mut Interpreter<'_>) -> Value {
        let text = &**self.text;
        let (Some(start), Some(end)) = (index(start, 0.0), index(end, f64::INFINITY)) else {
            return it.any([Value::text(text), Value::some_text()]);
        };
        if let Some(at) = text.find(UNKNOWN) {
            let known = &text[..at];
            let length = known.encode_utf16().count() as f64;
            return match start {
                start
                    if start >= 0.0 && start <= length && method != "substring"
                        || start >= 0.0 && start <= end =>
                {
                    let front = units(known, start, end.min(length).max(start));
                    let is_inside = end >= 0.0 && end <= length && method != "substr";
                    let rest = if is_inside { "" } else { &text[at..] };
                    let open = if end.is_finite() && !is_inside {
                        UNKNOWN.to_string()
                    } else {
                        String::new()
                    };
                    let mut made = front;
                    append(&mut made, rest);
                    append(&mut made, &open);
                    Value::Text(made.into())
                }
                _ => {
                    let behind = text.rfind(UNKNOWN).map_or("", |at| &text[at..]);
                    Value::text(behind)
                }
            };
        }
        let length = text.encode_utf16().count() as f64;
        let from_end = |index: f64| {
            if index < 0.0 {
                (length + index).max(0.0)
            } else {
                index.min(length)
            }
        };
        let (start, end) = match method {
            "slice" => (from_end(start), from_end(end)),
            "substr" => (
                from_end(start),
                (from_end(start) + end.max(0.0)).min(length),
            ),
            _ => {
                let (a, b) = (start.clamp(0.0, length), end.clamp(0.0, length));
                (a.min(b), a.max(b))
            }
        };
        Value::Text(units(text, start, end.max(start)).into())
    }

    /// `padStart`, `padEnd`.
    fn pad(&self, length: &Value, filler: Option<&Value>, it: &mut Interpreter<'_>) -> Value {
        let text = self.text;
        let filler = match filler {
            None | Some(Value::Undefined) => " ",
            Some(Value::Text(filler)) if !filler.is_empty() => filler,
            Some(_) => return Value::Text(format!("{UNKNOWN}{text}{UNKNOWN}").into()),
        };
        let missing = match length.as_number() {
            Some(length) if length < LONGEST as f64 => {
                (length as usize).saturating_sub(text.chars().count())
            }
            _ => return Value::Text(format!("{UNKNOWN}{text}{UNKNOWN}").into()),
        };
        let padding: String = filler.chars().cycle().take(missing).collect();
        it.made(if self.name == "padStart" {
            format!("{padding}{text}")
        } else {
            format!("{text}{padding}")
        })
    }

    fn split(&self, separator: &Value, it: &mut Interpreter<'_>) -> Value {
        let text = self.text;
        let parts: Option<Vec<Value>> = match separator {
            Value::Undefined => Some(vec![Value::Text(text.clone())]),
            Value::Text(separator) if separator.is_empty() => {
                Some(Elements::of(&Value::Text(text.clone()), it).values)
            }
            Value::Text(separator) if !separator.contains(UNKNOWN) => {
                Some(text.split(&**separator).map(Value::text).collect())
            }
            Value::Object(_) => {
                let search = Search::new(text, separator);
                search.split(it)
            }
            _ => None,
        };
        let Some(parts) = parts else {
            let some = vec![Value::Text(text.clone()), Value::some_text()];
            return it.heap.open_list(some);
        };
        if parts.len() > MOST_ELEMENTS {
            it.heap.exceed(Bound::Steps);
            return it.heap.open_list(Vec::new());
        }
        it.spend(parts.len() / 4);
        // An unknown part may contain separators.
        Elements::new(parts, text.contains(UNKNOWN)).list(&mut it.heap)
    }

    /// `replace`, `replaceAll`.
    fn replace(&self, old: &Value, new: &Value, it: &mut Interpreter<'_>) -> Value {
        let text = self.text;
        match old {
            Value::Object(_) => Search::new(text, old).replaced(new, it),
            Value::Text(old) if !old.contains(UNKNOWN) => {
                let new = if new.may_be_called() {
                    it.call(new, Value::Undefined, vec![Value::Text(old.clone())])
                } else {
                    new.clone()
                };
                let new = Texts::of(&new, it);
                it.each(&new, |it, new| {
                    let new = new
                        .as_text()
                        .unwrap_or_default()
                        .replace("$$", "$")
                        .replace("$&", old);
                    let most = if self.name == "replaceAll" {
                        usize::MAX
                    } else {
                        1
                    };
                    let count = text.matches(&**old).take(most).count();
                    if text.len() + count.saturating_mul(new.len()) > LONGEST {
                        it.heap.exceed(Bound::Length);
                        return Value::some_text();
                    }
                    it.made(text.replacen(&**old, &new, most))
                })
            }
            _ => it.any([Value::Text(text.clone()), Value::some_text()]),
        }
    }
}

/// The characters of a text.
pub(in crate::interpreter) struct Chars<'t>(pub(in crate::interpreter) &'t str);

impl Chars<'_> {
    /// Returns the character at an index of UTF-16.
    pub(in crate::interpreter) fn at(&self, at: usize, it: &mut Interpreter<'_>) -> Value {
        let Self(text) = *self;
        let known = text.find(UNKNOWN).unwrap_or(text.len());
        it.spend(text.len() / 2048);
        let c = if text.is_ascii() {
            text.as_bytes().get(at).map(|c| char::from(*c))
        } else {
            let mut units = 0;
            text[..known].chars().find(|c| {
                units += c.len_utf16();
                units > at
            })
        };
        match c {
            Some(c) => Value::text(c.encode_utf8(&mut [0; 4])),
            None if known < text.len() => Value::some_text(),
            None => Value::text(""),
        }
    }
}

fn index(value: &Value, missing: f64) -> Option<f64> {
    match value {
        Value::Undefined => Some(missing),
        value => value
            .as_number()
            .map(|number| if number.is_nan() { 0.0 } else { number.trunc() }),
    }
}

/// Returns the text between two indexes of UTF-16.
fn units(text: &str, start: f64, end: f64) -> String {
    let (start, end) = (start as usize, end as usize);
    if text.is_ascii() {
        return text
            .get(start..end.min(text.len()))
            .unwrap_or_default()
            .to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16_lossy(units.get(start..end.min(units.len())).unwrap_or_default())
}
