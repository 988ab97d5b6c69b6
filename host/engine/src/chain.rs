//! One exchange's walk through a policy set.
//!
//! Policies nest like an onion: a request passes them from the first to the last and a reply from the last to the
//! first, so the first policy in the file has the last word. What a policy makes is judged by the policies outside
//! of it and never by those within. An instance is made when its policy is first asked and lives as long as the
//! chain.
//!
//! A policy that failed is not asked again in this exchange. The side that is configured for it takes the place of
//! its verdicts.

mod about;
mod block;
mod end;
mod journal;
mod link;
mod live;
mod offered;
mod passage;
mod passed;
mod request;
mod text;
mod texts;

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use sluice_protocol::{Block, PieceRuling, Ruling, Wants};

use self::block::BlockStep;
use self::journal::Journal;
use self::link::Link;
use self::offered::Offered;
use self::passed::Passed;
use self::request::RequestStep;
use crate::host::Exchange;
pub use crate::host::SharedRequest;
use crate::{Context, Event, EventLevel, Events, PolicySet};

/// A [`PolicySet`]'s live instances for one exchange. Dropping it drops them.
pub struct Chain {
    set: Arc<PolicySet>,
    journal: Journal,
    /// One for each policy that wants anything, from the first to the last.
    links: Vec<Link>,
}

/// What the policies together decided on a request.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestRuling {
    /// It goes upstream, with the edits that were made to it.
    Forward,
    /// Upstream is not called. These texts and tool calls are the reply; there is at least one. The policies outside
    /// of the one that answered have judged them, so the reply hooks must not be called again.
    Answer(Vec<Block>),
    /// Upstream is not called. The caller gets an error.
    Refuse(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The operator's name for the policy.
    pub policy: Arc<str>,
    /// A stable name for programs.
    pub rule: String,
    /// One sentence for a person.
    pub message: String,
    /// What matched, for the audit log alone. It may be `null`.
    pub detail: Value,
}

impl Chain {
    /// Begins an exchange. This costs next to nothing until a policy is asked. `level` says how much its events tell.
    pub fn open(
        set: Arc<PolicySet>,
        request: SharedRequest,
        context: Context,
        level: EventLevel,
    ) -> Self {
        // A policy that wants nothing has nothing to start from.
        let policies = set.policies().iter();
        let wanting = policies.filter(|policy| policy.start.is_some());
        let links = wanting.enumerate();
        let links = links
            .map(|(index, policy)| Link::new(policy, index))
            .collect();
        Self {
            journal: Journal::new(Exchange::new(context, request, level)),
            links,
            set,
        }
    }

    /// The set that the exchange keeps to its end.
    pub fn set(&self) -> &Arc<PolicySet> {
        &self.set
    }

    /// Whether a policy is asked about the request.
    pub fn wants_request(&self) -> bool {
        self.set.wants_request()
    }

    /// What the policies want of the reply, all together.
    pub fn wants(&self) -> Wants {
        self.set.wants()
    }

    /// Asks the policies about the request.
    pub async fn on_request(&mut self) -> RequestRuling {
        for index in 0..self.links.len() {
            match self.links[index].on_request(&mut self.journal).await {
                RequestStep::Forward => {}
                RequestStep::Refuse(refusal) => return RequestRuling::Refuse(refusal),
                RequestStep::Answer(blocks) => {
                    let passed = self.pass(0..index, blocks).await;
                    return RequestRuling::Answer(passed.into_answer());
                }
            }
        }
        RequestRuling::Forward
    }

    /// Asks the policies about a finished block of the reply. The caller holds the block meanwhile.
    pub async fn on_block(&mut self, block: Block) -> Ruling {
        let all = 0..self.links.len();
        let block = self.journal.next(block);
        self.pass(all, vec![block]).await.into_ruling()
    }

    /// Shows a block that is already on its way to the policies that observe blocks of its kind.
    pub async fn observe(&mut self, block: Block) {
        let block = self.journal.next(block);
        for link in self.links.iter_mut().rev() {
            link.observe(&mut self.journal, &block).await;
        }
    }

    /// Asks the policies about a piece of a text block as it arrives. The piece with `last` closes the block.
    pub async fn on_text(&mut self, piece: String, last: bool) -> PieceRuling {
        self.journal.arrive(&piece, last);
        let mut text = piece.clone();
        for link in self.links.iter_mut().rev() {
            match link.on_piece(&mut self.journal, text, last).await {
                Ok(passed) => text = passed,
                Err(notice) => return PieceRuling::Stop { notice },
            }
        }
        if last {
            self.journal.texts.end();
        }
        if text == piece {
            PieceRuling::Keep
        } else {
            PieceRuling::Send(text)
        }
    }

    /// Asks the policies for texts to add after the last block.
    pub async fn on_end(&mut self, stop_reason: &str) -> Vec<String> {
        let mut added = Vec::new();
        for index in (0..self.links.len()).rev() {
            // What the policies within added is judged like any other text.
            match self.pass(index..index + 1, added).await {
                Passed::On { blocks, .. } => added = blocks,
                Passed::Stop { notice } => return vec![notice],
            }
            let link = &mut self.links[index];
            added.extend(link.on_end(&mut self.journal, stop_reason).await);
        }
        end::texts(added)
    }

    /// Returns what happened since the last call of this.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.journal.events.take()
    }

    /// The events that nobody has taken yet. They outlive the chain.
    pub fn events(&self) -> Events {
        self.journal.events.clone()
    }

    /// Takes blocks out through some of the policies, the innermost first.
    async fn pass(&mut self, links: Range<usize>, mut blocks: Vec<Offered>) -> Passed {
        let (mut changed, mut notices) = (false, Vec::new());
        for link in self.links[links].iter_mut().rev() {
            for block in std::mem::take(&mut blocks) {
                let step = link.on_block(&mut self.journal, &block).await;
                changed |= !matches!(step, BlockStep::Keep);
                match step {
                    BlockStep::Keep => blocks.push(block),
                    BlockStep::Replace(by) => blocks.extend(by),
                    BlockStep::Drop { notice } => notices.push((block.block.kind(), notice)),
                    BlockStep::Stop { notice } => return Passed::Stop { notice },
                }
            }
        }
        Passed::On {
            blocks,
            changed,
            notices,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chain;

    /// The server drives chains from tasks that move between threads.
    #[expect(dead_code, reason = "that it compiles is the test")]
    fn futures_of_a_chain_are_send(chain: &'static mut Chain) {
        fn send<T: Send>(_: T) {}
        async fn all(chain: &mut Chain) {
            chain.on_request().await;
            let block = sluice_protocol::Block::Text(String::new());
            chain.observe(block.clone()).await;
            chain.on_block(block).await;
            chain.on_text(String::new(), true).await;
            chain.on_end("end_turn").await;
        }
        send(all(chain));
    }
}
