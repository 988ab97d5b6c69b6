//! What waits on the local disk while the database is away.
//!
//! Items go in as bytes and come out in the same order. They leave only once the database has them. Each process has a
//! file for itself: if another one has the file of that name, it takes the next number. What a process that ended left
//! in a file, the next one that comes by takes over. When nothing waits any more, no text is left in the file.

mod file;
mod mend;
mod row;
mod shipping;
mod statements;
#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, RESTORED, SPOOLED};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, RwLock};
use uuid::Uuid;

use crate::config::SpoolConfig;
use crate::error::Error;
use crate::item::Item;
use crate::status::Status;
use crate::work::off_thread;

use file::File;
use row::Row;
use shipping::Awaited;
pub use shipping::Shipping;

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
    /// Its exchange.
    pub(crate) id: Uuid,
    /// What it is, or why it can't be brought back.
    pub(crate) item: Result<Item, Error>,
}

/// What was taken over from a file at once.
enum Adopted {
    /// Some rows. There may be more.
    Group,
    /// There were none.
    All,
    /// The file can't be read or changed.
    Unread(Error),
}

/// A spool that this process has for itself.
pub(crate) struct Spool {
    config: SpoolConfig,
    /// Another one takes its place if it is damaged.
    file: RwLock<File>,
    compress: bool,
    status: Arc<Status>,
    /// Whether the last items found no room.
    fails: AtomicBool,
    /// Whether it could not be read the last time.
    is_unread: AtomicBool,
    /// Who wants to know when an exchange is shipped.
    awaited: Awaited,
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
        let file = mend::sound(file, &config.path, &status).await?;
        let spool = Self {
            config,
            file: RwLock::new(file),
            compress,
            status,
            fails: AtomicBool::new(false),
            is_unread: AtomicBool::new(false),
            awaited: Awaited::default(),
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
        let own = self.number().await;
        for number in (1..=FILES).filter(|number| *number != own) {
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
        let path = &self.config.path;
        let mut other = mend::sound(other, path, &self.status).await?;
        let moved = loop {
            if *groups == 0 {
                break Ok(());
            }
            match self.adopt_group(&other).await {
                Ok(Adopted::All) => break Ok(()),
                Ok(Adopted::Group) => *groups -= 1,
                Ok(Adopted::Unread(error)) if error.is_damage() => {
                    other = mend::mend(other, path, &error, &self.status).await?;
                }
                Ok(Adopted::Unread(error)) | Err(error) => break Err(error),
            }
        };
        other.close().await;
        self.count().await?;
        moved
    }

    /// Moves the next rows of another file to this one. If there were none, no text is left there.
    async fn adopt_group(&self, other: &File) -> Result<Adopted, Error> {
        let rows = match other.rows(GROUP).await {
            Ok(rows) => rows,
            Err(error) => return Ok(Adopted::Unread(error)),
        };
        let left = match rows.last().map(|row| row.seq) {
            None => other.empty().await.map(|()| Adopted::All),
            Some(last) => {
                // First here, then gone there: what is here twice is stored once.
                self.file.read().await.append(rows).await?;
                other.remove(last).await.map(|_| Adopted::Group)
            }
        };
        Ok(left.unwrap_or_else(Adopted::Unread))
    }

    /// The number of its file, which tells [`mend`](Self::mend) which one was damaged.
    pub(crate) async fn number(&self) -> usize {
        self.file.read().await.number
    }

    /// Puts a new file in the place of a damaged one, with all that can be read of it. `number` is the file's in which the
    /// error came up. Returns whether it is worth to try again.
    pub(crate) async fn mend(&self, number: usize, error: &Error) -> bool {
        if !error.is_damage() {
            return false;
        }
        let mut file = self.file.write().await;
        if file.number == number {
            let path = &self.config.path;
            match mend::salvage(&file, path).await {
                Ok((fresh, copied)) => {
                    let damaged = std::mem::replace(&mut *file, fresh);
                    mend::set_aside(damaged, path, copied, error, &self.status).await;
                }
                Err(error) => {
                    self.is_unreadable(&error);
                    return false;
                }
            }
        }
        drop(file);
        self.room.notify_one();
        self.count().await.is_ok()
    }

    /// Logs that the file can't be read, once until it can.
    pub(crate) fn is_unreadable(&self, error: &Error) {
        if !self.is_unread.swap(true, Ordering::Relaxed) {
            let path = self.config.path.display().to_string();
            tracing::error!(path, error = %error, "the spool can't be read; it is tried again");
        }
    }

    /// Keeps items, as many as there is room for. Returns for each, from the first on, how it gets on: they are on disk. If
    /// there is no room or the disk fails, that is logged and counted, once until it works again. Must not be dropped before.
    pub(crate) async fn keep(&self, items: &[Item]) -> Vec<Shipping> {
        let mut count = items.len();
        let mut is_mended = false;
        loop {
            let number = self.number().await;
            match self.append(&items[..count]).await {
                Ok(shipping) => {
                    if count == items.len() {
                        self.works();
                    }
                    return shipping;
                }
                Err(Error::SpoolFull { .. }) if count > 1 => count /= 2,
                Err(error) => {
                    if is_mended || !self.mend(number, &error).await {
                        self.fails(&error);
                        return Vec::new();
                    }
                    is_mended = true;
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

    async fn append(&self, items: &[Item]) -> Result<Vec<Shipping>, Error> {
        let (given, compress) = (items.to_vec(), self.compress);
        let rows = off_thread(move || row::encode(&given, compress)).await??;
        let sizes = rows.iter().map(|row| row.payload.len() as u64);
        let (count, bytes) = (rows.len() as u64, sizes.sum::<u64>());
        let spooled = self.status.get().spooled_bytes;
        if spooled.saturating_add(bytes) > self.config.bytes {
            let most = self.config.bytes;
            return Err(Error::SpoolFull { most });
        }
        // Before they can be shipped.
        let shipping = items.iter().map(|item| self.awaited.expect(item)).collect();
        let appended = self.file.read().await.append(rows).await;
        if let Err(error) = appended {
            // Its rows may be there all the same. Then they are shipped twice and stored once. If they can't be counted,
            // the first error says more.
            let _ = self.count().await;
            return Err(error);
        }
        self.status.change(|state| {
            state.spooled += count;
            state.spooled_bytes += bytes;
        });
        self.filled.notify_one();
        Ok(shipping)
    }

    /// The next items to leave, in order.
    pub(crate) async fn next(&self) -> Result<Vec<Spooled>, Error> {
        let mut rows = self.file.read().await.rows(GROUP).await?;
        self.is_unread.store(false, Ordering::Relaxed);
        rows.truncate(fitting(&rows));
        if rows.is_empty() {
            self.count().await?;
            self.emptied.notify_one();
        }
        let decode = |row: Row| Spooled {
            seq: row.seq,
            id: row.id(),
            item: row.decode(),
        };
        off_thread(move || rows.into_iter().map(decode).collect()).await
    }

    /// Deletes what the database has, up to a row. When nothing waits any more, nothing is left in the file.
    pub(crate) async fn shipped(&self, last: i64) -> Result<(), Error> {
        let (count, bytes) = self.file.read().await.remove(last).await?;
        self.status.change(|state| {
            state.spooled = state.spooled.saturating_sub(count);
            state.spooled_bytes = state.spooled_bytes.saturating_sub(bytes);
        });
        self.room.notify_one();
        if self.is_empty() {
            let emptied = self.file.read().await.empty().await;
            self.emptied.notify_one();
            emptied?;
        }
        Ok(())
    }

    /// Tells who waits for an exchange that the database has it, once it has all of it.
    pub(crate) fn tell(&self, item: &Item) {
        if let Item::Ended(exchange) = item {
            self.awaited.tell(exchange.id);
        }
    }

    /// Leaves a row where it is, and does not hand it out again.
    pub(crate) async fn refuse(&self, seq: i64, id: Uuid) -> Result<(), Error> {
        self.awaited.forget(id);
        self.file.read().await.refuse(seq).await?;
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
        self.file.read().await.close().await;
    }

    async fn count(&self) -> Result<(), Error> {
        let (spooled, bytes, refused) = self.file.read().await.count().await?;
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
