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
