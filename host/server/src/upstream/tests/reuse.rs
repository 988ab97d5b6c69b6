//! Which connections are used again, and which requests are sent again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Method;
use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, DuplexStream};

use super::super::connection::Connection;
use super::super::pool::{MAX_AGE, MAX_IDLE, Pool};
use super::{Error, HELLO, Server, acquainted, ask, get, once_more, whole};

async fn is_used_again(answer: &str) {
    let server = Server::start().await;
    let client = server.client();
    let (_, mut peer) = acquainted(&server, &client, answer).await;
    once_more(&client, &mut peer).await;
    once_more(&client, &mut peer).await;
    server.nobody_else().await;
}

async fn is_closed(answer: &str) {
    let server = Server::start().await;
    let client = server.client();
    let (_, mut peer) = acquainted(&server, &client, answer).await;
    assert_eq!(client.pool.len(), 0);
    peer.closed().await;
    acquainted(&server, &client, HELLO).await;
}

#[tokio::test]
async fn a_connection_is_used_again_however_the_reply_is_framed() {
    is_used_again(HELLO).await;
    is_used_again("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n").await;
    is_used_again("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    is_used_again("HTTP/1.1 204 No Content\r\n\r\n").await;
    is_used_again("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n").await;
}

#[tokio::test]
async fn a_reply_without_a_body_frees_its_connection_though_nobody_reads_it() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
            .await;
        peer
    };
    let (reply, mut peer) = tokio::join!(ask(&client, Method::HEAD, Bytes::new()), serve);
    drop(reply.unwrap());
    once_more(&client, &mut peer).await;
}

#[tokio::test]
async fn a_connection_that_upstream_gives_up_is_closed() {
    is_closed("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello").await;
    is_closed("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
}

#[tokio::test]
async fn the_connection_that_was_used_last_is_used_first() {
    let server = Server::start().await;
    let client = server.client();
    let serve = async {
        let (mut first, mut second) = (server.accept().await, server.accept().await);
        first.answer(HELLO).await;
        second.answer(HELLO).await;
        (first, second)
    };
    let (one, other, (mut first, mut second)) = tokio::join!(get(&client), get(&client), serve);
    whole(one.unwrap()).await;
    whole(other.unwrap()).await;
    once_more(&client, &mut second).await;
    let (held, ()) = tokio::join!(get(&client), second.answer(HELLO));
    once_more(&client, &mut first).await;
    whole(held.unwrap()).await;
    once_more(&client, &mut second).await;
}

#[tokio::test]
async fn a_connection_that_upstream_closed_at_rest_is_not_used() {
    let server = Server::start().await;
    let client = server.client();
    let (_, peer) = acquainted(&server, &client, HELLO).await;
    drop(peer);
    server.nobody_else().await;
    acquainted(&server, &client, HELLO).await;
}

#[tokio::test]
async fn a_connection_with_bytes_that_answer_nothing_is_not_used() {
    let server = Server::start().await;
    let client = server.client();
    let (_, mut peer) = acquainted(&server, &client, HELLO).await;
    peer.say(HELLO).await;
    server.nobody_else().await;
    acquainted(&server, &client, HELLO).await;
}

#[tokio::test]
async fn a_request_that_may_have_been_read_is_not_sent_again() {
    let server = Server::start().await;
    let client = server.client();
    let (_, mut peer) = acquainted(&server, &client, HELLO).await;
    let serve = async move {
        peer.head().await;
    };
    let (reply, ()) = tokio::join!(get(&client), serve);
    assert!(matches!(reply, Err(Error::Unreachable(_))));
    server.nobody_else().await;
}

/// Ends between the moment it is taken from the pool and the moment a request is written.
#[derive(Clone, Default)]
struct Ending {
    reads: Arc<AtomicUsize>,
    written: Arc<AtomicBool>,
}

impl Read for Ending {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.reads.fetch_add(1, Ordering::Relaxed) {
            0 => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl Write for Ending {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.written.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_request_of_which_nothing_was_written_is_sent_on_a_new_connection() {
    let server = Server::start().await;
    let client = server.client();
    let ending = Ending::default();
    let connection = Connection::over(Box::new(ending.clone()), 100);
    let connection = connection.await.unwrap();
    client.pool.put(connection);
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        assert!(head.contains("content-length: 4\r\n"), "{head}");
        peer.exactly("asks").await;
        peer.say(HELLO).await;
    };
    let (reply, ()) = tokio::join!(ask(&client, Method::POST, "asks"), serve);
    assert_eq!(whole(reply.unwrap()).await, "hello");
    assert!(ending.reads.load(Ordering::Relaxed) > 1, "it was tried");
    assert!(!ending.written.load(Ordering::Relaxed));
    server.nobody_else().await;
}

async fn resting(pool: &Pool) -> DuplexStream {
    let (near, far) = tokio::io::duplex(64);
    let connection = Connection::over(Box::new(TokioIo::new(near)), 100).await;
    pool.put(connection.unwrap());
    far
}

#[tokio::test]
async fn of_too_many_connections_the_oldest_is_closed() {
    let pool = Pool::default();
    let mut oldest = resting(&pool).await;
    let mut others = Vec::new();
    for _ in 0..MAX_IDLE {
        others.push(resting(&pool).await);
    }
    assert_eq!(pool.len(), MAX_IDLE);
    assert_eq!(oldest.read(&mut [0]).await.unwrap(), 0);
    for _ in 0..MAX_IDLE {
        assert!(pool.take().await.is_some());
    }
    assert!(pool.take().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_rested_for_too_long_is_closed() {
    let pool = Pool::default();
    let mut old = resting(&pool).await;
    tokio::time::advance(MAX_AGE - Duration::from_secs(1)).await;
    let mut young = resting(&pool).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let taken = pool.take().await;
    assert!(taken.is_some() && pool.len() == 0);
    assert_eq!(old.read(&mut [0]).await.unwrap(), 0);
    drop(taken);
    assert_eq!(young.read(&mut [0]).await.unwrap(), 0);
}
