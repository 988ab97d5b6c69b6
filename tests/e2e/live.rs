//! What happens, told to operators as it happens.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use sluice_api::{Happening, PoliciesLoaded};
use sluice_engine::PolicySpec;
use sluice_server::bus::{Bounds, Bus};
use sluice_server::recorder::Recorder;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::live::Listener;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script, TestHost, Upstream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A bus that runs as long as the test.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
fn bus(bounds: Bounds) -> Bus {
    let (bus, running) = Bus::new(bounds);
    tokio::spawn(running.run(CancellationToken::new()));
    bus
}

async fn start(script: Script, policies: Vec<PolicySpec>, bus: &Bus) -> (Upstream, TestHost) {
    let upstream = Upstream::start(script).await;
    let parts = Parts {
        policies,
        bus: bus.clone(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    (upstream, host)
}

/// Stops calls of a tool, with a reason that repeats what the model said.
fn dropping() -> PolicySpec {
    let rule = json!({"kind": "tool-call", "then": {"drop": "a secret reason"}});
    let config = json!({"wants": {"tool_call": "whole"}, "blocks": [rule]});
    spec("test/scripted", config)
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let kind = |event: &'_ Value| match event["type"].as_str() {
        Some("exchange-started") => "started",
        Some("exchange-finished") => "finished",
        Some("exchange-recorded") => "recorded",
        Some("verdict") => "verdict",
        other => panic!("it is {other:?}"),
    };
    events.iter().map(kind).collect()
}

#[tokio::test]
async fn an_exchange_is_told_as_it_goes_and_nothing_that_was_said() {
    for dialect in Dialect::ALL {
        let (recorded, recorder) = Recorded::new().await;
        let (script, go) = Script::held_at(&dialect.fixture("two_tools"), end_of(dialect));
        let upstream = Upstream::start(script).await;
        let parts = Parts {
            policies: vec![dropping()],
            recorder: Some(recorder),
            store: Some(recorded.store.clone()),
            bus: bus(Bounds::default()),
            ..Parts::default()
        };
        let host = TestHost::with(&upstream.url, parts).await;
        let mut listener = Listener::start(&host, "", None).await;
        let client = Client::of(dialect, &host.url);
        let asked = client.ask("the question", true);
        // It is told that the exchange began before its reply is over.
        let (reply, started) = tokio::join!(asked, listener.event());
        let started = started.expect("an event");
        assert_eq!(started["type"], "exchange-started");
        assert_eq!(
            (&started["streaming"], &started["generation"]),
            (&true.into(), &1.into())
        );
        go.notify_one();
        reply.bytes().await.expect("the reply ends well");

        let mut events = vec![started];
        events.extend(listener.events(4).await);
        assert_eq!(
            kinds(&events),
            ["started", "verdict", "verdict", "finished", "recorded"]
        );
        let exchange = &events[0]["exchange"];
        assert!(events.iter().all(|event| event["exchange"] == *exchange));
        assert!(
            exchange["caller"]
                .as_str()
                .expect("a caller")
                .starts_with("clr_")
        );
        assert_eq!(exchange["session"]["found_by"], "first message");
        let said = json!({
            "policy": "scripted", "verdict": "deny", "action": "block", "rule": events[1]["said"]["rule"],
            "outcome": null,
        });
        for verdict in &events[1..3] {
            assert_eq!(
                (&verdict["said"], &verdict["side"]),
                (&said, &"reply".into())
            );
        }
        let finished = &events[3];
        assert_eq!(
            (&finished["status"], &finished["ending"]),
            (&200.into(), &"delivered".into())
        );
        assert_eq!(finished["verdicts"], json!([{"said": said, "times": 2}]));
        assert!(
            finished["usage"]["output"]
                .as_u64()
                .is_some_and(|tokens| tokens > 0)
        );

        is_in_the_record(&host, &listener.ids[0], &events).await;
        for secret in [
            "the question",
            "a secret reason",
            "test-key",
            "get_weather",
            "arguments",
        ] {
            assert!(
                !listener.raw.contains(secret),
                "{secret} in {}",
                listener.raw
            );
        }
    }
}

/// Checks that what is said to be in the record is there, with the same names, and in a session that can be listened to.
async fn is_in_the_record(host: &TestHost, start: &str, events: &[Value]) {
    let (exchange, finished) = (&events[0]["exchange"], &events[3]);
    let id = exchange["id"].as_str().expect("an id");
    let stored = host.told(&format!("/exchanges/{id}")).await;
    let summary = &stored["summary"];
    for name in ["caller", "session", "api", "model", "received_at_ms"] {
        assert_eq!(summary[name], exchange[name], "{name}");
    }
    assert_eq!(stored["attempts"][0]["usage"], finished["usage"]);
    let session = summary["session_id"].as_str().expect("an id");
    let mut same = Listener::start(host, &format!("session={session}"), Some(start)).await;
    assert_eq!(same.events(events.len()).await, events);
}

/// Where a stream with two tool calls is almost over.
fn end_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "event: message_delta",
        Dialect::Chat => "data: [DONE]",
        Dialect::Responses => "event: response.completed",
    }
}

#[tokio::test]
async fn events_are_filtered_and_a_wrong_filter_is_a_problem() {
    let bus = bus(Bounds::default());
    let script = Script::stream(Dialect::Anthropic.fixture("two_tools"));
    let (_upstream, host) = start(script, vec![dropping()], &bus).await;
    let mut all = Listener::start(&host, "", None).await;
    let mut refusing = [
        ("kind=verdict&policy=scripted&verdict=deny", 2),
        ("policy=scripted", 3),
        ("ending=delivered&status=200", 1),
        ("session_key=agents-own&caller=nobody", 0),
    ]
    .map(|(query, count)| (query, count));
    let mut listeners = Vec::new();
    for (query, count) in &mut refusing {
        listeners.push((Listener::start(&host, query, None).await, *count));
    }
    Client::new(&host.url).stream("go").await;
    let events = all.events(4).await;
    bus.close();
    for (mut listener, count) in listeners {
        let heard = listener.events(count).await;
        assert!(
            heard.iter().all(|event| events.contains(event)),
            "{heard:?}"
        );
        assert!(listener.event().await.is_none());
    }
    for (query, status, detail) in [
        (
            "modle=x",
            400,
            "unknown parameter `modle`; did you mean `model`?",
        ),
        ("kind=verdikt", 400, "`exchange-started`"),
        ("status=x", 400, "status: "),
        ("session=x", 400, "session: `x` is no id"),
        ("session=1", 404, "records nothing"),
    ] {
        let answer = Listener::ask(&host, query, None).await;
        assert_eq!(answer.status(), status, "{query}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.expect("JSON");
        assert!(
            problem["detail"].as_str().expect("text").contains(detail),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_listener_goes_on_behind_its_last_event_or_is_told_that_nobody_knows() {
    let bus = bus(Bounds::default());
    let script = Script::json(200, Dialect::Anthropic.whole("text"));
    let (_upstream, host) = start(script, Vec::new(), &bus).await;
    let mut listener = Listener::start(&host, "", None).await;
    let client = Client::new(&host.url);
    for _ in 0..3 {
        client
            .ask("hi", false)
            .await
            .bytes()
            .await
            .expect("a reply");
    }
    let events = listener.events(6).await;
    for (seen, next) in [(0, 0), (1, 1), (4, 4), (5, 5)] {
        let mut again = Listener::start(&host, "", Some(&listener.ids[seen])).await;
        assert_eq!(again.event().await.as_ref(), Some(&events[next]), "{seen}");
    }
    for unknown in [
        "0123456789ab-7@0123456789ab",
        "0123456789ab-7",
        "17",
        "\u{fe}",
    ] {
        let mut again = Listener::start(&host, "kind=exchange-finished", Some(unknown)).await;
        let gap = again.event().await.expect("a gap");
        assert_eq!(
            (&gap["type"], &gap["because"], &gap["missed"]),
            (&"gap".into(), &"unknown-id".into(), &Value::Null)
        );
        // What is still known comes behind it.
        assert_eq!(again.event().await.as_ref(), Some(&events[1]));
    }
}

fn numbered(generation: u64) -> Happening {
    Happening::PoliciesLoaded(PoliciesLoaded {
        generation,
        policies: 0,
    })
}

#[tokio::test]
async fn a_listener_that_reads_nothing_slows_nobody_and_is_dropped_with_a_word() {
    let bus = bus(Bounds::default());
    let script = Script::json(200, Dialect::Anthropic.whole("text"));
    let (_upstream, host) = start(script, Vec::new(), &bus).await;
    let address = host.admin_url.trim_start_matches("http://");
    let mut slow = TcpStream::connect(address).await.expect("Sluice listens");
    let head = format!(
        "GET /api/v1/events HTTP/1.0\r\nhost: localhost\r\nx-api-key: {}\r\n\r\n",
        host.admin_key
    );
    slow.write_all(head.as_bytes()).await.expect("Sluice reads");
    let mut quick = Listener::start(&host, "kind=exchange-finished", None).await;
    let mut told = 0;
    // More than the system holds for a connection.
    while told < 60_000 {
        bus.tell(numbered(told));
        told += 1;
        // A hundred a millisecond: listeners rest for 20 ms, and 4,096 are kept.
        if told.is_multiple_of(1000) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if told.is_multiple_of(20_000) {
            let asked = Instant::now();
            let reply = Client::new(&host.url).ask("hi", false).await;
            assert_eq!(reply.status(), 200);
            assert!(asked.elapsed() < Duration::from_secs(5));
            let heard = quick.event().await.expect("it is told");
            assert_eq!(heard["type"], "exchange-finished");
        }
    }
    let mut read = String::new();
    slow.read_to_string(&mut read).await.expect("it ends well");
    let last = read.trim_end().rsplit("\n\n").next().expect("a block");
    let (id, data) = last.split_once("\nevent: gap\ndata: ").expect("a gap");
    let gap: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(gap["because"], "too-slow");
    let came = read.matches("event: policies-loaded").count() as u64
        + read.matches("event: exchange-").count() as u64;
    let events = host.told("/status").await["events"].clone();
    assert_eq!(events["dropped_listeners"], 1);
    assert_eq!(events["left_out"], 0, "the queue was never full");
    let missed = gap["missed"].as_u64().expect("a number");
    assert_eq!(came + missed, events["told"].as_u64().expect("a number"));
    // It goes on behind the gap.
    let seen = id.strip_prefix("id: ");
    let mut again = Listener::start(&host, "", seen).await;
    bus.tell(numbered(told));
    assert_eq!(again.event().await.expect("it is told")["generation"], told);
}

#[tokio::test]
async fn there_are_no_more_listeners_than_may_be() {
    let bus = bus(Bounds {
        listeners: 2,
        ..Bounds::default()
    });
    let (_upstream, host) = start(Script::stream(""), Vec::new(), &bus).await;
    let first = Listener::start(&host, "", None).await;
    let _second = Listener::start(&host, "", None).await;
    let refused = Listener::ask(&host, "", None).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "5");
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(problem["code"], "busy");
    let events = host.told("/status").await["events"].clone();
    assert_eq!(
        (&events["listeners"], &events["refused_listeners"]),
        (&2.into(), &1.into())
    );
    drop(first);
    let begun = Instant::now();
    while Listener::ask(&host, "", None).await.status() != StatusCode::OK {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "its place is free again"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn streams_end_at_a_shutdown_once_the_last_exchange_was_told() {
    let bus = bus(Bounds::default());
    let sse = Dialect::Anthropic.fixture("text");
    let (script, go) = Script::held_at(&sse, end_of(Dialect::Anthropic));
    let (_upstream, mut host) = start(script, Vec::new(), &bus).await;
    let mut listener = Listener::start(&host, "", None).await;
    let reply = Client::new(&host.url).ask("hi", true).await;
    assert_eq!(
        listener.event().await.expect("it began")["type"],
        "exchange-started"
    );
    host.shut_down();
    tokio::time::sleep(Duration::from_millis(50)).await;
    go.notify_one();
    reply.bytes().await.expect("it may end well");
    let finished = listener.event().await.expect("it is told");
    assert_eq!(finished["ending"], "delivered");
    assert!(listener.event().await.is_none());
    let down = tokio::time::timeout(Duration::from_secs(10), host.down());
    down.await.expect("nobody who listens keeps it up");
}

#[tokio::test]
async fn an_exchange_whose_recording_is_dropped_is_told_to_its_end() {
    let (recorded, recorder) = Recorded::with(sluice_server::recorder::ArchiveConfig {
        recordings: 0,
        ..Default::default()
    })
    .await;
    for (recorder, policies) in [
        (Some(recorder), Vec::new()),
        // A panic in a policy is a verdict too.
        (
            None::<Recorder>,
            vec![spec("test/panics", json!({"hook": "request"}))],
        ),
    ] {
        let bus = bus(Bounds::default());
        let upstream = Upstream::start(Script::json(200, Dialect::Anthropic.whole("text"))).await;
        let refused = !policies.is_empty();
        let parts = Parts {
            recorder,
            policies,
            bus,
            ..Parts::default()
        };
        let host = TestHost::with(&upstream.url, parts).await;
        let mut listener = Listener::start(&host, "", None).await;
        let status = Client::new(&host.url).ask("hi", false).await.status();
        let events = listener.events(2 + usize::from(refused)).await;
        let finished = events.last().expect("an event");
        assert_eq!(finished["type"], "exchange-finished");
        assert_eq!(finished["usage"], Value::Null, "nobody read the reply");
        assert_eq!(finished["status"], status.as_u16());
        if refused {
            assert_eq!(events[1]["said"]["outcome"], "failed-block");
            assert_eq!(finished["ending"], "refused");
        }
    }
    assert!(recorded.end().await);
}
