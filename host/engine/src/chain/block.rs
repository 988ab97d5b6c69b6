//! `on-block`: one policy's verdict on a finished block.

use sluice_protocol::{Block, BlockKind, Delivery, Ruling, ruling};

use super::journal::Journal;
use super::link::Link;
use super::live::{Checked, HookCall};
use crate::event::{Action, Hook, Outcome, Verdict};
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

impl Link {
    /// Returns this policy's ruling on a held block, delivered in the way that the policy asked
    /// for.
    pub(super) async fn on_block(&mut self, journal: &mut Journal, block: &Block) -> Ruling {
        match (self.policy.wants().delivery(block.kind()), block) {
            (Delivery::None, _) => Ruling::Keep,
            (Delivery::Whole, _) => self.judge(journal, block).await,
            (Delivery::Pieces, Block::Text(text)) => self.on_whole_text(journal, text).await,
            (Delivery::Observe | Delivery::Pieces, _) => {
                self.observe(journal, block).await;
                Ruling::Keep
            }
        }
    }

    /// Shows the policy a block if it observes that kind. A failure changes nothing, because the
    /// block is already on its way.
    pub(super) async fn observe(&mut self, journal: &mut Journal, block: &Block) {
        if self.policy.wants().delivery(block.kind()) != Delivery::Observe {
            return;
        }
        let call = HookCall {
            hook: Hook::Observe,
            bytes: block.size(),
        };
        let block = block.clone().into();
        let observed = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_block(store, &block).await,
            |verdict, _| match verdict {
                BlockVerdict::Keep => Ok(((), Some(allow()))),
                _ => Err(Cause::illegal(
                    "of a block that it only observes, its verdict must be `keep`",
                )),
            },
        );
        observed.await;
    }

    async fn judge(&mut self, journal: &mut Journal, block: &Block) -> Ruling {
        let kind = block.kind();
        let call = HookCall {
            hook: Hook::Block,
            bytes: block.size(),
        };
        let block = block.clone().into();
        let judged = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_block(store, &block).await,
            |verdict, _| check(kind, verdict),
        );
        match judged.await {
            Some(Judged::Keep) => Ruling::Keep,
            Some(Judged::Replace(blocks)) => Ruling::Replace(blocks),
            Some(Judged::Drop(reason)) => Ruling::Drop {
                notice: notice::verdict(self.name(), held(kind), &reason),
            },
            Some(Judged::Stop(reason)) => Ruling::Stop {
                notice: notice::verdict(self.name(), Held::Reply, &reason),
            },
            None if self.blocks_on_failure() => self.failure(kind),
            None => Ruling::Keep,
        }
    }

    /// A block that can't be left out alone ends the reply.
    fn failure(&self, kind: BlockKind) -> Ruling {
        let held = held(kind);
        let notice = notice::failure(self.name(), held, self.bound_met());
        match held {
            Held::ToolCall | Held::Text => Ruling::Drop { notice },
            Held::Reply => Ruling::Stop { notice },
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

fn check(kind: BlockKind, verdict: BlockVerdict) -> Checked<Judged> {
    let (judged, outcome) = match verdict {
        BlockVerdict::Keep => (Judged::Keep, allow()),
        BlockVerdict::Replace(blocks) => {
            let outcome = Outcome::plain(Verdict::Modify, Action::Modify);
            (Judged::Replace(replacement(kind, blocks)?), outcome)
        }
        BlockVerdict::Drop(reason) => {
            if !matches!(kind, BlockKind::Text | BlockKind::ToolCall) {
                let text = format_args!("a block of the kind {kind:?} can't be left out");
                return Err(Cause::illegal(text));
            }
            let reason = Reason::check(&reason)?;
            let outcome = reason.denial();
            (Judged::Drop(reason), outcome)
        }
        BlockVerdict::Stop(reason) => {
            let reason = Reason::check(&reason)?;
            let outcome = reason.denial();
            (Judged::Stop(reason), outcome)
        }
        BlockVerdict::Redo(_) => {
            return Err(Cause::illegal("`redo` is not offered by this host"));
        }
    };
    Ok((judged, Some(outcome)))
}

fn replacement(kind: BlockKind, blocks: Vec<wit::types::Block>) -> Result<Vec<Block>, Cause> {
    let blocks = convert::made(blocks)?;
    ruling::check_replacement(kind, &blocks).map_err(Cause::illegal)?;
    Ok(blocks)
}

fn allow() -> Outcome {
    Outcome::plain(Verdict::Allow, Action::Allow)
}
