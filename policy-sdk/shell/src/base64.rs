//! Decodes base64.

use crate::marks;

/// Decodes base64 to UTF-8 or UTF-16 text. Characters that are not base64 are skipped.
pub(crate) fn text(encoded: &str) -> String {
    let bytes = bytes(encoded);
    let zeros = bytes
        .iter()
        .skip(1)
        .step_by(2)
        .filter(|byte| **byte == 0)
        .count();
    // In UTF-16, half of the bytes of English text are zero.
    if bytes.len() < 2 || zeros * 4 < bytes.len() {
        return marks::neutral(&String::from_utf8_lossy(&bytes)).into_owned();
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    marks::neutral(&String::from_utf16_lossy(&units)).into_owned()
}

fn bytes(encoded: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for c in encoded.chars() {
        let value = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            _ => continue,
        };
        bits = (bits << 6) | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn both_encodings_are_read() {
        assert_eq!(text("cm0gLXJmIC8="), "rm -rf /");
        assert_eq!(text("cgBtACAALQByACAAeAA="), "rm -r x");
        assert_eq!(text("é"), "");
    }
}
