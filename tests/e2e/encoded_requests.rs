//! Compressed requests are judged like any other, and sent on as they came if nobody edited them.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_server::proxy;
use sluice_server::reload::Passthrough;
use sluice_tests::client::http;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

use super::encodings::{br, deflate, gzip, zstd};

type Encode = fn(&[u8]) -> Vec<u8>;

const ENCODINGS: [(&str, Encode); 6] = [
    ("gzip", gzip),
    ("X-GZIP", gzip),
    ("deflate", deflate),
    ("br", br),
    ("zstd", zstd),
    ("gzip, zstd", |plain| zstd(&gzip(plain))),
];

fn editing() -> PolicySpec {
    let edits = json!([{"replace-news": {"contains": "secret", "text": "harmless"}}]);
    spec(
        "test/scripted",
        json!({"wants": {"request": true}, "edits": edits}),
    )
}

/// Sends a body in an encoding, and returns the answer.
async fn send(
    host: &TestHost,
    dialect: Dialect,
    path: &str,
    encoding: &str,
    body: Vec<u8>,
) -> reqwest::Response {
    let mut request = http().post(format!("{}{path}", host.url));
    for (name, value) in dialect.headers() {
        request = request.header(*name, *value);
    }
    let request = request.header("content-encoding", encoding).body(body);
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn invariant_1_an_encoded_request_that_is_kept_goes_on_as_the_bytes_that_came() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        for policies in [vec![], vec![editing()]] {
            let host = TestHost::start(&upstream.url, policies).await;
            for (encoding, encode) in ENCODINGS {
                let encoded = encode(dialect.request("hello", true).to_string().as_bytes());
                let reply = send(&host, dialect, dialect.path(), encoding, encoded.clone()).await;
                assert_eq!(reply.status(), 200, "{dialect:?} {encoding}");
                let seen = upstream.seen().pop().expect("it was asked");
                assert_eq!(seen.body, encoded, "{dialect:?} {encoding}");
                assert_eq!(seen.headers["content-encoding"], encoding);
                assert_eq!(seen.headers["content-length"], encoded.len().to_string());
            }
        }
    }
}

#[tokio::test]
async fn an_encoded_request_that_is_edited_goes_on_plain() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = TestHost::start(&upstream.url, vec![editing()]).await;
        for (encoding, encode) in ENCODINGS {
            let plain = dialect.request("a secret", true).to_string();
            let encoded = encode(plain.as_bytes());
            let reply = send(&host, dialect, dialect.path(), encoding, encoded).await;
            assert_eq!(reply.status(), 200, "{dialect:?} {encoding}");
            let seen = upstream.seen().pop().expect("it was asked");
            let expected = plain.replace("a secret", "harmless");
            assert_eq!(seen.body, expected, "{dialect:?} {encoding}");
            assert!(!seen.headers.contains_key("content-encoding"));
            assert_eq!(seen.headers["content-length"], expected.len().to_string());
        }
    }
}

#[tokio::test]
async fn a_long_request_is_decoded_off_the_way_and_judged_the_same() {
    let dialect = Dialect::Responses;
    let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
    let host = TestHost::start(&upstream.url, vec![editing()]).await;
    for (encoding, encode) in ENCODINGS {
        let kept = encode(
            dialect
                .request(&"word ".repeat(600_000), true)
                .to_string()
                .as_bytes(),
        );
        let reply = send(&host, dialect, dialect.path(), encoding, kept.clone()).await;
        assert_eq!(reply.status(), 200, "{encoding}");
        assert_eq!(upstream.seen().pop().expect("it was asked").body, kept);
    }
}

/// The error for a body at a Sluice that accepts 4 KiB.
async fn refused(dialect: Dialect, encoding: &str, body: Vec<u8>) -> (u16, Option<String>, String) {
    let upstream = Upstream::start(Script::stream("")).await;
    let parts = Parts {
        proxy: proxy::Config {
            max_body_bytes: 4096,
            ..proxy::Config::default()
        },
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let reply = send(&host, dialect, dialect.path(), encoding, body).await;
    assert!(upstream.seen().is_empty());
    let accepted = reply.headers().get("accept-encoding");
    let accepted = accepted.map(|value| value.to_str().expect("ascii").to_owned());
    let status = reply.status().as_u16();
    let body: Value = reply.json().await.expect("JSON");
    assert_eq!(body["type"] == "error", dialect == Dialect::Anthropic);
    let message = body["error"]["message"].as_str().expect("text");
    (status, accepted, message.to_owned())
}

#[tokio::test]
async fn invariant_12_a_body_that_decodes_to_more_than_the_bound_is_a_413() {
    let bomb = vec![b' '; 64 << 20];
    for dialect in Dialect::ALL {
        for (encoding, encode) in ENCODINGS {
            for large in [&bomb[..], &bomb[..4097]] {
                let encoded = encode(large);
                // A bomb that is too large itself is refused for that.
                let (status, _, message) = refused(dialect, encoding, encoded).await;
                assert_eq!(status, 413, "{dialect:?} {encoding}: {message}");
                assert!(message.contains("4096"), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_bomb_is_a_413_under_the_bound_of_every_day() {
    let dialect = Dialect::Chat;
    let upstream = Upstream::start(Script::stream("")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let bomb = gzip(&vec![b' '; 200 << 20]);
    let reply = send(&host, dialect, dialect.path(), "gzip", bomb).await;
    assert_eq!(reply.status(), 413);
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_a_400() {
    for dialect in Dialect::ALL {
        let plain = dialect.request("hello", true).to_string();
        for (encoding, encode) in ENCODINGS {
            let encoded = encode(plain.as_bytes());
            let cut = encoded[..encoded.len() - 1].to_vec();
            let behind = [&encoded[..], b"garbage"].concat();
            for damaged in [cut, behind, plain.clone().into_bytes()] {
                let (status, _, message) = refused(dialect, encoding, damaged).await;
                assert_eq!(status, 400, "{dialect:?} {encoding}: {message}");
                assert!(message.contains("could not be decoded"), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn an_encoding_that_nobody_speaks_is_a_415_that_says_which_are_spoken() {
    for dialect in Dialect::ALL {
        for encoding in ["compress", "gzip, aws-chunked", "gzip,gzip,gzip,gzip,gzip"] {
            let (status, accepted, message) = refused(dialect, encoding, b"x".to_vec()).await;
            assert_eq!(status, 415, "{encoding}: {message}");
            assert_eq!(accepted.as_deref(), Some("gzip, deflate, br, zstd"));
        }
    }
}

#[tokio::test]
async fn an_encoded_body_that_does_not_come_is_a_408() {
    let dialect = Dialect::Anthropic;
    let upstream = Upstream::start(Script::stream("")).await;
    let parts = Parts {
        proxy: proxy::Config {
            body_timeout: Duration::from_millis(100),
            ..proxy::Config::default()
        },
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let reply = http()
        .post(format!("{}{}", host.url, dialect.path()))
        .header("x-api-key", "k")
        .header("content-encoding", "gzip")
        .body(reqwest::Body::wrap_stream(never))
        .send()
        .await;
    assert_eq!(reply.expect("an answer").status(), 408);
}

#[tokio::test]
async fn what_is_passed_through_is_not_decoded() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let parts = Parts {
        passthrough: Passthrough::new(["/v1/files".parse().expect("a pattern")]).into(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    for encoding in ["gzip", "compress"] {
        let reply = send(
            &host,
            Dialect::Chat,
            "/v1/files",
            encoding,
            b"as it is".to_vec(),
        )
        .await;
        assert_eq!(reply.status(), 200);
        let seen = upstream.seen().pop().expect("it was asked");
        assert_eq!(
            (&seen.body[..], &seen.headers["content-encoding"]),
            (&b"as it is"[..], &encoding.parse().expect("ascii"))
        );
    }
}
