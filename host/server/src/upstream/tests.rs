//! The client towards upstream, before servers that a test plays by hand on real sockets.

mod bodies;
mod idle;
mod reuse;
mod ways;

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Config, Error, Reply, Upstream};

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

/// A server whose every byte the test sends.
struct Server(TcpListener);

/// The server's side of a connection.
struct Peer(TcpStream);

impl Server {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn client(&self) -> Upstream {
        client(&self.url(), &Matcher::builder().build())
    }

    async fn accept(&self) -> Peer {
        Peer(self.0.accept().await.unwrap().0)
    }

    /// Nobody connected but who is known. When it returns the runtime has seen what happened to sockets
    /// before.
    async fn nobody_else(&self) {
        let own = TcpStream::connect(self.0.local_addr().unwrap()).await;
        let next = self.0.accept().await.unwrap().1;
        assert_eq!(next, own.unwrap().local_addr().unwrap());
    }
}

impl Peer {
    /// The head of the next request, and nothing behind it.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    async fn exactly(&mut self, expected: &str) {
        let mut read = vec![0; expected.len()];
        self.0.read_exact(&mut read).await.unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), expected);
    }

    async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads the head of a request without a body and answers it.
    async fn answer(&mut self, bytes: impl AsRef<[u8]>) {
        self.head().await;
        self.say(bytes).await;
    }

    /// Waits until the client closes the connection.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = self.0.read_to_end(&mut rest).await;
    }
}

fn client(url: &str, proxies: &Matcher) -> Upstream {
    Upstream::through(proxies, config(url)).unwrap()
}

/// Bounds that a test does not reach, unless it wants to.
fn config(url: &str) -> Config {
    Config {
        connect_timeout: Duration::from_secs(30),
        first_byte_timeout: Duration::from_secs(60),
        idle_timeout: Duration::from_secs(60),
        max_header_lines: 200,
        url: url.parse().unwrap(),
        stands_for_v1: false,
    }
}

async fn ask(client: &Upstream, method: Method, body: impl Into<Body>) -> Result<Reply, Error> {
    let uri = "/v1/messages".parse().unwrap();
    let limit = Duration::from_secs(60);
    let sent = client.pass(method, &uri, HeaderMap::new(), body.into(), limit);
    sent.await
}

async fn get(client: &Upstream) -> Result<Reply, Error> {
    let uri = "/v1/messages".parse().unwrap();
    let sent = client.send(Method::GET, &uri, HeaderMap::new(), Bytes::new());
    sent.await
}

async fn whole(reply: Reply) -> String {
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// An exchange without a body, answered on a connection that is there already.
async fn once_more(client: &Upstream, peer: &mut Peer) {
    let (reply, ()) = tokio::join!(get(client), peer.answer(HELLO));
    assert_eq!(whole(reply.unwrap()).await, "hello");
}

/// The first exchange, and the connection it left.
async fn acquainted(server: &Server, client: &Upstream, answer: &str) -> (String, Peer) {
    let serve = async {
        let mut peer = server.accept().await;
        peer.answer(answer).await;
        peer
    };
    let (reply, peer) = tokio::join!(get(client), serve);
    (whole(reply.unwrap()).await, peer)
}
