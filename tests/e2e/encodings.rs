//! Replies that upstream compressed: policies can read them, and the caller gets them uncompressed.

use std::io::Write as _;

use serde_json::{Value, json};
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

pub(crate) fn br(plain: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4096, 5, 22);
    encoder.write_all(plain).expect("memory takes it");
    drop(encoder);
    encoded
}

pub(crate) fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).expect("memory takes it")
}

pub(crate) fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Checks a stream and a whole reply in this encoding, with a policy that drops one of two calls.
async fn check(encoding: &str, encode: fn(&[u8]) -> Vec<u8>) {
    for dialect in Dialect::ALL {
        check_in(dialect, encoding, encode).await;
    }
}

async fn check_in(dialect: Dialect, encoding: &str, encode: fn(&[u8]) -> Vec<u8>) {
    let rule = json!({"kind": "tool-call", "tool": "Bash", "then": {"drop": "not today"}});
    let policy = spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
    );
    let sse = dialect.fixture("two_tools");
    let streamed = Script::stream(encode(sse.as_bytes())).header("content-encoding", encoding);
    let upstream = Upstream::start(streamed).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let client = Client::of(dialect, &host.url);
    let reply = client.ask("go", true).await;
    assert!(!reply.headers().contains_key("content-encoding"));
    let bytes = reply.bytes().await.expect("bytes");
    assert_eq!(dialect.turn(&bytes).tools(), ["Read"]);

    let script = Script::json(200, encode(&dialect.whole("two_tools")));
    upstream.play(script.header("content-encoding", encoding));
    let reply = client.ask("go", false).await;
    assert!(!reply.headers().contains_key("content-encoding"));
    let whole: Value = reply.json().await.expect("JSON");
    assert_eq!(dialect.turn_of(&whole).tools(), ["Read"]);
}

#[tokio::test]
async fn a_reply_in_gzip_is_judged_and_delivered_plain() {
    check("gzip", gzip).await;
}

#[tokio::test]
async fn a_reply_in_brotli_is_judged_and_delivered_plain() {
    check("br", br).await;
}

#[tokio::test]
async fn a_reply_in_zstd_is_judged_and_delivered_plain() {
    check("zstd", zstd).await;
}

#[tokio::test]
async fn a_coding_is_known_in_any_case_and_by_its_old_name() {
    check("GZip", gzip).await;
    check("x-gzip", gzip).await;
}

#[tokio::test]
async fn a_reply_in_gzip_may_have_several_members() {
    check("gzip", |plain| {
        let (one, other) = plain.split_at(plain.len() / 2);
        [gzip(one), gzip(b""), gzip(other)].concat()
    })
    .await;
}

#[tokio::test]
async fn a_reply_in_deflate_is_judged_and_delivered_plain() {
    check("deflate", deflate).await;
}

#[tokio::test]
async fn a_reply_in_a_coding_that_nobody_asked_for_passes_unjudged_alone() {
    let wants = json!({"wants": {"tool_call": "whole"}, "blocks": []});
    for dialect in Dialect::ALL {
        let body = gzip(&dialect.whole("text"));
        let script = Script::json(200, body.clone());
        for coding in ["compress", "gzip, gzip"] {
            let upstream = Upstream::start(script.clone().header("content-encoding", coding)).await;
            let host =
                TestHost::start(&upstream.url, vec![spec("test/scripted", wants.clone())]).await;
            let reply = Client::of(dialect, &host.url).ask("go", false).await;
            assert_eq!(reply.status(), 502, "{dialect:?} {coding}");
            let host = TestHost::start(&upstream.url, Vec::new()).await;
            let reply = Client::of(dialect, &host.url).ask("go", false).await;
            assert_eq!(reply.status(), 200, "{dialect:?} {coding}");
            assert_eq!(reply.headers()["content-encoding"], coding);
        }
    }
}
