//! Decodes and encodes texts: base64, hexadecimal, percent signs, character codes.

use crate::UNKNOWN;
use crate::interpreter::Interpreter;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Returns `None` if it knows no such function.
    pub(super) fn encoding_function(&mut self, path: &str, arguments: &[Value]) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Undefined);
        let value = match path {
            "atob" => self.decoded(&first, base64),
            "decodeURIComponent" | "decodeURI" | "unescape" => self.decoded(&first, percent),
            "Buffer.from" => {
                let encoding = arguments
                    .get(1)
                    .and_then(Value::as_text)
                    .unwrap_or("utf8")
                    .to_lowercase();
                match encoding.as_str() {
                    "base64" | "base64url" => self.decoded(&first, base64),
                    "hex" => self.decoded(&first, hexadecimal),
                    _ if self.heap.as_list(&first).is_some() => {
                        let (codes, _) = self.elements(&first);
                        self.text_of_codes(&codes)
                    }
                    _ => self.text_of(&first),
                }
            }
            "TextDecoder.decode" | "TextDecoder().decode" => {
                match self.heap.as_list(&first).is_some() {
                    true => {
                        let (codes, _) = self.elements(&first);
                        self.text_of_codes(&codes)
                    }
                    false => self.text_of(&first),
                }
            }
            _ => return None,
        };
        Some(value)
    }

    fn decoded(&mut self, value: &Value, decode: fn(&str) -> Option<Vec<u8>>) -> Value {
        let text = self.text_of(value);
        self.each(&text, |it, text| {
            let text = text.as_text().unwrap_or_default().to_owned();
            it.spend(text.len() / 64);
            // The part before the first unknown part is decoded. The rest may be shifted.
            let known = text.split(UNKNOWN).next().unwrap_or_default();
            let is_whole = known.len() == text.len();
            let decoded = match decode(known) {
                Some(bytes) => Value::literal(&String::from_utf8_lossy(&bytes)),
                None => return Value::some_text(),
            };
            if is_whole {
                decoded
            } else {
                it.concat(&[decoded, Value::some_text()])
            }
        })
    }

    /// `String.fromCharCode(114, 109)`.
    pub(super) fn text_of_codes(&mut self, codes: &[Value]) -> Value {
        let mut parts = Vec::new();
        let mut units: Vec<u16> = Vec::new();
        let flush = |units: &mut Vec<u16>, parts: &mut Vec<Value>| {
            if !units.is_empty() {
                parts.push(Value::literal(&String::from_utf16_lossy(units)));
                units.clear();
            }
        };
        for code in codes {
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
        self.concat(&parts)
    }

    /// Evaluates a template tagged with `String.raw`.
    pub(super) fn raw_text(&mut self, arguments: &[Value]) -> Value {
        let texts = arguments.first().cloned().unwrap_or(Value::Undefined);
        let raw = self.get(&texts, "raw");
        let (quasis, _) = self.elements(&raw);
        let mut parts = Vec::new();
        for (at, quasi) in quasis.into_iter().enumerate() {
            parts.push(quasi);
            parts.extend(arguments.get(at + 1).cloned());
        }
        self.concat(&parts)
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
