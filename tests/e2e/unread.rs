//! Replies of which no policy wants anything: they pass as they come, whatever their size, and a cut is seen as one.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::Response;
use serde_json::json;
use sluice_engine::PolicySpec;
use sluice_server::recorder::Ending;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};
use tokio::sync::Notify;

const MIB: usize = 1 << 20;

fn wanting_tool_calls() -> Vec<PolicySpec> {
    vec![spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}}),
    )]
}

/// Frames and whole replies may have a MiB where policies want anything of them.
fn bounded(policies: Vec<PolicySpec>) -> Parts {
    let mut parts = Parts {
        policies,
        ..Parts::default()
    };
    parts.proxy.limits.frame = MIB;
    parts.proxy.limits.whole = MIB;
    parts
}

/// A reply of three MiB in two halves, of which the second is sent when the test says so.
struct Halves {
    halves: [String; 2],
    go: Arc<Notify>,
}

impl Halves {
    /// One body.
    fn whole(dialect: Dialect) -> Self {
        let whole = String::from_utf8(dialect.whole("text").to_vec()).expect("text");
        Self::padded("{\"padding\":\"", &format!("\",{}", &whole[1..]))
    }

    /// A stream with a frame of that size.
    fn stream(dialect: Dialect) -> Self {
        let stream = dialect.fixture("text");
        let first = stream.find("\n\n").expect("a frame") + 2;
        let (before, behind) = stream.split_at(first);
        let start = format!("{before}event: newer\ndata: {{\"type\":\"newer\",\"padding\":\"");
        Self::padded(&start, &format!("\"}}\n\n{behind}"))
    }

    fn padded(start: &str, end: &str) -> Self {
        let padding = "x".repeat(3 * MIB / 2);
        Self {
            halves: [format!("{start}{padding}"), format!("{padding}{end}")],
            go: Arc::new(Notify::new()),
        }
    }

    fn acts(&self) -> Vec<Act> {
        let [first, second] = self.halves.clone();
        vec![
            Act::Send(first.into()),
            Act::Wait(Arc::clone(&self.go)),
            Act::Send(second.into()),
        ]
    }

    /// The first half, and then this.
    fn cut(&self, last: Act) -> Vec<Act> {
        // If the connection broke at once, that would overtake the bytes before it.
        let flush = Act::Pause(Duration::from_millis(50));
        let first = self.halves[0].clone();
        vec![Act::Send(first.into()), flush, last]
    }
}

fn script(acts: Vec<Act>, streamed: bool) -> Script {
    match streamed {
        true => Script::acts(acts),
        false => Script {
            acts,
            ..Script::json(200, "")
        },
    }
}

/// What a caller has of a body before it ends or breaks off, and whether it breaks off.
async fn received(reply: Response, mut enough: impl FnMut(usize)) -> (String, bool) {
    let mut body = reply.bytes_stream();
    let mut received = Vec::new();
    let mut is_cut = false;
    while let Some(bytes) = body.next().await {
        match bytes {
            Ok(bytes) => received.extend(bytes),
            Err(_) => is_cut = true,
        }
        enough(received.len());
    }
    (String::from_utf8(received).expect("text"), is_cut)
}

#[tokio::test]
async fn a_reply_of_any_size_passes_as_it_comes() {
    for dialect in Dialect::ALL {
        for (reply, streamed) in [
            (Halves::whole(dialect), false),
            (Halves::stream(dialect), true),
        ] {
            let upstream = Upstream::start(script(reply.acts(), streamed)).await;
            let mut host = TestHost::with(&upstream.url, bounded(vec![])).await;
            let answer = Client::of(dialect, &host.url).ask("go", streamed).await;
            assert_eq!(answer.status(), 200);
            // The second half is not even sent before all of the first has arrived.
            let first = reply.halves[0].len();
            let go = |received| {
                if received == first {
                    reply.go.notify_one();
                }
            };
            let (received, is_cut) = received(answer, go).await;
            assert!(received == reply.halves.concat(), "{dialect:?} {streamed}");
            assert!(!is_cut);
            assert_eq!(host.recording().await.ending, Ending::Delivered);
        }
    }
}

#[tokio::test]
async fn a_reply_over_the_bound_is_an_error_where_policies_want_anything_of_it() {
    for dialect in Dialect::ALL {
        for (reply, streamed, flag) in [
            (Halves::whole(dialect), false, "--max-reply-mib"),
            (Halves::stream(dialect), true, "--max-frame-mib"),
        ] {
            reply.go.notify_one();
            let upstream = Upstream::start(script(reply.acts(), streamed)).await;
            let host = TestHost::with(&upstream.url, bounded(wanting_tool_calls())).await;
            let answer = Client::of(dialect, &host.url).ask("go", streamed).await;
            assert_eq!(answer.status(), if streamed { 200 } else { 502 });
            let (received, is_cut) = received(answer, |_| {}).await;
            assert!(received.contains(flag) && !is_cut, "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_cut_off_is_cut_off_for_the_caller() {
    for dialect in Dialect::ALL {
        for (reply, streamed) in [
            (Halves::whole(dialect), false),
            (Halves::stream(dialect), true),
        ] {
            for last in [Act::Break, Act::Hang] {
                let upstream = Upstream::start(script(reply.cut(last), streamed)).await;
                let parts = Parts {
                    idle_timeout: Duration::from_millis(300),
                    ..bounded(vec![])
                };
                let mut host = TestHost::with(&upstream.url, parts).await;
                let answer = Client::of(dialect, &host.url).ask("go", streamed).await;
                let (received, is_cut) = received(answer, |_| {}).await;
                assert!(is_cut, "{dialect:?} {streamed}: it looks whole");
                // Nothing of Sluice's own stands behind it.
                assert!(reply.halves[0].starts_with(&received));
                let ending = host.recording().await.ending;
                let names_upstream =
                    matches!(&ending, Ending::Failed(cause) if cause.starts_with("upstream"));
                assert!(names_upstream, "{ending}");
            }
        }
    }
}

#[tokio::test]
async fn a_shutdown_within_a_frame_cuts_the_caller_off() {
    let dialect = Dialect::Responses;
    let reply = Halves::stream(dialect);
    let upstream = Upstream::start(script(reply.cut(Act::Hang), true)).await;
    let parts = Parts {
        drain: Duration::from_millis(100),
        ..bounded(vec![])
    };
    let mut host = TestHost::with(&upstream.url, parts).await;
    let answer = Client::of(dialect, &host.url).ask("go", true).await;
    let first = reply.halves[0].len();
    let (received, is_cut) = received(answer, |received| {
        if received == first {
            host.shut_down();
        }
    })
    .await;
    assert!(is_cut && received == reply.halves[0]);
    host.down().await;
}

#[tokio::test]
async fn a_body_that_is_no_reply_passes_as_it_is() {
    for dialect in Dialect::ALL {
        for body in ["<html>login</html>", "\"a string\"", "{\"cut\":", ""] {
            let upstream = Upstream::start(Script::json(200, body)).await;
            let mut host = TestHost::start(&upstream.url, vec![]).await;
            let reply = Client::of(dialect, &host.url).ask("go", false).await;
            assert_eq!(reply.status(), 200);
            assert_eq!(reply.text().await.expect("text"), body, "{dialect:?}");
            assert_eq!(host.recording().await.ending, Ending::Delivered);
        }
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_before_its_first_byte_is_a_502() {
    for dialect in Dialect::ALL {
        for streamed in [false, true] {
            let acts = vec![Act::Pause(Duration::from_millis(50)), Act::Break];
            let upstream = Upstream::start(script(acts, streamed)).await;
            let host = TestHost::start(&upstream.url, vec![]).await;
            let reply = Client::of(dialect, &host.url).ask("go", streamed).await;
            assert_eq!(reply.status(), 502, "{dialect:?} {streamed}");
        }
    }
}
