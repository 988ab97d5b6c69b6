//! Requests and replies as they travel, and what ends them.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use super::{Error, HELLO, Reply, Server, acquainted, ask, client, get, once_more, whole};

/// `hello`, compressed with gzip.
const GZIP: [u8; 25] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07,
    0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
];

pub(super) async fn frame(reply: &mut Reply) -> Option<Bytes> {
    let frame = reply.body_mut().frame().await?;
    frame.unwrap().into_data().ok()
}

#[tokio::test]
async fn a_request_has_the_headers_of_the_caller_and_of_the_hop() {
    let server = Server::start().await;
    let client = client(
        &format!("{}/base/", server.url()),
        &super::Matcher::builder().build(),
    );
    let uri = "/v1/messages?beta=true&q=%2e".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", HeaderValue::from_static("k"));
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        let host = server.0.local_addr().unwrap();
        let expected = format!(
            "POST /base/v1/messages?beta=true&q=%2e HTTP/1.1\r\nx-api-key: k\r\nhost: {host}\r\n\
             accept-encoding: zstd,gzip,deflate,br\r\ncontent-length: 2\r\n\r\n"
        );
        assert_eq!(head, expected);
        peer.exactly("{}").await;
        peer.say(HELLO).await;
    };
    let (reply, ()) = tokio::join!(client.send(Method::POST, &uri, headers, "{}".into()), serve);
    assert_eq!(whole(reply.unwrap()).await, "hello");
}

/// The path of a request for `asked` where the base URL stands for `/v1`.
async fn addressed(base: &str, asked: &str) -> String {
    let server = Server::start().await;
    let config = super::Config {
        stands_for_v1: true,
        ..super::config(&format!("{}{base}", server.url()))
    };
    let client = super::Upstream::through(&super::Matcher::builder().build(), config).unwrap();
    let uri = asked.parse().unwrap();
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        peer.say(HELLO).await;
        head
    };
    let (reply, head) = tokio::join!(
        client.send(Method::GET, &uri, HeaderMap::new(), Bytes::new()),
        serve
    );
    reply.unwrap();
    head.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_base_url_can_stand_for_the_version_of_the_callers_path() {
    for (base, asked, expected) in [
        (
            "/api/paas/v4",
            "/v1/chat/completions",
            "/api/paas/v4/chat/completions",
        ),
        (
            "/v1beta/openai/",
            "/v1/models?limit=2",
            "/v1beta/openai/models?limit=2",
        ),
        ("/v4", "/v1beta/x", "/v4/v1beta/x"),
        ("/v4", "/other", "/v4/other"),
        ("", "/v1/chat/completions", "/chat/completions"),
    ] {
        assert_eq!(addressed(base, asked).await, expected);
    }
}

#[tokio::test]
async fn each_frame_arrives_when_it_is_sent() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await;
        peer
    };
    let (reply, mut peer) = tokio::join!(get(&client), serve);
    let mut reply = reply.unwrap();
    for sent in ["one", "two"] {
        peer.say(format!("3\r\n{sent}\r\n")).await;
        assert_eq!(frame(&mut reply).await.unwrap(), sent);
    }
    // Many at once come one by one.
    peer.say("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n").await;
    for sent in ["a", "b", "c"] {
        assert_eq!(frame(&mut reply).await.unwrap(), sent);
    }
    assert_eq!(frame(&mut reply).await, None);
    once_more(&client, &mut peer).await;
}

#[tokio::test]
async fn a_reply_that_ends_with_its_connection_is_whole() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200 OK\r\n\r\nhello").await;
    };
    let (reply, ()) = tokio::join!(get(&client), serve);
    assert_eq!(whole(reply.unwrap()).await, "hello");
    assert_eq!(client.pool.len(), 0);
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_an_error() {
    let heads = ["content-length: 9", "transfer-encoding: chunked"];
    for head in heads {
        let server = Server::start().await;
        let client = server.client();
        let serve = async {
            let mut peer = server.accept().await;
            peer.answer(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n3\r\nhel"))
                .await;
        };
        let (reply, ()) = tokio::join!(get(&client), serve);
        assert!(reply.unwrap().into_body().collect().await.is_err());
        assert_eq!(client.pool.len(), 0);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_reply_is_upstreams_error() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200").await;
    };
    let (reply, ()) = tokio::join!(get(&client), serve);
    let Err(Error::Unreachable(cause)) = reply else {
        panic!("not an error");
    };
    assert_eq!(cause, "connection closed before message completed");
}

#[tokio::test]
async fn interim_replies_are_passed_over_and_a_switch_of_protocols_is_an_error() {
    let server = Server::start().await;
    let client = server.client();
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    let (body, mut peer) = acquainted(&server, &client, &format!("{early}{HELLO}")).await;
    assert_eq!(body, "hello");
    let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    let (reply, ()) = tokio::join!(get(&client), peer.answer(switch));
    assert!(matches!(reply, Err(Error::Unreachable(_))));
    peer.closed().await;
}

#[tokio::test]
async fn dropping_a_reply_closes_its_connection() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel")
            .await;
        peer
    };
    let (reply, mut peer) = tokio::join!(get(&client), serve);
    let mut reply = reply.unwrap();
    assert_eq!(frame(&mut reply).await.unwrap(), "hel");
    drop(reply);
    peer.closed().await;
    assert_eq!(client.pool.len(), 0);
}

#[tokio::test]
async fn a_caller_who_goes_before_the_reply_closes_the_connection() {
    let server = Server::start().await;
    let client = server.client();
    let mut waiting = Box::pin(get(&client));
    let serve = async {
        let mut peer = server.accept().await;
        peer.head().await;
        peer
    };
    let mut peer = tokio::select! {
        _ = &mut waiting => panic!("there is no reply"),
        peer = serve => peer,
    };
    drop(waiting);
    peer.closed().await;
}

/// A body that a test sends piece by piece.
pub(super) fn streamed() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (tx, rx) = mpsc::unbounded_channel::<Bytes>();
    let pieces = stream::unfold(rx, |mut rx| async move {
        let piece = rx.recv().await?;
        Some((Ok::<_, Infallible>(piece), rx))
    });
    (tx, Body::from_stream(pieces))
}

#[tokio::test]
async fn a_reply_may_begin_before_the_request_is_over() {
    let server = Server::start().await;
    let client = server.client();
    let (tx, body) = streamed();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
            .await;
        peer
    };
    let (reply, mut peer) = tokio::join!(ask(&client, Method::POST, body), serve);
    let mut reply = reply.unwrap();
    assert_eq!(frame(&mut reply).await.unwrap(), "one");
    tx.send(Bytes::from_static(b"more")).unwrap();
    drop(tx);
    let serve = async {
        peer.exactly("4\r\nmore\r\n0\r\n\r\n").await;
        peer.say("3\r\ntwo\r\n0\r\n\r\n").await;
    };
    let (second, ()) = tokio::join!(frame(&mut reply), serve);
    assert_eq!(second.unwrap(), "two");
    assert_eq!(frame(&mut reply).await, None);
    once_more(&client, &mut peer).await;
}

#[tokio::test]
async fn a_reply_that_is_over_before_its_request_closes_the_connection() {
    let server = Server::start().await;
    let client = server.client();
    let (_tx, body) = streamed();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer(HELLO).await;
        peer
    };
    let (reply, mut peer) = tokio::join!(ask(&client, Method::POST, body), serve);
    assert_eq!(whole(reply.unwrap()).await, "hello");
    assert_eq!(client.pool.len(), 0);
    peer.closed().await;
}

#[tokio::test]
async fn a_compressed_reply_is_decoded_and_its_connection_is_used_again() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 25\r\n\r\n";
        peer.answer([head.as_bytes(), &GZIP].concat()).await;
        peer
    };
    let (reply, mut peer) = tokio::join!(get(&client), serve);
    let reply = reply.unwrap();
    assert!(!reply.headers().contains_key(header::CONTENT_ENCODING));
    assert_eq!(whole(reply).await, "hello");
    once_more(&client, &mut peer).await;
}
