//! `on-block`: one policy's verdict on a finished block.

use sluice_protocol::{Block, BlockKind, Delivery, ruling};

use super::about::{About, Left};
use super::journal::Journal;
use super::link::Link;
use super::live::HookCall;
use super::offered::Offered;
use crate::event::{Hook, Outcome};
use crate::notice::{self, Held};
use crate::reason::Reason;
use crate::wit::hooks::BlockVerdict;
use crate::{Cause, convert, wit};

/// A checked verdict.
enum Judged {
    Keep,
    Replace(Vec<Block>),
    Drop(Reason),
    Stop(Reason),
}

/// What becomes of a block after one policy.
pub(super) enum BlockStep {
    Keep,
    Replace(Vec<Offered>),
    Drop { notice: String },
    Stop { notice: String },
}

impl Link {
    /// Returns this policy's ruling on a held block, delivered in the way that the policy asked
    /// for.
    pub(super) async fn on_block(&mut self, journal: &mut Journal, offered: &Offered) -> BlockStep {
        match (
            self.policy.wants().delivery(offered.block.kind()),
            &*offered.block,
        ) {
            (Delivery::None, _) => BlockStep::Keep,
            (Delivery::Whole, _) => self.judge(journal, offered).await,
            (Delivery::Pieces, Block::Text(text)) => {
                self.on_whole_text(journal, offered, text).await
            }
            (Delivery::Observe | Delivery::Pieces, _) => {
                self.observe(journal, offered).await;
                BlockStep::Keep
            }
        }
    }

    /// Shows the policy a block if it observes that kind. A failure changes nothing, because the
    /// block is already on its way.
    pub(super) async fn observe(&mut self, journal: &mut Journal, offered: &Offered) {
        if self.policy.wants().delivery(offered.block.kind()) != Delivery::Observe {
            return;
        }
        let call = HookCall {
            hook: Hook::Observe,
            about: About::Block(offered),
            bytes: offered.block.size(),
        };
        let block = Block::clone(&offered.block).into();
        let observed = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_block(store, &block).await,
            |verdict| match verdict {
                BlockVerdict::Keep => Ok(()),
                _ => Err(Cause::illegal(
                    "of a block that it only observes, its verdict must be `keep`",
                )),
            },
        );
        match observed.await {
            Ok(()) => self.write(journal, call, Outcome::allow(), Left::Same),
            Err(unanswered) => self.write_unanswered(journal, call, unanswered, Left::Same),
        }
    }

    async fn judge(&mut self, journal: &mut Journal, offered: &Offered) -> BlockStep {
        let kind = offered.block.kind();
        let call = HookCall {
            hook: Hook::Block,
            about: About::Block(offered),
            bytes: offered.block.size(),
        };
        let block = Block::clone(&offered.block).into();
        let judged = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_block(store, &block).await,
            |verdict| check(kind, verdict),
        );
        match judged.await {
            Ok(Judged::Keep) => {
                self.write(journal, call, Outcome::allow(), Left::Same);
                BlockStep::Keep
            }
            Ok(Judged::Replace(blocks)) => {
                let made = journal.offer_all(blocks, offered.number);
                self.write(journal, call, Outcome::modify(), Left::Blocks(&made));
                BlockStep::Replace(made)
            }
            Ok(Judged::Drop(reason)) => {
                self.write(journal, call, reason.denial(), Left::Nothing);
                BlockStep::Drop {
                    notice: notice::verdict(self.name(), held(kind), &reason),
                }
            }
            Ok(Judged::Stop(reason)) => {
                self.write(journal, call, reason.denial(), Left::Nothing);
                BlockStep::Stop {
                    notice: notice::verdict(self.name(), Held::Reply, &reason),
                }
            }
            Err(unanswered) if self.blocks_on_failure() => {
                self.write_unanswered(journal, call, unanswered, Left::Nothing);
                self.failure(kind)
            }
            Err(unanswered) => {
                self.write_unanswered(journal, call, unanswered, Left::Same);
                BlockStep::Keep
            }
        }
    }

    /// A block that can't be left out alone ends the reply.
    fn failure(&self, kind: BlockKind) -> BlockStep {
        let held = held(kind);
        let notice = notice::failure(self.name(), held, self.bound_met());
        match held {
            Held::ToolCall | Held::Text => BlockStep::Drop { notice },
            Held::Reply => BlockStep::Stop { notice },
        }
    }
}

fn held(kind: BlockKind) -> Held {
    match kind {
        BlockKind::ToolCall => Held::ToolCall,
        BlockKind::Text => Held::Text,
        BlockKind::Thinking | BlockKind::ToolResult | BlockKind::Other => Held::Reply,
    }
}

fn check(kind: BlockKind, verdict: BlockVerdict) -> Result<Judged, Cause> {
    Ok(match verdict {
        BlockVerdict::Keep => Judged::Keep,
        BlockVerdict::Replace(blocks) => Judged::Replace(replacement(kind, blocks)?),
        BlockVerdict::Drop(reason) => {
            if !matches!(kind, BlockKind::Text | BlockKind::ToolCall) {
                let text = format_args!("a block of the kind {kind:?} can't be left out");
                return Err(Cause::illegal(text));
            }
            Judged::Drop(Reason::check(&reason)?)
        }
        BlockVerdict::Stop(reason) => Judged::Stop(Reason::check(&reason)?),
        BlockVerdict::Redo(_) => {
            return Err(Cause::illegal("`redo` is not offered by this host"));
        }
    })
}

fn replacement(kind: BlockKind, blocks: Vec<wit::types::Block>) -> Result<Vec<Block>, Cause> {
    let blocks = convert::made(blocks)?;
    ruling::check_replacement(kind, &blocks).map_err(Cause::illegal)?;
    Ok(blocks)
}
