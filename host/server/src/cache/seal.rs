//! The seal at the end of an entry, which shows who wrote it.

use ring::digest::{self, SHA256};
use ring::hmac;
use sluice_engine::CacheKey;

/// The length of a digest, of a key and of an authentication code.
const HASH: usize = 32;
/// The length of what is authenticated about an entry: its digest, the length of its metadata, and its key, so that it
/// can't be used under another key.
const AUTHENTICATED: usize = HASH + 8 + HASH;
/// The length of a seal in bytes. It has no digest, because a reader computes that from the entry.
pub(super) const LENGTH: usize = 8 + HASH;

/// Takes in an entry, and gives its seal or knows it again.
pub(super) struct Sealing(digest::Context);

impl Sealing {
    pub(super) fn new() -> Self {
        Self(digest::Context::new(&SHA256))
    }

    /// More of the code and the metadata.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The seal of what was taken in, the last so many bytes of which are metadata.
    pub(super) fn seal(self, host: &hmac::Key, key: &CacheKey, metadata: u64) -> [u8; LENGTH] {
        let code = hmac::sign(host, &self.authenticated(key, metadata));
        let mut seal = [0; LENGTH];
        seal[..8].copy_from_slice(&metadata.to_le_bytes());
        seal[8..].copy_from_slice(code.as_ref());
        seal
    }

    /// How many of the bytes that were taken in are metadata, if this is their seal.
    pub(super) fn unseal(
        self,
        host: &hmac::Key,
        key: &CacheKey,
        seal: &[u8; LENGTH],
    ) -> Option<u64> {
        let (metadata, code) = seal.split_first_chunk()?;
        let metadata = u64::from_le_bytes(*metadata);
        hmac::verify(host, &self.authenticated(key, metadata), code).ok()?;
        Some(metadata)
    }

    fn authenticated(self, key: &CacheKey, metadata: u64) -> [u8; AUTHENTICATED] {
        let mut authenticated = [0; AUTHENTICATED];
        authenticated[..HASH].copy_from_slice(self.0.finish().as_ref());
        authenticated[HASH..HASH + 8].copy_from_slice(&metadata.to_le_bytes());
        authenticated[HASH + 8..].copy_from_slice(key.as_bytes());
        authenticated
    }
}
