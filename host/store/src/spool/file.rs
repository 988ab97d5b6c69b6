//! The file of a spool, and its rows.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use super::FILES;
use super::row::Row;
use super::statements::{
    COUNT, LAST, NEXT, REFUSED, RESTORED, RETRY, SHIPPED, SHIPPING, SIZES, SPOOLED, TABLE, UP_TO,
};
use crate::db::Database;
use crate::error::Error;
use crate::times::unix_millis;

/// How long a file is waited for that another process has. It may be about to end.
const WAIT: Duration = Duration::from_millis(500);

/// A file that this process has for itself.
pub(super) struct File {
    pub(super) number: usize,
    pub(super) database: Database,
}

impl File {
    /// Opens the file with a number, and makes it if there is none. Fails with an error that passes if another process
    /// has it.
    pub(super) async fn open(path: &Path, number: usize) -> Result<Self, Error> {
        Self::take(path, number, WAIT).await
    }

    /// Opens the file with a number if there is one that no process has.
    pub(super) async fn open_left(path: &Path, number: usize) -> Option<Self> {
        match numbered(path, number).is_file() {
            true => Self::take(path, number, Duration::ZERO).await.ok(),
            false => None,
        }
    }

    /// Makes a file with a number that none has, ready for use.
    pub(super) async fn open_fresh(path: &Path) -> Result<Self, Error> {
        for number in 1..=FILES {
            if numbered(path, number).exists() {
                continue;
            }
            match Self::take(path, number, Duration::ZERO).await {
                // Another process was faster.
                Err(error) if error.passes() => {}
                taken => {
                    let file = taken?;
                    file.prepare().await?;
                    return Ok(file);
                }
            }
        }
        Err(Error::File {
            path: path.to_owned(),
            error: io::Error::other("all numbers of spools are taken"),
        })
    }

    async fn take(path: &Path, number: usize, wait: Duration) -> Result<Self, Error> {
        let database = Database::open_alone(&numbered(path, number), wait).await?;
        Ok(Self { number, database })
    }

    /// Makes the table if there is none, and lets everything be tried again. It looks at all rows.
    pub(super) async fn prepare(&self) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        tx.run(&TABLE, vec![]).await?;
        tx.run(&RETRY, vec![]).await?;
        tx.commit().await
    }

    pub(super) async fn append(&self, rows: Vec<Row>) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let rows = rows.into_iter().map(Row::values).collect();
        SPOOLED.run(&mut tx, rows).await?;
        tx.commit().await
    }

    /// Adds rows at the places that they had in another file.
    pub(super) async fn restore(&self, rows: Vec<Row>) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let rows = rows.into_iter().map(Row::placed_values).collect();
        RESTORED.run(&mut tx, rows).await?;
        tx.commit().await
    }

    /// The last place that a row ever had.
    pub(super) async fn last(&self) -> Option<i64> {
        let mut tx = self.database.write().await.ok()?;
        let row = tx.row(&LAST, vec![]).await.ok()??;
        row.need_int(0).ok()
    }

    /// The row at a place, or else the last one before it.
    pub(super) async fn row_up_to(&self, seq: i64) -> Result<Option<Row>, Error> {
        let mut tx = self.database.write().await?;
        let row = tx.row(&UP_TO, vec![seq.into()]).await?;
        row.map(|row| Row::read(&row)).transpose()
    }

    /// The first rows: so many and, if they are several, so many bytes at most.
    pub(super) async fn rows(&self, (count, bytes): (usize, u64)) -> Result<Vec<Row>, Error> {
        let mut tx = self.database.write().await?;
        let mut last = None;
        let mut sum = 0;
        for row in tx.rows(&SIZES, vec![count.into()]).await? {
            sum += row.count(1)?;
            if sum > bytes && last.is_some() {
                break;
            }
            last = Some(row.need_int(0)?);
        }
        match last {
            None => Ok(Vec::new()),
            Some(last) => {
                let rows = tx.rows(&NEXT, vec![last.into()]).await?;
                rows.iter().map(Row::read).collect()
            }
        }
    }

    /// Deletes all rows up to one. Returns how many there were, and how many bytes they had.
    pub(super) async fn remove(&self, last: i64) -> Result<(u64, u64), Error> {
        let mut tx = self.database.write().await?;
        let row = tx.row(&SHIPPING, vec![last.into()]).await?;
        let row = row.ok_or_else(|| Error::odd(0))?;
        tx.run(&SHIPPED, vec![last.into()]).await?;
        tx.commit().await?;
        Ok((row.count(0)?, row.count(1)?))
    }

    pub(super) async fn refuse(&self, seq: i64) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        tx.run(&REFUSED, vec![seq.into()]).await?;
        tx.commit().await
    }

    /// How many rows there are, how many bytes they have, and how many were refused. It looks at all of them.
    pub(super) async fn count(&self) -> Result<(u64, u64, u64), Error> {
        let mut tx = self.database.write().await?;
        let row = tx.row(&COUNT, vec![]).await?.ok_or_else(|| Error::odd(0))?;
        Ok((row.count(0)?, row.count(1)?, row.count(2)?))
    }

    /// Makes sure that nothing of what was deleted is left in the file, and gives its room back.
    pub(super) async fn empty(&self) -> Result<(), Error> {
        self.database.scrub().await
    }

    pub(super) async fn close(&self) {
        self.database.close().await;
    }

    /// Closes the file and deletes it.
    pub(super) async fn discard(&self, path: &Path) {
        self.close().await;
        for file in with_log(numbered(path, self.number)) {
            // If it stays, what is in it is shipped twice and stored once.
            let _ = fs::remove_file(file);
        }
    }

    /// Gives the file with a number a name that is none of a spool. Returns the name. Nobody may have it open.
    pub(super) fn rename_damaged(path: &Path, number: usize) -> Result<PathBuf, Error> {
        let aside = suffixed(path, &format!("-damaged-{}", unix_millis()));
        let names = with_log(numbered(path, number)).into_iter();
        for (from, to) in names.zip(with_log(aside.clone())) {
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::File { path: from, error });
                }
                _ => {}
            }
        }
        Ok(aside)
    }
}

/// The log of a file, if it has one, and the file. The log without its file says nothing, so it comes first.
fn with_log(file: PathBuf) -> [PathBuf; 2] {
    let mut log = file.clone().into_os_string();
    log.push("-wal");
    [log.into(), file]
}

/// `spool.db`, `spool-2.db`, and so on.
fn numbered(path: &Path, number: usize) -> PathBuf {
    match number {
        1 => path.to_owned(),
        _ => suffixed(path, &format!("-{number}")),
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(suffix);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
