//! Notices that files may have changed.
//!
//! The kernel reports changes in the watched folders. Some changes it cannot report: those of network file systems, of
//! some mounts in containers, and of a folder further up that is renamed. These are found by looking at the files now
//! and then.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::folders::folders;

/// Watches files until it is dropped.
pub(super) struct Watcher {
    /// Is notified of every change. It remembers only one, which is enough.
    wake: Arc<Notify>,
    by_kernel: bool,
    paths: Vec<PathBuf>,
    stamps: Vec<Option<Stamp>>,
    /// Dropping it ends its thread.
    kernel: Option<RecommendedWatcher>,
}

/// What a file looks like from outside, links followed.
type Stamp = (SystemTime, u64, u64);

impl Watcher {
    /// Watches nothing yet.
    pub(super) fn new(by_kernel: bool) -> Self {
        let (wake, paths, stamps) = Default::default();
        Self {
            wake,
            by_kernel,
            paths,
            stamps,
            kernel: None,
        }
    }

    /// What is notified of every change.
    pub(super) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Whether the kernel reports changes.
    pub(super) fn is_by_kernel(&self) -> bool {
        self.kernel.is_some()
    }

    /// Watches these files from now on. It blocks for a moment.
    ///
    /// It starts anew each time. A folder that was replaced by another of the same name has to be watched again, and
    /// asking the old watcher to do so races with its own clean-up.
    pub(super) fn follow(&mut self, paths: Vec<PathBuf>) {
        self.kernel = None;
        if self.by_kernel {
            let kernel = self.ask_kernel(&paths).inspect_err(|error| {
                tracing::warn!("changes of the policies are found by polling: {error}");
            });
            self.kernel = kernel.ok();
        }
        self.stamps = stamps(&paths);
        self.paths = paths;
    }

    /// Whether a file has changed since the last poll, or since it was followed. Blocks.
    pub(super) fn poll(&mut self) -> bool {
        let now = stamps(&self.paths);
        let changed = now != self.stamps;
        self.stamps = now;
        changed
    }

    fn ask_kernel(&self, paths: &[PathBuf]) -> notify::Result<RecommendedWatcher> {
        let wake = Arc::clone(&self.wake);
        let mut kernel = notify::recommended_watcher(move |event| {
            if is_change(event) {
                wake.notify_one();
            }
        })?;
        for folder in folders(paths) {
            match kernel.watch(&folder, RecursiveMode::NonRecursive) {
                // It went after it was found: its change is found when the files are read.
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {
                    self.wake.notify_one();
                }
                other => other?,
            }
        }
        Ok(kernel)
    }
}

/// Reading does not count as a change, or the watcher would wake itself for ever. An error counts as one, because it is
/// not known what was lost.
fn is_change(event: notify::Result<notify::Event>) -> bool {
    match event.map(|event| event.kind) {
        Ok(EventKind::Access(AccessKind::Close(AccessMode::Write))) | Err(_) => true,
        Ok(kind) => !kind.is_access(),
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    paths
        .iter()
        .map(|path| fs::metadata(path).ok().map(|metadata| stamp(&metadata)))
        .collect()
}

fn stamp(metadata: &fs::Metadata) -> Stamp {
    #[cfg(unix)]
    let file = std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    let file = 0;
    (
        metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        metadata.len(),
        file,
    )
}
