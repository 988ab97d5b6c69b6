//! A key as people copy it, and its hash.

use std::fmt;
use std::io;
use std::str::FromStr;

use ring::hmac;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use crate::auth::secret_text;
use crate::folder::random;
use crate::hex::{hex, unhex};

/// What every key begins with, so that people and scanners for secrets know what it is.
const PREFIX: &str = "sla_";
/// The random bytes of a key.
const SECRET: usize = 32;

/// A key that opens the operators' door: 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminKey([u8; SECRET]);

/// The SHA-256 of a key. A key has so many random bits that no slower hash would protect it better.
#[derive(Clone, Debug)]
pub(super) struct KeyHash([u8; SECRET]);

/// A text that is no key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoAdminKey {
    /// It looks like something else.
    #[error("an admin key begins with `{PREFIX}` and has 52 characters")]
    Else,
    /// It was not copied as it is.
    #[error("the admin key has a typo, or a part of it is missing")]
    Typo,
}

impl AdminKey {
    /// Makes a key that nobody can guess.
    pub(super) fn generate() -> io::Result<Self> {
        random().map(Self)
    }

    pub(super) fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Display for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&secret_text::write(PREFIX, &self.0))
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminKey(hidden)")
    }
}

impl FromStr for AdminKey {
    type Err = NoAdminKey;

    fn from_str(text: &str) -> Result<Self, NoAdminKey> {
        let secret = secret_text::read(PREFIX, text).ok_or(NoAdminKey::Else)?;
        secret.map(Self).map_err(|_| NoAdminKey::Typo)
    }
}

impl KeyHash {
    /// The key of HMACs that only who knows the hash can make.
    pub(super) fn hmac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    /// Whether both are of one key. Takes the same time whatever they are.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Whether it is the hash of this key. Takes the same time whatever the key is.
    pub(super) fn is_of(&self, key: &AdminKey) -> bool {
        self.0.ct_eq(&key.hash().0).into()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for KeyHash {
    type Err = io::Error;

    fn from_str(text: &str) -> io::Result<Self> {
        let hash = unhex(text).map(Self);
        hash.ok_or_else(|| io::Error::other("it is not the hash of a key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_its_hash_too() {
        let key = AdminKey::generate().unwrap();
        let text = key.to_string();
        assert_eq!((text.len(), &text[..4]), (52, "sla_"));
        assert_eq!(text.parse(), Ok(key.clone()));
        let hash: KeyHash = key.hash().to_string().parse().unwrap();
        assert!(hash.is_of(&key));
        assert!(!hash.is_of(&AdminKey::generate().unwrap()));
        assert!(!format!("{key:?}").contains(&text[4..12]));
    }

    #[test]
    fn what_is_no_key_is_told_apart_from_a_typo() {
        let text = AdminKey([7; SECRET]).to_string();
        assert_eq!(text[..51].parse::<AdminKey>(), Err(NoAdminKey::Typo));
        for text in [
            "",
            "sk-ant-1",
            "Bearer sla_",
            &text[1..],
            &text.to_uppercase(),
        ] {
            assert_eq!(text.parse::<AdminKey>(), Err(NoAdminKey::Else), "{text}");
        }
    }

    #[test]
    fn what_is_no_hash_is_no_hash() {
        let hash = AdminKey([7; SECRET]).hash().to_string();
        for text in [
            "",
            "00",
            &hash[1..],
            &format!("{hash}0"),
            &format!("é{}", &hash[2..]),
        ] {
            assert!(text.parse::<KeyHash>().is_err(), "{text}");
        }
    }
}
