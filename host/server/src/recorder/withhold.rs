//! Takes out of an exchange what the operator does not want to be kept.
//!
//! What policies took out on the way stands in the request as asked, in the reply as received, in what policies were given,
//! and perhaps in what they tell of it. What went on stands in the request as sent and in the reply as delivered.

use bytes::Bytes;
use ring::digest;
use serde_json::{Value, json};
use sluice_store::{Body, Exchange, Verdict};

use super::choices::KeptContents;

/// Withholds contents.
pub(super) fn from(exchange: &mut Exchange, kept: KeptContents) {
    match kept {
        KeptContents::All => return,
        KeptContents::AsSent => all_but_sent(exchange),
        KeptContents::None => {
            bodies(exchange).for_each(|body| body.withheld = true);
            exchange.reply.clear();
        }
    }
    exchange.verdicts.iter_mut().for_each(verdict);
}

fn all_but_sent(exchange: &mut Exchange) {
    let sent = exchange
        .attempts
        .last()
        .map(|attempt| &attempt.sent.body.bytes);
    exchange.asked.body.withheld = sent != Some(&exchange.asked.body.bytes);
    let delivered = exchange
        .delivered
        .as_ref()
        .map(|delivered| &delivered.body.bytes);
    let mut is_as_received = false;
    for received in exchange
        .attempts
        .iter_mut()
        .filter_map(|attempt| attempt.received.as_mut())
    {
        is_as_received = delivered == Some(&received.body.bytes);
        received.body.withheld = !is_as_received;
    }
    if !is_as_received {
        // They are those of the reply as received.
        exchange.reply.clear();
    }
}

fn bodies(exchange: &mut Exchange) -> impl Iterator<Item = &mut Body> {
    let attempts = exchange.attempts.iter_mut();
    let attempts = attempts
        .flat_map(|attempt| std::iter::once(&mut attempt.sent).chain(attempt.received.as_mut()));
    let callers = std::iter::once(&mut exchange.asked).chain(exchange.delivered.as_mut());
    callers.chain(attempts).map(|message| &mut message.body)
}

/// Leaves of what a policy was given, and left of it, the lengths and digests. They take the place of what it tells of a
/// match, which may be what was taken out.
fn verdict(verdict: &mut Verdict) {
    let before = verdict.before.take().map(|before| measured(&before));
    let after = verdict.after.take().map(|after| measured(&after));
    let both = [("before", before), ("after", after)];
    let known = both
        .into_iter()
        .filter_map(|(name, what)| Some((name.to_owned(), what?)));
    let known: serde_json::Map<_, _> = known.collect();
    verdict.detail = (!known.is_empty()).then(|| Value::Object(known).to_string());
}

fn measured(bytes: &Bytes) -> Value {
    let digest = digest::digest(&digest::SHA256, bytes);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({ "length": bytes.len(), "sha256": hex })
}
