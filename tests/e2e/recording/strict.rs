//! An exchange is on disk before upstream is asked, and again before the end of its reply leaves.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::json;
use sluice_engine::{Context, PolicySpec, Registry};
use sluice_server::recorder::{ArchiveConfig, Asked, Durability, Ending as Ended, OnFull};
use sluice_store::Ending;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script, TestHost, Upstream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{replacing, start_within};

fn strict(on_full: OnFull) -> ArchiveConfig {
    ArchiveConfig {
        durability: Durability::Strict,
        patience: Duration::from_millis(200),
        on_full,
        ..ArchiveConfig::default()
    }
}

/// How the last event of a stream begins.
fn last_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "event: message_stop",
        Dialect::Chat => "data: [DONE]",
        Dialect::Responses => "event: response.completed",
    }
}

fn scripted(request: serde_json::Value) -> PolicySpec {
    let config = json!({"wants": {"request": true}, "request": request});
    spec("test/scripted", config)
}

#[tokio::test]
async fn a_caller_that_has_its_reply_finds_it_in_the_record() {
    let refusing = || vec![scripted(json!({"refuse": "not on my watch"}))];
    let answering = || vec![scripted(json!({"answer": [{"text": "from here"}]}))];
    let judging = || vec![spec("keep-all", json!({})), replacing()];
    let bounds = ArchiveConfig {
        patience: Duration::from_secs(30),
        ..strict(OnFull::Block)
    };
    for dialect in Dialect::ALL {
        for (policies, status, ending) in [
            (vec![], 200, Ending::Delivered),
            (judging(), 200, Ending::Delivered),
            (vec![], 529, Ending::Delivered),
            (judging(), 529, Ending::Delivered),
            (refusing(), 200, Ending::Refused),
            (answering(), 200, Ending::Answered),
        ] {
            for streams in [true, false] {
                let reply = match (status, streams) {
                    (200, true) => Script::stream(dialect.fixture("text")),
                    (200, false) => Script::json(200, dialect.whole("text")),
                    _ => Script::json(status, "{\"error\":{\"message\":\"busy\"}}"),
                };
                let started = start_within(bounds, reply, policies.clone()).await;
                let (upstream, host, recorded) = started;
                let asked = dialect.request("Is Falcon ready?", streams);
                let got = Client::of(dialect, &host.url).send(&asked).await;
                let delivered = got.bytes().await.expect("the reply ends well");
                // It is there already: nothing waits for it here.
                let records = recorded.so_far().await;
                let case = format!("{dialect:?} {ending:?} {status} {streams}");
                assert_eq!(records.len(), 1, "{case}");
                assert_eq!(records[0].summary.ending, ending, "{case}");
                let given = records[0].delivered.as_ref().expect("it was answered");
                assert_eq!(recorded.body(given).await, delivered, "{case}");
                if let Some(seen) = upstream.seen().first() {
                    let attempt = &records[0].attempts[0];
                    assert_eq!(recorded.body(&attempt.sent).await, seen.body, "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_reply_without_blocks_is_in_the_record_before_it_ends() {
    let reply = Script::json(200, "{\"data\":[]}");
    let bounds = strict(OnFull::Block);
    let (_upstream, host, recorded) = start_within(bounds, reply, vec![]).await;
    let client = Client::of(Dialect::Chat, &host.url);
    let asked = json!({"model": "m", "input": "x"}).to_string();
    let got = client.post("/v1/embeddings", asked).await.bytes().await;
    assert_eq!(got.expect("the reply ends well"), "{\"data\":[]}");
    let records = recorded.so_far().await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].summary.ending, Ending::Delivered);
}

#[tokio::test]
async fn a_stream_that_ends_with_its_first_piece_is_stored_with_its_status_and_that_piece() {
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
        \"message\":\"busy\"}}\n\n";
    for policies in [vec![], vec![spec("keep-all", json!({}))]] {
        let script = Script::stream(error);
        let started = start_within(strict(OnFull::Block), script, policies).await;
        let (_upstream, host, recorded) = started;
        let got = Client::new(&host.url).ask("hi", true).await;
        let got = got.bytes().await.expect("the stream ends well");
        let records = recorded.so_far().await;
        assert_eq!(records[0].summary.status, Some(200));
        let given = records[0].delivered.as_ref().expect("it was answered");
        assert_eq!(recorded.body(given).await, got);
    }
}

/// An upstream whose replies end with a trailer.
async fn with_trailer() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let reply = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntrailer: x-sum\r\n\
        transfer-encoding: chunked\r\n\r\nb\r\n{\"data\":[]}\r\n0\r\nx-sum: 1\r\n\r\n";
    let serve = async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    };
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(serve);
    url
}

#[tokio::test]
async fn a_reply_with_a_trailer_is_in_the_record_before_it_ends() {
    for http2 in [false, true] {
        let (recorded, recorder) = Recorded::with(strict(OnFull::Block)).await;
        let parts = Parts {
            recorder: Some(recorder),
            ..Parts::default()
        };
        let host = TestHost::with(&with_trailer().await, parts).await;
        let client = match http2 {
            true => reqwest::Client::builder().http2_prior_knowledge(),
            false => reqwest::Client::builder(),
        };
        let client = client.build().expect("a client");
        let asked = client.post(format!("{}/v1/embeddings", host.url));
        let asked = asked
            .bearer_auth("sk-test")
            .json(&json!({"model": "m", "input": "x"}));
        let got = asked.send().await.expect("an answer").text().await;
        assert_eq!(got.expect("the reply ends well"), "{\"data\":[]}");
        let records = recorded.so_far().await;
        assert_eq!(records.len(), 1, "HTTP/2: {http2}");
        assert_eq!(records[0].summary.ending, Ending::Delivered);
    }
}

#[tokio::test]
async fn an_exchange_that_can_not_be_stored_does_not_reach_upstream_unless_the_operator_says_so() {
    for (on_full, status, asked) in [(OnFull::Block, 503, 0), (OnFull::Drop, 200, 1)] {
        let dialect = Dialect::Anthropic;
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let (_stopped, recorder) = Recorded::stopped(strict(on_full)).await;
        let parts = Parts {
            recorder: Some(recorder),
            ..Parts::default()
        };
        let host = TestHost::with(&upstream.url, parts).await;
        let request = dialect.request("hi", true);
        let reply = Client::of(dialect, &host.url).send(&request).await;
        assert_eq!(reply.status(), status);
        let said = reply.text().await.expect("the reply ends well");
        assert_eq!(
            said.contains("--recording-on-full"),
            status == 503,
            "{said}"
        );
        assert_eq!(upstream.seen().len(), asked);
    }
}

#[tokio::test]
async fn the_end_of_a_reply_that_can_not_be_stored_is_kept_back_unless_the_operator_says_so() {
    for dialect in Dialect::ALL {
        for (on_full, is_whole) in [(OnFull::Block, false), (OnFull::Drop, true)] {
            let sse = dialect.fixture("text");
            let (script, go) = Script::held_at(&sse, last_of(dialect));
            let started = start_within(strict(on_full), script, vec![]).await;
            let (_upstream, host, recorded) = started;
            let request = dialect.request("hi", true);
            let mut reply = Client::of(dialect, &host.url).send(&request).await;
            let mut got = reply.chunk().await.unwrap().unwrap().to_vec();
            // What writes has ended; the exchange has not.
            recorded.end().await;
            go.notify_one();
            let rest = reply.bytes().await;
            assert_eq!(rest.is_ok(), is_whole, "{dialect:?}");
            got.extend(rest.unwrap_or_default());
            assert_eq!(sse.as_bytes() == got, is_whole);
        }
    }
}

#[tokio::test]
async fn a_caller_that_leaves_before_the_last_piece_is_recorded_as_gone() {
    let (stopped, recorder) = Recorded::stopped(strict(OnFull::Drop)).await;
    let context = Context {
        exchange: format!("exg_{}", "0".repeat(32)),
        session: None,
        caller: None,
        api: "anthropic-messages".to_owned(),
        model: "m".to_owned(),
        path: "/v1/messages".to_owned(),
        streaming: true,
        received_at: 1,
        headers: Default::default(),
    };
    let (head, ()) = axum::http::Request::new(()).into_parts();
    let asked = || Asked::new(&head, Bytes::from_static(b"{}"), None);
    let set = Registry::default().current();
    let recording = recorder.open(&context, Default::default(), &set, asked);
    recording.close(Ended::Delivered);
    let commit = tokio::time::timeout(Duration::ZERO, recording.commit()).await;
    assert!(commit.is_err(), "nothing is stored yet");
    drop(recording);
    let recorded = stopped.start();
    assert!(recorded.end().await);
    let records = recorded.so_far().await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].summary.ending, Ending::Aborted);
}
