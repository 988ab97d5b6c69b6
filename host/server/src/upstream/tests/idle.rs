//! Upstreams that stall, and callers who do.

use std::time::Duration;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::bodies::{frame, streamed};
use super::{Error, Matcher, Peer, Reply, Server, Upstream, config, get};
use crate::upstream::idle_time;

/// A time that a test waits out.
const SOON: Duration = Duration::from_millis(50);
/// One that it does not.
const LATER: Duration = Duration::from_secs(60);

fn client(server: &Server, first_byte: Duration, idle: Duration) -> Upstream {
    let mut config = config(&server.url());
    config.first_byte_timeout = first_byte;
    config.idle_timeout = idle;
    Upstream::through(&Matcher::builder().build(), config).unwrap()
}

/// A reply that has begun, and the other side of its connection.
async fn begun(server: &Server, client: &Upstream, answer: &str) -> (Reply, Peer) {
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer(answer).await;
        peer
    };
    let (reply, peer) = tokio::join!(get(client), serve);
    (reply.unwrap(), peer)
}

#[tokio::test]
async fn a_reply_that_stalls_is_an_error_of_its_own_and_its_connection_is_closed() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel",
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 9\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhel",
    ] {
        let server = Server::start().await;
        let client = client(&server, LATER, SOON);
        let (mut reply, mut peer) = begun(&server, &client, head).await;
        assert_eq!(frame(&mut reply).await.unwrap(), "hel");
        let Some(Err(error)) = reply.body_mut().frame().await else {
            panic!("it goes on: {head}");
        };
        assert_eq!(idle_time(&*error), Some(SOON), "{error}");
        peer.closed().await;
        assert_eq!(client.pool.len(), 0);
    }
}

#[tokio::test]
async fn a_compressed_reply_that_stalls_is_the_same_error() {
    let server = Server::start().await;
    let client = client(&server, LATER, SOON);
    // The first half of `hello`, compressed.
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 25\r\n\r\n\x1f";
    let (reply, _peer) = begun(&server, &client, head).await;
    let Err(error) = reply.into_body().collect().await else {
        panic!("it is whole");
    };
    assert_eq!(idle_time(&*error), Some(SOON), "{error}");
}

/// Passes on a body from a caller who may be silent for as long as `limit`.
async fn pass(client: &Upstream, body: axum::body::Body, limit: Duration) -> Result<Reply, Error> {
    let uri = "/v1/files".parse().unwrap();
    let sent = client.pass(Method::POST, &uri, HeaderMap::new(), body, limit);
    sent.await
}

#[tokio::test]
async fn an_upload_that_stalls_is_its_callers_error() {
    let server = Server::start().await;
    let client = client(&server, LATER, LATER);
    let (tx, body) = streamed();
    tx.send(Bytes::from_static(b"more")).unwrap();
    let serve = async {
        let mut peer = server.accept().await;
        peer.head().await;
        peer.exactly("4\r\nmore\r\n").await;
        peer.closed().await;
    };
    let (reply, ()) = tokio::join!(pass(&client, body, SOON), serve);
    assert!(matches!(reply, Err(Error::SlowUpload(SOON))));
    drop(tx);
}

#[tokio::test]
async fn an_upstream_that_answers_nothing_after_an_upload_is_left() {
    let server = Server::start().await;
    let client = client(&server, SOON, LATER);
    let (tx, body) = streamed();
    drop(tx);
    let serve = async {
        let mut peer = server.accept().await;
        peer.closed().await;
    };
    let (reply, ()) = tokio::join!(pass(&client, body, LATER), serve);
    assert!(matches!(reply, Err(Error::TimedOut(SOON))));
}
