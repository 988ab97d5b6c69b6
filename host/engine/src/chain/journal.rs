//! What the policies of one exchange share, and the events that they write.

use std::sync::Arc;

use sluice_protocol::Block;

use super::offered::Offered;
use super::texts::Texts;
use crate::content::Keeper;
use crate::edits::EditLog;
use crate::events::Events;
use crate::host::Exchange;

/// The exchange and what has happened in it.
pub(super) struct Journal {
    pub(super) exchange: Arc<Exchange>,
    pub(super) events: Events,
    pub(super) keeper: Keeper,
    pub(super) texts: Texts,
    /// What the call that ended last edited of the request.
    pub(super) edits: EditLog,
    /// How many blocks of the reply the chain was told of.
    blocks: u32,
}

impl Journal {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self {
            keeper: Keeper::new(exchange.level),
            exchange: Arc::new(exchange),
            events: Events::default(),
            texts: Texts::default(),
            edits: EditLog::default(),
            blocks: 0,
        }
    }

    /// Offers the next block of the reply.
    pub(super) fn next(&mut self, block: Block) -> Offered {
        let number = self.next_number();
        self.offer(block, Some(number))
    }

    /// Offers a block that stands in the place of the block with this number, or in that of none.
    pub(super) fn offer(&mut self, block: Block, number: Option<u32>) -> Offered {
        let block = Arc::new(block);
        let content = self.keeper.keep(&block);
        Offered {
            block,
            number,
            content,
        }
    }

    /// Offers what a policy made in the place of the block with this number, or in that of none.
    pub(super) fn offer_all(&mut self, blocks: Vec<Block>, number: Option<u32>) -> Vec<Offered> {
        let offer = |block| self.offer(block, number);
        blocks.into_iter().map(offer).collect()
    }

    /// Takes a piece of the text that is arriving. The first one begins the next block.
    pub(super) fn arrive(&mut self, piece: &str, last: bool) {
        if self.texts.number().is_none() {
            let number = self.next_number();
            self.texts.begin(number);
        }
        if self.keeper.keeps() {
            self.texts.arrive(piece, last);
        }
    }

    fn next_number(&mut self) -> u32 {
        let number = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        number
    }
}
