//! What operators read of what was recorded.

mod export;
mod forget;
mod problems;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sluice_server::auth::KeyRegister;
use sluice_store::{
    Attempt, Body, Config, Ending, Exchange, Frame, Message, ReplyBlock, SessionKey, Side, Store,
    Times, Usage, Verdict, Words,
};
use sluice_tests::TestHost;
use sluice_tests::client::http;
use sluice_tests::host::Parts;
use tempfile::TempDir;
use uuid::Uuid;

/// November 14, 2026.
const NOW: u64 = 1_794_614_400_000;
/// A request with bytes that no JSON library writes so.
const ASKED: &str = "{ \"messages\": [ {\"role\":\"user\", \"content\":\"go\"} ],\n\"x\":1e2 }";

/// Reads each block as its own text.
struct Plain;

impl Words for Plain {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        Some(String::from_utf8_lossy(raw).into_owned())
    }
}

fn message(text: &str) -> Message {
    Message {
        headers: vec![("x-app".to_owned(), "cli".to_owned())],
        body: Body {
            bytes: text.to_owned().into(),
            frames: vec![Frame {
                end: text.len(),
                after: Duration::ZERO,
            }],
            ..Body::default()
        },
    }
}

/// An exchange whose reply says something. Every second one was refused.
fn exchange(number: u64) -> Exchange {
    let said = format!("the <b>answer</b> number {number}");
    let refused = number % 2 == 1;
    Exchange {
        id: Uuid::now_v7(),
        received_at: NOW + number,
        caller: Some("ann".to_owned()),
        session: SessionKey {
            key: "s1".to_owned(),
            found_by: "header".into(),
            agent: (number > 2).then(|| "sub".to_owned()),
            parent_agent: None,
        },
        api: "anthropic".into(),
        method: "POST".to_owned(),
        path: "/v1/messages".to_owned(),
        model: Some("claude".to_owned()),
        streaming: true,
        status: Some(if refused { 403 } else { 200 }),
        ending: if refused {
            Ending::Refused
        } else {
            Ending::Delivered
        },
        cause: None,
        times: Times::default(),
        asked: message(ASKED),
        attempts: vec![Attempt {
            number: 1,
            upstream: "anthropic".to_owned(),
            started_at: NOW,
            sent: message(ASKED),
            status: Some(200),
            received: Some(message(&said)),
            usage: Usage {
                output: Some(7),
                ..Usage::default()
            },
            reply_id: None,
            reply_model: None,
            stop_reason: Some("end_turn".to_owned()),
            error: None,
            times: Times::default(),
        }],
        delivered: Some(message(&said)),
        verdicts: vec![Verdict {
            policy: "redact".to_owned(),
            revision: "r1".to_owned(),
            hook: "on-block".into(),
            side: Side::Reply,
            verdict: Some("modify".into()),
            before: Some("before".into()),
            ..Verdict::default()
        }],
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

/// A host in front of a history of five exchanges, and their ids, the oldest first.
pub(super) async fn host() -> (TestHost, Vec<String>, TempDir) {
    host_of((0..5).map(exchange).collect()).await
}

/// A host in front of a history of these exchanges, and their ids.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
async fn host_of(exchanges: Vec<Exchange>) -> (TestHost, Vec<String>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data/sluice.db");
    let config = Config::new(format!("sqlite:{}", file.display()));
    let store = Store::open(config, Arc::new(Plain))
        .await
        .expect("a database");
    let (writer, writing) = store.writer();
    tokio::task::spawn(writing.run(pending()));
    let mut ids = Vec::new();
    for exchange in exchanges {
        ids.push(exchange.id.to_string());
        let ticket = writer.offer(exchange).expect("room");
        ticket.committed().await.expect("it is stored");
    }
    let parts = Parts {
        keys: Some(KeyRegister::new(store.clone())),
        store: Some(store),
        ..Parts::default()
    };
    let host = TestHost::with("http://127.0.0.1:9", parts).await;
    (host, ids, folder)
}

/// Orders something, with a body if there is one.
async fn order(host: &TestHost, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = http().request(method, format!("{}/api/v1{path}", host.admin_url));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.bearer_auth(&host.admin_key).send().await;
    answer.expect("an answer")
}

async fn ask(host: &TestHost, path: &str) -> Response {
    let request = http().get(format!("{}/api/v1{path}", host.admin_url));
    let answer = request.bearer_auth(&host.admin_key).send().await;
    answer.expect("an answer")
}

/// The problem that is answered with this status.
async fn problem(host: &TestHost, path: &str, status: u16) -> Value {
    let answer = ask(host, path).await;
    assert_eq!(answer.status(), status, "{path}");
    answer.json().await.expect("a problem is JSON")
}

fn ids_of(page: &Value) -> Vec<String> {
    let entries = page["entries"].as_array().expect("entries").iter();
    entries
        .map(|entry| entry["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn exchanges_are_listed_page_by_page_and_by_filter() {
    let (host, ids, _folder) = host().await;
    let mut listed = Vec::new();
    let mut after = String::new();
    loop {
        let page = host.told(&format!("/exchanges?limit=2{after}")).await;
        assert!(
            page["entries"]
                .as_array()
                .is_some_and(|entries| entries.len() <= 2)
        );
        listed.extend(ids_of(&page));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    listed.reverse();
    assert_eq!(listed, ids);
    for (filter, numbers) in [
        ("order=oldest-first", &[0, 1, 2, 3, 4][..]),
        ("ending=refused", &[3, 1]),
        ("status=200&order=oldest-first", &[0, 2, 4]),
        (
            &format!("from_ms={}&until_ms={}", NOW + 1, NOW + 3),
            &[2, 1],
        ),
        ("caller=ann&api=anthropic&model=claude&limit=1", &[4]),
        ("policy=redact&verdict=modify&limit=1", &[4]),
        ("policy=redact&verdict=deny", &[]),
        ("caller=bob", &[]),
        ("text=number+3", &[3]),
    ] {
        let expected: Vec<_> = numbers
            .iter()
            .map(|number: &usize| ids[*number].clone())
            .collect();
        let page = host.told(&format!("/exchanges?{filter}")).await;
        assert_eq!(ids_of(&page), expected, "{filter}");
    }
}

#[tokio::test]
async fn an_exchange_is_told_with_all_that_is_known_and_its_bodies_byte_for_byte() {
    let (host, ids, _folder) = host().await;
    let told = host.told(&format!("/exchanges/{}", ids[1])).await;
    assert_eq!(told["summary"]["id"], ids[1]);
    assert_eq!(told["summary"]["ending"], "refused");
    assert_eq!(told["summary"]["received_at_ms"], NOW + 1);
    assert_eq!(
        told["asked"]["headers"],
        json!([{"name": "x-app", "value": "cli"}])
    );
    assert_eq!(told["asked"]["body_bytes"], ASKED.len());
    assert_eq!(told["attempts"][0]["usage"]["output"], 7);
    assert_eq!(told["verdicts"][0]["policy"], "redact");
    assert_eq!(told["verdicts"][0]["side"], "reply");
    for (which, bytes) in [
        ("asked", ASKED),
        ("sent-1", ASKED),
        ("received-1", "the <b>answer</b> number 1"),
        ("delivered", "the <b>answer</b> number 1"),
    ] {
        let answer = ask(&host, &format!("/exchanges/{}/bodies/{which}", ids[1])).await;
        assert_eq!(answer.status(), 200, "{which}");
        // What a model said must not run in the operator's browser.
        assert_eq!(answer.headers()["content-type"], "application/octet-stream");
        assert_eq!(answer.headers()["content-disposition"], "attachment");
        assert_eq!(answer.headers()["content-length"], bytes.len().to_string());
        assert_eq!(answer.text().await.expect("a body"), bytes, "{which}");
    }
    let content = |id: &Value| format!("/contents/{}", id.as_str().expect("an id"));
    let block = ask(&host, &content(&told["reply"][0]["content"])).await;
    assert_eq!(
        block.text().await.expect("a body"),
        "the <b>answer</b> number 1"
    );
    let before = ask(&host, &content(&told["verdicts"][0]["before"])).await;
    assert_eq!(before.text().await.expect("a body"), "before");
}

#[tokio::test]
async fn sessions_searches_and_names_are_told() {
    let (host, ids, _folder) = host().await;
    let sessions = host.told("/sessions?caller=ann").await;
    assert_eq!(ids_of(&sessions).len(), 2);
    let id = sessions["entries"][0]["id"].as_str().expect("an id");
    let session = host.told(&format!("/sessions/{id}")).await;
    assert_eq!(
        (&session["key"], &session["caller"]),
        (&json!("s1"), &json!("ann"))
    );
    let tree = host.told(&format!("/sessions/{id}/tree")).await;
    let exchanges = tree["agents"].as_array().expect("agents").iter();
    let exchanges: u64 = exchanges
        .filter_map(|agent| agent["session"]["exchanges"].as_u64())
        .sum();
    assert_eq!(exchanges, 5);
    let of_it = host.told(&format!("/exchanges?session={id}")).await;
    assert_eq!(session["exchanges"], ids_of(&of_it).len());

    let found = host.told("/search?q=%22number+3%22").await;
    assert_eq!(
        found["entries"].as_array().map(Vec::len),
        Some(1),
        "{found}"
    );
    let hit = &found["entries"][0];
    assert_eq!(hit["exchange"]["id"], ids[3]);
    let parts = json!([
        {"text": "the <b>answer</b> ", "found": false},
        {"text": "number 3", "found": true},
    ]);
    assert_eq!(hit["snippet"]["parts"], parts);

    let names = host.told("/facets").await;
    assert_eq!(names["models"][0]["name"], "claude");
    assert_eq!(names["models"][0]["uses"], 5);
    assert_eq!(names["policies"][0]["name"], "redact");
}

#[tokio::test]
async fn the_document_is_served_and_lists_what_is_served() {
    let (host, ids, _folder) = host().await;
    let document = host.told("/openapi.json").await;
    let sessions = host.told("/sessions?limit=1").await;
    let session = sessions["entries"][0]["id"].as_str().expect("an id");
    let exchange = host.told(&format!("/exchanges/{}", ids[0])).await;
    let content = exchange["reply"][0]["content"].as_str().expect("an id");
    let paths = document["paths"].as_object().expect("paths");
    let read = paths.iter().filter(|(_, item)| item["get"].is_object());
    // The one whose answer does not end is asked elsewhere.
    let read = read.filter(|(path, _)| *path != "/api/v1/events");
    let read: Vec<_> = read.map(|(path, _)| path).collect();
    assert!(read.len() >= 14, "{}", read.len());
    for path in read {
        let id = match path {
            path if path.contains("/sessions/") => session,
            path if path.contains("/contents/") => content,
            _ => &ids[0],
        };
        let asked = path.replace("{id}", id).replace("{which}", "asked");
        let asked = asked.replace("/search", "/search?q=answer");
        let nonce = format!("/challenge?nonce={}", "0".repeat(64));
        let asked = asked.replace("/challenge", &nonce);
        let answer = ask(&host, asked.strip_prefix("/api/v1").expect("the prefix")).await;
        assert_eq!(answer.status(), 200, "{asked}");
    }
}
