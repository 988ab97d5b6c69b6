//! How Sluice proves to a client that it knows the admin key, before the client sends it.
//!
//! Anybody can listen at an address where a client expects Sluice. So a client first sends a nonce, and gets an HMAC of
//! it under the hash of the key. Somebody in between could have Sluice make that HMAC, so it also covers the address at
//! which Sluice itself was reached, which the client compares with the one that it connected to.

use std::net::SocketAddr;

use ring::hmac;

use super::text::{AdminKey, KeyHash};
use crate::folder::random;
use crate::hex::{hex, unhex};

/// What every proof is about, so that it is good for nothing else.
const ABOUT: &[u8] = b"sluice admin door 1";
/// The random bytes of a challenge.
const NONCE: usize = 32;

/// The random bytes of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce([u8; NONCE]);

impl Nonce {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// If the system has no randomness.
    pub fn generate() -> std::io::Result<Self> {
        random().map(Self)
    }

    /// Reads one in hexadecimal. There is one way to write it. Returns `None` if it is none.
    pub fn read(text: &str) -> Option<Self> {
        let nonce = unhex(text).map(Self);
        nonce.filter(|nonce| nonce.text() == text)
    }

    /// Writes it in hexadecimal.
    pub fn text(&self) -> String {
        hex(&self.0)
    }
}

impl AdminKey {
    /// Whether a proof is that of this nonce and address, made by who knows this key or its hash. The address is the text
    /// that came with the proof.
    pub fn is_proved_by(&self, proof: &str, nonce: &Nonce, address: &str) -> bool {
        let Some(proof) = unhex::<32>(proof) else {
            return false;
        };
        let text = covered(nonce, address);
        hmac::verify(&self.hash().hmac_key(), &text, &proof).is_ok()
    }
}

impl KeyHash {
    /// The proof for a nonce, by the Sluice that was reached at this address.
    pub(super) fn proof(&self, nonce: &Nonce, address: &str) -> String {
        let tag = hmac::sign(&self.hmac_key(), &covered(nonce, address));
        hex(tag.as_ref())
    }
}

/// An address as a proof covers it. One of IPv4 is the same however the socket calls it.
pub fn proved_address(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn covered(nonce: &Nonce, address: &str) -> Vec<u8> {
    [ABOUT, &nonce.0, address.as_bytes()].concat()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_its_key_its_nonce_and_its_address_alone() {
        let key = AdminKey::generate().unwrap();
        let other = AdminKey::generate().unwrap();
        let nonce = Nonce::generate().unwrap();
        let here = "127.0.0.1:8081";
        let proof = key.hash().proof(&nonce, here);
        assert!(key.is_proved_by(&proof, &nonce, here));
        assert!(!other.is_proved_by(&proof, &nonce, here));
        assert!(!key.is_proved_by(&proof, &Nonce::generate().unwrap(), here));
        assert!(!key.is_proved_by(&proof, &nonce, "127.0.0.1:8082"));
        for proof in ["", &proof[1..], &"0".repeat(64)] {
            assert!(!key.is_proved_by(proof, &nonce, here), "{proof}");
        }
        assert_eq!(Nonce::read(&nonce.text()), Some(nonce));
        assert_eq!(Nonce::read("00"), None);
    }

    #[test]
    fn an_address_is_the_same_however_the_socket_calls_it() {
        let mapped = "[::ffff:127.0.0.1]:80".parse().unwrap();
        assert_eq!(proved_address(mapped).to_string(), "127.0.0.1:80");
    }
}
