//! Drops positions and blocks that nothing uses any more.

use std::collections::BTreeSet;

use super::statements::{DROP_BLOCKS, DROP_NODES, DROP_SEEN, UNUSED};
use crate::db::{Tx, Value, in_list};
use crate::error::Error;
use crate::search::{Index, remove};

/// What was freed.
#[derive(Debug, Default)]
pub(super) struct Freed {
    /// How many bytes the blocks took.
    pub(super) bytes: i64,
    /// Whether words of them are left in the search index.
    pub(super) stale: bool,
}

/// Drops positions from their ends backwards, as far as nothing else leads on from them. Adds their blocks.
pub(super) async fn drop_nodes(
    tx: &mut Tx,
    mut ends: BTreeSet<i64>,
    blocks: &mut BTreeSet<i64>,
) -> Result<(), Error> {
    // Each round takes at least one position from every chain that still has one to give.
    while !ends.is_empty() {
        let keys = ends.into_iter().map(Value::from).collect();
        ends = BTreeSet::new();
        for row in in_list(tx, &DROP_NODES, &[], keys).await? {
            let parent = row.need_int(0)?;
            if parent != 0 {
                ends.insert(parent);
            }
            blocks.insert(row.need_int(1)?);
        }
    }
    Ok(())
}

/// Drops those of these blocks that nothing uses, and their words.
pub(super) async fn drop_blocks(
    tx: &mut Tx,
    index: &Index,
    blocks: BTreeSet<i64>,
) -> Result<Freed, Error> {
    let mut freed = Freed::default();
    let (mut unused, mut indexed): (Vec<Value>, Vec<i64>) = Default::default();
    let keys = blocks.into_iter().map(Value::from).collect();
    for row in in_list(tx, &UNUSED, &[], keys).await? {
        let id = row.need_int(0)?;
        freed.bytes += row.need_int(1)?;
        if row.need_int(2)? != 0 {
            indexed.push(id);
        }
        unused.push(id.into());
    }
    if !indexed.is_empty() {
        freed.stale = !remove(tx, &indexed, index).await?;
    }
    in_list(tx, &DROP_SEEN, &[], unused.clone()).await?;
    in_list(tx, &DROP_BLOCKS, &[], unused).await?;
    Ok(freed)
}
