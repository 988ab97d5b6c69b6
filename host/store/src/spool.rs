//! What waits on the local disk while the database is away.
//!
//! Items go in as bytes and come out in the same order. They leave only once the database has them. Each process has a
//! file for itself: if another one has the file of that name, it takes the next number. What a process that ended left
//! in a file, the next one that comes by takes over. When nothing waits any more, no text is left in the file.

mod file;
mod row;
mod statements;
#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, SPOOLED};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::config::SpoolConfig;
use crate::error::Error;
use crate::item::Item;
use crate::status::Status;
use crate::work::off_thread;

use file::File;
use row::Row;

#[cfg(test)]
mod tests;

/// The most items that leave at once, and the most bytes if they are several: packed as they are, and unpacked.
const GROUP: (usize, u64) = (64, 4 << 20);
/// How many processes may have a spool at one place.
const FILES: usize = 32;

/// Something in the spool.
#[derive(Debug)]
pub(crate) struct Spooled {
    /// Its row.
    pub(crate) seq: i64,
    /// What it is, or why it can't be brought back.
    pub(crate) item: Result<Item, Error>,
}

/// A spool that this process has for itself.
pub(crate) struct Spool {
    config: SpoolConfig,
    file: File,
    compress: bool,
    status: Arc<Status>,
    /// Whether the last items found no room.
    fails: AtomicBool,
    /// Told when nothing waits any more.
    emptied: Notify,
    /// Told when something waits again.
    filled: Notify,
    /// Told when there is room again.
    room: Notify,
}

impl Spool {
    /// Opens the first spool that no other process has.
    pub(crate) async fn open(
        config: SpoolConfig,
        compress: bool,
        status: Arc<Status>,
    ) -> Result<Self, Error> {
        let mut number = 1;
        let file = loop {
            match File::open(&config.path, number).await {
                Err(error) if error.passes() && number < FILES => number += 1,
                opened => break opened?,
            }
        };
        let spool = Self {
            config,
            file,
            compress,
            status,
            fails: AtomicBool::new(false),
            emptied: Notify::new(),
            filled: Notify::new(),
            room: Notify::new(),
        };
        spool.count().await?;
        spool.adopt(usize::MAX).await;
        if !spool.is_empty() {
            let spooled = spool.status.get().spooled;
            tracing::info!(
                spooled,
                "shipping what an earlier process left in the spool"
            );
        }
        Ok(spool)
    }

    /// Takes over what processes that ended left in other files, in up to so many groups. Returns whether that may not have
    /// been all. A file that can't be read stays as it is, and is logged.
    pub(crate) async fn adopt(&self, groups: usize) -> bool {
        let mut left = groups;
        for number in (1..=FILES).filter(|number| *number != self.file.number) {
            let Some(other) = File::open_left(&self.config.path, number).await else {
                continue;
            };
            if let Err(error) = self.adopt_from(other, &mut left).await {
                tracing::error!(number, error = %error, "the spool of a process that ended can't be read");
            }
            if left == 0 {
                break;
            }
        }
        left == 0
    }

    async fn adopt_from(&self, other: File, groups: &mut usize) -> Result<(), Error> {
        let mut moved = Ok(true);
        while *groups > 0 && matches!(moved, Ok(true)) {
            moved = self.adopt_group(&other).await;
            *groups -= usize::from(matches!(moved, Ok(true)));
        }
        other.close().await;
        self.count().await?;
        moved.map(drop)
    }

    /// Moves the next rows of another file to this one. Returns false if there were none: then no text is left there.
    async fn adopt_group(&self, other: &File) -> Result<bool, Error> {
        let rows = other.rows(GROUP).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            other.empty().await?;
            return Ok(false);
        };
        // First here, then gone there: what is here twice is stored once.
        self.file.append(rows).await?;
        other.remove(last).await?;
        Ok(true)
    }

    /// Keeps items, as many as there is room for. Returns how many, from the first on: they are on disk. If there is no
    /// room or the disk fails, that is logged and counted, once until it works again. Must not be dropped before.
    pub(crate) async fn keep(&self, items: &[Item]) -> usize {
        let mut count = items.len();
        loop {
            match self.append(&items[..count]).await {
                Ok(()) => {
                    if count == items.len() {
                        self.works();
                    }
                    return count;
                }
                Err(Error::SpoolFull { .. }) if count > 1 => count /= 2,
                Err(error) => {
                    self.fails(&error);
                    return 0;
                }
            }
        }
    }

    fn works(&self) {
        if self.fails.swap(false, Ordering::Relaxed) {
            tracing::info!("the spool takes exchanges again");
        }
    }

    fn fails(&self, error: &Error) {
        if !self.fails.swap(true, Ordering::Relaxed) {
            self.status.change(|state| state.spool_full += 1);
            let path = self.config.path.display().to_string();
            tracing::error!(
                path, error = %error,
                "exchanges wait in memory: the database is away, and the spool takes no more"
            );
        }
    }

    async fn append(&self, items: &[Item]) -> Result<(), Error> {
        let (given, compress) = (items.to_vec(), self.compress);
        let rows = off_thread(move || row::encode(&given, compress)).await??;
        let sizes = rows.iter().map(|row| row.payload.len() as u64);
        let (count, bytes) = (rows.len() as u64, sizes.sum::<u64>());
        let spooled = self.status.get().spooled_bytes;
        if spooled.saturating_add(bytes) > self.config.bytes {
            let most = self.config.bytes;
            return Err(Error::SpoolFull { most });
        }
        if let Err(error) = self.file.append(rows).await {
            // Its rows may be there all the same. Then they are shipped twice and stored once.
            self.count().await?;
            return Err(error);
        }
        self.status.change(|state| {
            state.spooled += count;
            state.spooled_bytes += bytes;
        });
        self.filled.notify_one();
        Ok(())
    }

    /// The next items to leave, in order.
    pub(crate) async fn next(&self) -> Result<Vec<Spooled>, Error> {
        let mut rows = self.file.rows(GROUP).await?;
        rows.truncate(fitting(&rows));
        if rows.is_empty() {
            self.count().await?;
            self.emptied.notify_one();
        }
        let decode = |row: Row| Spooled {
            seq: row.seq,
            item: row.decode(),
        };
        off_thread(move || rows.into_iter().map(decode).collect()).await
    }

    /// Deletes what the database has, up to a row. When nothing waits any more, nothing is left in the file.
    pub(crate) async fn shipped(&self, last: i64) -> Result<(), Error> {
        let (count, bytes) = self.file.remove(last).await?;
        self.status.change(|state| {
            state.spooled = state.spooled.saturating_sub(count);
            state.spooled_bytes = state.spooled_bytes.saturating_sub(bytes);
        });
        self.room.notify_one();
        if self.is_empty() {
            let emptied = self.file.empty().await;
            self.emptied.notify_one();
            emptied?;
        }
        Ok(())
    }

    /// Leaves a row where it is, and does not hand it out again.
    pub(crate) async fn refuse(&self, seq: i64) -> Result<(), Error> {
        self.file.refuse(seq).await?;
        self.status.change(|state| state.refused += 1);
        Ok(())
    }

    /// Whether nothing waits but what was refused.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.status.get();
        state.spooled == state.refused
    }

    /// Waits until nothing waits.
    pub(crate) async fn emptied(&self) {
        while !self.is_empty() {
            self.emptied.notified().await;
        }
    }

    /// Waits until something waits.
    pub(crate) async fn filled(&self) {
        while self.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Waits until something has left since the last time.
    pub(crate) async fn room(&self) {
        self.room.notified().await;
    }

    /// Lets another process have the file. Nothing must be done with it any more.
    pub(crate) async fn close(&self) {
        self.file.close().await;
    }

    async fn count(&self) -> Result<(), Error> {
        let (spooled, bytes, refused) = self.file.count().await?;
        self.status.change(|state| {
            (state.spooled, state.spooled_bytes, state.refused) = (spooled, bytes, refused);
        });
        Ok(())
    }
}

/// How many of these rows are decoded at once: as many as unpack to no more than a group, and one of any size.
fn fitting(rows: &[Row]) -> usize {
    let mut whole = 0u64;
    let fits = |row: &&Row| {
        whole = whole.saturating_add(row.unpacked());
        whole <= GROUP.1
    };
    rows.iter().take_while(fits).count().max(1)
}
