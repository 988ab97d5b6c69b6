//! A key as a caller sends it.

use std::fmt;
use std::io;

use sha2::{Digest as _, Sha256};

use crate::auth::secret_text;
use crate::folder::random;
use crate::hex::hex;

/// What every key begins with.
const PREFIX: &str = "slk_";
/// The bytes that name a key.
const ID: usize = 8;
/// The random bytes that make it one.
const SECRET: usize = 32;

/// A key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    id: [u8; ID],
    secret: [u8; SECRET],
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) enum NoKey {
    /// It is something else, like a provider's key.
    Else,
    /// It was not copied as it is.
    Typo,
}

impl KeyText {
    /// Makes a key that nobody can guess.
    pub fn generate() -> io::Result<Self> {
        Ok(Self {
            id: random()?,
            secret: random()?,
        })
    }

    /// Reads what a caller sent.
    pub(in crate::auth) fn read(text: &str) -> Result<Self, NoKey> {
        const LENGTH: usize = ID + SECRET;
        let bytes = secret_text::read::<LENGTH>(PREFIX, text).ok_or(NoKey::Else)?;
        let bytes = bytes.map_err(|_| NoKey::Typo)?;
        Ok(Self {
            id: std::array::from_fn(|at| bytes[at]),
            secret: std::array::from_fn(|at| bytes[ID + at]),
        })
    }

    /// Whether a key begins somewhere in a text: behind what is no part of a key. Others may have the prefix in them.
    pub(in crate::auth) fn begins_in(text: &[u8]) -> bool {
        let is_of_keys = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        let mut words = text.split(|byte| !is_of_keys(byte));
        words.any(|word| word.starts_with(PREFIX.as_bytes()))
    }

    /// Its name in lists and logs: `key_` and 16 hexadecimal digits.
    pub fn id(&self) -> String {
        format!("key_{}", hex(&self.id))
    }

    /// The SHA-256 of the secret. It has so many random bits that no slower hash would protect it better.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
}

impl fmt::Display for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id[..], &self.secret].concat();
        f.write_str(&secret_text::write(PREFIX, &bytes))
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyText({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let key = KeyText::generate().unwrap();
        let text = key.to_string();
        assert_eq!((text.len(), &text[..4]), (63, "slk_"));
        assert_eq!(KeyText::read(&text), Ok(key.clone()));
        assert_eq!(KeyText::read(&text[..62]), Err(NoKey::Typo));
        assert_eq!(KeyText::read("sk-ant-api03-x"), Err(NoKey::Else));
        assert_eq!(format!("{key:?}"), format!("KeyText({})", key.id()));
        assert_eq!(key.id().len(), 20);
    }
}
