//! Measures how many exchanges a second are stored, and how large the database gets.
//!
//! An exchange is a turn of a conversation: it sends all turns before it again. Each conversation has forty turns, of
//! about 4 KB each.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sluice_store::{
    Attempt, Body, Config, Cut, Ending, Exchange, Message, SessionKey, Store, Times, Usage, Words,
    Writer,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

const TURNS: usize = 40;
const MANY: usize = 64;

/// The text of a block is its JSON here.
struct Json;

impl Words for Json {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        String::from_utf8(raw.to_vec()).ok()
    }
}

/// Conversations without end, turn by turn.
struct Talk {
    session: usize,
    turn: usize,
    body: String,
    cuts: Vec<Cut>,
    /// How many bytes were made.
    bytes: usize,
}

impl Talk {
    fn new() -> Self {
        let mut talk = Self {
            session: 0,
            turn: 0,
            body: String::new(),
            cuts: vec![],
            bytes: 0,
        };
        talk.begin();
        talk
    }

    fn begin(&mut self) {
        self.session += 1;
        self.turn = 0;
        self.body = r#"{"model":"claude","messages":["#.to_owned();
        self.cuts.clear();
    }

    fn next(&mut self) -> Exchange {
        if self.turn == TURNS {
            self.begin();
        }
        let line = |at: usize| {
            let number = self.session * 7919 + self.turn * 104_729 + at * at * 31;
            format!(
                "    let value_{at} = read_{}({number}, state)?;\\n",
                number % 97
            )
        };
        let text: String = (0..90).map(line).collect();
        self.body += if self.turn == 0 {
            r#"{"role":"user","content":["#
        } else {
            r#",{"role":"user","content":["#
        };
        let start = self.body.len();
        self.body += &format!(r#"{{"type":"text","text":"{text}"}}"#);
        self.cuts.push(Cut {
            range: start..self.body.len(),
            kind: "text".into(),
            role: Some("user".into()),
        });
        self.body += "]}";
        self.turn += 1;
        let asked = Message {
            headers: vec![("user-agent".into(), "agent".into())],
            body: Body {
                bytes: format!("{}]}}", self.body).into(),
                cuts: self.cuts.clone(),
                ..Body::default()
            },
        };
        self.bytes += asked.body.bytes.len();
        exchange(&format!("session {}", self.session), asked)
    }
}

fn exchange(session: &str, asked: Message) -> Exchange {
    let reply = Message {
        headers: vec![("content-type".into(), "application/json".into())],
        body: Body {
            bytes: format!(r#"{{"id":"{}","content":"It is done."}}"#, Uuid::now_v7()).into(),
            ..Body::default()
        },
    };
    Exchange {
        id: Uuid::now_v7(),
        received_at: 1_794_614_400_000,
        caller: Some("caller".into()),
        session: SessionKey {
            key: session.into(),
            found_by: "header".into(),
            ..SessionKey::default()
        },
        api: "anthropic".into(),
        method: "POST".into(),
        path: "/v1/messages".into(),
        model: Some("claude".into()),
        streaming: false,
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
            reply_id: None,
            reply_model: None,
            stop_reason: None,
            error: None,
            times: Times::default(),
        }],
        asked,
        delivered: Some(reply),
        verdicts: vec![],
        not_judged: vec![],
        reply: vec![],
        dropped_events: 0,
    }
}

/// Stores so many exchanges, up to `at_once` of them together. Making them does not count.
async fn store(writer: &Writer, talk: &mut Talk, count: usize, at_once: usize) -> Duration {
    let exchanges: Vec<_> = (0..count).map(|_| talk.next()).collect();
    let begun = Instant::now();
    for group in exchanges.chunks(at_once) {
        let offers = group.iter().cloned().map(|one| writer.offer(one));
        let tickets: Vec<_> = offers.map(|offer| offer.expect("there is room")).collect();
        for ticket in tickets {
            ticket.committed().await.expect("the exchange is stored");
        }
    }
    begun.elapsed()
}

fn bench(criterion: &mut Criterion, name: &str, url: String, file: Option<PathBuf>) {
    let runtime = Runtime::new().expect("a runtime");
    let store_ = runtime.block_on(Store::open(Config::new(url), Arc::new(Json)));
    let opened = store_.expect("the database opens");
    let (writer, writing) = opened.writer();
    let task = runtime.spawn(writing.run(std::future::pending()));
    let mut talk = Talk::new();
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .throughput(Throughput::Elements(MANY as u64));
    for at_once in [1, MANY] {
        group.bench_function(BenchmarkId::new("at once", at_once), |bencher| {
            bencher.iter_custom(|times| {
                let all =
                    (0..times).map(|_| runtime.block_on(store(&writer, &mut talk, MANY, at_once)));
                all.sum()
            });
        });
    }
    group.finish();
    task.abort();
    let kept = runtime.block_on(opened.eraser().size()).expect("a size");
    runtime.block_on(opened.close());
    let file = file.and_then(|file| file.metadata().ok());
    let file = file.map_or_else(String::new, |file| format!(", the file {}", file.len()));
    let line = format!(
        "{name}: {} bytes of requests, contents {kept}{file}",
        talk.bytes
    );
    writeln!(std::io::stdout(), "{line}\n").expect("stdout is open");
}

fn writing(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sluice.db");
    let url = format!("sqlite:{}", file.display());
    bench(criterion, "sqlite", url, Some(file));
    if sluice_test_postgres::is_installed() {
        let url = sluice_test_postgres::server().database();
        bench(criterion, "postgres", url, None);
    }
}

criterion_group!(benches, writing);
criterion_main!(benches);
