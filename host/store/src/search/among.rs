//! Which of some blocks have the words of a query.

use std::collections::{BTreeSet, HashMap};

use super::query::Query;
use super::statements::{MATCHES, NEWEST, RANGE, SOME};
use crate::db::{Kind, Row, Tx, Value, in_list};
use crate::error::Error;

/// The most ids between two blocks that are asked for together. Blocks of one time have ids that are close to each other, so
/// one question answers for many of them.
const GAP: i64 = 256;
/// Fewer blocks than these are asked for one by one, in one list, where that is a question like any other. FTS5 has to find
/// the words anew for each block of a list.
const FEW: usize = 64;
// In tests phrases are common soon, so that both answers are given.
/// How many of the newest blocks are asked for a phrase, and how many must have it for it to be common.
const NEWEST_BLOCKS: (u32, i64) = if cfg!(test) { (8, 2) } else { (4096, 16) };

/// A query that is asked of blocks again and again. It remembers what it was told.
#[derive(Debug)]
pub(crate) struct Among {
    query: Query,
    told: HashMap<i64, bool>,
    /// Whether it was told all blocks that have the words.
    knows_all: bool,
}

impl Among {
    pub(crate) fn new(query: Query) -> Self {
        Self {
            query,
            told: HashMap::new(),
            knows_all: false,
        }
    }

    /// All blocks that have the words. `None` if they are more than so many, or if it would take long to count them and many
    /// of the newest have them.
    pub(crate) async fn all(&mut self, tx: &mut Tx, most: u32) -> Result<Option<Vec<i64>>, Error> {
        if self.is_frequent_phrase(tx).await? {
            return Ok(None);
        }
        let text = self.query.text(tx.kind());
        let rows = tx.rows(&MATCHES, vec![text.into(), (most + 1).into()]);
        let rows = rows.await?;
        if rows.len() > most as usize {
            return Ok(None);
        }
        let blocks = rows.iter().map(|row| row.need_int(0));
        let blocks: Vec<_> = blocks.collect::<Result<_, _>>()?;
        self.told = blocks.iter().map(|block| (*block, true)).collect();
        self.knows_all = true;
        Ok(Some(blocks))
    }

    /// Whether a phrase stands in many of the newest blocks. PostgreSQL's index has no positions: it reads each block that has
    /// all words of a phrase, so a few thousand with the phrase are found only after many more without it.
    async fn is_frequent_phrase(&self, tx: &mut Tx) -> Result<bool, Error> {
        if tx.kind() == Kind::Sqlite || !self.query.has_phrase() {
            return Ok(false);
        }
        let (asked, many) = NEWEST_BLOCKS;
        let values = vec![self.query.text(tx.kind()).into(), asked.into()];
        let row = tx.row(&NEWEST, values).await?;
        Ok(row.map_or(Ok(0), |row| row.need_int(0))? >= many)
    }

    /// Asks for those of these blocks that it was not told of.
    pub(crate) async fn ask(
        &mut self,
        tx: &mut Tx,
        blocks: impl Iterator<Item = i64>,
    ) -> Result<(), Error> {
        if self.knows_all {
            return Ok(());
        }
        let told = &self.told;
        let blocks = blocks.filter(|block| !told.contains_key(block));
        let blocks: BTreeSet<_> = blocks.collect();
        let text = Value::from(self.query.text(tx.kind()));
        self.told.extend(blocks.iter().map(|block| (*block, false)));
        let mut single = Vec::new();
        for (first, last) in ranges(&blocks) {
            let asked = blocks.range(first..=last);
            if tx.kind() == Kind::Postgres && asked.clone().take(FEW).count() < FEW {
                single.extend(asked.map(|block| Value::from(*block)));
                continue;
            }
            let values = vec![text.clone(), first.into(), last.into()];
            let rows = tx.rows(&RANGE, values).await?;
            self.tell(rows, &blocks)?;
        }
        let rows = in_list(tx, &SOME, &[text], single).await?;
        self.tell(rows, &blocks)
    }

    fn tell(&mut self, rows: Vec<Row>, blocks: &BTreeSet<i64>) -> Result<(), Error> {
        for row in rows {
            let block = row.need_int(0)?;
            if blocks.contains(&block) {
                self.told.insert(block, true);
            }
        }
        Ok(())
    }

    /// Whether a block that was asked for has the words.
    pub(crate) fn has(&self, block: i64) -> bool {
        self.told.get(&block).copied().unwrap_or_default()
    }
}

/// Blocks that are asked for together: the first and the last of each run.
fn ranges(blocks: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for block in blocks {
        match ranges.last_mut() {
            Some((_, last)) if block - *last <= GAP => *last = *block,
            _ => ranges.push((*block, *block)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_are_close_are_asked_for_together() {
        let of = |blocks: &[i64]| ranges(&blocks.iter().copied().collect());
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[7]), [(7, 7)]);
        assert_eq!(of(&[1, 2, 200, 456, 457]), [(1, 457)]);
        let apart = [1, 258, 10_000];
        assert_eq!(of(&apart), apart.map(|block| (block, block)));
    }
}
