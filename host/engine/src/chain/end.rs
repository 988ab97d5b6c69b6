//! `on-end`: the texts that a policy adds after the last block.

use sluice_protocol::Block;

use super::journal::Journal;
use super::link::Link;
use super::live::{Checked, HookCall};
use crate::event::{Action, Hook, Outcome, Verdict};
use crate::{Cause, convert, wit};

impl Link {
    /// Returns the texts that this policy adds. If the policy fails there are none, whichever side
    /// is configured: everything else has gone out already.
    pub(super) async fn on_end(&mut self, journal: &mut Journal, stop_reason: &str) -> Vec<Block> {
        if !self.policy.wants().end {
            return Vec::new();
        }
        let stop_reason = stop_reason.to_owned();
        let added = self.ask(
            journal,
            HookCall {
                hook: Hook::End,
                bytes: 0,
            },
            async |hooks, store| hooks.call_on_end(store, &stop_reason).await,
            |blocks, _| check(blocks),
        );
        added.await.unwrap_or_default()
    }
}

/// Returns the texts alone, without those that an API would refuse as blank.
pub(super) fn texts(blocks: Vec<Block>) -> Vec<String> {
    let texts = blocks.into_iter().filter_map(|block| match block {
        Block::Text(text) => Some(text),
        _ => None,
    });
    texts.filter(|text| !text.trim().is_empty()).collect()
}

fn check(blocks: Vec<wit::types::Block>) -> Checked<Vec<Block>> {
    let blocks = convert::made(blocks)?;
    if let Some(other) = blocks.iter().find(|block| !matches!(block, Block::Text(_))) {
        return Err(Cause::illegal(format_args!(
            "it added a block of the kind {:?} at the end, where only texts can stand",
            other.kind()
        )));
    }
    let outcome = if blocks.is_empty() {
        Outcome::plain(Verdict::Allow, Action::Allow)
    } else {
        Outcome::plain(Verdict::Modify, Action::Modify)
    };
    Ok((blocks, Some(outcome)))
}
