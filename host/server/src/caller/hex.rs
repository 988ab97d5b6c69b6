//! Bytes as a name can have them.

use std::fmt::Write as _;

/// The first 16 bytes of a digest in hexadecimal.
pub(super) fn short(digest: &[u8]) -> String {
    let mut text = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    text
}
