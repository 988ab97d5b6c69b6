//! Connections in memory, under a clock of the tests' own.

use std::future::pending;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, request};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http_body_util::BodyExt as _;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connections::{Connections, NoRoom};
use super::counts::{ConnectionEvent, Counts};
use super::drive::drive;
use super::owned::Owned;
use super::slot::Slot;
use super::{Config, Refusal, Served, Shared, http};

const HEAD: Duration = Duration::from_secs(30);
const REST: Duration = Duration::from_secs(600);

const ASK: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const ASK_FOR_EVER: &str = "GET /for-ever HTTP/1.1\r\nhost: x\r\n\r\n";

fn config() -> Config {
    Config {
        max_connections: 4,
        max_per_address: Some(3),
        head_timeout: HEAD,
        keep_alive_timeout: REST,
        max_header_lines: 120,
        ..Config::default()
    }
}

fn connections() -> Arc<Connections> {
    Connections::new(&config(), Arc::new(Counts::default()))
}

fn turn_away(_: &request::Parts, refusal: Refusal) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, refusal.to_string()).into_response()
}

fn shared() -> Arc<Shared> {
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/for-ever", get(pending::<()>));
    Arc::new(Shared {
        http: http(&config(), Owned::new(CancellationToken::new())),
        served: Served {
            router: router.with_state(()),
            is_vital: |request| request.uri.path() == "/",
            turn_away,
        },
        config: config(),
    })
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

/// A caller whose connection is served.
struct Caller {
    stream: DuplexStream,
    connections: Arc<Connections>,
}

impl Caller {
    fn new() -> Self {
        Self::among(&connections(), 1).unwrap()
    }

    fn among(connections: &Arc<Connections>, last: u8) -> Result<Self, NoRoom> {
        let slot = connections.admit(address(last))?;
        let stream = serve(slot, None);
        Ok(Self {
            stream,
            connections: Arc::clone(connections),
        })
    }

    async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads as far as the next `here`.
    async fn hear(&mut self) {
        let mut read = Vec::new();
        while !read.ends_with(b"here") {
            read.push(self.stream.read_u8().await.unwrap());
        }
    }

    async fn ask(&mut self) {
        self.say(ASK).await;
        self.hear().await;
    }

    /// How long it takes until the connection is closed, in seconds.
    async fn closed_after(&mut self) -> u64 {
        let begun = Instant::now();
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
        begun.elapsed().as_secs()
    }

    /// Whether it is still served.
    async fn is_served(&mut self) -> bool {
        let mut byte = [0];
        let read = self.stream.read(&mut byte);
        tokio::time::timeout(Duration::from_millis(1), read)
            .await
            .is_err()
    }
}

/// Serves a connection in a task that ends with the test.
#[expect(clippy::disallowed_methods, reason = "it ends with the test")]
fn serve(slot: Slot, no_room: Option<Refusal>) -> DuplexStream {
    let (near, far) = tokio::io::duplex(64 << 10);
    tokio::spawn(drive(far, None, slot, shared(), no_room));
    near
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_first_request_does_not_come_is_closed() {
    for sent in [
        "",
        "G",
        "PRI * HTTP/2.0\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\n",
    ] {
        let mut caller = Caller::new();
        caller.say(sent).await;
        let begun = Instant::now();
        let mut rest = Vec::new();
        caller.stream.read_to_end(&mut rest).await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 30, "{sent}");
        assert_eq!(
            caller
                .connections
                .counts
                .total(ConnectionEvent::HeadTimeout),
            1
        );
        assert_eq!(caller.connections.open(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_has_no_more_time() {
    let mut caller = Caller::new();
    for byte in &ASK.as_bytes()[..20] {
        tokio::time::advance(Duration::from_secs(1)).await;
        caller.say([*byte]).await;
        assert!(caller.is_served().await);
    }
    assert_eq!(caller.closed_after().await, 9);
}

#[tokio::test(start_paused = true)]
async fn a_connection_at_rest_has_more_time_until_its_next_head_begins() {
    let mut caller = Caller::new();
    caller.ask().await;
    assert_eq!(caller.closed_after().await, 600);
    assert_eq!(
        caller
            .connections
            .counts
            .total(ConnectionEvent::HeadTimeout),
        0
    );

    let mut caller = Caller::new();
    caller.ask().await;
    tokio::time::advance(Duration::from_secs(100)).await;
    caller.say("GET / HT").await;
    assert_eq!(caller.closed_after().await, 30);
    assert_eq!(
        caller
            .connections
            .counts
            .total(ConnectionEvent::HeadTimeout),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_under_way_has_all_the_time_it_needs() {
    let mut caller = Caller::new();
    caller.say(ASK_FOR_EVER).await;
    tokio::time::advance(Duration::from_secs(100_000)).await;
    assert!(caller.is_served().await);
}

#[tokio::test(start_paused = true)]
async fn http_2_rests_and_runs_within_the_same_bounds() {
    let connections = connections();
    let slot = connections.admit(address(1)).unwrap();
    let transport = TokioIo::new(serve(slot, None));
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), transport)
        .await
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    let driven = tokio::spawn(connection);
    let request = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let running = sender.send_request(request("http://x/for-ever"));
    let reply = sender.send_request(request("http://x/")).await.unwrap();
    assert_eq!(
        reply.into_body().collect().await.unwrap().to_bytes(),
        "here"
    );
    tokio::time::sleep(REST * 3).await;
    assert_eq!(connections.open(), 1, "a request is under way");
    drop(running);
    let begun = Instant::now();
    driven.await.unwrap().unwrap();
    assert!(begun.elapsed() <= REST * 2, "{:?}", begun.elapsed());
    assert_eq!(connections.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_for_longest_makes_room_and_who_has_a_request_never_does() {
    let connections = connections();
    let mut running = Caller::among(&connections, 1).unwrap();
    running.say(ASK_FOR_EVER).await;
    let mut half = Caller::among(&connections, 2).unwrap();
    half.say("GET / HT").await;
    let mut rested = Caller::among(&connections, 3).unwrap();
    rested.ask().await;
    let mut silent = Caller::among(&connections, 4).unwrap();
    assert!(half.is_served().await && silent.is_served().await);

    let mut newest = Caller::among(&connections, 5).unwrap();
    newest.say(ASK_FOR_EVER).await;
    assert!(!half.is_served().await);
    assert!(silent.is_served().await && rested.is_served().await);
    // It came later than the one that rests, but the one that rests has had a request since.
    rested.ask().await;
    let mut next = Caller::among(&connections, 6).unwrap();
    next.say(ASK_FOR_EVER).await;
    assert!(!silent.is_served().await);
    let mut last = Caller::among(&connections, 7).unwrap();
    last.say(ASK_FOR_EVER).await;
    assert!(!rested.is_served().await);
    assert!(last.is_served().await);
    assert_eq!(connections.admit(address(8)).unwrap_err(), NoRoom::Full);
    assert!(running.is_served().await && newest.is_served().await);
    assert_eq!(connections.counts.total(ConnectionEvent::Evicted), 3);
    assert_eq!(connections.open(), 4);
}

#[tokio::test]
async fn of_one_address_only_its_own_make_room() {
    let connections = connections();
    let other = connections.admit(address(2)).unwrap();
    let own: Vec<_> = (0..3)
        .map(|_| connections.admit(address(1)).unwrap())
        .collect();
    let newest = connections.admit(address(1)).unwrap();
    assert!(own[0].place().is_evicted() && !other.place().is_evicted());
    let busy: Vec<_> = [&own[1], &own[2], &newest]
        .map(|slot| slot.place().begin(false))
        .into();
    assert_eq!(connections.admit(address(1)).unwrap_err(), NoRoom::Address);
    drop(busy);
    assert!(connections.admit(address(1)).is_ok());
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_address_and_so_is_ipv4_in_its_clothes() {
    for (one, same, other) in [
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2"),
    ] {
        let connections = connections();
        let admit = |address: &str| {
            let slot = connections.admit(address.parse().unwrap());
            let slot = slot?;
            let busy = slot.place().begin(false);
            Ok::<_, NoRoom>((slot, busy))
        };
        let _all = [
            admit(one).unwrap(),
            admit(same).unwrap(),
            admit(one).unwrap(),
        ];
        assert_eq!(admit(same).unwrap_err(), NoRoom::Address);
        assert!(admit(other).is_ok());
    }
}

#[tokio::test]
async fn nothing_is_left_of_connections_that_are_gone() {
    let connections = connections();
    let mut slots = std::collections::VecDeque::new();
    let mut busy = Vec::new();
    for turn in 0..1000_u32 {
        if let Ok(slot) = connections.admit(address((turn % 5) as u8)) {
            if turn % 3 == 0 {
                busy.push(slot.place().begin(turn % 2 == 0));
            }
            slots.push_back(slot);
        }
        if turn % 7 == 0 {
            busy.pop();
        }
        if slots.len() > 6 {
            slots.pop_front();
        }
        assert!(connections.open() <= 4);
    }
    slots.clear();
    // A stream of HTTP/2 may end after its connection.
    busy.clear();
    assert!(connections.is_empty(), "{connections:?}");
}

#[tokio::test]
async fn those_who_do_not_go_when_told_are_not_replaced_without_end() {
    let connections = connections();
    let mut slots = Vec::new();
    let refused = loop {
        match connections.admit(address(1)) {
            Ok(slot) => slots.push(slot),
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, NoRoom::Address);
    assert_eq!(slots.len(), 3 + 256);
}

#[tokio::test(start_paused = true)]
async fn told_to_close_a_connection_finishes_its_request_and_no_other() {
    let connections = connections();
    let mut rested = Caller::among(&connections, 1).unwrap();
    rested.ask().await;
    let mut half = Caller::among(&connections, 2).unwrap();
    half.say("GET / HT").await;
    let mut running = Caller::among(&connections, 3).unwrap();
    running.say(ASK_FOR_EVER).await;
    assert!(running.is_served().await && half.is_served().await);
    connections.close();
    assert_eq!(rested.closed_after().await, 0);
    assert_eq!(half.closed_after().await, 0);
    assert!(running.is_served().await);
}

/// Returns the answer to these bytes, and waits until the connection is closed.
async fn answered(bytes: &str, no_room: Option<Refusal>) -> String {
    let connections = connections();
    let slot = connections.admit(address(1)).unwrap();
    let mut stream = serve(slot, no_room);
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut read = String::new();
    stream.read_to_string(&mut read).await.unwrap();
    read
}

#[tokio::test]
async fn without_room_only_what_is_vital_is_answered() {
    let no_room = Some(Refusal::Full { limit: 4 });
    let refused = answered(ASK_FOR_EVER, no_room).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("connection: close\r\n"), "{refused}");
    assert!(refused.ends_with("all 4 connections are in use (--max-connections)"));
    let vital = answered(ASK, no_room).await;
    assert!(
        vital.starts_with("HTTP/1.1 200 ") && vital.ends_with("here"),
        "{vital}"
    );
}

#[tokio::test]
async fn too_many_lines_of_headers_are_told_in_words() {
    let request = |lines: usize| {
        let lines: String = (0..lines).map(|line| format!("x-{line}: 1\r\n")).collect();
        format!("GET / HTTP/1.1\r\nconnection: close\r\n{lines}\r\n")
    };
    assert!(
        answered(&request(119), None)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    let refused = answered(&request(120), None).await;
    assert!(
        refused.contains("more than 120 lines of headers"),
        "{refused}"
    );
    // Beyond what is read at all the library answers, without words.
    let refused = answered(&request(1000), None).await;
    assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
}

#[test]
fn there_are_no_more_connections_than_files() {
    let fit = |files| config().within(files).max_connections;
    assert_eq!((fit(0), fit(70), fit(100), fit(u64::MAX)), (1, 3, 4, 4));
    let many = Config::default();
    assert_eq!(many.clone().within(1024).max_connections, 448);
    assert_eq!(many.within(1024).per_address(), 336);
}
