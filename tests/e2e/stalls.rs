//! Upstreams that stall: `idle_timeout` and `first_byte_timeout` hold on every path, in every dialect.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sluice_server::recorder::Ending;
use sluice_server::reload::{Passthrough, PassthroughHandle};
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};

/// The time that upstream has. The tests' caller waits for a minute, so Sluice ended what ends
/// sooner.
const SOON: Duration = Duration::from_millis(200);

fn passing() -> PassthroughHandle {
    Passthrough::new(["/v1/files".parse().expect("a pattern")]).into()
}

async fn impatient(upstream: &Upstream) -> TestHost {
    let parts = Parts {
        passthrough: passing(),
        first_byte_timeout: SOON,
        idle_timeout: SOON,
        ..Parts::default()
    };
    TestHost::with(&upstream.url, parts).await
}

/// A reply with its head and half of its body.
fn stalling(status: u16) -> Script {
    let mut script = Script::json(status, r#"{"half""#);
    script.acts.push(Act::Hang);
    script
}

/// A request whose reply nobody judges: method, path, body, and whether it has a recording.
type Unjudged = (Method, &'static str, &'static str, bool);

fn unjudged(dialect: Dialect) -> Vec<Unjudged> {
    let mut paths = vec![
        (Method::GET, "/v1/models", "", false),
        (Method::GET, "/v1/files", "", false),
        (Method::POST, "/v1/files", "file", false),
    ];
    match dialect {
        Dialect::Anthropic => {
            let counted = r#"{"model":"m","messages":[]}"#;
            paths.push((Method::POST, "/v1/messages/count_tokens", counted, true));
        }
        Dialect::Chat => {
            let embedded = r#"{"model":"m","input":"x"}"#;
            paths.push((Method::POST, "/v1/embeddings", embedded, true));
        }
        Dialect::Responses => {
            paths.push((Method::DELETE, "/v1/responses/resp_1", "", false));
        }
    }
    paths
}

async fn send(client: &Client, method: &Method, path: &str, body: &'static str) -> Response {
    match *method {
        Method::POST => client.post(path, body).await,
        _ => client.request(method.clone(), path).await,
    }
}

/// Checks that the caller got the status, and can tell that the body is not complete.
async fn is_broken(reply: Response, status: u16, what: &str) {
    assert_eq!(reply.status(), status, "{what}");
    let body = reply.bytes().await;
    assert!(body.is_err(), "{what}: it looks whole");
}

fn is_silence(ending: &Ending) -> bool {
    matches!(ending, Ending::Failed(cause) if cause.contains("--idle-timeout"))
}

#[tokio::test]
async fn an_unjudged_reply_that_stalls_breaks_off() {
    let upstream = Upstream::start(stalling(200)).await;
    let mut host = impatient(&upstream).await;
    for dialect in Dialect::ALL {
        for (method, path, body, recorded) in unjudged(dialect) {
            let client = Client::of(dialect, &host.url);
            let reply = send(&client, &method, path, body).await;
            is_broken(reply, 200, path).await;
            upstream.cancelled().await;
            if recorded {
                let ending = host.recording().await.ending;
                assert!(is_silence(&ending), "{path}: {ending}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_upstream_that_stalls_breaks_off() {
    for status in [400, 429, 500] {
        let upstream = Upstream::start(stalling(status)).await;
        let mut host = impatient(&upstream).await;
        for dialect in Dialect::ALL {
            for stream in [true, false] {
                let reply = Client::of(dialect, &host.url).ask("hi", stream).await;
                is_broken(reply, status, dialect.path()).await;
                upstream.cancelled().await;
                let ending = host.recording().await.ending;
                assert!(is_silence(&ending), "{dialect:?}: {ending}");
            }
        }
    }
}

#[tokio::test]
async fn a_whole_reply_that_stalls_before_policies_have_judged_it_is_a_504() {
    let upstream = Upstream::start(stalling(200)).await;
    let wants = json!({"wants": {"tool_call": "whole"}});
    let parts = Parts {
        policies: vec![spec("test/scripted", wants)],
        idle_timeout: SOON,
        ..Parts::default()
    };
    let mut host = TestHost::with(&upstream.url, parts).await;
    for dialect in Dialect::ALL {
        let reply = Client::of(dialect, &host.url).ask("hi", false).await;
        assert_eq!(reply.status(), 504, "{dialect:?}");
        let body: Value = reply.json().await.expect("an error is JSON");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains("nothing"), "{message}");
        upstream.cancelled().await;
        assert!(matches!(host.recording().await.ending, Ending::Failed(_)));
    }
}

#[tokio::test]
async fn an_upstream_that_never_answers_is_a_504_on_every_path() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let silent = silent.expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("a port"));
    let parts = Parts {
        passthrough: passing(),
        first_byte_timeout: SOON,
        ..Parts::default()
    };
    let host = TestHost::with(&url, parts).await;
    for dialect in Dialect::ALL {
        let client = Client::of(dialect, &host.url);
        assert_eq!(client.ask("hi", true).await.status(), 504);
        for (method, path, body, _) in unjudged(dialect) {
            let reply = send(&client, &method, path, body).await;
            assert_eq!(reply.status(), 504, "{path}");
        }
    }
}

#[tokio::test]
async fn an_unjudged_reply_is_recorded_by_how_it_ended() {
    let upstream = Upstream::start(Script::json(200, r#"{"input_tokens":1}"#)).await;
    let mut host = impatient(&upstream).await;
    let client = Client::new(&host.url);
    let counted = r#"{"model":"m","messages":[]}"#;
    let count = async || client.post("/v1/messages/count_tokens", counted).await;
    assert!(count().await.bytes().await.is_ok());
    assert_eq!(host.recording().await.ending, Ending::Delivered);

    upstream.play(Script::json(204, ""));
    assert!(count().await.bytes().await.is_ok());
    assert_eq!(host.recording().await.ending, Ending::Delivered);

    let mut breaking = stalling(200);
    breaking.acts = vec![breaking.acts.remove(0), Act::Pause(SOON / 4), Act::Break];
    upstream.play(breaking);
    is_broken(count().await, 200, "it breaks").await;
    let ending = host.recording().await.ending;
    assert!(
        matches!(&ending, Ending::Failed(cause) if cause.contains("broke off")),
        "{ending}"
    );
}

#[tokio::test]
async fn a_caller_who_leaves_an_unjudged_reply_aborts_it() {
    let upstream = Upstream::start(stalling(200)).await;
    let mut host = TestHost::start(&upstream.url, vec![]).await;
    let client = Client::new(&host.url);
    let counted = r#"{"model":"m","messages":[]}"#;
    let reply = client.post("/v1/messages/count_tokens", counted).await;
    assert_eq!(reply.status(), 200);
    drop(reply);
    assert_eq!(host.recording().await.ending, Ending::Aborted);
    upstream.cancelled().await;
}

#[tokio::test]
async fn a_caller_who_stalls_while_its_body_is_passed_on_gets_a_408() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let mut parts = Parts {
        passthrough: passing(),
        ..Parts::default()
    };
    parts.proxy.body_timeout = SOON;
    let host = TestHost::with(&upstream.url, parts).await;
    for dialect in Dialect::ALL {
        let pieces = futures_util::stream::pending::<std::io::Result<bytes::Bytes>>();
        let body = reqwest::Body::wrap_stream(pieces);
        let reply = Client::of(dialect, &host.url).post("/v1/files", body).await;
        assert_eq!(reply.status(), 408);
        let body: Value = reply.json().await.expect("an error is JSON");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains("--body-timeout"), "{message}");
    }
}
