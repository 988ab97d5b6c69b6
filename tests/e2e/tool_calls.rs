//! Invariants 3, 4, 8 and 9: what a policy wants is held, what it does not is not, and what comes out is legal.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use sluice_engine::{Event, Outcome, PolicySpec};
use sluice_protocol::BlockKind;
use sluice_server::proxy;
use sluice_tests::client::Client;
use sluice_tests::conversation::{assert_next_turn_is_accepted, calls, message_of, texts};
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::sync::Notify;

fn dropping(tool: &str) -> PolicySpec {
    let rule = json!({"kind": "tool-call", "tool": tool, "then": {"drop": "not today"}});
    spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
    )
}

fn quick_heartbeat() -> proxy::Config {
    proxy::Config {
        heartbeat: Duration::from_millis(50),
        ..proxy::Config::default()
    }
}

async fn message_through(policies: Vec<PolicySpec>, sse: String) -> Value {
    let upstream = Upstream::start(Script::stream(sse)).await;
    let host = TestHost::start(&upstream.url, policies).await;
    message_of(&Client::new(&host.url).stream("go").await)
}

#[tokio::test]
async fn invariant_8_not_one_byte_of_a_wanted_tool_call_is_sent_before_its_verdict() {
    let sse = fixture("anthropic/two_tools");
    let (before, after) = sse.split_at(sse.find("event: message_delta").expect("an end"));
    let go = Arc::new(Notify::new());
    let acts = vec![
        Act::Send(before.to_owned().into()),
        Act::Wait(Arc::clone(&go)),
        Act::Send(after.to_owned().into()),
    ];
    let upstream = Upstream::start(Script::acts(acts)).await;
    let parts = Parts {
        policies: vec![dropping("none")],
        proxy: quick_heartbeat(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let mut stream = Client::new(&host.url).ask("go", true).await.bytes_stream();
    let mut received = Vec::new();
    // The fixture's own first ping belongs to its text; the host's show that it holds.
    while String::from_utf8_lossy(&received)
        .matches("event: ping")
        .count()
        < 4
    {
        received.extend(stream.next().await.expect("more to come").expect("bytes"));
    }
    let so_far = String::from_utf8_lossy(&received);
    assert!(
        so_far.contains("Two at once."),
        "plain text is not held: {so_far}"
    );
    assert!(
        !so_far.contains("tool_use") && !so_far.contains("\"index\":1"),
        "{so_far}"
    );
    go.notify_one();
    while let Some(bytes) = stream.next().await {
        received.extend(bytes.expect("bytes"));
    }
    assert_eq!(calls(&message_of(&received)), ["Bash", "Read"]);
}

#[tokio::test]
async fn invariant_8_what_was_judged_and_what_was_not_is_recorded() {
    let upstream = Upstream::start(Script::stream(fixture("anthropic/two_tools"))).await;
    let mut host = TestHost::start(&upstream.url, vec![dropping("Bash")]).await;
    Client::new(&host.url).stream("go").await;
    let recording = host.recording().await;
    let judged = |event: &Event| matches!(event.outcome, Outcome::Verdict { .. });
    assert_eq!(
        recording
            .events
            .iter()
            .filter(|event| judged(event))
            .count(),
        2
    );
    assert_eq!(recording.not_judged_because(BlockKind::ToolCall), None);
    let reason = recording.not_judged_because(BlockKind::Text);
    assert_eq!(reason, Some("no policy wants blocks of this kind"));
}

#[tokio::test]
async fn the_second_of_two_calls_is_refused_and_the_next_turn_is_accepted() {
    let message = message_through(vec![dropping("Read")], fixture("anthropic/two_tools")).await;
    assert_next_turn_is_accepted(&message);
    assert_eq!(calls(&message), ["Bash"]);
    assert!(texts(&message)[1].contains("not today"), "{message}");
}

#[tokio::test]
async fn the_first_of_two_calls_is_refused_and_the_next_turn_is_accepted() {
    let message = message_through(vec![dropping("Bash")], fixture("anthropic/two_tools")).await;
    assert_next_turn_is_accepted(&message);
    assert_eq!(calls(&message), ["Read"]);
    assert!(texts(&message)[1].contains("not today"), "{message}");
}

#[tokio::test]
async fn a_reply_whose_every_call_is_refused_ends_the_turn() {
    let message = message_through(
        vec![dropping("Bash"), dropping("Read")],
        fixture("anthropic/two_tools"),
    )
    .await;
    assert_next_turn_is_accepted(&message);
    assert_eq!(message["stop_reason"], "end_turn");
}

#[tokio::test]
async fn a_dangerous_command_is_stopped_by_the_example_policy() {
    let policy = spec("block-dangerous-commands", json!({}));
    let message = message_through(vec![policy], fixture("anthropic/two_tools")).await;
    assert_next_turn_is_accepted(&message);
    assert_eq!(calls(&message), ["Read"]);
}

#[tokio::test]
async fn invariant_6_policies_nest_like_an_onion_and_the_first_has_the_last_word() {
    let add = |text: &str| {
        let replace = json!({"kind": "text", "then": {"replace": [{"text": text}]}});
        spec(
            "test/scripted",
            json!({"wants": {"text": "whole"}, "blocks": [replace]}),
        )
    };
    let message =
        message_through(vec![add("outer"), add("inner")], fixture("anthropic/text")).await;
    assert_eq!(texts(&message), ["outer"]);
}

#[tokio::test]
async fn a_stopped_reply_ends_legally_with_a_notice() {
    let rule = json!({"kind": "tool-call", "then": {"stop": "enough"}});
    let policy = spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
    );
    let message = message_through(vec![policy], fixture("anthropic/two_tools")).await;
    assert_next_turn_is_accepted(&message);
    assert!(texts(&message).last().expect("a notice").contains("enough"));
    assert!(calls(&message).is_empty());
}

#[tokio::test]
async fn text_in_pieces_is_rewritten_as_it_streams() {
    let policy = spec(
        "test/scripted",
        json!({"wants": {"text": "pieces"}, "pieces": "upper"}),
    );
    let message = message_through(vec![policy], fixture("anthropic/text")).await;
    let text = texts(&message).concat();
    assert!(!text.is_empty() && text == text.to_uppercase(), "{text}");
}

// With a thread to spare, as in the process: heartbeats are a timer's, and a busy policy has a thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_4_a_slow_judge_costs_heartbeats_and_then_its_side() {
    let mut slow = spec("test/slow", json!({"hook": "block"}));
    slow.limits.block_fuel = u64::MAX / 2;
    slow.limits.deadline = Duration::from_secs(2);
    let upstream = Upstream::start(Script::stream(fixture("anthropic/two_tools"))).await;
    let parts = Parts {
        policies: vec![slow],
        proxy: quick_heartbeat(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let bytes = Client::new(&host.url).stream("go").await;
    let pings = String::from_utf8_lossy(&bytes)
        .matches("event: ping")
        .count();
    assert!(pings >= 4, "{pings} heartbeats in 2 s at 50 ms");
    let message = message_of(&bytes);
    assert_next_turn_is_accepted(&message);
    assert!(calls(&message).is_empty(), "on_failure blocks by default");
}

#[tokio::test]
async fn invariant_2_a_whole_reply_gives_the_same_blocks_as_a_stream() {
    let streamed = message_through(vec![], fixture("anthropic/two_tools")).await;
    let upstream = Upstream::start(Script::json(200, streamed.to_string())).await;
    let mut host = TestHost::start(&upstream.url, vec![dropping("Bash")]).await;
    let client = Client::new(&host.url);
    let reply = client.ask("go", false).await.bytes().await.expect("a body");
    let message: Value = serde_json::from_slice(&reply).expect("JSON");
    assert_next_turn_is_accepted(&message);
    assert_eq!(calls(&message), ["Read"]);
    let whole = host.recording().await;
    upstream.play(Script::stream(fixture("anthropic/two_tools")));
    client.stream("go").await;
    let stream = host.recording().await;
    let outcomes = |events: &[Event]| -> Vec<_> {
        events
            .iter()
            .map(|event| (event.hook, event.outcome.clone()))
            .collect()
    };
    assert_eq!(outcomes(&whole.events), outcomes(&stream.events));
}
