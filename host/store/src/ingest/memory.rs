//! What the writer remembers of conversations: where each one ended.

use std::collections::HashMap;

use crate::chain::{NodeHash, PrefixKey};
use crate::exchange::SessionKey;

/// The most conversations of one generation. Two are kept.
const MOST: usize = 4096;

/// The ends of the chains that were written last. When a generation is full, the one before it is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    young: HashMap<Key, Head>,
    old: HashMap<Key, Head>,
    /// The state of the database that this goes by.
    erasures: i64,
    key: PrefixKey,
}

/// One chain of a session's bodies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) caller: Option<String>,
    pub(super) session: SessionKey,
    /// Which chain of a body it is.
    pub(super) number: usize,
}

/// The last position of a chain, and the bytes that lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) epoch: i64,
    pub(super) length: usize,
    /// What tells these bytes from others. See [`Prefix`](crate::chain::Prefix).
    pub(super) digest: u64,
    pub(super) node: i64,
    pub(super) hash: NodeHash,
}

impl Memory {
    /// The key of the digests that are remembered.
    pub(super) fn key(&self) -> &PrefixKey {
        &self.key
    }

    pub(super) fn head(&self, key: &Key) -> Option<&Head> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(super) fn remember(&mut self, heads: Vec<(Key, Head)>) {
        for (key, head) in heads {
            if self.young.len() == MOST {
                self.old = std::mem::take(&mut self.young);
            }
            self.young.insert(key, head);
        }
    }

    pub(super) fn erasures(&self) -> i64 {
        self.erasures
    }

    pub(super) fn set_erasures(&mut self, erasures: i64) {
        self.erasures = erasures;
    }
}
