//! The key that tells what this host wrote from what anybody else did.

use std::io::{ErrorKind, Read as _};

use anyhow::{Context as _, bail};
use ring::hmac;
use sluice_engine::CacheKey;

use super::folder::{PrivateFolder, random};

const NAME: &str = "host.key";
/// What the hash of the code takes, and gives.
const LENGTH: usize = 32;

/// Seals entries, and tells those that it sealed.
#[derive(Debug)]
pub(super) struct HostKey(hmac::Key);

/// What stands behind an entry: its key, so that one can't be passed off for another, and the code.
pub(super) struct Seal {
    key: [u8; LENGTH],
    code: hmac::Tag,
}

impl HostKey {
    /// The folder's key. Processes that start at once agree on one.
    pub(super) fn open(folder: &PrivateFolder) -> anyhow::Result<Self> {
        if let Some(key) = Self::read(folder)? {
            return Ok(key);
        }
        let key = random::<LENGTH>().and_then(|key| folder.write(&[&key])?.add(NAME));
        match key {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(error).with_context(|| format!("make `{NAME}`"))
            }
            // The one that is there now, whoever made it.
            _ => Self::read(folder)?.with_context(|| format!("`{NAME}` is gone again")),
        }
    }

    fn read(folder: &PrivateFolder) -> anyhow::Result<Option<Self>> {
        let found = folder
            .file(NAME)
            .with_context(|| format!("open `{NAME}`; where it is removed, a new one is made"))?;
        let Some(file) = found else {
            return Ok(None);
        };
        let mut key = Vec::new();
        let length = LENGTH as u64 + 1;
        file.take(length)
            .read_to_end(&mut key)
            .with_context(|| format!("read `{NAME}`"))?;
        if key.len() != LENGTH {
            bail!("`{NAME}` is not {LENGTH} bytes long: remove it, and a new one is made");
        }
        Ok(Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &key))))
    }

    /// The seal of an entry.
    pub(super) fn seal(&self, key: &CacheKey, entry: &[u8]) -> Seal {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(entry);
        context.update(key.as_bytes());
        Seal {
            key: *key.as_bytes(),
            code: context.sign(),
        }
    }

    /// Takes the seal off, if it is one of this host for this key.
    pub(super) fn unseal(&self, key: &CacheKey, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (told, code) = sealed.split_last_chunk::<LENGTH>()?;
        let entry = told.strip_suffix(key.as_bytes())?.len();
        hmac::verify(&self.0, told, code).ok()?;
        sealed.truncate(entry);
        Some(sealed)
    }
}

impl Seal {
    /// What is written behind the entry, in this order.
    pub(super) fn bytes(&self) -> [&[u8]; 2] {
        [&self.key, self.code.as_ref()]
    }
}
