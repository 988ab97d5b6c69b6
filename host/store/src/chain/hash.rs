//! The hashes that name blocks and positions.

use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};

use sha2::{Digest as _, Sha256};

/// Names a block: SHA-256 over what it is, who said it, and its bytes.
pub(crate) type BlockHash = [u8; 32];
/// Names a position in a conversation. Half a SHA-256 is enough: only an owner's own contents are ever compared, and
/// a body that comes back is checked against its whole digest.
pub(crate) type NodeHash = [u8; 16];

pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The hash of a block. The parts before the bytes are told apart by their lengths.
pub(crate) fn block_hash(api: &str, kind: &str, role: Option<&str>, bytes: &[u8]) -> BlockHash {
    let mut hash = Sha256::new();
    for part in [api, kind, role.unwrap_or_default()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(bytes);
    hash.finalize().into()
}

/// The hash of a position: the one before it, the bytes in between, and its block.
pub(crate) fn node_hash(parent: &NodeHash, block: &BlockHash, frame: &[u8]) -> NodeHash {
    let hash = Sha256::new().chain_update(parent).chain_update(block);
    let whole = hash.chain_update(frame).finalize();
    std::array::from_fn(|at| whole[at])
}

/// Makes prefixes. Each has a secret key of its own, which nothing outside ever sees.
pub(crate) type PrefixKey = RandomState;

/// Tells the beginning of a chain of blocks from others, and can go on from there. It is compared within this process alone,
/// so a short hash under a secret key is enough: nobody can look for two beginnings that are told as one. Hashing a long
/// conversation with SHA-256 once more would be a third of what storing a turn costs, where the processor does not help.
#[derive(Clone)]
pub(crate) struct Prefix(DefaultHasher);

impl Prefix {
    pub(crate) fn new(key: &PrefixKey) -> Self {
        Self(key.build_hasher())
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    pub(crate) fn digest(&self) -> u64 {
        self.0.finish()
    }
}
