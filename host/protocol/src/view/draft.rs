//! A message while its blocks are replaced.

use std::fmt::Debug;

use crate::{
    Block, EditError,
    json::{Edit, Span},
};

/// A message as it is going to be. Its blocks are those that the message has once the edits are made.
pub(crate) trait Draft: Debug + Send {
    /// How many blocks it has now.
    fn count(&self) -> usize;

    /// The block at `at` as it is now; nothing where there is none.
    fn block(&self, body: &[u8], at: usize) -> Option<Block>;

    /// Where the block at `at` stands in the body, in a draft in which nothing was replaced.
    fn span(&self, at: usize) -> Option<Span>;

    /// Puts `blocks` in the place of the block at `at`, which is there, or changes nothing.
    fn replace(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError>;

    /// Whether it is not as in the body.
    fn is_changed(&self) -> bool;

    /// The edits of the body that make the message so.
    fn edits(&self, body: &[u8]) -> Vec<Edit>;
}
