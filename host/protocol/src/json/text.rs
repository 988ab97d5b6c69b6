//! JSON strings, read and written.

/// What stands between the quotes of a JSON string; nothing where this is another kind of value.
pub(crate) fn between_quotes(json: &[u8]) -> &[u8] {
    match json {
        [b'"', inner @ .., b'"'] => inner,
        _ => &[],
    }
}

/// What the inside of a valid JSON string says. Half a surrogate pair, which JSON can write and text
/// cannot, becomes U+FFFD.
pub(crate) fn unescape(inner: &[u8]) -> String {
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..at]);
        let (letter, used) = letter(&rest[at..]);
        text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + used..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    // Checked at once, not between the escapes: of short pieces the check is slow.
    String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// `text` as a JSON string, with its quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !matches!(byte, b'"' | b'\\' | 0..0x20) {
            continue;
        }
        json.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            b'"' | b'\\' => json.extend(['\\', char::from(byte)]),
            control => json.push_str(&format!("\\u{control:04x}")),
        }
    }
    json.push_str(&text[plain..]);
    json.push('"');
    json
}

/// The character that the escape at the front of `bytes` stands for, and the escape's length.
fn letter(bytes: &[u8]) -> (char, usize) {
    match bytes.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => code_point(bytes),
        Some(other) => (char::from(*other), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn code_point(bytes: &[u8]) -> (char, usize) {
    let unit = hex(bytes, 2);
    if (0xd800..0xdc00).contains(&unit) && bytes.get(6..8) == Some(b"\\u") {
        let low = hex(bytes, 8);
        if (0xdc00..0xe000).contains(&low) {
            let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return (char::from_u32(code).unwrap_or_default(), 12);
        }
    }
    (
        char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
        6,
    )
}

fn hex(bytes: &[u8], at: usize) -> u32 {
    let digits = bytes.get(at..at + 4).unwrap_or_default();
    digits.iter().fold(0, |value, digit| {
        value << 4 | char::from(*digit).to_digit(16).unwrap_or_default()
    })
}
