//! A group of items, and what becomes of each: it depends on what is stored already.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::statements::{AMEND, KNOWN};
use crate::db::{Tx, Value, in_list};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::item::{Amendment, Item};
use crate::journal::{self, Entry};
use crate::times::micros;

/// A group of items by their kinds.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Exchanges that are over, and those that were cut.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// Which of them were cut.
    cut: HashSet<Uuid>,
    /// Exchanges that are under way and do not end in this group.
    pub(super) begun: Vec<(Arc<Exchange>, Uuid)>,
    amended: Vec<Amendment>,
}

/// What is stored of a batch before it is.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Exchanges that are not stored again.
    known: HashSet<Bytes>,
    /// The rows of exchanges that were stored as cut, and ended all the same.
    pub(super) replaced: Vec<Value>,
    /// Exchanges that are not under way any more.
    over: Vec<Value>,
}

impl Batch {
    pub(super) fn new(items: &[Item]) -> Self {
        let mut batch = Self::default();
        for item in items {
            match item {
                Item::Begun(exchange, process) => batch.begin(exchange, *process),
                Item::Ended(exchange) => batch.exchanges.push(Arc::clone(exchange)),
                Item::Cut(exchange) => {
                    batch.cut.insert(exchange.id);
                    batch.exchanges.push(Arc::clone(exchange));
                }
                Item::Amended(amendment) => batch.amended.push(amendment.clone()),
            }
        }
        let over: HashSet<_> = batch.exchanges.iter().map(|one| one.id).collect();
        batch.begun.retain(|(one, _)| !over.contains(&one.id));
        batch
    }

    /// Of one that begins twice, what came last is true.
    fn begin(&mut self, exchange: &Arc<Exchange>, process: Uuid) {
        self.begun.retain(|(one, _)| one.id != exchange.id);
        self.begun.push((Arc::clone(exchange), process));
    }

    /// Asks the database what is stored of it.
    pub(super) async fn look_up(&self, tx: &mut Tx, process: Uuid) -> Result<Stored, Error> {
        let mut stored = Stored::default();
        let begun = self.begun.iter().map(|(one, _)| one);
        let ids = self.exchanges.iter().chain(begun).map(|one| one.id);
        let ids = ids.map(Value::from).collect();
        for row in in_list(tx, &KNOWN, &[], ids).await? {
            let (uuid, is_cut) = (row.need_bytes(0)?, row.need_int(2)? != 0);
            match is_cut && self.has_ended(&uuid) {
                true => stored.replaced.push(row.need_int(1)?.into()),
                false => drop(stored.known.insert(uuid)),
            }
        }
        let (cut, ended): (Vec<_>, Vec<_>) = self
            .exchanges
            .iter()
            .map(|one| one.id)
            .partition(|id| self.cut.contains(id));
        stored.over.extend(ended.into_iter().map(Value::from));
        stored.leave_out_lively(tx, process, cut).await?;
        Ok(stored)
    }

    fn has_ended(&self, id: &[u8]) -> bool {
        let mut ended = self
            .exchanges
            .iter()
            .filter(|one| !self.cut.contains(&one.id));
        ended.any(|one| one.id.as_bytes() == id)
    }

    /// Changes how exchanges ended. It comes behind their rows.
    pub(super) async fn amend(self, tx: &mut Tx) -> Result<(), Error> {
        for amendment in self.amended {
            let values = vec![
                amendment.id.into(),
                amendment.ending.as_str().into(),
                amendment.cause.into(),
                micros(amendment.total).into(),
            ];
            tx.run(&AMEND, values).await?;
        }
        Ok(())
    }
}

impl Stored {
    /// Leaves those out that were to be stored as cut, but whose process is alive, or that are gone by now.
    async fn leave_out_lively(
        &mut self,
        tx: &mut Tx,
        process: Uuid,
        cut: Vec<Uuid>,
    ) -> Result<(), Error> {
        let ids = cut.iter().copied().map(Value::from).collect();
        let left: HashSet<_> = journal::still_left(tx, process, ids)
            .await?
            .into_iter()
            .collect();
        for id in cut {
            let bytes = Bytes::copy_from_slice(id.as_bytes());
            match left.contains(&bytes) {
                true => self.over.push(id.into()),
                false => drop(self.known.insert(bytes)),
            }
        }
        Ok(())
    }

    /// Whether an exchange is to be stored. The second time that it is asked for one it says no.
    pub(super) fn take(&mut self, exchange: &Exchange) -> bool {
        let id = Bytes::copy_from_slice(exchange.id.as_bytes());
        self.known.insert(id)
    }

    /// Brings the journal up to date.
    pub(super) async fn journal(
        self,
        tx: &mut Tx,
        process: Uuid,
        mut begun: Vec<Entry>,
    ) -> Result<(), Error> {
        begun.retain(|entry| !self.known.contains(&entry.id.as_bytes()[..]));
        journal::begin(tx, process, begun).await?;
        journal::end(tx, self.over).await
    }
}
