//! Exchanges that are under way, so that they are not lost with their process.
//!
//! A row is written when an exchange begins and goes in the transaction that stores the exchange. As long as a process
//! has rows it says every few seconds that it is alive. The rows of one that is dead are stored as what they are:
//! exchanges that were cut. A process that was taken for dead and wakes up does no harm: its exchanges take the
//! place of what was stored as cut.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use crate::db::{Database, Row, Tx, Value, in_list};
use crate::encoded::{decode_exchange, encode_exchange, unpacked};
use crate::error::Error;
use crate::exchange::{Ending, Exchange};
use crate::names::bounded;

mod statements;
#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, INSERTS};

use statements::{
    BEGUN, BURY, BUSY, DEAD, ENDED, ERASE_CALLER, ERASE_OLD, ERASE_SESSION, LEAVE, LEFT, PAYLOADS,
    SEEN, STILL_LEFT, UNSEEN,
};

/// How often a process with exchanges under way says that it is alive.
pub(crate) const BEAT: Duration = Duration::from_secs(2);
/// How long a process may be silent before it is taken for dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);
/// Why an exchange was cut.
const CAUSE: &str = "the process ended before the exchange did";
/// The most rows of a page, and the most bytes if it has several: packed as they are, and unpacked.
const PAGE: (usize, u64) = (64, 4 << 20);

/// A row for an exchange that begins.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    process: Uuid,
    values: Vec<Value>,
}

impl Entry {
    /// Makes the row. It takes time, so it is done before the transaction.
    pub(crate) fn new(exchange: &Exchange, process: Uuid, compress: bool) -> Result<Self, Error> {
        let caller = exchange.caller.as_deref().map(bounded);
        let values = vec![
            exchange.id.into(),
            process.into(),
            exchange.received_at.into(),
            caller.as_deref().into(),
            (&*bounded(&exchange.session.key)).into(),
            encode_exchange(exchange, compress)?.into(),
        ];
        Ok(Self {
            id: exchange.id,
            process,
            values,
        })
    }
}

/// Writes rows. This process is alive then. Of another one, whose spool it ships, nothing is known; so it is dead until
/// it says otherwise.
pub(crate) async fn begin(tx: &mut Tx, process: Uuid, entries: Vec<Entry>) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let processes: BTreeSet<_> = entries.iter().map(|entry| entry.process).collect();
    for one in processes {
        let say = if one == process { &SEEN } else { &UNSEEN };
        tx.run(say, vec![one.into()]).await?;
    }
    let rows = entries.into_iter().map(|entry| entry.values);
    BEGUN.run(tx, rows.collect()).await
}

/// Deletes the rows of exchanges that are stored.
pub(crate) async fn end(tx: &mut Tx, exchanges: Vec<Value>) -> Result<(), Error> {
    in_list(tx, &ENDED, &[], exchanges).await.map(drop)
}

/// Says that a process is alive, if it has rows. If it has none, it need not be known. Returns whether it has.
pub(crate) async fn beat(database: &Database, process: Uuid) -> Result<bool, Error> {
    let mut tx = database.write().await?;
    let busy = tx.row(&BUSY, vec![process.into()]).await?.is_some();
    let say = if busy { &SEEN } else { &LEAVE };
    tx.run(say, vec![process.into()]).await?;
    tx.commit().await?;
    Ok(busy)
}

/// The processes that are dead and are not this one.
pub(crate) async fn dead(database: &Database, process: Uuid) -> Result<Vec<Uuid>, Error> {
    let mut tx = database.read().await?;
    let rows = tx.rows(&DEAD, vec![process.into(), silence()]).await?;
    rows.iter().map(id).collect()
}

/// Forgets a process that is dead and left nothing.
pub(crate) async fn bury(database: &Database, process: Uuid) -> Result<(), Error> {
    let mut tx = database.write().await?;
    tx.run(&BURY, vec![process.into(), silence()]).await?;
    tx.commit().await
}

/// What a process left.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Its exchanges, as cut.
    pub(crate) cut: Vec<Exchange>,
    /// Why others can't be read. Their rows stay.
    pub(crate) unreadable: Vec<(Uuid, Error)>,
    /// The last row that was looked at. `None` if there was none.
    pub(crate) last: Option<Uuid>,
}

/// Reads the next rows of a process, behind the one with the id `after`.
pub(crate) async fn left(database: &Database, process: Uuid, after: Uuid) -> Result<Left, Error> {
    let mut tx = database.read().await?;
    let values = vec![process.into(), after.into(), PAGE.0.into()];
    let rows = tx.rows(&LEFT, values).await?;
    let mut found = Left::default();
    let (mut packed, mut whole) = (0u64, 0u64);
    for row in &rows {
        packed = packed.saturating_add(row.count(1)?);
        if packed > PAGE.1 && found.last.is_some() {
            break;
        }
        let id = id(row)?;
        // One by one: it may be gone by now, and a damaged one takes no other with it.
        let payload = in_list(&mut tx, &PAYLOADS, &[], vec![id.into()]).await?;
        if let Some(payload) = payload.first() {
            let payload = payload.need_bytes(0)?;
            whole = whole.saturating_add(unpacked(&payload));
            if whole > PAGE.1 && found.last.is_some() {
                break;
            }
            match cut(&payload) {
                Ok(exchange) => found.cut.push(exchange),
                Err(error) => found.unreadable.push((id, error)),
            }
        }
        found.last = Some(id);
    }
    Ok(found)
}

/// An exchange as it was when its process ended.
fn cut(payload: &Bytes) -> Result<Exchange, Error> {
    let mut exchange = decode_exchange(payload)?;
    exchange.ending = Ending::Cut;
    exchange.cause = Some(CAUSE.to_owned());
    Ok(exchange)
}

/// Which of these exchanges are still under way although their process is dead, or is this one, which says so.
pub(crate) async fn still_left(
    tx: &mut Tx,
    process: Uuid,
    exchanges: Vec<Value>,
) -> Result<Vec<Bytes>, Error> {
    let fixed = [process.into(), silence()];
    let rows = in_list(tx, &STILL_LEFT, &fixed, exchanges).await?;
    rows.iter().map(|row: &Row| row.need_bytes(0)).collect()
}

/// Erases the rows of a session that is not on hold.
pub(crate) async fn erase_session(tx: &mut Tx, session: i64) -> Result<(), Error> {
    tx.run(&ERASE_SESSION, vec![session.into()]).await.map(drop)
}

/// Erases the rows of a caller, but not those of sessions on hold.
pub(crate) async fn erase_caller(tx: &mut Tx, caller: &str) -> Result<(), Error> {
    let caller = Value::from(&*bounded(caller));
    tx.run(&ERASE_CALLER, vec![caller]).await.map(drop)
}

/// Erases the rows of exchanges that were received before a time, but not those of sessions on hold.
pub(crate) async fn erase_old(tx: &mut Tx, before: u64) -> Result<(), Error> {
    tx.run(&ERASE_OLD, vec![before.into()]).await.map(drop)
}

fn silence() -> Value {
    u64::try_from(SILENCE.as_millis())
        .unwrap_or(u64::MAX)
        .into()
}

fn id(row: &Row) -> Result<Uuid, Error> {
    let bytes = row.need_bytes(0)?;
    Uuid::from_slice(&bytes).map_err(|_| Error::odd(0))
}
