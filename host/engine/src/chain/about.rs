//! What a policy is asked about, and what it left of that.

use std::sync::Arc;

use super::journal::Journal;
use super::offered::Offered;
use crate::{Content, Contents};

/// What a policy is asked about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// The request, or the end of the reply.
    Exchange,
    /// A block.
    Block(&'a Offered),
    /// The text that is arriving, as the policy with this index in the chain is given it.
    Arriving(usize),
}

/// What a policy left of what it was asked about.
#[derive(Clone, Copy)]
pub(super) enum Left<'a> {
    /// All, as it was.
    Same,
    /// Nothing.
    Nothing,
    /// These blocks.
    Blocks(&'a [Offered]),
    /// What it has sent on of the text that is arriving.
    Sent,
}

impl About<'_> {
    /// The number of the block.
    pub(super) fn number(self, journal: &Journal) -> Option<u32> {
        match self {
            Self::Exchange => None,
            Self::Block(offered) => offered.number,
            Self::Arriving(_) => journal.texts.number(),
        }
    }

    /// What an event tells of it.
    pub(super) fn contents(self, journal: &mut Journal, left: Left<'_>) -> Contents {
        if !journal.keeper.keeps() {
            return Contents::Nothing;
        }
        let before = match self {
            Self::Exchange => None,
            Self::Block(offered) => offered.content.clone(),
            Self::Arriving(link) => journal.texts.given(link, &mut journal.keeper),
        };
        match (before, left) {
            (Some(before), left) => {
                let after = self.after(journal, &before, left);
                Contents::Block { before, after }
            }
            (None, Left::Blocks(made)) if !made.is_empty() => Contents::Made(contents(made)),
            (None, _) => Contents::Nothing,
        }
    }

    /// `None` if it left as it was.
    fn after(
        self,
        journal: &mut Journal,
        before: &Content,
        left: Left<'_>,
    ) -> Option<Vec<Content>> {
        match (left, self) {
            (Left::Same, _) => None,
            (Left::Blocks(made), _) => Some(contents(made)),
            (Left::Sent, Self::Arriving(link)) => {
                let sent = journal.texts.sent(link, before, &mut journal.keeper)?;
                // Of texts that were cut, what is kept may be alike.
                let is_same = Arc::ptr_eq(&sent.block, &before.block);
                (!is_same).then(|| Vec::from_iter((sent.bytes() > 0).then_some(sent)))
            }
            (Left::Nothing | Left::Sent, _) => Some(Vec::new()),
        }
    }
}

fn contents(made: &[Offered]) -> Vec<Content> {
    made.iter()
        .filter_map(|offered| offered.content.clone())
        .collect()
}
