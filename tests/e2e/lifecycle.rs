//! Invariants 5, 10 and 13: the ends of exchanges and of the process.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::StreamExt;
use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_server::recorder::Ending;
use sluice_tests::client::Client;
use sluice_tests::frames::frames;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::net::TcpListener;
use tokio::sync::Notify;

fn hanging() -> Script {
    hanging_behind(vec![])
}

/// A stream that begins, goes on with these acts, and then hangs.
fn hanging_behind(acts: Vec<Act>) -> Script {
    let sse = fixture("anthropic/text");
    let half = sse[..sse.len() / 2].to_owned();
    let whole_frames = half[..half.rfind("event:").expect("a frame")].to_owned();
    let begun = [Act::Send(whole_frames.into())];
    Script::acts([&begun[..], &acts, &[Act::Hang]].concat())
}

#[tokio::test]
async fn invariant_13_when_the_caller_goes_away_upstream_is_cancelled_and_the_recording_is_aborted()
{
    let upstream = Upstream::start(hanging()).await;
    let mut host = TestHost::start(&upstream.url, vec![spec("keep-all", json!({}))]).await;
    let mut stream = Client::new(&host.url).ask("go", true).await.bytes_stream();
    stream.next().await.expect("bytes").expect("bytes");
    drop(stream);
    assert_eq!(host.recording().await.ending, Ending::Aborted);
    tokio::time::timeout(Duration::from_secs(30), upstream.cancelled())
        .await
        .expect("upstream is cancelled");
}

#[tokio::test]
async fn what_a_policy_said_is_recorded_though_the_caller_leaves_while_a_later_one_runs() {
    let upstream = Upstream::start(hanging()).await;
    let judges = spec(
        "test/scripted",
        json!({"wants": {"request": true}, "report": true}),
    );
    let mut runs = spec("test/slow", json!({"hook": "request"}));
    runs.limits.request_fuel = u64::MAX / 4;
    let mut host = TestHost::start(&upstream.url, vec![judges, runs]).await;
    let client = Client::new(&host.url);
    let asked = tokio::time::timeout(Duration::from_millis(500), client.ask("go", true)).await;
    assert!(asked.is_err(), "it is still judged");
    let recording = host.recording().await;
    assert_eq!(recording.ending, Ending::Aborted);
    let said = recording.events.iter().map(|event| &*event.policy);
    assert!(said.eq(["scripted", "scripted"]), "{:?}", recording.events);
}

#[tokio::test]
async fn a_running_stream_finishes_during_shutdown_and_no_new_one_begins() {
    let go = std::sync::Arc::new(Notify::new());
    let sse = fixture("anthropic/text");
    let (first, rest) = sse.split_at(sse.find("event: content_block_stop").expect("a stop"));
    let acts = vec![
        Act::Send(first.to_owned().into()),
        Act::Wait(go.clone()),
        Act::Send(rest.to_owned().into()),
    ];
    let upstream = Upstream::start(Script::acts(acts)).await;
    let mut host = TestHost::start(&upstream.url, vec![]).await;
    let mut stream = Client::new(&host.url).ask("go", true).await.bytes_stream();
    let mut received = stream.next().await.expect("bytes").expect("bytes").to_vec();
    let url = host.url.clone();
    host.shut_down();
    let refused = async {
        // The listener closes soon after the signal. Each try uses a new connection.
        while sluice_tests::client::http()
            .get(format!("{url}/health"))
            .send()
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused)
        .await
        .expect("no new connection is taken");
    go.notify_one();
    while let Some(bytes) = stream.next().await {
        received.extend(bytes.expect("bytes"));
    }
    assert_eq!(String::from_utf8_lossy(&received), sse);
    host.down().await;
}

#[tokio::test]
async fn a_stream_that_outlasts_the_bound_of_a_shutdown_ends_with_an_error_event() {
    let upstream = Upstream::start(hanging()).await;
    let parts = Parts {
        drain: Duration::from_millis(100),
        ..Parts::default()
    };
    let mut host = TestHost::with(&upstream.url, parts).await;
    let mut stream = Client::new(&host.url).ask("go", true).await.bytes_stream();
    let mut received = stream.next().await.expect("bytes").expect("bytes").to_vec();
    host.shut_down();
    while let Some(bytes) = stream.next().await {
        received.extend(bytes.expect("bytes"));
    }
    let (event, data) = frames(&received).pop().expect("frames");
    assert_eq!(event, "error");
    assert!(
        data["error"]["message"]
            .as_str()
            .expect("text")
            .contains("shutting down"),
        "{data}"
    );
    host.down().await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
async fn a_request_that_outlasts_the_bound_of_a_shutdown_fails_and_is_recorded() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("a bound port"));
    let parts = Parts {
        drain: Duration::ZERO,
        ..Parts::default()
    };
    let mut host = TestHost::with(&url, parts).await;
    let client = Client::new(&host.url);
    let asking = tokio::spawn(async move { client.ask("hi", false).await.status() });
    // It is asked, and never answers.
    let _asked = silent.accept().await.expect("a connection");
    host.shut_down();
    assert_eq!(asking.await.expect("it does not panic"), 502);
    let Ending::Failed(cause) = host.recording().await.ending else {
        panic!("it did not fail");
    };
    assert!(cause.contains("shutting down"), "{cause}");
    host.down().await;
}

/// Each of them is under way when the process ends, and its caller takes no more of it.
#[tokio::test]
async fn an_exchange_that_a_shutdown_cuts_off_is_recorded_wherever_it_stands() {
    let much = || Act::Send(vec![b'x'; 32 << 20].into());
    let hangs = || Script::acts(vec![Act::Send("{\"data\":[".into()), Act::Hang]);
    let stream = || hanging_behind(vec![]);
    let of = |status: u16, script: Script| Script {
        status: StatusCode::from_u16(status).expect("a status"),
        ..script
    };
    let keeps = || vec![spec("keep-all", json!({}))];
    let chat =
        json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "x"}]});
    let input = json!({"model": "m", "input": "x"});
    for (what, script, policies, path, body) in [
        (
            "a stream that nobody reads",
            stream(),
            vec![],
            "/v1/messages",
            &chat,
        ),
        (
            "a stream that policies judge",
            stream(),
            keeps(),
            "/v1/messages",
            &chat,
        ),
        (
            "a stream of which too much came",
            hanging_behind(vec![much()]),
            vec![],
            "/v1/messages",
            &chat,
        ),
        ("an error", of(500, hangs()), vec![], "/v1/messages", &chat),
        (
            "an error that is judged",
            of(500, hangs()),
            keeps(),
            "/v1/messages",
            &chat,
        ),
        (
            "a reply without blocks",
            hangs(),
            vec![],
            "/v1/embeddings",
            &input,
        ),
        (
            "too much of one",
            Script::acts(vec![much(), Act::Hang]),
            vec![],
            "/v1/embeddings",
            &input,
        ),
    ] {
        for http2 in [false, true] {
            let case = format!("{what}, HTTP/2: {http2}");
            let ending = cut_off(&script, &policies, http2, (path, body)).await;
            let Some(Ending::Failed(cause)) = ending else {
                panic!("{case}: {ending:?}");
            };
            assert!(cause.contains("shutting down"), "{case}: {cause}");
        }
    }
}

/// How an exchange was recorded, if at all, that was under way when the process ended.
async fn cut_off(
    script: &Script,
    policies: &[PolicySpec],
    http2: bool,
    (path, body): (&str, &Value),
) -> Option<Ending> {
    let upstream = Upstream::start(script.clone()).await;
    let parts = Parts {
        policies: policies.to_vec(),
        drain: Duration::ZERO,
        ..Parts::default()
    };
    let mut host = TestHost::with(&upstream.url, parts).await;
    let client = match http2 {
        true => reqwest::Client::builder().http2_prior_knowledge(),
        false => reqwest::Client::builder(),
    };
    let client = client.build().expect("a client");
    let request = client.post(format!("{}{path}", host.url)).json(body);
    let request = request
        .bearer_auth("sk-test")
        .header("x-api-key", "sk-test");
    // Some have no head yet.
    let mut asking = Box::pin(request.send());
    let answer = tokio::time::timeout(Duration::from_millis(200), &mut asking).await;
    assert_eq!(upstream.seen().len(), 1);
    host.shut_down();
    host.ended().await;
    drop((answer, asking));
    host.closed_recording().map(|recording| recording.ending)
}

#[tokio::test]
async fn invariant_5_an_instance_serves_one_exchange_and_shares_nothing() {
    // The policy keeps what it holds back in a field. A second exchange must not see the first
    // one's.
    let policy = spec(
        "test/scripted",
        json!({"wants": {"text": "pieces"}, "pieces": "hold"}),
    );
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let client = Client::new(&host.url);
    let first = client.stream("one").await;
    let second = client.stream("two").await;
    assert_eq!(first, second);
}
