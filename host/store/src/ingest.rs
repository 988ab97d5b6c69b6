//! Turns exchanges into rows, a group of them in one transaction.
//!
//! What takes time (hashing, compressing, asking for texts) runs on a thread for such work. What is known of earlier
//! exchanges, like the end of each conversation, is remembered within bounds, and forgotten when anything was erased.
//! A session that begins is compared with what is stored, and joined to the one from which it goes on.

mod batch;
mod blocks;
mod chains;
mod fresh;
mod group;
mod ids;
mod memory;
mod names;
mod prepare;
mod rows;
mod statements;
#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, INSERTS};

use std::sync::Arc;

use uuid::Uuid;

use crate::db::{Database, Tx};
use crate::erase::{Extent, forget};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::item::Item;
use crate::journal::{self, Entry, Left};
use crate::search;
use crate::words::Words;
use crate::work::off_thread;

use batch::Batch;
use group::Group;
use ids::Ids;
use memory::Memory;
use names::Names;
use prepare::{Prepared, prepare};

/// Writes exchanges. One for each process.
pub(crate) struct Ingest {
    database: Database,
    /// What exchanges under way are kept by, to tell whether their process is alive.
    process: Uuid,
    words: Arc<dyn Words>,
    compress: bool,
    memory: Memory,
    names: Names,
    ids: Ids,
    /// Whether the last transaction did not come to its end: it failed or was dropped.
    unfinished: bool,
}

impl Ingest {
    pub(crate) fn new(database: Database, words: Arc<dyn Words>, compress: bool) -> Self {
        Self {
            database,
            process: Uuid::now_v7(),
            words,
            compress,
            memory: Memory::default(),
            names: Names::default(),
            ids: Ids::default(),
            unfinished: false,
        }
    }

    /// Stores items in one transaction: all or none. Exchanges that are stored already are left out, but one that was
    /// stored as cut makes room for what it became. It may be dropped at any point.
    pub(crate) async fn store(&mut self, items: &[Item]) -> Result<(), Error> {
        if std::mem::replace(&mut self.unfinished, true) {
            // What was remembered of that transaction, like the ids that it took, never happened.
            self.forget();
        }
        self.try_store(Batch::new(items)).await?;
        self.unfinished = false;
        Ok(())
    }

    async fn try_store(&mut self, batch: Batch) -> Result<(), Error> {
        let begun = self.entries(&batch.begun).await?;
        let mut prepared = self.prepare(&batch.exchanges).await?;
        let mut tx = self.database.write().await?;
        let erasures = erasures(&mut tx).await?;
        if self.memory.erasures() != erasures {
            // The heads that were remembered may be gone. Preparing again takes time, so others may write meanwhile;
            // it does not rely on anything remembered, so a further erasure does no harm.
            drop(tx);
            self.forget();
            prepared = self.prepare(&batch.exchanges).await?;
            tx = self.database.write().await?;
            self.memory.set_erasures(erasures);
        }
        let mut stored = batch.look_up(&mut tx, self.process).await?;
        let index = search::Index::new(&self.words);
        if !stored.replaced.is_empty() {
            let replaced = std::mem::take(&mut stored.replaced);
            forget(&mut tx, &index, replaced, Extent::All).await?;
            self.forget();
            prepared = self.prepare(&batch.exchanges).await?;
            self.memory.set_erasures(self::erasures(&mut tx).await?);
        }
        prepared.retain(|one| stored.take(&one.exchange));
        stored.journal(&mut tx, self.process, begun).await?;
        let mut group = Group::new(
            &mut tx,
            &mut self.ids,
            &mut self.names,
            index,
            self.compress,
        );
        let heads = group.add(prepared).await?;
        let fresh = group.flush().await?;
        fresh::join(&mut tx, &self.words, fresh).await?;
        batch.amend(&mut tx).await?;
        tx.commit().await?;
        self.memory.remember(heads);
        Ok(())
    }

    /// By what the exchanges are kept that this process has under way.
    pub(crate) fn process(&self) -> Uuid {
        self.process
    }

    /// Says that this process is alive, if it has exchanges under way. Returns whether it has.
    pub(crate) async fn beat(&self) -> Result<bool, Error> {
        journal::beat(&self.database, self.process).await
    }

    /// The other processes that died.
    pub(crate) async fn dead(&self) -> Result<Vec<Uuid>, Error> {
        journal::dead(&self.database, self.process).await
    }

    /// What a process left under way, behind this id.
    pub(crate) async fn left(&self, process: Uuid, after: Uuid) -> Result<Left, Error> {
        journal::left(&self.database, process, after).await
    }

    /// Forgets a process that died, if it left nothing.
    pub(crate) async fn bury(&self, process: Uuid) -> Result<(), Error> {
        journal::bury(&self.database, process).await
    }

    async fn entries(&self, begun: &[(Arc<Exchange>, Uuid)]) -> Result<Vec<Entry>, Error> {
        if begun.is_empty() {
            return Ok(Vec::new());
        }
        let (begun, compress) = (begun.to_vec(), self.compress);
        let entry = move |(one, process): &(Arc<_>, _)| Entry::new(one, *process, compress);
        off_thread(move || begun.iter().map(entry).collect()).await?
    }

    async fn prepare(&mut self, exchanges: &[Arc<Exchange>]) -> Result<Vec<Prepared>, Error> {
        let exchanges = exchanges.to_vec();
        let memory = std::mem::take(&mut self.memory);
        let work = move || {
            let prepared = exchanges.into_iter().map(|one| prepare(one, &memory));
            (prepared.collect(), memory)
        };
        let (prepared, memory) = off_thread(work).await?;
        self.memory = memory;
        Ok(prepared)
    }

    fn forget(&mut self) {
        self.memory = Memory::default();
        self.names = Names::default();
        self.ids = Ids::default();
    }
}

/// How often anything was erased.
async fn erasures(tx: &mut Tx) -> Result<i64, Error> {
    let row = tx.row(&statements::ERASURES, vec![]).await?;
    row.map_or(Ok(0), |row| row.need_int(0))
}
