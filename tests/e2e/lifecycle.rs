//! Invariants 5, 10 and 13: the ends of exchanges and of the process.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use sluice_server::recorder::Ending;
use sluice_tests::client::Client;
use sluice_tests::frames::frames;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::net::TcpListener;
use tokio::sync::Notify;

fn hanging() -> Script {
    let sse = fixture("anthropic/text");
    let half = sse[..sse.len() / 2].to_owned();
    let whole_frames = half[..half.rfind("event:").expect("a frame")].to_owned();
    Script::acts(vec![Act::Send(whole_frames.into()), Act::Hang])
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
