//! Keeps compiled policies on disk, so that a start does not compile again what an earlier one has compiled.
//!
//! What lies there runs as native code. So the folder belongs to this user alone, and each entry carries an
//! authentication code that only this user on this host can have made. An entry with any fault is ignored. If anything
//! is wrong with the folder, the process starts without a cache.

#[cfg(unix)]
mod bound;
#[cfg(unix)]
mod disk;
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

/// Opens the cache below this folder, and makes the folders that are missing.
///
/// # Errors
///
/// If the folder can't be made, belongs to somebody else or is open to others. The error says what to change.
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
