//! Turns exchanges into rows, a group of them in one transaction.
//!
//! What takes time (hashing, compressing, asking for texts) runs on a thread for such work. What is known of earlier
//! exchanges, like the end of each conversation, is remembered within bounds, and forgotten when anything was erased.

mod blocks;
mod chains;
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

use crate::db::{Database, Row, Value};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::search;
use crate::words::Words;
use crate::work::off_thread;

use group::Group;
use ids::Ids;
use memory::Memory;
use names::Names;
use prepare::{Prepared, prepare};

/// Writes exchanges. One for each process.
pub(crate) struct Ingest {
    database: Database,
    words: Arc<dyn Words>,
    compress: bool,
    memory: Memory,
    names: Names,
    ids: Ids,
}

impl Ingest {
    pub(crate) fn new(database: Database, words: Arc<dyn Words>, compress: bool) -> Self {
        Self {
            database,
            words,
            compress,
            memory: Memory::default(),
            names: Names::default(),
            ids: Ids::default(),
        }
    }

    /// Stores exchanges in one transaction: all or none. Those that are stored already are left out.
    pub(crate) async fn store(&mut self, exchanges: &[Arc<Exchange>]) -> Result<(), Error> {
        let stored = self.try_store(exchanges).await;
        if stored.is_err() {
            // What was remembered of this transaction never happened.
            self.forget();
        }
        stored
    }

    async fn try_store(&mut self, exchanges: &[Arc<Exchange>]) -> Result<(), Error> {
        let mut prepared = self.prepare(exchanges).await?;
        let mut tx = self.database.write().await?;
        let erasures = tx.row(&statements::ERASURES, vec![]).await?;
        let erasures = erasures.as_ref().map_or(Ok(0), |row| row.need_int(0))?;
        if self.memory.erasures() != erasures {
            // The heads that were remembered may be gone. Preparing again takes time, so others may write meanwhile;
            // it does not rely on anything remembered, so a further erasure does no harm.
            drop(tx);
            self.forget();
            prepared = self.prepare(exchanges).await?;
            tx = self.database.write().await?;
            self.memory.set_erasures(erasures);
        }
        let known = exchanges.iter().map(|exchange| Value::from(exchange.id));
        let known = crate::db::in_list(&mut tx, &statements::KNOWN, &[], known.collect()).await?;
        let ids = known.iter().map(|row: &Row| row.need_bytes(0));
        leave_out(&mut prepared, ids.collect::<Result<_, _>>()?);
        let mut group = Group::new(
            &mut tx,
            &mut self.ids,
            &mut self.names,
            search::Index::new(&self.words),
            self.compress,
        );
        let heads = group.add(prepared).await?;
        group.flush().await?;
        tx.commit().await?;
        self.memory.remember(heads);
        Ok(())
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

/// Leaves out what is stored, and what comes twice.
fn leave_out(prepared: &mut Vec<Prepared>, known: Vec<bytes::Bytes>) {
    let mut seen: std::collections::HashSet<_> = known.into_iter().map(Vec::from).collect();
    prepared.retain(|one| seen.insert(one.exchange.id.as_bytes().to_vec()));
}
