//! A call of the policies, which may take many polls.
//!
//! The caller gets heartbeats while a policy runs. So the chain moves into the policy call and comes back with the
//! answer. Dropping the policy call drops the chain and every running instance.

use std::future::Future;
use std::pin::Pin;

use sluice_engine::Chain;
use sluice_protocol::{Block, PieceRuling, Ruling};

use super::offload::Offload;

/// A policy call under way.
pub(super) type PolicyCall = Pin<Box<dyn Future<Output = (Box<Chain>, Answer)> + Send>>;

/// What the policies together answered.
pub(super) enum Answer {
    /// The answer to a block.
    Block(Ruling),
    /// The answer to a piece of text.
    Piece(PieceRuling),
    /// A block that was already on its way was shown to them.
    Observed,
    /// The answer to the end of the reply: texts to add.
    End(Vec<String>),
}

pub(super) fn block(mut chain: Box<Chain>, block: Block) -> PolicyCall {
    Box::pin(async move {
        let ruling = chain.on_block(block).await;
        (chain, Answer::Block(ruling))
    })
}

pub(super) fn piece(mut chain: Box<Chain>, text: String, last: bool) -> PolicyCall {
    Box::pin(async move {
        let ruling = chain.on_text(text, last).await;
        (chain, Answer::Piece(ruling))
    })
}

pub(super) fn observe(mut chain: Box<Chain>, block: Block) -> PolicyCall {
    Box::pin(async move {
        chain.observe(block).await;
        (chain, Answer::Observed)
    })
}

pub(super) fn end(mut chain: Box<Chain>, stop_reason: String) -> PolicyCall {
    Box::pin(async move {
        let added = chain.on_end(&stop_reason).await;
        (chain, Answer::End(added))
    })
}

/// Wraps a policy call that is about more than 1 MiB: it runs in a turn of its own, on a thread for large work.
pub(super) fn in_turn(offload: Offload, call: PolicyCall) -> PolicyCall {
    Box::pin(async move {
        let turn = offload.turn_of_reply().await;
        turn.run(call).await
    })
}
