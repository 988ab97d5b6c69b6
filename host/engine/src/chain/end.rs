//! `on-end`: the texts that a policy adds after the last block.

use sluice_protocol::Block;

use super::about::{About, Left};
use super::journal::Journal;
use super::link::Link;
use super::live::HookCall;
use super::offered::Offered;
use crate::event::{Hook, Outcome};
use crate::{Cause, convert, wit};

impl Link {
    /// Returns the texts that this policy adds. If the policy fails there are none, whichever side
    /// is configured: everything else has gone out already.
    pub(super) async fn on_end(
        &mut self,
        journal: &mut Journal,
        stop_reason: &str,
    ) -> Vec<Offered> {
        if !self.policy.wants().end {
            return Vec::new();
        }
        let stop_reason = stop_reason.to_owned();
        let call = HookCall {
            hook: Hook::End,
            about: About::Exchange,
            bytes: 0,
        };
        let added = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_end(store, &stop_reason).await,
            check,
        );
        match added.await {
            Ok(added) => {
                let added = journal.offer_all(added, None);
                let outcome = match added.is_empty() {
                    true => Outcome::allow(),
                    false => Outcome::modify(),
                };
                self.write(journal, call, outcome, Left::Blocks(&added));
                added
            }
            Err(unanswered) => {
                self.write_unanswered(journal, call, unanswered, Left::Nothing);
                Vec::new()
            }
        }
    }
}

/// Returns the texts alone, without those that an API would refuse as blank.
pub(super) fn texts(blocks: Vec<Offered>) -> Vec<String> {
    let blocks = blocks.into_iter().map(Offered::into_block);
    let texts = blocks.filter_map(|block| match block {
        Block::Text(text) => Some(text),
        _ => None,
    });
    texts.filter(|text| !text.trim().is_empty()).collect()
}

fn check(blocks: Vec<wit::types::Block>) -> Result<Vec<Block>, Cause> {
    let blocks = convert::made(blocks)?;
    if let Some(other) = blocks.iter().find(|block| !matches!(block, Block::Text(_))) {
        return Err(Cause::illegal(format_args!(
            "it added a block of the kind {:?} at the end, where only texts can stand",
            other.kind()
        )));
    }
    Ok(blocks)
}
