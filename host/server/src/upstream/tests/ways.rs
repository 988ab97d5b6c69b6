//! How upstream is reached: directly, through a proxy, or not at all.

use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::AsyncReadExt as _;

use super::{Error, HELLO, Reply, Server, Upstream, acquainted, client, config, get, whole};

/// A proxy at a server's address, with credentials.
fn proxy(server: &Server) -> String {
    server.url().replace("http://", "http://user:pass@")
}

/// Returns the answer that a client gets while the server plays the proxy, which sends this head and then `answer`.
async fn through(
    server: &Server,
    client: &Upstream,
    answer: &str,
) -> (Result<Reply, Error>, String) {
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        peer.say(answer).await;
        head
    };
    tokio::join!(get(client), serve)
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_address_of_what_is_not_secret() {
    let server = Server::start().await;
    let proxies = Matcher::builder().http(proxy(&server)).build();
    let client = client("http://upstream.test:8080/base", &proxies);
    let (reply, head) = through(&server, &client, HELLO).await;
    assert_eq!(whole(reply.unwrap()).await, "hello");
    let expected = "GET http://upstream.test:8080/base/v1/messages HTTP/1.1\r\n\
                    host: upstream.test:8080\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n";
    assert!(head.starts_with(expected), "{head}");
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_to_what_is_secret() {
    let server = Server::start().await;
    let proxies = Matcher::builder().https(proxy(&server)).build();
    let client = client("https://upstream.test", &proxies);
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        let mut hello = vec![0; 4096];
        let length = peer.0.read(&mut hello).await.unwrap();
        hello.truncate(length);
        (head, hello)
    };
    let (reply, (head, hello)) = tokio::join!(get(&client), serve);
    assert!(matches!(reply, Err(Error::Unreachable(_))));
    let expected = "CONNECT upstream.test:443 HTTP/1.1\r\nHost: upstream.test:443\r\n\
                    Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n";
    assert_eq!(head, expected);
    // A TLS handshake that names upstream and speaks HTTP/1.1 alone.
    let has = |needle: &[u8]| hello.windows(needle.len()).any(|window| window == needle);
    assert_eq!(hello[0], 22);
    assert!(has(b"upstream.test") && has(b"\x08http/1.1") && !has(b"\x02h2"));
}

#[tokio::test]
async fn a_proxy_that_refuses_is_upstreams_error() {
    let server = Server::start().await;
    let proxies = Matcher::builder().https(proxy(&server)).build();
    let client = client("https://upstream.test", &proxies);
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    let (reply, _) = through(&server, &client, refusal).await;
    let Err(Error::Unreachable(cause)) = reply else {
        panic!("not an error");
    };
    assert_eq!(cause, "tunnel error: proxy authorization required");
}

#[tokio::test]
async fn what_is_exempt_from_the_proxy_is_reached_directly() {
    let server = Server::start().await;
    let proxies = Matcher::builder()
        .all("http://127.0.0.1:1")
        .no("127.0.0.1")
        .build();
    let client = client(&server.url(), &proxies);
    let (reply, head) = through(&server, &client, HELLO).await;
    assert_eq!(whole(reply.unwrap()).await, "hello");
    assert!(head.starts_with("GET /v1/messages HTTP/1.1\r\n"), "{head}");
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_told_without_its_address() {
    let server = Server::start().await;
    let client = server.client();
    drop(server);
    let Err(Error::Unreachable(cause)) = get(&client).await else {
        panic!("not an error");
    };
    assert!(cause.starts_with("Connection refused"), "{cause}");
}

/// A time that a test waits out.
const SOON: Duration = Duration::from_millis(20);

/// A server that says nothing loses the client.
async fn is_left(server: &Server, client: &Upstream) {
    let serve = async {
        let mut peer = server.accept().await;
        peer.closed().await;
    };
    let (reply, ()) = tokio::join!(get(client), serve);
    let Err(Error::TimedOut(limit)) = reply else {
        panic!("not a timeout");
    };
    assert_eq!(limit, SOON);
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_left() {
    let server = Server::start().await;
    let mut config = config(&server.url());
    config.first_byte_timeout = SOON;
    let client = Upstream::through(&Matcher::builder().build(), config).unwrap();
    is_left(&server, &client).await;
}

#[tokio::test]
async fn a_connection_that_does_not_open_in_time_is_left() {
    let server = Server::start().await;
    let mut config = config("https://upstream.test");
    config.connect_timeout = SOON;
    let proxies = Matcher::builder().https(proxy(&server)).build();
    let client = Upstream::through(&proxies, config).unwrap();
    is_left(&server, &client).await;
}

#[tokio::test]
async fn the_callers_path_goes_out_as_it_came() {
    let server = Server::start().await;
    let client = server.client();
    let uri = "/v1/models/{a}%2F/..?q='x'".parse().unwrap();
    let serve = async {
        let mut peer = server.accept().await;
        let head = peer.head().await;
        peer.say(HELLO).await;
        head
    };
    let sent = client.send(
        axum::http::Method::GET,
        &uri,
        HeaderMap::new(),
        Bytes::new(),
    );
    let (reply, head) = tokio::join!(sent, serve);
    assert_eq!(whole(reply.unwrap()).await, "hello");
    let first = head.lines().next().unwrap();
    assert_eq!(first, "GET /v1/models/{a}%2F/..?q='x' HTTP/1.1");
}

#[tokio::test]
async fn a_reply_may_have_many_lines_of_headers_but_not_any_number() {
    let server = Server::start().await;
    let client = server.client();
    let answer = |lines: usize| {
        let lines: String = (0..lines).map(|line| format!("x-{line}: 1\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{lines}content-length: 5\r\n\r\nhello")
    };
    let (body, mut peer) = acquainted(&server, &client, &answer(199)).await;
    assert_eq!(body, "hello");
    let (reply, ()) = tokio::join!(get(&client), peer.answer(answer(200)));
    assert!(matches!(reply, Err(Error::LargeHead)));
}
