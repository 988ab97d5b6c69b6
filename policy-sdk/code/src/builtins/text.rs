//! Methods of texts.

use std::rc::Rc;

use crate::UNKNOWN;
use crate::interpreter::{Interpreter, append};
use crate::value::{Value, number_text};

/// The most bytes that a text may have when it is repeated or padded.
const LONGEST: usize = 1 << 20;

impl<'a> Interpreter<'a> {
    pub(super) fn text_method(&mut self, method: &str, this: &Value, arguments: &[Value]) -> Value {
        // The method was found on a text, so the other possible values are left out.
        let is_text = |value: &&Value| matches!(value, Value::Text(_));
        let texts: Vec<Value> = this
            .alternatives()
            .iter()
            .filter(is_text)
            .cloned()
            .collect();
        let this = if texts.is_empty() {
            self.text_of(this)
        } else {
            self.any(texts)
        };
        self.each(&this, |it, text| match text.as_text() {
            Some(text) => {
                let text: Rc<str> = text.into();
                it.text_method_on(method, &text, arguments)
            }
            None => Value::some_text(),
        })
    }

    fn text_method_on(&mut self, method: &str, text: &Rc<str>, arguments: &[Value]) -> Value {
        self.spend(text.len() / 256);
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
        match method {
            "concat" => {
                let parts: Vec<Value> = [Value::Text(text.clone())]
                    .into_iter()
                    .chain(arguments.iter().cloned())
                    .collect();
                self.concat(&parts)
            }
            "trim" => Value::text(text.trim()),
            "trimStart" | "trimLeft" => Value::text(text.trim_start()),
            "trimEnd" | "trimRight" => Value::text(text.trim_end()),
            "toLowerCase" | "toLocaleLowerCase" => Value::Text(text.to_lowercase().into()),
            "toUpperCase" | "toLocaleUpperCase" => Value::Text(text.to_uppercase().into()),
            "toString" | "valueOf" | "normalize" | "toWellFormed" => Value::Text(text.clone()),
            "slice" | "substring" | "substr" => self.cut(method, text, &first, &second),
            "charAt" | "at" => match first.as_number().unwrap_or(0.0) {
                at if at < 0.0 => self.cut("slice", text, &first, &Value::Undefined),
                at => self.char_at(text, at as usize),
            },
            "charCodeAt" | "codePointAt" => {
                let at = first.as_number().unwrap_or(0.0) as usize;
                match self
                    .char_at(text, at)
                    .as_text()
                    .and_then(|c| c.chars().next())
                {
                    Some(c) if c != UNKNOWN => Value::Number(f64::from(u32::from(c))),
                    _ => Value::Unknown,
                }
            }
            "repeat" => match first.as_number() {
                Some(count) if count >= 0.0 && count * (text.len() as f64) < LONGEST as f64 => {
                    self.made(text.repeat(count as usize))
                }
                _ => Value::Text(format!("{text}{UNKNOWN}").into()),
            },
            "padStart" | "padEnd" => self.pad(method, text, &first, arguments.get(1)),
            "split" => self.split(text, &first),
            "replace" | "replaceAll" => self.replace(method == "replaceAll", text, &first, &second),
            "match" | "matchAll" => self.matches(text, &first),
            "includes" | "startsWith" | "endsWith" => {
                let is = match first.as_text() {
                    Some(part) if !part.contains(UNKNOWN) && !text.contains(UNKNOWN) => {
                        match method {
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

    /// Returns the character at an index of UTF-16.
    pub(crate) fn char_at(&mut self, text: &str, at: usize) -> Value {
        let known = text.find(UNKNOWN).unwrap_or(text.len());
        self.spend(text.len() / 2048);
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

    /// Returns a part of a text by its indexes, as far as it is known.
    fn cut(&mut self, method: &str, text: &str, start: &Value, end: &Value) -> Value {
        let (Some(start), Some(end)) = (index(start, 0.0), index(end, f64::INFINITY)) else {
            return self.any([Value::text(text), Value::some_text()]);
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

    fn pad(&mut self, method: &str, text: &str, length: &Value, filler: Option<&Value>) -> Value {
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
        self.made(if method == "padStart" {
            format!("{padding}{text}")
        } else {
            format!("{text}{padding}")
        })
    }

    fn split(&mut self, text: &Rc<str>, separator: &Value) -> Value {
        let parts: Vec<Value> = match separator {
            Value::Undefined => vec![Value::Text(text.clone())],
            Value::Text(separator) if separator.is_empty() => {
                self.elements(&Value::Text(text.clone())).0
            }
            Value::Text(separator) if !separator.contains(UNKNOWN) => {
                text.split(&**separator).map(Value::text).collect()
            }
            Value::Object(_) => match self.split_by_pattern(text, separator) {
                Some(parts) => parts,
                None => {
                    return self
                        .heap
                        .open_list(vec![Value::Text(text.clone()), Value::some_text()]);
                }
            },
            _ => {
                return self
                    .heap
                    .open_list(vec![Value::Text(text.clone()), Value::some_text()]);
            }
        };
        if parts.len() > crate::heap::MOST_ELEMENTS {
            self.heap.exceed(crate::Bound::Steps);
            return self.heap.open_list(Vec::new());
        }
        self.spend(parts.len() / 4);
        // An unknown part may contain separators.
        if text.contains(UNKNOWN) {
            self.heap.open_list(parts)
        } else {
            self.heap.list(parts)
        }
    }

    fn replace(&mut self, is_all: bool, text: &Rc<str>, old: &Value, new: &Value) -> Value {
        match old {
            Value::Object(_) => self.replace_pattern(text, old, new),
            Value::Text(old) if !old.contains(UNKNOWN) => {
                let new = if new.may_be_called() {
                    self.call(new, Value::Undefined, vec![Value::Text(old.clone())])
                } else {
                    new.clone()
                };
                let new = self.text_of(&new);
                self.each(&new, |it, new| {
                    let new = new
                        .as_text()
                        .unwrap_or_default()
                        .replace("$$", "$")
                        .replace("$&", old);
                    let most = if is_all { usize::MAX } else { 1 };
                    let count = text.matches(&**old).take(most).count();
                    if text.len() + count.saturating_mul(new.len()) > LONGEST {
                        it.heap.exceed(crate::Bound::Length);
                        return Value::some_text();
                    }
                    it.made(text.replacen(&**old, &new, most))
                })
            }
            _ => self.any([Value::Text(text.clone()), Value::some_text()]),
        }
    }

    pub(super) fn number_method(
        &mut self,
        method: &str,
        this: &Value,
        arguments: &[Value],
    ) -> Value {
        let Some(number) = this.as_number() else {
            return Value::some_text();
        };
        match (method, arguments.first().and_then(Value::as_number)) {
            ("toString", Some(radix)) if (2.0..=36.0).contains(&radix) => {
                radix_text(number, radix as u32)
            }
            ("toString" | "toLocaleString" | "valueOf", _) => Value::text(&number_text(number)),
            ("toFixed", digits) => {
                let digits = digits.unwrap_or(0.0).clamp(0.0, 20.0) as usize;
                Value::text(&format!("{number:.digits$}"))
            }
            _ => Value::some_text(),
        }
    }

    pub(super) fn number_of(&mut self, value: &Value, radix: &Value) -> Value {
        match (value, radix.as_number()) {
            (Value::Text(text), radix) if !text.contains(UNKNOWN) => {
                let radix = radix.unwrap_or(10.0);
                let is_other = radix != 10.0 && (2.0..=36.0).contains(&radix);
                let digits = text.trim();
                if is_other {
                    return match i64::from_str_radix(digits.trim_start_matches("0x"), radix as u32)
                    {
                        Ok(number) => Value::Number(number as f64),
                        Err(_) => Value::Unknown,
                    };
                }
                match crate::value::number(digits) {
                    Some(number) if !number.is_nan() => Value::Number(number),
                    // `parseInt("12px")` is 12.
                    _ => {
                        let end = digits
                            .find(|c: char| !c.is_ascii_digit())
                            .unwrap_or(digits.len());
                        digits[..end].parse().map_or(Value::Unknown, Value::Number)
                    }
                }
            }
            (value, _) => value.as_number().map_or(Value::Unknown, Value::Number),
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

fn radix_text(number: f64, radix: u32) -> Value {
    if number.fract() != 0.0 || number.abs() > 9e15 {
        return Value::some_text();
    }
    let mut rest = number.abs() as u64;
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((rest % u64::from(radix)) as u32, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    Value::Text(digits.into_iter().rev().collect::<String>().into())
}
