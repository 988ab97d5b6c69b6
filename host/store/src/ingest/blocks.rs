//! Blocks: which are stored already, and rows for those that are new.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;

use super::ids::Ids;
use super::statements::{BLOCKS, STORED_BLOCKS};
use crate::Name;
use crate::chain::{BlockHash, pack, pack_tagged};
use crate::db::{Tx, Value, in_list};
use crate::error::Error;
use crate::search::{self, Index, Source};
use crate::work::off_thread;

/// Whose content it is, and of which month. Equal contents of one scope are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Scope {
    pub(super) epoch: i64,
    pub(super) owner: i64,
}

/// Bytes that are to be stored once.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) hash: BlockHash,
    pub(super) api: Name,
    pub(super) kind: Name,
    pub(super) role: Option<Name>,
    pub(super) bytes: Bytes,
    pub(super) source: Source,
}

/// The blocks of a group of exchanges.
#[derive(Default)]
pub(super) struct Blocks {
    wanted: HashSet<(Scope, BlockHash)>,
    known: HashMap<(Scope, BlockHash), i64>,
    new: Vec<(i64, Scope, Content)>,
}

impl Blocks {
    /// Says that a block will be needed.
    pub(super) fn want(&mut self, scope: Scope, hash: BlockHash) {
        self.wanted.insert((scope, hash));
    }

    /// Looks up those that are stored.
    pub(super) async fn look_up(&mut self, tx: &mut Tx) -> Result<(), Error> {
        let wanted = self.wanted.drain();
        for (scope, hashes) in by_scope(wanted) {
            let fixed = [scope.epoch.into(), scope.owner.into()];
            for row in in_list(tx, &STORED_BLOCKS, &fixed, hashes).await? {
                let hash = hash(&row.need_bytes(0)?)?;
                self.known.insert((scope, hash), row.need_int(1)?);
            }
        }
        Ok(())
    }

    /// The id of a block. It becomes a new one if it is not stored.
    pub(super) async fn id(
        &mut self,
        (tx, ids): (&mut Tx, &mut Ids),
        scope: Scope,
        content: &Content,
    ) -> Result<i64, Error> {
        let key = (scope, content.hash);
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let id = ids.next(tx).await?;
        self.known.insert(key, id);
        self.new.push((id, scope, content.clone()));
        Ok(id)
    }

    /// Writes the new ones, and their words into the search index. Returns how many bytes they take.
    pub(super) async fn flush(
        self,
        tx: &mut Tx,
        index: &Index,
        compress: bool,
    ) -> Result<usize, Error> {
        let index = index.clone();
        let new = self.new;
        let encode = move || -> Vec<_> {
            let one = |(id, scope, content)| encode(id, scope, content, &index, compress);
            new.into_iter().map(one).collect()
        };
        let encoded = off_thread(encode).await?;
        let mut rows = Vec::with_capacity(encoded.len());
        let mut indexed = Vec::with_capacity(encoded.len());
        let mut size = 0;
        for Encoded {
            id,
            row,
            words,
            bytes,
        } in encoded
        {
            rows.push(row);
            size += bytes;
            indexed.push((id, words));
        }
        search::add(tx, indexed).await?;
        BLOCKS.run(tx, rows).await?;
        Ok(size)
    }
}

/// A block as it goes into the database.
struct Encoded {
    id: i64,
    row: Vec<Value>,
    words: search::Words,
    bytes: usize,
}

fn encode(id: i64, scope: Scope, content: Content, index: &Index, compress: bool) -> Encoded {
    let Content {
        hash,
        api,
        kind,
        role,
        bytes,
        source,
    } = content;
    let words = index.words(&source, &api, &kind, &bytes);
    let (codec, packed) = pack(&bytes, compress);
    let own = match &source {
        Source::Own(text) => Some(pack_tagged(text.clone().into_bytes(), compress)),
        _ => None,
    };
    let bytes_kept = packed.len() + own.as_ref().map_or(0, Bytes::len);
    let row = vec![
        id.into(),
        scope.owner.into(),
        scope.epoch.into(),
        hash.to_vec().into(),
        (&*api).into(),
        (&*kind).into(),
        role.as_deref().into(),
        bytes.len().into(),
        (codec as i64).into(),
        packed.into(),
        source.number().into(),
        words.hash().into(),
        own.into(),
    ];
    Encoded {
        id,
        row,
        words,
        bytes: bytes_kept,
    }
}

/// Hashes by their scope, as values.
pub(super) fn by_scope<H: AsRef<[u8]>>(
    wanted: impl Iterator<Item = (Scope, H)>,
) -> BTreeMap<Scope, Vec<Value>> {
    let mut scopes: BTreeMap<Scope, Vec<Value>> = BTreeMap::new();
    for (scope, hash) in wanted {
        let hash = Value::from(hash.as_ref().to_vec());
        scopes.entry(scope).or_default().push(hash);
    }
    scopes
}

/// A hash as it comes from the database.
pub(super) fn hash<const LENGTH: usize>(bytes: &[u8]) -> Result<[u8; LENGTH], Error> {
    let hash = bytes.try_into();
    hash.map_err(|_| Error::Damaged("a hash has another length".to_owned()))
}
