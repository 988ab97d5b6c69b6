//! Callers who hold connections keep nobody else waiting.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use sluice_server::listen;
use sluice_server::recorder::Ending;
use sluice_tests::client::{Client, http};
use sluice_tests::host::Parts;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

async fn host(upstream: &Upstream, listen: listen::Config) -> TestHost {
    let parts = Parts {
        listen,
        ..Parts::default()
    };
    TestHost::with(&upstream.url, parts).await
}

async fn connect(host: &TestHost) -> TcpStream {
    let address: SocketAddr = host.url["http://".len()..].parse().expect("an address");
    TcpStream::connect(address).await.expect("a connection")
}

/// A connection whose request's head never ends.
async fn half_open(host: &TestHost) -> TcpStream {
    let mut connection = connect(host).await;
    let head = "POST /v1/messages HTTP/1.1\r\nhost: x\r\n";
    let sent = connection.write_all(head.as_bytes()).await;
    sent.expect("room for a line");
    connection
}

async fn closed(mut connection: TcpStream) {
    // A reset is an end too.
    let _ = connection.read_to_end(&mut Vec::new()).await;
}

/// The answer of the health check, which comes whatever callers do.
async fn is_healthy(host: &TestHost) {
    let asked = http().get(format!("{}/health", host.url)).send().await;
    assert_eq!(asked.expect("an answer").status(), 200);
}

/// What operators are told of the agents' connections.
async fn connections(host: &TestHost) -> Value {
    host.told("/status").await["connections"].clone()
}

async fn is_refused(dialect: Dialect, reply: Response, flag: &str) {
    assert_eq!(reply.status(), 503, "{dialect:?}");
    assert_eq!(reply.headers()["retry-after"], "1");
    let body: Value = reply.json().await.expect("an error is JSON");
    assert_eq!(body["type"] == "error", dialect == Dialect::Anthropic);
    let message = body["error"]["message"].as_str().expect("a message");
    assert!(message.contains(flag), "{message}");
}

#[tokio::test]
async fn half_open_connections_hold_up_nobody() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let listen = listen::Config {
        max_connections: 50,
        ..listen::Config::default()
    };
    let host = host(&upstream, listen).await;
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(half_open(&host).await);
    }
    for dialect in Dialect::ALL {
        let script = Script::stream(dialect.fixture("text"));
        upstream.play(script);
        let stream = Client::of(dialect, &host.url).stream("go").await;
        assert_eq!(stream, dialect.fixture("text"));
    }
    let told = connections(&host).await;
    assert!(told["closed_to_make_room"].as_u64() >= Some(150), "{told}");
    assert!(told["open"].as_u64() <= Some(50), "{told}");
    assert_eq!(told["refused"], 0);
}

#[tokio::test]
async fn a_head_has_to_come_in_time() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let listen = listen::Config {
        head_timeout: Duration::from_millis(200),
        ..listen::Config::default()
    };
    let host = host(&upstream, listen).await;
    closed(half_open(&host).await).await;
    closed(connect(&host).await).await;
    assert_eq!(connections(&host).await["head_timeouts"], 2);
}

/// Opens as many endless streams as there may be connections.
async fn streams(host: &TestHost, count: usize) -> Vec<Response> {
    let mut streams = Vec::new();
    for _ in 0..count {
        // Each client has a connection of its own.
        let client = Client::new(&host.url);
        streams.push(client.ask("go", true).await);
    }
    streams
}

fn endless() -> Script {
    let sse = Dialect::Anthropic.fixture("text");
    let frame = sse.find("\n\n").expect("a frame") + 2;
    Script::acts(vec![Act::Send(sse[..frame].to_owned().into()), Act::Hang])
}

#[tokio::test]
async fn where_all_connections_run_a_request_callers_are_told_and_health_is_answered() {
    let upstream = Upstream::start(endless()).await;
    for (max, per_address, flag, counted) in [
        (4, Some(4), "--max-connections)", "refused"),
        (
            8,
            Some(4),
            "--max-connections-per-address",
            "refused_by_address",
        ),
    ] {
        let listen = listen::Config {
            max_connections: max,
            max_per_address: per_address,
            ..listen::Config::default()
        };
        let host = host(&upstream, listen).await;
        let running = streams(&host, 4).await;
        // Callers that hold the reserved connections are told to leave as well.
        let mut held = Vec::new();
        for _ in 0..40 {
            held.push(half_open(&host).await);
        }
        for dialect in Dialect::ALL {
            let reply = Client::of(dialect, &host.url).ask("hi", true).await;
            is_refused(dialect, reply, flag).await;
        }
        is_healthy(&host).await;
        let told = connections(&host).await;
        assert_eq!(told["open"], 4, "{told}");
        assert!(told[counted].as_u64() >= Some(43), "{told}");
        // Running requests are never cut, so the next caller gets the place of one that has ended.
        for mut stream in running {
            assert!(stream.chunk().await.expect("it still runs").is_some());
            drop(stream);
        }
        drop(held);
        let served = async {
            while Client::new(&host.url).ask("go", true).await.status() != 200 {
                tokio::task::yield_now().await;
            }
        };
        let served = tokio::time::timeout(Duration::from_secs(30), served);
        served.await.expect("there is room again");
    }
}

/// An upstream that accepts requests with any number of header lines, and reports how many each
/// had. It is written by hand, because HTTP libraries have a bound of their own.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
async fn counting(reply: String) -> (String, mpsc::UnboundedReceiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    let (counted, counts) = mpsc::unbounded_channel();
    tokio::task::spawn(async move {
        loop {
            let (mut caller, _) = listener.accept().await.expect("a caller");
            let mut request = String::new();
            while !request.ends_with('}') {
                let mut read = [0; 4096];
                let length = caller.read(&mut read).await.expect("a request");
                request.push_str(&String::from_utf8_lossy(&read[..length]));
            }
            let _ = counted.send(request.matches("\r\nx-line: ").count());
            caller.write_all(reply.as_bytes()).await.expect("a reply");
        }
    });
    (url, counts)
}

#[tokio::test]
async fn many_lines_of_headers_cross_both_ways_and_too_many_are_a_431() {
    for dialect in Dialect::ALL {
        let stream = dialect.fixture("text");
        let many: String = (0..500).map(|line| format!("x-{line}: 1\r\n")).collect();
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream";
        let (url, mut counts) = counting(format!("{head}\r\n{many}\r\n{stream}")).await;
        let mut parts = Parts {
            max_reply_header_lines: 1_000,
            ..Parts::default()
        };
        parts.listen.max_header_lines = 1_000;
        let host = TestHost::with(&url, parts).await;
        for lines in [101, 500, 900] {
            let reply = ask(&host, dialect, lines).await;
            assert!(reply.starts_with("HTTP/1.1 200 "), "{lines}: {reply}");
            assert!(reply.contains("\r\nx-499: 1\r\n"), "{reply}");
            assert_eq!(counts.recv().await, Some(lines));
        }
        let reply = ask(&host, dialect, 1_001).await;
        assert!(reply.starts_with("HTTP/1.1 431 "), "{reply}");
        let (_, body) = reply.split_once("\r\n\r\n").expect("a body");
        let body: Value = serde_json::from_str(body).expect("an error is JSON");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains("--max-header-lines"), "{message}");
        assert!(counts.try_recv().is_err(), "nothing was forwarded");
    }
}

/// The answer to a request with this many additional lines.
async fn ask(host: &TestHost, dialect: Dialect, lines: usize) -> String {
    let own = dialect.headers().iter();
    let own: String = own
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let more = "x-line: 1\r\n".repeat(lines);
    let body = dialect.request("hi", true).to_string();
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{own}{more}content-length: {}\r\n\r\n{body}",
        dialect.path(),
        body.len()
    );
    let mut connection = connect(host).await;
    let sent = connection.write_all(request.as_bytes()).await;
    sent.expect("it takes the request");
    let mut reply = String::new();
    let read = connection.read_to_string(&mut reply).await;
    read.expect("a whole reply");
    reply
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_caller_who_takes_nothing_of_its_reply_loses_it() {
    let frame = Dialect::Anthropic.fixture("text");
    let frame = &frame[..frame.find("\n\n").expect("a frame") + 2];
    // More than the system's buffers on the way can hold.
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n".repeat(1 << 18);
    let acts = vec![
        Act::Send(frame.to_owned().into()),
        Act::Send(ping.into()),
        Act::Hang,
    ];
    let upstream = Upstream::start(Script::acts(acts)).await;
    let listen = listen::Config {
        caller_timeout: Duration::from_secs(1),
        ..listen::Config::default()
    };
    let mut host = host(&upstream, listen).await;
    let mut caller = connect(&host).await;
    let body = Dialect::Anthropic.request("go", true).to_string();
    let request = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    caller.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(host.recording().await.ending, Ending::Aborted);
    upstream.cancelled().await;
    drop(caller);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_half_open_connections() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let mut host = host(&upstream, listen::Config::default()).await;
    let half = half_open(&host).await;
    let silent = connect(&host).await;
    is_healthy(&host).await;
    host.shut_down();
    // Well within the bounds of a shutdown and of a head.
    let down = tokio::time::timeout(Duration::from_secs(20), host.down());
    down.await.expect("it is down");
    closed(half).await;
    closed(silent).await;
}
