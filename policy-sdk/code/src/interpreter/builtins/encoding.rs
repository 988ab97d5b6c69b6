//! Decodes and encodes texts: base64, hexadecimal, percent signs, character codes.

use super::Called;
use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::interpreter::elements::Elements;
use crate::interpreter::texts::Texts;
use crate::value::Value;

/// A call of a function that decodes.
pub(super) struct EncodingFunction<'c>(pub(super) Called<'c>);

impl EncodingFunction<'_> {
    /// Evaluates the call. Returns `None` if the function is not known here.
    pub(super) fn value(&self, it: &mut Interpreter<'_>) -> Option<Value> {
        let Called { path, arguments } = self.0;
        let first = self.0.argument(0);
        let value = match path {
            "atob" => Encoded::new(&first, base64).text(it),
            "decodeURIComponent" | "decodeURI" | "unescape" => {
                Encoded::new(&first, percent).text(it)
            }
            "Buffer.from" => {
                let encoding = arguments
                    .get(1)
                    .and_then(Value::as_text)
                    .unwrap_or("utf8")
                    .to_lowercase();
                match encoding.as_str() {
                    "base64" | "base64url" => Encoded::new(&first, base64).text(it),
                    "hex" => Encoded::new(&first, hexadecimal).text(it),
                    _ if it.heap.as_list(&first).is_some() => {
                        let codes = Elements::of(&first, it).values;
                        Codes(&codes).text(it)
                    }
                    _ => Texts::of(&first, it),
                }
            }
            "TextDecoder.decode" | "TextDecoder().decode" => {
                match it.heap.as_list(&first).is_some() {
                    true => {
                        let codes = Elements::of(&first, it).values;
                        Codes(&codes).text(it)
                    }
                    false => Texts::of(&first, it),
                }
            }
            _ => return None,
        };
        Some(value)
    }
}

/// A text that is encoded.
struct Encoded<'v> {
    value: &'v Value,
    decode: fn(&str) -> Option<Vec<u8>>,
}

impl<'v> Encoded<'v> {
    fn new(value: &'v Value, decode: fn(&str) -> Option<Vec<u8>>) -> Self {
        Self { value, decode }
    }

    /// Decodes the text.
    fn text(&self, it: &mut Interpreter<'_>) -> Value {
        let text = Texts::of(self.value, it);
        it.each(&text, |it, text| {
            let text = text.as_text().unwrap_or_default().to_owned();
            it.spend(text.len() / 64);
            // The part before the first unknown part is decoded. The rest may be shifted.
            let known = text.split(UNKNOWN).next().unwrap_or_default();
            let is_whole = known.len() == text.len();
            let decoded = match (self.decode)(known) {
                Some(bytes) => Value::literal(&String::from_utf8_lossy(&bytes)),
                None => return Value::some_text(),
            };
            if is_whole {
                decoded
            } else {
                Texts::concat(&[decoded, Value::some_text()], it)
            }
        })
    }
}

/// The codes of characters.
pub(super) struct Codes<'v>(pub(super) &'v [Value]);

impl Codes<'_> {
    /// `String.fromCharCode(114, 109)`.
    pub(super) fn text(&self, it: &mut Interpreter<'_>) -> Value {
        let mut parts = Vec::new();
        let mut units: Vec<u16> = Vec::new();
        let flush = |units: &mut Vec<u16>, parts: &mut Vec<Value>| {
            if !units.is_empty() {
                parts.push(Value::literal(&String::from_utf16_lossy(units)));
                units.clear();
            }
        };
        for code in self.0 {
            match code.as_number() {
                Some(code) if (0.0..=1_114_111.0).contains(&code) => {
                    let c = char::from_u32(code as u32);
                    match c {
                        Some(c) => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
                        // Half of a pair, whose other half comes next.
                        None => units.push(code as u16),
                    }
                }
                _ => {
                    flush(&mut units, &mut parts);
                    parts.push(Value::some_text());
                }
            }
        }
        flush(&mut units, &mut parts);
        Texts::concat(&parts, it)
    }
}

/// Decodes base64 of either alphabet, with spaces and without padding, as the runtimes do.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            c if c.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    Some(
        digits?
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

fn percent(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        rest = others;
        let code = match others {
            [a, b, behind @ ..] if *first == b'%' => {
                rest = behind;
                let pair = [*a, *b];
                let digits = std::str::from_utf8(&pair).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            _ => *first,
        };
        bytes.push(code);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read() {
        assert_eq!(base64("cm0gLXJmIH4=").unwrap(), b"rm -rf ~");
        assert_eq!(base64("cm0gLXJmIH4").unwrap(), b"rm -rf ~");
        assert_eq!(base64("!"), None);
        assert_eq!(hexadecimal("726d").unwrap(), b"rm");
        assert_eq!(percent("rm%20-rf").unwrap(), b"rm -rf");
        assert_eq!(percent("%zz"), None);
    }
}
