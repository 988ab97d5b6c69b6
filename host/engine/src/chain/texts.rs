//! The text that is arriving, as each policy is given it and as it leaves it.
//!
//! A policy is given what the policies within it sent on. What comes from upstream is collected once, and what a policy sends
//! on is collected from where it differs. So a text that all policies leave as it is is there once.

use super::passage::Passage;
use crate::Content;
use crate::content::{Collected, Keeper};

/// The text that is arriving, if one is. Boxed, because most exchanges begin without one.
#[derive(Debug, Default)]
pub(super) struct Texts(Option<Box<Arriving>>);

/// A text that arrives in pieces.
#[derive(Debug, Default)]
struct Arriving {
    /// The number of its block.
    number: u32,
    /// What came from upstream so far, if contents are kept.
    arrived: Collected,
    /// Whether all of it is there.
    is_whole: bool,
    /// All that came from upstream, once an event told of it.
    whole: Option<Content>,
    /// What each policy made of it, by its index in the chain. `None` for policies that were given no piece.
    passages: Vec<Option<Passage>>,
}

impl Texts {
    /// The number of the text's block. `None` if no text is arriving.
    pub(super) fn number(&self) -> Option<u32> {
        self.0.as_ref().map(|arriving| arriving.number)
    }

    pub(super) fn begin(&mut self, number: u32) {
        let arriving = Arriving {
            number,
            ..Arriving::default()
        };
        self.0 = Some(Box::new(arriving));
    }

    /// Collects a piece.
    pub(super) fn arrive(&mut self, piece: &str, last: bool) {
        if let Some(arriving) = &mut self.0 {
            arriving.arrived.push(piece);
            arriving.is_whole = last;
        }
    }

    /// Forgets the text, which has passed all policies.
    pub(super) fn end(&mut self) {
        self.0 = None;
    }

    /// What the policy with this index made of it.
    pub(super) fn passage(&mut self, link: usize) -> &mut Passage {
        self.0.get_or_insert_default().passage(link)
    }

    /// What the policy with this index was given so far. `None` if contents are not kept.
    pub(super) fn given(&mut self, link: usize, keeper: &mut Keeper) -> Option<Content> {
        self.0.as_mut()?.given(link, keeper)
    }

    /// What the policy with this index has sent on of what it was given.
    pub(super) fn sent(
        &mut self,
        link: usize,
        given: &Content,
        keeper: &mut Keeper,
    ) -> Option<Content> {
        self.0.as_mut()?.sent(link, given, keeper)
    }
}

impl Arriving {
    fn passage(&mut self, link: usize) -> &mut Passage {
        if self.passages.len() <= link {
            self.passages.resize_with(link + 1, || None);
        }
        self.passages[link].get_or_insert_default()
    }

    fn given(&mut self, link: usize, keeper: &mut Keeper) -> Option<Content> {
        let mut given = self.arrived(keeper)?;
        for within in (link + 1..self.passages.len()).rev() {
            given = self.sent(within, &given, keeper)?;
        }
        Some(given)
    }

    fn sent(&mut self, link: usize, given: &Content, keeper: &mut Keeper) -> Option<Content> {
        let Some(passage) = self.passages.get_mut(link).and_then(Option::as_mut) else {
            return Some(given.clone());
        };
        match self.is_whole {
            true => passage.sent(given, keeper),
            false => passage.sent_so_far(given, keeper),
        }
    }

    fn arrived(&mut self, keeper: &mut Keeper) -> Option<Content> {
        let keep = |keeper: &mut Keeper, arrived: &Collected| {
            keeper.keep_text(arrived.text().to_owned(), arrived.bytes())
        };
        if self.is_whole && self.whole.is_none() {
            self.whole = keep(keeper, &self.arrived);
        }
        match self.is_whole {
            true => self.whole.clone(),
            false => keep(keeper, &self.arrived),
        }
    }
}
