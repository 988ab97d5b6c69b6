//! Bytes in hexadecimal, as people and files have them.

use std::fmt::Write as _;

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    text
}

/// Reads so many bytes. Returns `None` if it is another number of them, or something else.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = [digits[0], digits[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else_is() {
        assert_eq!(hex(&[0, 1, 0xab, 0xff]), "0001abff");
        assert_eq!(unhex("0001abff"), Some([0, 1, 0xab, 0xff]));
        assert_eq!(unhex("0001ABff"), Some([0, 1, 0xab, 0xff]));
        for text in [
            "",
            "00",
            "0001abf",
            "0001abff0",
            "0001abfg",
            "+001abff",
            "é01abff",
        ] {
            assert_eq!(unhex::<4>(text), None, "{text}");
        }
    }
}
