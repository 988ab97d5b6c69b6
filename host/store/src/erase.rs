//! Forgets: what a person asks for, and what is too old or too much.
//!
//! Everything goes in small groups, each in a transaction of its own, so that the writer never waits for long. What
//! several exchanges share goes with the last of them. A session on hold is left alone by all of this.

mod forget;
mod hold;
mod nodes;
mod statements;
mod uses;
#[cfg(test)]
pub(crate) use statements::ALL as STATEMENTS;

use std::sync::Arc;

use crate::db::{Database, Row, Statement, Value};
use crate::error::Error;
use crate::journal;
use crate::names::bounded;
use crate::search::Index;
use crate::words::Words;

pub(crate) use forget::{Extent, forget};
use statements::{
    HELD, HELD_EXCHANGES, OF_CALLER, OF_SESSION, OLD, OLD_CONTENTS, OLDEST_CONTENTS, SIZE,
};

/// How many exchanges go at once.
const GROUP: u32 = 64;

/// What was erased of a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// How many exchanges are gone.
    pub exchanges: u64,
    /// How many are still there, because their sessions are on hold.
    pub held: u64,
}

/// Erases and purges, and puts sessions on hold. Made by [`Store::eraser`](crate::Store::eraser).
#[derive(Clone)]
pub struct Eraser {
    database: Database,
    words: Arc<dyn Words>,
}

impl Eraser {
    pub(crate) fn new(database: Database, words: Arc<dyn Words>) -> Self {
        Self { database, words }
    }

    /// Erases the session to which this one belongs, with all its agents. Returns how many exchanges it had.
    ///
    /// [`Eraser::scrub`] makes sure that the database's files hold nothing of them either.
    pub async fn erase_session(&self, session: i64) -> Result<u64, Error> {
        let held = || async {
            let mut tx = self.database.read().await?;
            tx.row(&HELD, vec![session.into()]).await
        };
        if held().await?.is_some() {
            return Err(Error::Held);
        }
        // First: with the last exchange the session goes, and nothing tells any more what it had under way.
        let mut tx = self.database.write().await?;
        journal::erase_session(&mut tx, session).await?;
        tx.commit().await?;
        let gone = self
            .erase_all(&OF_SESSION, session.into(), Extent::All)
            .await?;
        // Somebody may have put it on hold meanwhile.
        match held().await? {
            Some(_) => Err(Error::Held),
            None => Ok(gone),
        }
    }

    /// Erases everything of a caller but sessions on hold.
    pub async fn erase_caller(&self, caller: &str) -> Result<Erased, Error> {
        let mut tx = self.database.write().await?;
        journal::erase_caller(&mut tx, caller).await?;
        tx.commit().await?;
        let caller = Value::from(&*bounded(caller));
        let exchanges = self
            .erase_all(&OF_CALLER, caller.clone(), Extent::All)
            .await?;
        let mut tx = self.database.read().await?;
        let held = tx.row(&HELD_EXCHANGES, vec![caller]).await?;
        let held = held.map_or(Ok(0), |row| row.count(0))?;
        Ok(Erased { exchanges, held })
    }

    /// Forgets the contents of exchanges that were received before a time, in milliseconds since 1970. Their numbers
    /// stay. Returns how many exchanges had contents.
    pub async fn purge_contents(&self, before: u64) -> Result<u64, Error> {
        self.purge_begun(before).await?;
        self.erase_all(&OLD_CONTENTS, before.into(), Extent::Contents)
            .await
    }

    /// Forgets exchanges that were received before a time, with their numbers. Returns how many.
    pub async fn purge_exchanges(&self, before: u64) -> Result<u64, Error> {
        self.purge_begun(before).await?;
        self.erase_all(&OLD, before.into(), Extent::All).await
    }

    /// Forgets the contents of the oldest exchanges until all contents together have at most so many bytes, or only
    /// those on hold are left. Returns how many exchanges had contents.
    pub async fn purge_to_size(&self, bytes: u64) -> Result<u64, Error> {
        let mut gone = 0;
        while self.size().await? > bytes {
            let now = self
                .erase_some(&OLDEST_CONTENTS, vec![], Extent::Contents)
                .await?;
            gone += now;
            if now == 0 {
                break;
            }
        }
        Ok(gone)
    }

    /// How many bytes all contents take, without what the database adds to them.
    pub async fn size(&self) -> Result<u64, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&SIZE, vec![]).await?;
        row.map_or(Ok(0), |row| row.count(0))
    }

    /// Makes sure that nothing of what was erased is left in SQLite's files, and gives their free space back. On
    /// PostgreSQL old rows are overwritten by its own vacuum.
    pub async fn scrub(&self) -> Result<(), Error> {
        self.database.scrub().await
    }

    /// Forgets what is known of exchanges that have been under way since before a time: they are contents and no more.
    async fn purge_begun(&self, before: u64) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        journal::erase_old(&mut tx, before).await?;
        tx.commit().await
    }

    /// Erases what a statement finds, group by group.
    async fn erase_all(
        &self,
        statement: &Statement,
        value: Value,
        extent: Extent,
    ) -> Result<u64, Error> {
        let mut gone = 0;
        loop {
            let now = self
                .erase_some(statement, vec![value.clone()], extent)
                .await?;
            gone += now;
            if now == 0 {
                return Ok(gone);
            }
        }
    }

    /// Erases a group of what a statement finds. Its last parameter is how many.
    async fn erase_some(
        &self,
        statement: &Statement,
        mut values: Vec<Value>,
        extent: Extent,
    ) -> Result<u64, Error> {
        let index = Index::new(&self.words);
        let mut tx = self.database.write().await?;
        values.push(GROUP.into());
        let rows = tx.rows(statement, values).await?;
        let ids = rows
            .iter()
            .map(|row: &Row| row.need_int(0).map(Value::from));
        let ids: Vec<_> = ids.collect::<Result<_, _>>()?;
        let count = ids.len() as u64;
        if count > 0 {
            forget(&mut tx, &index, ids, extent).await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}
