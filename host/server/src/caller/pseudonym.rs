//! The pseudonym of a caller.

use std::fmt;

use http::HeaderMap;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{hkdf, hmac};

use super::{CREDENTIALS, short};

/// The key of an installation, under which callers get their pseudonyms. Another key gives other pseudonyms.
#[derive(Clone)]
pub struct Installation {
    callers: hmac::Key,
    /// What keys for other purposes are made of.
    root: hkdf::Prk,
}

/// What a caller is called in the record and towards policies: `clr_` and 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl Installation {
    /// The length of a key, in bytes.
    pub const KEY: usize = 32;

    /// Takes the key of an installation.
    pub fn new(key: &[u8; Self::KEY]) -> Self {
        Self {
            callers: hmac::Key::new(hmac::HMAC_SHA256, key),
            root: hkdf::Salt::new(hkdf::HKDF_SHA256, b"sluice").extract(key),
        }
    }

    /// A key for another purpose. Neither it nor a pseudonym tells anything of the other.
    pub fn key_for(&self, purpose: &str) -> hmac::Key {
        let info = [purpose.as_bytes()];
        let key = self.root.expand(&info, hmac::HMAC_SHA256);
        key.expect("one digest is not too long").into()
    }

    /// Makes a key that lasts as long as the process, for one that records nothing.
    pub fn of_this_process() -> Self {
        Self::new(&Self::random_key())
    }

    /// Makes a key.
    pub fn random_key() -> [u8; Self::KEY] {
        let mut key = [0; Self::KEY];
        // Without randomness TLS would not work either.
        SystemRandom::new()
            .fill(&mut key)
            .expect("the system has randomness");
        key
    }

    /// Returns the pseudonym of whoever sent these headers. Returns `None` if they carry no credential.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Pseudonym> {
        let mut values = CREDENTIALS.iter().flat_map(|name| headers.get_all(*name));
        let credential = values
            .find_map(|value| Some(secret_of(value.as_bytes())).filter(|it| !it.is_empty()))?;
        let tag = hmac::sign(&self.callers, credential);
        Some(Pseudonym(format!("clr_{}", short(tag.as_ref()))))
    }
}

/// The credential itself: agents send the same key as `x-api-key` and as a bearer token.
pub fn secret_of(value: &[u8]) -> &[u8] {
    const BEARER: &[u8] = b"bearer ";
    let value = value.trim_ascii();
    match value.split_at_checked(BEARER.len()) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(BEARER) => key.trim_ascii(),
        _ => value,
    }
}

impl Pseudonym {
    /// The pseudonym that a key of ours was given when it was made.
    pub fn of_key(caller: &str) -> Self {
        Self(caller.to_owned())
    }

    /// Makes one for a caller that was never seen.
    pub fn random() -> Self {
        Self(format!("clr_{}", short(&Installation::random_key())))
    }

    /// Reads one as it is shown.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("clr_")?;
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        (digits.len() == 32 && digits.chars().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn caller(key: u8, name: &'static str, value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let caller = Installation::new(&[key; 32]).caller(&headers);
        caller.map(|caller| caller.as_str().to_owned())
    }

    #[test]
    fn a_caller_is_its_key_however_it_is_sent() {
        let one = caller(1, "x-api-key", "sk-one").unwrap();
        assert_eq!(one.len(), 36);
        assert!(!one.contains("one"));
        for (name, value) in [
            ("authorization", "Bearer sk-one"),
            ("authorization", "bearer  sk-one "),
            ("api-key", "sk-one"),
        ] {
            assert_eq!(
                caller(1, name, value).as_deref(),
                Some(&*one),
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn another_key_or_another_installation_is_another_caller() {
        let one = caller(1, "x-api-key", "sk-one");
        assert_ne!(caller(1, "x-api-key", "sk-two"), one);
        assert_ne!(caller(2, "x-api-key", "sk-one"), one);
        assert_eq!(caller(1, "x-api-key", " "), None);
        assert_eq!(caller(1, "user-agent", "sk-one"), None);
    }
}
