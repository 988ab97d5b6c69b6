//! The cache itself: one file for each entry.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Context as _;
use sluice_engine::{Cache, CacheKey};

use super::bound::Bound;
use super::folder::PrivateFolder;
use super::host_key::HostKey;

/// The largest entry, in bytes: far more than a policy compiles to.
const ENTRY_MAX: u64 = 256 << 20;

/// What stands behind an entry, in bytes.
const SEAL: u64 = 64;

/// A cache in a folder.
#[derive(Debug)]
pub(super) struct DiskCache {
    folder: PrivateFolder,
    key: HostKey,
    bound: Bound,
    /// Whether it was told that nothing can be kept: once is enough.
    told: AtomicBool,
}

impl DiskCache {
    /// Opens the folder, its key, and brings it within its bound.
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
            told: AtomicBool::new(false),
        })
    }

    fn read(&self, key: &CacheKey) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.folder.file(&key.to_string())? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        if length > ENTRY_MAX + SEAL {
            return Err(io::Error::other("it is too large"));
        }
        let mut sealed = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        (&mut file).take(length).read_to_end(&mut sealed)?;
        let entry = self.key.unseal(key, sealed);
        let entry = entry.ok_or_else(|| io::Error::other("this host did not write it"))?;
        // Counts as used. Where it can't be said, it goes a little earlier.
        let _ = file.set_modified(SystemTime::now());
        Ok(Some(entry))
    }

    fn write(&self, key: &CacheKey, entry: &[u8]) -> io::Result<()> {
        // One that no start would read must not push out those that it would.
        if entry.len() as u64 > ENTRY_MAX {
            return Err(io::Error::other("it is too large"));
        }
        let seal = self.key.seal(key, entry);
        let [told, code] = seal.bytes();
        let unnamed = self.folder.write(&[entry, told, code])?;
        unnamed.replace(&key.to_string())?;
        self.bound.hold(&self.folder)
    }
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: an entry comes back if it carries the code that `keep` gave it, for this key and with a key
// that lies in a folder, and in a file, that only this user can read. Whoever can make such a code can
// do what this process can do.
unsafe impl Cache for DiskCache {
    fn find(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.read(key).unwrap_or_else(|error| {
            tracing::warn!(
                cache.entry = %key,
                "an entry of the cache can't be used, so its policy is compiled anew: {error}"
            );
            None
        })
    }

    fn keep(&self, key: &CacheKey, entry: &[u8]) {
        let Err(error) = self.write(key, entry) else {
            return;
        };
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("the cache can't keep what was compiled: {error}");
        }
    }
}
