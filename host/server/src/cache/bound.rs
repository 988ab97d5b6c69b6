//! Bounds the cache: the entries that were not used for longest go first.

use std::cmp::Reverse;
use std::io;
use std::time::{Duration, SystemTime};

use crate::folder::{PrivateFolder, UNFINISHED};

/// After this time a file that is still not complete never will be, because whoever wrote it is gone.
const UNFINISHED_FOR: Duration = Duration::from_secs(3600);

/// The bound of a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// How many entries there may be.
    pub(super) entries: usize,
    /// The sum of their sizes, in bytes.
    pub(super) bytes: u64,
}

impl Default for Bound {
    fn default() -> Self {
        Self {
            entries: 256,
            bytes: 1 << 30,
        }
    }
}

/// An entry of the folder.
struct Held {
    name: String,
    used: SystemTime,
    bytes: u64,
}

impl Bound {
    /// Removes the entries beyond the bound and the files that were never finished.
    pub(super) fn hold(self, folder: &PrivateFolder) -> io::Result<()> {
        let mut held = held(folder)?;
        // Newest first: from the first one that is over, all go.
        held.sort_by_key(|entry| Reverse(entry.used));
        let (mut entries, mut bytes) = (0, 0_u64);
        for entry in held {
            entries += 1;
            bytes = bytes.saturating_add(entry.bytes);
            if entries > self.entries || bytes > self.bytes {
                folder.remove(&entry.name)?;
            }
        }
        Ok(())
    }
}

/// Lists what is in the folder, and removes files that have been unfinished for too long.
fn held(folder: &PrivateFolder) -> io::Result<Vec<Held>> {
    let now = SystemTime::now();
    let mut held = Vec::new();
    for name in folder.names()? {
        let unfinished = name.ends_with(UNFINISHED);
        if !unfinished && !is_entry(&name) {
            continue;
        }
        // Another process may just have removed it, and what can't be read will be replaced.
        let Ok(Some(file)) = folder.file(&name) else {
            continue;
        };
        let metadata = file.metadata()?;
        let used = metadata.modified()?;
        if !unfinished {
            let bytes = metadata.len();
            held.push(Held { name, used, bytes });
        } else if now
            .duration_since(used)
            .is_ok_and(|age| age > UNFINISHED_FOR)
        {
            folder.remove(&name)?;
        }
    }
    Ok(held)
}

/// Whether a file has the name of an entry. Other files are not the cache's to remove.
fn is_entry(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
