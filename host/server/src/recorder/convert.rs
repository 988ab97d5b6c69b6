//! Reads a recording into what the store keeps.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use sluice_api::Usage;
use sluice_protocol::{Api, BlockKind, Limits, Summary};
use sluice_store as store;
use uuid::Uuid;

use super::archive::ArchiveConfig;
use super::choices::KeptContents;
use super::recording::{Ending, Recording};
use super::tape::Frame;
use super::traffic::{Asked, Attempt, Head, Traffic};
use super::{NotJudged, verdict, withhold};
use crate::caller::{Session, Sessions};
use crate::clock::millis;

/// Reads recordings.
#[derive(Clone, Debug)]
pub(super) struct Convert {
    limits: Limits,
    contents: KeptContents,
    sessions: Sessions,
}

/// The kinds of block that a reply has.
const KINDS: [BlockKind; 4] = [
    BlockKind::Text,
    BlockKind::Thinking,
    BlockKind::ToolCall,
    BlockKind::Other,
];

impl Convert {
    pub(super) fn new(config: &ArchiveConfig, sessions: Sessions) -> Self {
        Self {
            limits: config.limits,
            contents: config.contents,
            sessions,
        }
    }

    /// Everything that is known of an exchange, in the words of the store.
    pub(super) fn exchange(&self, recording: Recording) -> store::Exchange {
        let not_judged = not_judged(&recording);
        let live = recording.live.clone();
        let session = recording.session.clone();
        let failed = cause(&recording.ending);
        let api = Api::from_name(&recording.api);
        let mut exchange = store::Exchange {
            id: id(&recording.exchange),
            received_at: recording.received_at,
            caller: recording.caller,
            session: store::SessionKey {
                key: recording.session.key,
                found_by: Cow::Borrowed(recording.session.found_by),
                agent: recording.session.agent,
                parent_agent: recording.session.parent_agent,
            },
            api: Cow::Owned(recording.api),
            method: String::new(),
            path: String::new(),
            model: Some(recording.model).filter(|model| !model.is_empty()),
            streaming: recording.streaming,
            status: None,
            ending: ending(&recording.ending),
            cause: failed.clone(),
            times: store::Times {
                total: recording.duration,
                ..store::Times::default()
            },
            asked: store::Message::default(),
            attempts: Vec::new(),
            delivered: None,
            verdicts: recording
                .events
                .into_iter()
                .flat_map(verdict::rows)
                .collect(),
            not_judged,
            reply: Vec::new(),
            dropped_events: recording.dropped_events,
        };
        if let Some(traffic) = recording.traffic {
            self.add(&mut exchange, traffic, api, failed);
        }
        live.finish(usage(&exchange));
        self.remember(&exchange, &session);
        withhold::from(&mut exchange, self.contents);
        exchange
    }

    /// Remembers the session of the reply, so that a request that goes on from it is in the same one.
    fn remember(&self, exchange: &store::Exchange, session: &Session) {
        let reply = exchange
            .attempts
            .last()
            .and_then(|attempt| attempt.reply_id.as_deref());
        // One that is read again was remembered when it was made.
        let is_made = exchange.method == Method::POST.as_str();
        if let (Some(reply), "openai-responses", true) = (reply, &*exchange.api, is_made) {
            let caller = exchange.caller.as_deref().unwrap_or_default();
            self.sessions.replied(caller, reply, session);
        }
    }

    fn add(
        &self,
        exchange: &mut store::Exchange,
        traffic: Traffic,
        api: Option<Api>,
        failed: Option<String>,
    ) {
        let Asked {
            method,
            path,
            headers,
            body,
            encoding,
        } = traffic.asked;
        exchange.method = method.to_string();
        exchange.path = path;
        exchange.times.first_byte = traffic.first_byte;
        exchange.times.held = traffic.held;
        exchange.status = traffic.answered.as_ref().map(|head| head.status);
        let cuts = self.cuts(api, &body);
        exchange.asked = store::Message {
            headers,
            body: store::Body {
                bytes: body,
                cuts,
                frames: Vec::new(),
                encoding: encoding.map(Cow::Owned),
                missing: 0,
                withheld: false,
            },
        };
        let (mut came, mut missing) = (Bytes::new(), 0);
        let count = traffic.attempts.len();
        for (at, attempt) in traffic.attempts.into_iter().enumerate() {
            let error = failed.clone().filter(|_| at + 1 == count);
            let (attempt, summary) = self.attempt(exchange, at, attempt, api, error);
            if let Some(received) = &attempt.received {
                came = received.body.bytes.clone();
                missing = received.body.missing;
            }
            exchange.attempts.push(attempt);
            exchange.reply = blocks(summary);
        }
        exchange.delivered = traffic.answered.map(|head| {
            let missing = traffic.delivered.missing(missing);
            let (bytes, frames) = traffic.delivered.into_parts(&came);
            message(head.headers, (bytes, missing), frames)
        });
    }

    fn attempt(
        &self,
        exchange: &store::Exchange,
        at: usize,
        attempt: Attempt,
        api: Option<Api>,
        error: Option<String>,
    ) -> (store::Attempt, Summary) {
        let asked = &exchange.asked.body;
        let body = match attempt.body {
            Some(bytes) if bytes != asked.bytes => store::Body {
                cuts: self.cuts(api, &bytes),
                bytes,
                ..store::Body::default()
            },
            Some(_) => store::Body {
                encoding: None,
                ..asked.clone()
            },
            None => asked.clone(),
        };
        let (status, received) = match attempt.reply {
            Some(Head { status, headers }) => {
                let missing = attempt.received.missing();
                let (bytes, frames) = attempt.received.into_parts();
                (
                    Some(status),
                    Some(message(
                        headers,
                        (bytes, missing),
                        after(frames, attempt.started),
                    )),
                )
            }
            None => (None, None),
        };
        let is_reply = |status: &u16| (200..300).contains(status);
        let summary = match (api, &received) {
            (Some(api), Some(received)) if status.as_ref().is_some_and(is_reply) => {
                let bytes = &received.body.bytes;
                api.summary(bytes, is_stream(received), self.limits)
            }
            _ => Summary::default(),
        };
        let usage = &summary.usage;
        let stored = store::Attempt {
            number: u32::try_from(at + 1).unwrap_or(u32::MAX),
            upstream: attempt.upstream.to_owned(),
            started_at: exchange.received_at.saturating_add(millis(attempt.started)),
            sent: store::Message {
                headers: attempt.headers,
                body,
            },
            status,
            received,
            usage: store::Usage {
                raw: usage.raw.clone(),
                input: usage.input,
                output: usage.output,
                cache_read: usage.cache_read,
                cache_write_5m: usage.cache_write_5m,
                cache_write_1h: usage.cache_write_1h,
                reasoning: usage.reasoning,
            },
            reply_id: summary.id.clone(),
            reply_model: summary.model.clone(),
            stop_reason: summary.stop_reason.clone(),
            error,
            times: store::Times {
                first_byte: attempt.first_byte,
                held: Duration::ZERO,
                total: attempt.total,
            },
        };
        (stored, summary)
    }

    /// Where the blocks of a request stand. A body that can't be read is kept in one piece.
    fn cuts(&self, api: Option<Api>, body: &Bytes) -> Vec<store::Cut> {
        let pieces = api.and_then(|api| api.pieces(body, &self.limits).ok());
        let cuts = pieces.into_iter().flatten().map(|piece| store::Cut {
            range: piece.range,
            kind: Cow::Borrowed(piece.kind.as_str()),
            role: Some(piece.role)
                .filter(|role| !role.is_empty())
                .map(Cow::Owned),
        });
        cuts.collect()
    }
}

/// What upstream counted for the reply that the caller got.
fn usage(exchange: &store::Exchange) -> Option<Usage> {
    let usage = &exchange.attempts.last()?.usage;
    Some(Usage {
        input: usage.input,
        output: usage.output,
        cache_read: usage.cache_read,
        cache_write_5m: usage.cache_write_5m,
        cache_write_1h: usage.cache_write_1h,
        reasoning: usage.reasoning,
    })
}

/// The UUID of an exchange's id. One that is none, which no exchange has, gets one of its own.
pub(super) fn id(exchange: &str) -> Uuid {
    let uuid = exchange
        .strip_prefix("exg_")
        .and_then(|id| Uuid::parse_str(id).ok());
    uuid.unwrap_or_else(Uuid::now_v7)
}

/// That an exchange ended in another way than the store was told.
pub(super) fn amendment(exchange: &str, ended: &Ending, total: Duration) -> store::Amendment {
    store::Amendment {
        id: id(exchange),
        ending: ending(ended),
        cause: cause(ended),
        total,
    }
}

fn cause(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Failed(cause) => Some(cause.clone()),
        _ => None,
    }
}

fn ending(ending: &Ending) -> store::Ending {
    match ending {
        Ending::Delivered => store::Ending::Delivered,
        Ending::Refused => store::Ending::Refused,
        Ending::Answered => store::Ending::Answered,
        Ending::Failed(_) => store::Ending::Failed,
        Ending::Aborted => store::Ending::Aborted,
    }
}

/// A message whose body is in one piece, and how many bytes of it are missing.
fn message(
    headers: Vec<(String, String)>,
    (bytes, missing): (Bytes, u64),
    frames: Vec<Frame>,
) -> store::Message {
    let frames = frames.into_iter().map(|frame| store::Frame {
        end: frame.end,
        after: frame.after,
    });
    store::Message {
        headers,
        body: store::Body {
            bytes,
            cuts: Vec::new(),
            frames: frames.collect(),
            encoding: None,
            missing,
            withheld: false,
        },
    }
}

/// The times of an attempt's frames, from its own beginning.
fn after(mut frames: Vec<Frame>, started: Duration) -> Vec<Frame> {
    for frame in &mut frames {
        frame.after = frame.after.saturating_sub(started);
    }
    frames
}

/// Whether a reply is a stream. Its content type may be wrong, so its first byte decides: JSON begins with a bracket.
fn is_stream(reply: &store::Message) -> bool {
    let bytes = &reply.body.bytes;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let said = reply.headers.iter().any(|(name, value)| {
        *name == CONTENT_TYPE.as_str() && value.starts_with("text/event-stream")
    });
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => false,
        Some(_) => true,
        None => said,
    }
}

fn blocks(summary: Summary) -> Vec<store::ReplyBlock> {
    let blocks = summary.blocks.into_iter().enumerate();
    let stored = blocks.map(|(number, block)| {
        let kind = Cow::Borrowed(block.kind().as_str());
        let (content, tool, text) = verdict::content(&block);
        store::ReplyBlock {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            kind,
            tool,
            content,
            text,
        }
    });
    stored.collect()
}

/// Why no policy judged blocks of a kind. Blocks that a policy wanted and could not judge have events that tell why.
fn not_judged(recording: &Recording) -> Vec<store::NotJudged> {
    let unjudged = KINDS.into_iter().filter_map(|kind| {
        let because = recording.not_judged_because(kind, None)?;
        let is_of_kind = !matches!(
            because,
            NotJudged::PolicyFailed | NotJudged::Made | NotJudged::Unfinished | NotJudged::NotKept
        );
        is_of_kind.then(|| store::NotJudged {
            side: store::Side::Reply,
            kind: Cow::Borrowed(kind.as_str()),
            because: Cow::Borrowed(because.as_str()),
        })
    });
    unjudged.collect()
}
