//! Keeps compiled policies on disk, so that a start compiles nothing that an earlier one has compiled.
//!
//! What lies there runs as native code, so the folder is this user's alone, and each entry carries a
//! code that only this user's host can have made. Whatever is wrong with an entry makes it none, and
//! whatever is wrong with the folder leaves the process without a cache: never without a start.

#[cfg(unix)]
mod bound;
#[cfg(unix)]
mod disk;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod host_key;
#[cfg(unix)]
mod seal;
#[cfg(unix)]
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use sluice_engine::Cache;

/// Opens the cache below this folder, and makes what is not there yet.
///
/// # Errors
///
/// Where the folder can't be made, belongs to somebody else or is open to others; in words that tell
/// what to change.
#[cfg(unix)]
pub fn open(folder: &Path) -> anyhow::Result<Arc<dyn Cache>> {
    let cache = disk::DiskCache::open(&folder.join("policies"), bound::Bound::default())?;
    Ok(Arc::new(cache))
}

/// There is none here.
///
/// # Errors
///
/// Always.
#[cfg(not(unix))]
pub fn open(_: &Path) -> anyhow::Result<Arc<dyn Cache>> {
    anyhow::bail!("only on Unix can Sluice tell whether a folder is its user's alone")
}
