//! Reads bodies, in parts, and single contents.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::statements::{BLOCKS, BODY, CHAIN, CONTENT, CONTENTS, PARTS};
use crate::chain::{Patcher, Shell};
use crate::content::content;
use crate::db::{Database, Row, Value, in_list};
use crate::error::Error;
use crate::store::Store;

/// How many bytes of blocks are fetched at once, but for a single block that is longer.
const FETCH: u64 = 1 << 20;
/// The most blocks that are fetched at once.
const FETCH_BLOCKS: usize = 64;

/// Names a stored body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BodyId(pub i64);

/// Names the stored content of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(pub i64);

/// The content of a block, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContent {
    /// Its bytes.
    pub bytes: Bytes,
    /// What it is. Empty if it is nothing that the dialect has a name for.
    pub kind: String,
    /// Who said it.
    pub role: Option<String>,
}

/// A block of a stored body, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyBlock {
    /// Its content.
    pub content: ContentId,
    /// What it is.
    pub kind: String,
    /// Who said it.
    pub role: Option<String>,
    /// How many bytes it has, without what was cut out of it.
    pub size: u64,
}

/// Reads a body in parts, so that it is never in memory as a whole.
#[derive(Debug)]
pub struct BodyReader {
    database: Database,
    steps: VecDeque<Step>,
    patcher: Patcher,
    /// The bytes behind the last block. `None` once they went out.
    tail: Option<Bytes>,
    expected: (u64, Bytes),
    /// What went out so far.
    length: u64,
    hash: Sha256,
}

/// The bytes before a block, and the block.
#[derive(Debug)]
struct Step {
    frame: Bytes,
    block: i64,
    size: u64,
}

impl Store {
    /// Begins to read a body.
    pub async fn body(&self, id: BodyId) -> Result<BodyReader, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&BODY, vec![id.0.into()]).await?.ok_or(Error::Gone)?;
        let shell = Shell::decode(&row.bytes(2)?.ok_or(Error::Gone)?)?;
        let mut steps = VecDeque::new();
        for part in tx.rows(&PARTS, vec![id.0.into()]).await? {
            let head = Value::from(part.need_int(0)?);
            for row in tx.rows(&CHAIN, vec![head]).await? {
                steps.push_back(Step {
                    frame: row.need_bytes(0)?,
                    block: row.need_int(1)?,
                    size: row.count(2)?,
                });
            }
        }
        Ok(BodyReader {
            database: self.database.clone(),
            steps,
            patcher: Patcher::new(shell.removed),
            tail: Some(shell.tail),
            expected: (row.count(0)?, row.need_bytes(1)?),
            length: 0,
            hash: Sha256::new(),
        })
    }

    /// The blocks of a request's body, in the order in which they stand in it.
    pub async fn blocks(&self, id: BodyId) -> Result<Vec<BodyBlock>, Error> {
        let mut tx = self.database.read().await?;
        let mut blocks = Vec::new();
        for part in tx.rows(&PARTS, vec![id.0.into()]).await? {
            let head = Value::from(part.need_int(0)?);
            for row in tx.rows(&BLOCKS, vec![head]).await? {
                blocks.push(BodyBlock {
                    content: ContentId(row.need_int(0)?),
                    kind: row.need_text(1)?,
                    role: row.text(2)?,
                    size: row.count(3)?,
                });
            }
        }
        Ok(blocks)
    }

    /// Reads the content of a block.
    pub async fn content(&self, id: ContentId) -> Result<StoredContent, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&CONTENT, vec![id.0.into()]).await?;
        let row = row.ok_or(Error::Gone)?;
        Ok(StoredContent {
            bytes: content(&row, 0)?,
            kind: row.need_text(3)?,
            role: row.text(4)?,
        })
    }
}

impl BodyReader {
    /// The next bytes. `None` at the end, which is only reached if all bytes are those that were stored.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut out = Vec::new();
        let group = self.group();
        if group.is_empty() {
            let Some(tail) = self.tail.take() else {
                return self.check().map(|()| None);
            };
            self.patcher.pass(&tail, &mut out);
        } else {
            let blocks = self.fetch(&group).await?;
            for step in &group {
                let block = blocks.get(&step.block).ok_or(Error::Gone)?;
                self.patcher.pass(&step.frame, &mut out);
                self.patcher.pass(block, &mut out);
            }
        }
        self.length += out.len() as u64;
        self.hash.update(&out);
        Ok(Some(out.into()))
    }

    /// Reads all that is left into memory.
    pub async fn collect(mut self) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            all.extend_from_slice(&bytes);
        }
        Ok(all.into())
    }

    /// Takes the steps that are made at once.
    fn group(&mut self) -> Vec<Step> {
        let mut size = 0;
        let fits = |step: &&Step| {
            size += step.size;
            size <= FETCH
        };
        let count = self
            .steps
            .iter()
            .take(FETCH_BLOCKS)
            .take_while(fits)
            .count();
        let count = count.max(1).min(self.steps.len());
        self.steps.drain(..count).collect()
    }

    async fn fetch(&self, group: &[Step]) -> Result<HashMap<i64, Bytes>, Error> {
        let mut keys: Vec<_> = group.iter().map(|step| step.block).collect();
        keys.sort_unstable();
        keys.dedup();
        let keys = keys.into_iter().map(Value::from).collect();
        let mut tx = self.database.read().await?;
        let rows = in_list(&mut tx, &CONTENTS, &[], keys).await?;
        let one = |row: &Row| Ok((row.need_int(0)?, content(row, 1)?));
        rows.iter().map(one).collect()
    }

    fn check(&self) -> Result<(), Error> {
        let same = self.expected.0 == self.length
            && self.expected.1 == self.hash.clone().finalize().as_slice();
        let damaged = || Error::Damaged("a body is not what was stored".to_owned());
        same.then_some(()).ok_or_else(damaged)
    }
}
