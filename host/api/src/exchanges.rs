//! Exchanges: one request of a caller, its reply, and what policies said.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SessionKey;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Upstream's reply was delivered, as far as policies let it.
    Delivered,
    /// A policy refused the request.
    Refused,
    /// A policy answered in upstream's place.
    Answered,
    /// It ended with an error.
    Failed,
    /// The caller went away.
    Aborted,
    /// The process ended before the exchange did.
    Cut,
}

/// How long an exchange or an attempt took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Times {
    /// Until the first byte of the reply, in microseconds.
    pub first_byte_us: Option<u64>,
    /// How long bytes were held for policies, in all, in microseconds.
    pub held_us: u64,
    /// From beginning to end, in microseconds.
    pub total_us: u64,
}

/// The numbers and names of an exchange, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ExchangeSummary {
    /// Its id, a UUID.
    pub id: String,
    /// When the request arrived, in milliseconds of Unix time.
    pub received_at_ms: u64,
    /// A pseudonym of who sent it.
    pub caller: Option<String>,
    /// The id of its session.
    pub session_id: String,
    /// The session that it belongs to.
    pub session: SessionKey,
    /// The id of the session that its session continues.
    pub session_continues: Option<String>,
    /// The dialect that it was spoken in.
    pub api: String,
    /// The model that was asked for.
    pub model: Option<String>,
    /// The request's method.
    pub method: String,
    /// The path that was asked for.
    pub path: String,
    /// Whether the caller asked for a stream.
    pub streaming: bool,
    /// The status that the caller got, if it got one.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Why it ended so, if there is something to say.
    pub cause: Option<String>,
    /// How long it took.
    pub times: Times,
    /// How many events were left out because there were too many.
    pub dropped_events: u64,
    /// Whether its contents are still kept.
    pub contents: bool,
}

/// An exchange with all that is known of it. Bodies and contents are read on their own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Exchange {
    /// Its numbers and names.
    pub summary: ExchangeSummary,
    /// The request as the caller sent it. Its body is `asked`.
    pub asked: Message,
    /// What went to upstream and came back, in order.
    pub attempts: Vec<Attempt>,
    /// The reply as the caller got it. Its body is `delivered`.
    pub delivered: Option<Message>,
    /// What policies said, in order.
    pub verdicts: Vec<Verdict>,
    /// What no policy judged, and why.
    pub not_judged: Vec<NotJudged>,
    /// The blocks of the reply, as upstream sent them.
    pub reply: Vec<Block>,
}

/// A request or a reply.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Message {
    /// Its headers. `null` if they were erased.
    pub headers: Option<Vec<Header>>,
    /// How many frames it had, if it was a stream.
    pub frames: u64,
    /// The content coding in which it came, if it was decoded.
    pub encoding: Option<String>,
    /// How many bytes its body has.
    pub body_bytes: u64,
    /// The SHA-256 of its body, in hexadecimal.
    pub body_sha256: String,
    /// Whether its body is still kept.
    pub body_kept: bool,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, unless it was a secret.
    pub value: String,
}

/// A try to get a reply from upstream.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Attempt {
    /// Its place among the attempts, counted from 1.
    pub number: u32,
    /// The name of the upstream.
    pub upstream: String,
    /// When it began, in milliseconds of Unix time.
    pub started_at_ms: u64,
    /// The request as upstream got it. Its body is `sent-1` for the first attempt, and so on.
    pub sent: Message,
    /// Upstream's status, if it sent one.
    pub status: Option<u16>,
    /// The reply as upstream sent it, after content decoding. Its body is `received-1` for the first attempt.
    pub received: Option<Message>,
    /// What upstream counted.
    pub usage: Usage,
    /// The id that upstream gave its reply.
    pub reply_id: Option<String>,
    /// The model that upstream says it used.
    pub reply_model: Option<String>,
    /// Why the model stopped, in upstream's word.
    pub stop_reason: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took.
    pub times: Times,
}

/// The tokens of a reply, as upstream counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Usage {
    /// Tokens of the request that no cache spared.
    pub input: Option<u64>,
    /// Tokens of the reply.
    pub output: Option<u64>,
    /// Tokens that were read from a cache.
    pub cache_read: Option<u64>,
    /// Tokens that were written to a cache for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Tokens that were written to a cache for an hour.
    pub cache_write_1h: Option<u64>,
    /// Those tokens of the reply that the model thought with.
    pub reasoning: Option<u64>,
}

/// Which half of an exchange is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What the caller sent.
    Request,
    /// What upstream answered.
    Reply,
}

/// One thing that a policy said or did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Verdict {
    /// The policy's name.
    pub policy: String,
    /// The digest of its component, configuration, limits and grants.
    pub revision: String,
    /// The hook that was called.
    pub hook: String,
    /// Whether a request or a reply was judged.
    pub side: Side,
    /// Which block was judged, counted from 0. `null` if it was the whole.
    pub block: Option<u32>,
    /// What the policy said: `allow`, `deny`, `modify`, `warn` or `escalate`. `null` if it failed or did not judge.
    pub verdict: Option<String>,
    /// What was done because of it: `allow`, `block`, `modify` or `escalate`.
    pub action: Option<String>,
    /// The rule that the policy names.
    pub rule: Option<String>,
    /// The reason that the policy gives.
    pub reason: Option<String>,
    /// More that the policy tells, as JSON.
    pub detail: Option<String>,
    /// How much it computed.
    pub fuel: u64,
    /// How long the call took, in microseconds.
    pub time_us: u64,
    /// The id of the block's content before this policy's step.
    pub before: Option<String>,
    /// The id of the block's content after it, if the step changed it.
    pub after: Option<String>,
    /// The JSON Pointer of an edit.
    pub pointer: Option<String>,
    /// How the call went if it brought no verdict.
    pub outcome: Option<String>,
    /// The kind of the block that the policy added.
    pub emitted: Option<String>,
}

/// Blocks that no policy judged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NotJudged {
    /// Where they stood.
    pub side: Side,
    /// Their kind.
    pub kind: String,
    /// Why nobody judged them.
    pub because: String,
}

/// A block of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Block {
    /// Its place in the reply, counted from 0.
    pub number: u32,
    /// What it is.
    pub kind: String,
    /// The name of the tool, if it is a call of one.
    pub tool: Option<String>,
    /// The id of its content. `null` if it was erased.
    pub content: Option<String>,
}
