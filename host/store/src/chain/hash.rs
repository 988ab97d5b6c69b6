//! The hashes that name blocks and positions.

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

/// Hashes the beginning of a chain of blocks, and can go on from there.
#[derive(Clone, Default)]
pub(crate) struct Prefix(Sha256);

impl Prefix {
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}
