//! The rows of an exchange, in the order of their tables' columns.

use bytes::Bytes;
use serde_json::json;

use super::group::Belongs;
use super::prepare::{Place, PreparedBody};
use super::statements::{
    ATTEMPTS, BODIES, EXCHANGES, HEADERS, JUDGED, MESSAGES, PARTS, REPLY_BLOCKS, SEEN, VERDICTS,
};
use crate::attempt::Attempt;
use crate::chain::{encode_frames, pack_tagged};
use crate::db::{Tx, Value};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::message::Message;
use crate::times::micros;
use crate::verdict::{ReplyBlock, Verdict};

/// The rows of a group of exchanges.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) exchanges: Vec<Vec<Value>>,
    pub(super) attempts: Vec<Vec<Value>>,
    pub(super) messages: Vec<Vec<Value>>,
    pub(super) headers: Vec<Vec<Value>>,
    pub(super) bodies: Vec<Vec<Value>>,
    /// How many bytes the bodies' shells have.
    pub(super) shells: usize,
    pub(super) parts: Vec<Vec<Value>>,
    pub(super) seen: Vec<Vec<Value>>,
    pub(super) reply_blocks: Vec<Vec<Value>>,
    pub(super) verdicts: Vec<Vec<Value>>,
    pub(super) judged: Vec<Vec<Value>>,
}

impl Rows {
    pub(super) async fn flush(self, tx: &mut Tx) -> Result<(), Error> {
        EXCHANGES.run(tx, self.exchanges).await?;
        ATTEMPTS.run(tx, self.attempts).await?;
        MESSAGES.run(tx, self.messages).await?;
        HEADERS.run(tx, self.headers).await?;
        BODIES.run(tx, self.bodies).await?;
        PARTS.run(tx, self.parts).await?;
        SEEN.run(tx, self.seen).await?;
        REPLY_BLOCKS.run(tx, self.reply_blocks).await?;
        VERDICTS.run(tx, self.verdicts).await?;
        JUDGED.run(tx, self.judged).await
    }
}

pub(super) fn exchange(exchange: &Exchange, belongs: Belongs) -> Vec<Value> {
    let not_judged: Vec<_> = exchange
        .not_judged
        .iter()
        .map(|one| json!([one.side.as_str(), one.kind, one.because]))
        .collect();
    let not_judged = (!not_judged.is_empty()).then(|| json!(not_judged).to_string());
    vec![
        belongs.exchange.into(),
        exchange.id.into(),
        exchange.received_at.into(),
        belongs.scope.owner.into(),
        belongs.session.into(),
        belongs.api.into(),
        belongs.model.into(),
        (&*exchange.method).into(),
        (&*exchange.path).into(),
        exchange.streaming.into(),
        exchange.status.into(),
        exchange.ending.as_str().into(),
        exchange.cause.as_deref().into(),
        exchange.times.first_byte.map(micros).into(),
        micros(exchange.times.held).into(),
        micros(exchange.times.total).into(),
        not_judged.into(),
        exchange.dropped_events.into(),
        true.into(),
    ]
}

pub(super) fn attempt(exchange: i64, attempt: &Attempt, upstream: i64) -> Vec<Value> {
    let usage = &attempt.usage;
    vec![
        exchange.into(),
        attempt.number.into(),
        upstream.into(),
        attempt.started_at.into(),
        attempt.status.into(),
        usage.raw.as_deref().into(),
        usage.input.into(),
        usage.output.into(),
        usage.cache_read.into(),
        usage.cache_write_5m.into(),
        usage.cache_write_1h.into(),
        usage.reasoning.into(),
        attempt.reply_id.as_deref().into(),
        attempt.reply_model.as_deref().into(),
        attempt.stop_reason.as_deref().into(),
        attempt.error.as_deref().into(),
        attempt.times.first_byte.map(micros).into(),
        micros(attempt.times.held).into(),
        micros(attempt.times.total).into(),
    ]
}

pub(super) fn message(
    (exchange, id): (&Exchange, i64),
    place: Place,
    message: &Message,
    body: i64,
    compress: bool,
) -> Vec<Value> {
    let frames = &message.body.frames;
    let frames = (!frames.is_empty()).then(|| encode_frames(frames, compress));
    vec![
        id.into(),
        place.number().into(),
        place.attempt(exchange).into(),
        frames.into(),
        message.body.encoding.as_deref().into(),
        message.body.missing.into(),
        body.into(),
    ]
}

/// The headers of all messages, each with its place.
pub(super) fn headers(
    exchange: &Exchange,
    id: i64,
    places: impl Iterator<Item = Place>,
    compress: bool,
) -> Vec<Value> {
    let list = |place: Place| {
        let message = place.of(exchange)?;
        Some((place.number(), place.attempt(exchange), &message.headers))
    };
    let lists: Vec<_> = places.filter_map(list).collect();
    let lists = serde_json::to_vec(&lists).expect("lists of texts are JSON");
    vec![id.into(), pack_tagged(lists, compress).into()]
}

pub(super) fn body(
    id: i64,
    exchange: i64,
    body: &PreparedBody,
    shell: Option<Bytes>,
) -> Vec<Value> {
    vec![
        id.into(),
        exchange.into(),
        body.length.into(),
        body.digest.to_vec().into(),
        shell.into(),
    ]
}

pub(super) fn reply_block(exchange: i64, block: &ReplyBlock, content: Option<i64>) -> Vec<Value> {
    vec![
        exchange.into(),
        block.number.into(),
        (&*block.kind).into(),
        block.tool.as_deref().into(),
        content.into(),
    ]
}

/// What a verdict's row refers to.
pub(super) struct VerdictIds {
    pub(super) policy: i64,
    pub(super) revision: i64,
    pub(super) rule: i64,
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
}

pub(super) fn verdict(
    exchange: i64,
    number: usize,
    verdict: &Verdict,
    ids: &VerdictIds,
) -> Vec<Value> {
    vec![
        exchange.into(),
        number.into(),
        ids.policy.into(),
        ids.revision.into(),
        (&*verdict.hook).into(),
        verdict.side.as_str().into(),
        verdict.block.into(),
        verdict.verdict.as_deref().into(),
        verdict.action.as_deref().into(),
        ids.rule.into(),
        verdict.reason.as_deref().into(),
        verdict.detail.as_deref().into(),
        verdict.fuel.into(),
        micros(verdict.time).into(),
        ids.before.into(),
        ids.after.into(),
        verdict.pointer.as_deref().into(),
        verdict.outcome.as_deref().into(),
        verdict.emitted.as_deref().into(),
    ]
}

/// What a verdict is found by.
pub(super) fn judged(
    exchange: i64,
    verdict: &Verdict,
    ids: &VerdictIds,
    received_at: u64,
) -> Vec<Value> {
    vec![
        exchange.into(),
        ids.policy.into(),
        ids.rule.into(),
        verdict.verdict.as_deref().unwrap_or_default().into(),
        received_at.into(),
    ]
}
