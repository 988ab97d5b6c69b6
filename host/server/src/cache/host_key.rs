//! The key by which this host recognises what it wrote itself.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::FileExt as _;

use anyhow::{Context as _, bail};
use ring::hmac;
use sluice_engine::CacheKey;

use super::seal::{self, Sealing};
use crate::folder::{PrivateFolder, random};

const NAME: &str = "host.key";
/// What the hash of the code takes.
const LENGTH: usize = 32;
/// How much of an entry is read at once.
const BUFFER: usize = 64 << 10;

/// Seals entries, and tells those that it sealed.
#[derive(Debug)]
pub(super) struct HostKey(hmac::Key);

impl HostKey {
    /// Reads the key of the folder, or makes it. Processes that start at the same time agree on one key.
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
    pub(super) fn seal(&self, key: &CacheKey, code: &[u8], metadata: &[u8]) -> [u8; seal::LENGTH] {
        let mut sealing = Sealing::new();
        sealing.take(code);
        sealing.take(metadata);
        sealing.seal(&self.0, key, metadata.len() as u64)
    }

    /// Checks the seal behind the first `length` bytes of a file. Returns how many of these bytes are metadata. Returns
    /// `None` if this host did not seal them under this key. It reads through a small buffer, because the bytes need
    /// not be in memory.
    pub(super) fn unseal(
        &self,
        key: &CacheKey,
        file: &File,
        length: u64,
    ) -> io::Result<Option<u64>> {
        let mut sealing = Sealing::new();
        let mut buffer = vec![0; BUFFER];
        let mut at = 0;
        while at < length {
            let rest = usize::try_from(length - at).unwrap_or(BUFFER);
            let bytes = &mut buffer[..rest.min(BUFFER)];
            file.read_exact_at(bytes, at)?;
            sealing.take(bytes);
            at += bytes.len() as u64;
        }
        let mut seal = [0; seal::LENGTH];
        file.read_exact_at(&mut seal, length)?;
        Ok(sealing.unseal(&self.0, key, &seal))
    }
}
