//! Forgets a group of exchanges, or what they contained.

use std::collections::BTreeSet;

use super::nodes::{drop_blocks, drop_nodes};
use super::statements::{
    CLEAR_ATTEMPTS, CLEAR_BODIES, CLEAR_EXCHANGES, CLEAR_MESSAGES, CLEAR_REPLIES, CLEAR_VERDICTS,
    DROP_ATTEMPTS, DROP_BODIES, DROP_EXCHANGES, DROP_HEADERS, DROP_JUDGED, DROP_MESSAGES,
    DROP_PARTS, DROP_REPLIES, DROP_VERDICTS, ERASED, HEADS, HEIR, JUDGED, LOSE_SEEN, MOVE_SEEN,
    REPLIED, SEEN_IN, SHELLS, SHRUNK,
};
use super::uses::Uses;
use crate::db::{Statement, Tx, Value, in_list};
use crate::error::Error;
use crate::search::{Index, rebuild};

/// How much is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The contents: numbers, names, lengths and digests stay.
    Contents,
    /// Everything.
    All,
}

const CLEAR: &[&Statement] = &[
    &DROP_PARTS,
    &DROP_HEADERS,
    &CLEAR_BODIES,
    &CLEAR_MESSAGES,
    &CLEAR_REPLIES,
    &CLEAR_VERDICTS,
    &CLEAR_ATTEMPTS,
    &CLEAR_EXCHANGES,
];

const DROP: &[&Statement] = &[
    &DROP_PARTS,
    &DROP_HEADERS,
    &DROP_BODIES,
    &DROP_MESSAGES,
    &DROP_REPLIES,
    &DROP_VERDICTS,
    &DROP_JUDGED,
    &DROP_ATTEMPTS,
    &DROP_EXCHANGES,
];

/// Forgets these exchanges.
pub(crate) async fn forget(
    tx: &mut Tx,
    index: &Index,
    exchanges: Vec<Value>,
    extent: Extent,
) -> Result<(), Error> {
    let ends = numbers(tx, &HEADS, &exchanges).await?;
    let mut blocks = numbers(tx, &REPLIED, &exchanges).await?;
    blocks.extend(numbers(tx, &JUDGED, &exchanges).await?);
    let mut shrunk = 0;
    for row in in_list(tx, &SHELLS, &[], exchanges.clone()).await? {
        shrunk += row.need_int(0)?;
    }
    match extent {
        Extent::Contents => each(tx, CLEAR, &exchanges).await?,
        Extent::All => {
            let uses = Uses::count(tx, &exchanges).await?;
            each(tx, DROP, &exchanges).await?;
            uses.release(tx).await?;
        }
    }
    drop_nodes(tx, ends, &mut blocks).await?;
    let freed = drop_blocks(tx, index, blocks).await?;
    move_seen(tx, &exchanges).await?;
    if freed.stale {
        rebuild(tx, index).await?;
    }
    tx.run(&SHRUNK, vec![(shrunk + freed.bytes).into()]).await?;
    tx.run(&ERASED, vec![]).await?;
    Ok(())
}

async fn each(tx: &mut Tx, statements: &[&Statement], exchanges: &[Value]) -> Result<(), Error> {
    for statement in statements.iter().copied() {
        in_list(tx, statement, &[], exchanges.to_vec()).await?;
    }
    Ok(())
}

/// All numbers that a statement returns for exchanges, in any column.
async fn numbers(
    tx: &mut Tx,
    statement: &Statement,
    exchanges: &[Value],
) -> Result<BTreeSet<i64>, Error> {
    let mut numbers = BTreeSet::new();
    for row in in_list(tx, statement, &[], exchanges.to_vec()).await? {
        for column in 0..row.len() {
            numbers.extend(row.int(column)?);
        }
    }
    Ok(numbers)
}

/// Blocks that are still used were first seen in exchanges that are gone now. From here on they are found in the
/// oldest exchange of the session that has contents.
async fn move_seen(tx: &mut Tx, exchanges: &[Value]) -> Result<(), Error> {
    for session in numbers(tx, &SEEN_IN, exchanges).await? {
        let heir = tx.row(&HEIR, vec![session.into()]).await?;
        let keys = exchanges.to_vec();
        match heir {
            Some(heir) => {
                let fixed = [heir.need_int(0)?.into(), session.into()];
                in_list(tx, &MOVE_SEEN, &fixed, keys).await?;
            }
            None => {
                in_list(tx, &LOSE_SEEN, &[session.into()], keys).await?;
            }
        }
    }
    Ok(())
}
