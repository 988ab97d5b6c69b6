//! Exchanges to store.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use crate::attempt::{Attempt, Usage};
use crate::exchange::{Ending, Exchange, NotJudged, SessionKey};
use crate::message::{Body, Cut, Frame, Message};
use crate::times::Times;
use crate::verdict::{ReplyBlock, Side, Verdict};

/// November 14, 2026.
pub(super) const NOW: u64 = 1_794_614_400_000;
/// A little less than any month.
pub(super) const MONTH: u64 = 28 * 24 * 60 * 60 * 1000;

/// What was said so far: who, and which words.
pub(super) type Said<'a> = &'a [(&'static str, String)];

/// An exchange in which all fields have a value of their own.
pub(super) fn exchange(caller: &str, session: &str, at: u64, said: Said<'_>) -> Exchange {
    let asked = request(said);
    let mut sent = asked.clone();
    sent.headers = vec![("host".into(), "upstream".into())];
    let received = reply("It is done.");
    Exchange {
        id: Uuid::now_v7(),
        received_at: at,
        caller: Some(caller.into()),
        session: SessionKey {
            key: session.into(),
            found_by: "header".into(),
            agent: None,
            parent_agent: None,
        },
        api: "anthropic".into(),
        method: "POST".into(),
        path: "/v1/messages".into(),
        model: Some("claude".into()),
        streaming: true,
        status: Some(200),
        ending: Ending::Delivered,
        cause: Some("because".into()),
        times: Times {
            first_byte: Some(Duration::from_millis(250)),
            held: Duration::from_micros(17),
            total: Duration::from_secs(3),
        },
        asked,
        attempts: vec![attempt(1, at, sent, received.clone())],
        delivered: Some(received),
        verdicts: vec![verdict()],
        not_judged: vec![NotJudged {
            side: Side::Request,
            kind: "thinking".into(),
            because: "no policy wants it".into(),
        }],
        reply: vec![ReplyBlock {
            number: 0,
            kind: "text".into(),
            tool: None,
            content: "It is done.".into(),
            text: Some("It is done.".into()),
        }],
        dropped_events: 2,
    }
}

/// A request of a conversation, with the tools and the system's text behind it, as agents send it.
pub(super) fn request(said: Said<'_>) -> Message {
    let mut text = r#"{"model":"claude","messages":["#.to_owned();
    let mut cuts = Vec::new();
    for (number, (role, words)) in said.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        text += &format!(r#"{comma}{{"role":"{role}","content":["#);
        let control = if number + 1 == said.len() {
            r#","cache_control":{"type":"ephemeral"}"#
        } else {
            ""
        };
        cut(
            &mut text,
            &mut cuts,
            &format!(r#"{{"type":"text","text":"{words}"{control}}}"#),
            "text",
            Some(role),
        );
        text += "]}";
    }
    text += r#"],"system":["#;
    cut(
        &mut text,
        &mut cuts,
        r#"{"type":"text","text":"You are an agent."}"#,
        "system",
        None,
    );
    text += r#"],"tools":["#;
    cut(
        &mut text,
        &mut cuts,
        r#"{"name":"Bash","input_schema":{}}"#,
        "tool",
        None,
    );
    text += r#"],"max_tokens":1000}"#;
    Message {
        headers: vec![
            ("x-app".into(), "cli".into()),
            ("accept".into(), "*/*".into()),
        ],
        body: Body {
            bytes: text.into(),
            cuts,
            frames: vec![],
            encoding: Some("gzip".into()),
        },
    }
}

fn cut(
    text: &mut String,
    cuts: &mut Vec<Cut>,
    block: &str,
    kind: &'static str,
    role: Option<&'static str>,
) {
    let start = text.len();
    *text += block;
    cuts.push(Cut {
        range: start..text.len(),
        kind: kind.into(),
        role: role.map(Into::into),
    });
}

/// A stream that says something.
pub(super) fn reply(words: &str) -> Message {
    let frames = [
        "event: message_start\ndata: {}\n\n".to_owned(),
        format!("event: content_block_delta\ndata: {{\"text\":\"{words}\"}}\n\n"),
        "event: message_stop\ndata: {}\n\n".to_owned(),
    ];
    let end = |at: usize| frames[..=at].iter().map(String::len).sum();
    let frame = |at: usize| Frame {
        end: end(at),
        after: Duration::from_millis(100 * at as u64),
    };
    Message {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        body: Body {
            bytes: frames.concat().into(),
            cuts: vec![],
            frames: (0..3).map(frame).collect(),
            encoding: None,
        },
    }
}

fn attempt(number: u32, at: u64, sent: Message, received: Message) -> Attempt {
    Attempt {
        number,
        upstream: "anthropic".into(),
        started_at: at + 5,
        sent,
        status: Some(200),
        received: Some(received),
        usage: Usage {
            raw: Some(r#"{"input_tokens":7}"#.into()),
            input: Some(7),
            output: Some(8),
            cache_read: Some(9),
            cache_write_5m: Some(10),
            cache_write_1h: Some(11),
            reasoning: Some(12),
        },
        reply_id: Some("msg_1".into()),
        reply_model: Some("claude-2".into()),
        stop_reason: Some("end_turn".into()),
        error: Some("none".into()),
        times: Times {
            first_byte: None,
            held: Duration::ZERO,
            total: Duration::from_secs(2),
        },
    }
}

pub(super) fn verdict() -> Verdict {
    Verdict {
        policy: "redact".into(),
        revision: "abc123".into(),
        hook: "on-block".into(),
        side: Side::Reply,
        block: Some(3),
        verdict: Some("modify".into()),
        action: Some("modify".into()),
        rule: Some("keys".into()),
        reason: Some("it holds a key".into()),
        detail: Some(r#"{"at":1}"#.into()),
        fuel: 4711,
        time: Duration::from_micros(42),
        before: Some(Bytes::from_static(b"key=before")),
        after: Some(Bytes::from_static(b"key=after")),
        pointer: Some("/content/0".into()),
        outcome: Some("done".into()),
        emitted: Some("text".into()),
    }
}
