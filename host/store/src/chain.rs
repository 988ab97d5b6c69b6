//! Takes bodies apart and puts them together again.
//!
//! An agent sends its whole conversation again with each turn. So a body is kept as chains of blocks: each position
//! is named by a hash of everything before it, and two bodies with the same beginning share its positions. What moves
//! from turn to turn without meaning (`cache_control`) is cut out first. Does no I/O and knows no JSON but that.

mod hash;
mod layout;
mod month;
mod packed;
mod shell;
mod strip;

pub(crate) use hash::{BlockHash, NodeHash, Prefix, PrefixKey, block_hash, digest, node_hash};
pub(crate) use layout::{Layout, Piece};
pub(crate) use month::month;
pub(crate) use packed::{Codec, pack, pack_tagged, unpack, unpack_tagged, unpacked_size};
pub(crate) use shell::{Patcher, Shell, decode_frames, encode_frames};
