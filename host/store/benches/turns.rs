//! Stores the turns of a coding agent, for a profiler.
//!
//! Each turn sends 80 KB or more, of which 4 KB are new, and gets a reply of 200 frames. `cargo xtask microbench turns` tells the
//! time of a turn; what it costs is better counted in instructions, by a profiler around the program that was built:
//!
//! ```console
//! $ valgrind --tool=callgrind <program> turns 50
//! ```
//!
//! With `turns 0` the same turns are made and not stored, which is what to take off.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_store::{
    Attempt, Body, Config, Cut, Ending, Exchange, Frame, Message, ReplyBlock, SessionKey, Side,
    Store, Times, Usage, Verdict, Words,
};
use uuid::Uuid;

const TURNS: usize = 50;
const FRAMES: usize = 200;

/// The text of a block is its JSON here.
struct Json;

impl Words for Json {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        String::from_utf8(raw.to_vec()).ok()
    }
}

/// Lines like those of a program.
fn lines(seed: usize, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 80);
    let mut at = seed * 7919;
    while text.len() < bytes {
        at += 1;
        let (name, from) = (at * 31 % 499, at * 17 % 97);
        text += &format!("    let value_{name} = read_{from}({at}, state)?;\\n");
    }
    text
}

fn push(
    text: &mut String,
    cuts: &mut Vec<Cut>,
    kind: &'static str,
    role: &'static str,
    words: &str,
) {
    let start = text.len();
    *text += &format!(r#"{{"type":"{kind}","text":"{words}"}}"#);
    cuts.push(Cut {
        range: start..text.len(),
        kind: kind.into(),
        role: Some(role.into()),
    });
}

/// The turns, each with all turns before it.
fn turns() -> Vec<Exchange> {
    let mut text = r#"{"model":"claude","system":["#.to_owned();
    let mut cuts = Vec::new();
    push(&mut text, &mut cuts, "system", "system", &lines(1, 16_000));
    text += r#"],"tools":["#;
    for tool in 0..16 {
        push(&mut text, &mut cuts, "tool", "tool", &lines(2 + tool, 2000));
        text += ",";
    }
    text += r#"{}],"messages":["#;
    for turn in 0..8 {
        push(
            &mut text,
            &mut cuts,
            "text",
            "user",
            &lines(20 + turn, 4000),
        );
        text += ",";
    }
    let one = |turn| {
        text += r#"{"role":"user","content":["#;
        push(
            &mut text,
            &mut cuts,
            "tool-result",
            "user",
            &lines(100 + turn, 3400),
        );
        text += r#"]},{"role":"assistant","content":["#;
        push(
            &mut text,
            &mut cuts,
            "text",
            "assistant",
            &lines(300 + turn, 600),
        );
        text += "]},";
        exchange(turn, format!("{text}{{}}]}}"), cuts.clone())
    };
    (0..TURNS).map(one).collect()
}

fn exchange(turn: usize, text: String, cuts: Vec<Cut>) -> Exchange {
    let asked = Message {
        headers: headers(text.len()),
        body: Body {
            bytes: text.into(),
            cuts,
            ..Body::default()
        },
    };
    let said = lines(600 + turn, FRAMES * 20);
    let reply = reply(&said);
    Exchange {
        id: Uuid::now_v7(),
        received_at: 1_794_614_400_000 + turn as u64,
        caller: Some("caller".into()),
        session: SessionKey {
            key: "session".into(),
            found_by: "header".into(),
            ..SessionKey::default()
        },
        api: "anthropic".into(),
        method: "POST".into(),
        path: "/v1/messages".into(),
        model: Some("claude".into()),
        streaming: true,
        status: Some(200),
        ending: Ending::Delivered,
        cause: None,
        times: Times::default(),
        attempts: vec![Attempt {
            number: 1,
            upstream: "anthropic".into(),
            started_at: 1_794_614_400_000,
            sent: asked.clone(),
            status: Some(200),
            received: Some(reply.clone()),
            usage: Usage::default(),
            reply_id: Some(format!("msg_{turn}")),
            reply_model: Some("claude".into()),
            stop_reason: Some("tool_use".into()),
            error: None,
            times: Times::default(),
        }],
        asked,
        delivered: Some(reply),
        verdicts: (0..3).map(verdict).collect(),
        not_judged: vec![],
        reply: vec![ReplyBlock {
            number: 0,
            kind: "text".into(),
            tool: None,
            content: said.clone().into(),
            text: Some(said),
        }],
        dropped_events: 0,
    }
}

fn headers(length: usize) -> Vec<(String, String)> {
    let header = |at: usize| (format!("x-header-{at}"), format!("value {at} of many"));
    let mut headers: Vec<_> = (0..16).map(header).collect();
    headers.push(("content-length".into(), length.to_string()));
    headers
}

fn reply(said: &str) -> Message {
    let (mut text, mut frames) = (String::new(), Vec::new());
    for (at, words) in said
        .as_bytes()
        .chunks(said.len().div_ceil(FRAMES))
        .enumerate()
    {
        let words = String::from_utf8_lossy(words);
        text += &format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
            \"delta\":{{\"type\":\"text_delta\",\"text\":\"{words}\"}}}}\n\n"
        );
        let after = Duration::from_micros((at * 15_000 + at * at * 7919 % 9973) as u64);
        frames.push(Frame {
            end: text.len(),
            after,
        });
    }
    Message {
        headers: headers(0),
        body: Body {
            bytes: text.into(),
            frames,
            ..Body::default()
        },
    }
}

fn verdict(policy: usize) -> Verdict {
    Verdict {
        policy: format!("policy-{policy}"),
        revision: "0".repeat(64),
        hook: "on-block".into(),
        side: Side::Reply,
        verdict: Some("allow".into()),
        action: Some("allow".into()),
        ..Verdict::default()
    }
}

async fn store(turns: Vec<Exchange>) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
    let store = Store::open(Config::new(url), Arc::new(Json)).await;
    let store = store.expect("the database opens");
    let (writer, writing) = store.writer();
    let task = tokio::runtime::Handle::current().spawn(writing.run(std::future::pending()));
    let begun = Instant::now();
    for one in turns {
        let ticket = writer.offer(one).expect("there is room");
        ticket.committed().await.expect("the turn is stored");
    }
    let took = begun.elapsed();
    task.abort();
    took
}

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let mut words = words.iter().filter(|word| !word.starts_with('-'));
    if words.next().is_none_or(|word| word != "turns") {
        return;
    }
    let count = words
        .next()
        .map_or(TURNS, |count| count.parse().expect("a number of turns"));
    let mut turns = turns();
    turns.truncate(count);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let took = runtime.expect("a runtime").block_on(store(turns));
    let each = took.as_secs_f64() * 1000.0 / count.max(1) as f64;
    writeln!(std::io::stdout(), "{count} turns, {each:.2} ms each").expect("stdout is open");
}
