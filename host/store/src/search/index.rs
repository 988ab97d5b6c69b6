//! Puts the words of blocks into the index.

use std::fmt::Write as _;
use std::sync::Arc;

use super::loaded::load;
use super::statements::{CLEAR, HASH, NEXT, OVERWRITE, REMOVE, add as add_text};
use super::tokens::joined;
use crate::chain::digest;
use crate::db::{Kind, Tx, insert};
use crate::error::Error;
use crate::words;
use crate::work::off_thread;

/// The most bytes of a block's text that are indexed. PostgreSQL takes a megabyte of words, with what it adds to them.
const LONGEST: usize = 256 << 10;
/// The last position that PostgreSQL can tell from others.
const LAST_POSITION: usize = 16_383;

/// Where the text of a block comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It has none.
    None,
    /// The dialect reads it from the content.
    Dialect,
    /// It is the content.
    Content,
    /// It came with the content, and is kept beside it.
    Own(String),
}

/// Makes the words of blocks.
#[derive(Clone)]
pub(crate) struct Index {
    words: Arc<dyn words::Words>,
}

/// The words of a block, as the index holds them, with a space between each two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(String);

impl Source {
    /// Reads the number that stands for it. `text` is what is kept beside the content.
    pub(crate) fn from_number(number: i64, text: Option<String>) -> Self {
        match number {
            1 => Self::Dialect,
            2 => Self::Content,
            3 => Self::Own(text.unwrap_or_default()),
            _ => Self::None,
        }
    }

    /// The number that stands for it in the database.
    pub(crate) fn number(&self) -> i64 {
        match self {
            Self::None => 0,
            Self::Dialect => 1,
            Self::Content => 2,
            Self::Own(_) => 3,
        }
    }
}

impl Index {
    pub(crate) fn new(words: &Arc<dyn words::Words>) -> Self {
        Self {
            words: Arc::clone(words),
        }
    }

    /// The text of a block, as far as it is indexed.
    pub(crate) fn text(&self, source: &Source, api: &str, kind: &str, raw: &[u8]) -> String {
        let text = match source {
            Source::None => None,
            Source::Dialect => self.words.text(api, kind, raw),
            Source::Content => Some(String::from_utf8_lossy(raw).into_owned()),
            Source::Own(text) => Some(text.clone()),
        };
        let mut text = text.unwrap_or_default();
        text.truncate(text.floor_char_boundary(LONGEST));
        text
    }

    /// The words of a block.
    pub(crate) fn words(&self, source: &Source, api: &str, kind: &str, raw: &[u8]) -> Words {
        Words(joined(&self.text(source, api, kind, raw)))
    }
}

impl Words {
    /// Tells whether they are the same as another time. 0 if there are none.
    pub(crate) fn hash(&self) -> i64 {
        if self.0.is_empty() {
            return 0;
        }
        let digest = digest(self.0.as_bytes());
        i64::from_le_bytes(std::array::from_fn(|at| digest[at])) | 1
    }

    /// What the database indexes.
    fn text(self, kind: Kind) -> String {
        if kind == Kind::Sqlite {
            return self.0;
        }
        let mut text = String::with_capacity(self.0.len() * 2);
        for (at, word) in self.0.split(' ').enumerate() {
            let position = (at + 1).min(LAST_POSITION);
            // Writing into a text cannot fail.
            let _ = write!(text, "'{word}':{position} ");
        }
        text
    }
}

/// Indexes blocks, each with its id.
pub(crate) async fn add(tx: &mut Tx, blocks: Vec<(i64, Words)>) -> Result<(), Error> {
    let kind = tx.kind();
    let with_words = blocks.into_iter().filter(|(_, words)| !words.0.is_empty());
    let row = |(block, words): (i64, Words)| vec![block.into(), words.text(kind).into()];
    insert(tx, "words", with_words.map(row).collect(), add_text).await
}

/// Takes blocks out of the index. Returns whether nothing of them is left: if the text of one is not what it was when it was
/// indexed, SQLite cannot forget its words one by one, and the index must be built anew.
pub(crate) async fn remove(tx: &mut Tx, blocks: &[i64], index: &Index) -> Result<bool, Error> {
    if tx.kind() == Kind::Postgres {
        for block in blocks {
            tx.run(&REMOVE, vec![(*block).into()]).await?;
        }
        return Ok(true);
    }
    // While it is on, FTS5 looks for each word that is added too, in case that there is an entry to overwrite.
    tx.run(&OVERWRITE, vec![1_i64.into()]).await?;
    let mut is_clean = true;
    for block in blocks {
        is_clean &= remove_words(tx, *block, index).await?;
    }
    tx.run(&OVERWRITE, vec![0_i64.into()]).await?;
    Ok(is_clean)
}

async fn remove_words(tx: &mut Tx, block: i64, index: &Index) -> Result<bool, Error> {
    let Some(loaded) = load(tx, block).await? else {
        return Ok(true);
    };
    let (hash, index) = (loaded.hash, index.clone());
    let words = off_thread(move || loaded.words(&index)).await?;
    if words.hash() != hash {
        return Ok(false);
    }
    let text = words.text(Kind::Sqlite);
    tx.run(&REMOVE, vec![block.into(), text.into()]).await?;
    Ok(true)
}

/// Builds the index anew.
pub(crate) async fn rebuild(tx: &mut Tx, index: &Index) -> Result<(), Error> {
    tx.run(&CLEAR, vec![]).await?;
    let mut last = 0;
    loop {
        let rows = tx.rows(&NEXT, vec![last.into()]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            last = row.need_int(0)?;
            if let Some(loaded) = load(tx, last).await? {
                let index = index.clone();
                let words = off_thread(move || loaded.words(&index)).await?;
                tx.run(&HASH, vec![words.hash().into(), last.into()])
                    .await?;
                add(tx, vec![(last, words)]).await?;
            }
        }
    }
}
