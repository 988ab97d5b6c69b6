//! Keys of ours as people copy them: a prefix, and bytes with a checksum behind them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The bytes that tell a typo apart from another key.
const CHECKSUM: usize = 4;

/// A text that begins as a key does and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Typo;

/// Writes a key. The prefix says to people, and to scanners for secrets, what it is.
pub(super) fn write(prefix: &str, key: &[u8]) -> String {
    let bytes = [key, &checksum(prefix, key)].concat();
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads a key of `LENGTH` bytes. Returns `None` if the text begins in another way.
pub(super) fn read<const LENGTH: usize>(
    prefix: &str,
    text: &str,
) -> Option<Result<[u8; LENGTH], Typo>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(prefix)?);
    Some(bytes.map_err(|_| Typo).and_then(|bytes| {
        let (key, sum) = bytes.split_last_chunk().ok_or(Typo)?;
        let is_whole = *sum == checksum(prefix, key);
        is_whole
            .then_some(key)
            .ok_or(Typo)?
            .try_into()
            .map_err(|_| Typo)
    }))
}

fn checksum(prefix: &str, key: &[u8]) -> [u8; CHECKSUM] {
    let hash = Sha256::new_with_prefix(prefix).chain_update(key);
    let hash: [u8; 32] = hash.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typo_is_told_apart_from_a_key() {
        let text = write("slk_", &[7; 40]);
        assert_eq!(read("slk_", &text), Some(Ok([7; 40])));
        for at in 4..text.len() {
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let typo = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(read::<40>("slk_", &typo), Some(Err(Typo)), "{typo}");
            assert_eq!(read::<40>("slk_", &text[..at]), Some(Err(Typo)));
        }
    }

    #[test]
    fn a_key_of_one_kind_is_none_of_another() {
        let text = write("sla_", &[7; 40]);
        assert_eq!(read::<40>("slk_", &text), None);
        let renamed = text.replace("sla_", "slk_");
        assert_eq!(read::<40>("slk_", &renamed), Some(Err(Typo)));
        assert_eq!(read::<32>("sla_", &text), Some(Err(Typo)));
    }
}
