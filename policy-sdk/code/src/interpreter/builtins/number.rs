//! Methods of numbers, and numbers of texts.

use super::MethodCall;
use crate::UNKNOWN;
use crate::value::{Value, number, number_text};

/// A call of a method of a number.
pub(super) struct NumberMethod<'c>(pub(super) MethodCall<'c>);

impl NumberMethod<'_> {
    pub(super) fn value(&self) -> Value {
        let Some(number) = self.0.this.as_number() else {
            return Value::some_text();
        };
        match (
            self.0.name,
            self.0.arguments.first().and_then(Value::as_number),
        ) {
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
}

/// Makes a number of a value, as `Number` and `parseInt` do.
pub(super) fn number_of(value: &Value, radix: &Value) -> Value {
    match (value, radix.as_number()) {
        (Value::Text(text), radix) if !text.contains(UNKNOWN) => {
            let radix = radix.unwrap_or(10.0);
            let is_other = radix != 10.0 && (2.0..=36.0).contains(&radix);
            let digits = text.trim();
            if is_other {
                return match i64::from_str_radix(digits.trim_start_matches("0x"), radix as u32) {
                    Ok(number) => Value::Number(number as f64),
                    Err(_) => Value::Unknown,
                };
            }
            match number(digits) {
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
