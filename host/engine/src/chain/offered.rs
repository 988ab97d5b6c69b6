//! A block on its way out through the policies.

use std::sync::Arc;

use sluice_protocol::Block;

use crate::Content;

/// A block that is offered to a policy. Cloning copies nothing of it.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub(super) block: Arc<Block>,
    /// The number of the block of the reply that this is, or in whose place it stands.
    pub(super) number: Option<u32>,
    /// What events tell of it, if they tell of contents.
    pub(super) content: Option<Content>,
}

impl Offered {
    /// Returns the block. It is copied only if an event tells of it.
    pub(super) fn into_block(self) -> Block {
        drop(self.content);
        Arc::unwrap_or_clone(self.block)
    }
}
