//! An item as a row of the spool.

use std::collections::HashSet;

use bytes::Bytes;
use uuid::Uuid;

use crate::db::{self, Value};
use crate::encoded::{
    decode_amendment, decode_exchange, encode_amendment, encode_exchange, unpacked,
};
use crate::error::Error;
use crate::item::Item;

const BEGUN: i64 = 0;
const ENDED: i64 = 1;
const AMENDED: i64 = 2;

/// A row, as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its place. 0 if it has none yet.
    pub(super) seq: i64,
    kind: i64,
    process: Option<Bytes>,
    id: Bytes,
    pub(super) payload: Bytes,
}

/// Turns items into rows. An exchange that begins and ends among them has only one.
pub(super) fn encode(items: &[Item], compress: bool) -> Result<Vec<Row>, Error> {
    let ended = items.iter().filter(|item| matches!(item, Item::Ended(_)));
    let ended: HashSet<_> = ended.map(Item::id).collect();
    let needed = |item: &&Item| !(matches!(item, Item::Begun(..)) && ended.contains(&item.id()));
    let rows = items.iter().filter(needed);
    rows.map(|item| Row::new(item, compress)).collect()
}

impl Row {
    fn new(item: &Item, compress: bool) -> Result<Self, Error> {
        let (kind, process, payload) = match item {
            Item::Begun(exchange, process) => {
                let process = Bytes::copy_from_slice(process.as_bytes());
                (BEGUN, Some(process), encode_exchange(exchange, compress)?)
            }
            Item::Ended(exchange) | Item::Cut(exchange) => {
                (ENDED, None, encode_exchange(exchange, compress)?)
            }
            Item::Amended(amendment) => (AMENDED, None, encode_amendment(amendment)?),
        };
        Ok(Self {
            seq: 0,
            kind,
            process,
            id: Bytes::copy_from_slice(item.id().as_bytes()),
            payload,
        })
    }

    /// The exchange that it is about.
    pub(super) fn id(&self) -> Uuid {
        // It was looked at when the row was read.
        Uuid::from_slice(&self.id).unwrap_or_default()
    }

    /// Reads the columns of [`NEXT`](super::statements::NEXT).
    pub(super) fn read(row: &db::Row) -> Result<Self, Error> {
        let read = Self {
            seq: row.need_int(0)?,
            kind: row.need_int(1)?,
            process: row.bytes(2)?,
            id: row.need_bytes(3)?,
            payload: row.need_bytes(4)?,
        };
        // Nobody wrote a row without them.
        let is_whole = Uuid::from_slice(&read.id).is_ok() && !read.payload.is_empty();
        is_whole.then_some(read).ok_or_else(|| Error::odd(3))
    }

    pub(super) fn values(self) -> Vec<Value> {
        vec![
            self.kind.into(),
            self.process.into(),
            self.id.into(),
            self.payload.into(),
            false.into(),
        ]
    }

    /// The values of a row that keeps its place.
    pub(super) fn placed_values(self) -> Vec<Value> {
        let mut values = vec![self.seq.into()];
        values.extend(self.values());
        values
    }

    /// How many bytes the item has once it is decoded.
    pub(super) fn unpacked(&self) -> u64 {
        unpacked(&self.payload)
    }

    pub(super) fn decode(&self) -> Result<Item, Error> {
        match (self.kind, &self.process) {
            (BEGUN, Some(process)) => {
                let process = Uuid::from_slice(process).map_err(|_| Error::odd(2))?;
                Ok(Item::Begun(decode_exchange(&self.payload)?.into(), process))
            }
            (ENDED, _) => Ok(Item::Ended(decode_exchange(&self.payload)?.into())),
            (AMENDED, _) => Ok(Item::Amended(decode_amendment(&self.payload)?)),
            _ => Err(Error::odd(1)),
        }
    }
}
