//! A block from the database, with what its text is made from.

use bytes::Bytes;

use super::index::{Index, Source, Words};
use super::statements::BLOCK;
use crate::chain::unpack_tagged;
use crate::content::content;
use crate::db::{Row, Tx};
use crate::error::Error;

/// A block that is or was indexed.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) kind: String,
    pub(crate) role: Option<String>,
    api: String,
    source: Source,
    raw: Bytes,
    /// What its words were when it was indexed.
    pub(super) hash: i64,
}

impl Loaded {
    pub(crate) fn text(&self, index: &Index) -> String {
        index.text(&self.source, &self.api, &self.kind, &self.raw)
    }

    pub(super) fn words(&self, index: &Index) -> Words {
        index.words(&self.source, &self.api, &self.kind, &self.raw)
    }
}

/// Loads a block. `None` if it is gone.
pub(crate) async fn load(tx: &mut Tx, block: i64) -> Result<Option<Loaded>, Error> {
    let Some(row) = tx.row(&BLOCK, vec![block.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Loaded {
        kind: row.need_text(3)?,
        role: row.text(4)?,
        api: row.need_text(5)?,
        source: source(&row)?,
        raw: content(&row, 0)?,
        hash: row.need_int(8)?,
    }))
}

fn source(row: &Row) -> Result<Source, Error> {
    let own = row.bytes(7)?.map(|own| unpack_tagged(&own)).transpose()?;
    let own = own.map(|own| String::from_utf8_lossy(&own).into_owned());
    Ok(Source::from_number(row.need_int(6)?, own))
}
