//! The cache itself: one file for each entry.
//!
//! An entry begins with the code, so that the code can be mapped from the file. The metadata and the seal follow.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Context as _;
use sluice_engine::{Cache, CacheEntry, CacheKey, Code};

use super::bound::Bound;
use super::host_key::HostKey;
use super::seal;
use crate::folder::PrivateFolder;

/// The largest entry, in bytes. It is far more than a policy compiles to.
const ENTRY_MAX: u64 = 256 << 20;

/// A cache in a folder.
#[derive(Debug)]
pub(super) struct DiskCache {
    folder: PrivateFolder,
    key: HostKey,
    bound: Bound,
    /// Whether it was already logged that nothing can be kept. It is logged once.
    logged: AtomicBool,
}

impl DiskCache {
    /// Opens the folder and its key, and removes what is beyond the bound.
    pub(super) fn open(path: &Path, bound: Bound) -> anyhow::Result<Self> {
        let folder = PrivateFolder::open(path)?;
        let shown = path.display();
        let key = HostKey::open(&folder).with_context(|| format!("in {shown}"))?;
        bound
            .hold(&folder)
            .with_context(|| format!("look through {shown}"))?;
        Ok(Self {
            folder,
            key,
            bound,
            logged: AtomicBool::new(false),
        })
    }

    fn read(&self, key: &CacheKey) -> io::Result<Option<CacheEntry>> {
        let Some(file) = self.folder.file(&key.to_string())? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        if length > ENTRY_MAX + seal::LENGTH as u64 {
            return Err(io::Error::other("it is too large"));
        }
        let unsealed = self.unseal(key, &file, length)?;
        let (code, metadata) =
            unsealed.ok_or_else(|| io::Error::other("this host did not write it"))?;
        // Counts as used. Where it can't be said, it goes a little earlier.
        let _ = file.set_modified(SystemTime::now());
        let code = Code::File { file, length: code };
        Ok(Some(CacheEntry { code, metadata }))
    }

    /// Returns the length of the code, and the metadata. Returns `None` if the seal is not this host's for this key.
    fn unseal(
        &self,
        key: &CacheKey,
        file: &File,
        length: u64,
    ) -> io::Result<Option<(u64, Vec<u8>)>> {
        let Some(sealed) = length.checked_sub(seal::LENGTH as u64) else {
            return Ok(None);
        };
        let Some(metadata) = self.key.unseal(key, file, sealed)? else {
            return Ok(None);
        };
        let code = sealed.checked_sub(metadata);
        let code = code.ok_or_else(|| io::Error::other("its metadata are longer than it is"))?;
        let mut metadata = vec![0; usize::try_from(metadata).map_err(io::Error::other)?];
        file.read_exact_at(&mut metadata, code)?;
        Ok(Some((code, metadata)))
    }

    fn write(&self, key: &CacheKey, code: &[u8], metadata: &[u8]) -> io::Result<()> {
        // One that no start would read must not push out those that it would.
        if (code.len() + metadata.len()) as u64 > ENTRY_MAX {
            return Err(io::Error::other("it is too large"));
        }
        let seal = self.key.seal(key, code, metadata);
        let unnamed = self.folder.write(&[code, metadata, &seal])?;
        unnamed.replace(&key.to_string())?;
        self.bound.hold(&self.folder)
    }
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: an entry comes back if it carries the seal that `keep` gave it, for this key and with a key
// that lies in a folder, and in a file, that only this user can read. Whoever can make such a seal can
// do what this process can do; and so can who changes a file after it was checked, for the folder lets
// nobody else in. This code never writes to a file that has its name: a newer one takes the name.
unsafe impl Cache for DiskCache {
    fn find(&self, key: &CacheKey) -> Option<CacheEntry> {
        self.read(key).unwrap_or_else(|error| {
            tracing::warn!(
                cache.entry = %key,
                "an entry of the cache can't be used, so its policy is compiled anew: {error}"
            );
            None
        })
    }

    fn keep(&self, key: &CacheKey, code: &[u8], metadata: &[u8]) {
        let Err(error) = self.write(key, code, metadata) else {
            return;
        };
        if !self.logged.swap(true, Ordering::Relaxed) {
            tracing::warn!("the cache can't keep what was compiled: {error}");
        }
    }
}
