//! Invariants 3, 4, 8 and 9, in each dialect: what a policy wants is held, everything else is not,
//! and the result is legal.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use sluice_engine::{Contents, Event, EventLevel, Outcome, PolicySpec};
use sluice_protocol::{Block, BlockKind};
use sluice_server::proxy;
use sluice_server::recorder::NotJudged;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::turn::Turn;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

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

/// What these policies leave of a streamed fixture. A whole reply must give the same.
async fn turn_through(dialect: Dialect, policies: Vec<PolicySpec>, fixture: &str) -> Turn {
    let upstream = Upstream::start(Script::stream(dialect.fixture(fixture))).await;
    let host = TestHost::start(&upstream.url, policies).await;
    let client = Client::of(dialect, &host.url);
    let turn = dialect.turn(&client.stream("go").await);
    upstream.play(Script::json(200, dialect.whole(fixture)));
    let whole: Value = client.ask("go", false).await.json().await.expect("JSON");
    assert_eq!(dialect.turn_of(&whole), turn, "{dialect:?}");
    turn.assert_next_turn_is_accepted();
    turn
}

#[tokio::test]
async fn invariant_8_not_one_byte_of_a_wanted_tool_call_is_sent_before_its_verdict() {
    for (dialect, end) in [
        (Dialect::Anthropic, "event: message_delta"),
        (Dialect::Chat, "data: [DONE]"),
        (Dialect::Responses, "event: response.completed"),
    ] {
        holds_until(dialect, end).await;
    }
}

/// Checks a stream in which upstream waits before `end`, which comes behind two tool calls.
async fn holds_until(dialect: Dialect, end: &str) {
    let sse = dialect.fixture("two_tools");
    // In Chat Completions the finish reason ends a call, so it has to wait too.
    let needle = match dialect {
        Dialect::Chat => sse.rfind("\"finish_reason\":\"tool_calls\"").map(|at| {
            let start = sse[..at].rfind("data: ").expect("a frame");
            sse[start..at].to_owned()
        }),
        _ => Some(end.to_owned()),
    };
    let (script, go) = Script::held_at(&sse, &needle.expect("an end"));
    let upstream = Upstream::start(script).await;
    let parts = Parts {
        policies: vec![dropping("none")],
        proxy: quick_heartbeat(),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let reply = Client::of(dialect, &host.url).ask("go", true).await;
    let mut stream = reply.bytes_stream();
    let mut received = Vec::new();
    let heartbeats = |received: &[u8]| {
        let text = String::from_utf8_lossy(received);
        text.matches(dialect.heartbeat()).count()
    };
    // The fixture's own first ping belongs to its text. The host's pings show that it holds.
    while heartbeats(&received) < 4 {
        received.extend(stream.next().await.expect("more to come").expect("bytes"));
    }
    let so_far = String::from_utf8_lossy(&received).into_owned();
    assert!(
        so_far.contains("Two at"),
        "plain text is not held: {so_far}"
    );
    for of_a_call in [
        "tool_use",
        "tool_calls\":[",
        "function_call",
        "Bash",
        "_01A",
    ] {
        assert!(!so_far.contains(of_a_call), "{so_far}");
    }
    go.notify_one();
    while let Some(bytes) = stream.next().await {
        received.extend(bytes.expect("bytes"));
    }
    assert_eq!(dialect.turn(&received).tools(), ["Bash", "Read"]);
}

#[tokio::test]
async fn invariant_8_what_was_judged_and_what_was_not_is_recorded() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("two_tools"))).await;
        let mut host = TestHost::start(&upstream.url, vec![dropping("Bash")]).await;
        Client::of(dialect, &host.url).stream("go").await;
        let recording = host.recording().await;
        let judged = |event: &&Event| matches!(event.outcome, Outcome::Verdict { .. });
        assert_eq!(recording.events.iter().filter(judged).count(), 2);
        for call in [0, 1] {
            let reason = recording.not_judged_because(BlockKind::ToolCall, Some(call));
            assert_eq!(reason, None);
        }
        let reason = recording.not_judged_because(BlockKind::Text, None);
        assert_eq!(reason, Some(NotJudged::NotWanted));
    }
}

#[tokio::test]
async fn a_recording_tells_what_policies_were_given_if_its_sink_asks_for_that() {
    for dialect in Dialect::ALL {
        for level in [EventLevel::Outcomes, EventLevel::Contents] {
            let upstream = Upstream::start(Script::stream(dialect.fixture("two_tools"))).await;
            let parts = Parts {
                policies: vec![dropping("Bash")],
                level,
                ..Parts::default()
            };
            let mut host = TestHost::with(&upstream.url, parts).await;
            Client::of(dialect, &host.url).stream("go").await;
            let events = host.recording().await.events.into_iter();
            let told = events.filter_map(|event| match event.contents {
                Contents::Block { before, after } => match &*before.block {
                    Block::ToolCall(call) => Some((call.name.clone(), after)),
                    _ => None,
                },
                _ => None,
            });
            let told: Vec<_> = told.collect();
            let expected = match level {
                EventLevel::Outcomes => Vec::new(),
                // One is left out, the other one leaves as it was.
                EventLevel::Contents => {
                    vec![
                        ("Bash".to_owned(), Some(Vec::new())),
                        ("Read".to_owned(), None),
                    ]
                }
            };
            assert_eq!(told, expected);
        }
    }
}

#[tokio::test]
async fn one_of_two_calls_is_refused_and_the_next_turn_is_accepted() {
    for dialect in Dialect::ALL {
        for (refused, left) in [("Read", "Bash"), ("Bash", "Read")] {
            let turn = turn_through(dialect, vec![dropping(refused)], "two_tools").await;
            assert_eq!(turn.tools(), [left]);
            assert!(turn.text().starts_with("Two at once."), "{turn:?}");
            assert!(turn.text().contains("not today"), "{turn:?}");
        }
    }
}

#[tokio::test]
async fn a_reply_whose_every_call_is_refused_ends_the_turn() {
    for dialect in Dialect::ALL {
        let both = vec![dropping("Bash"), dropping("Read")];
        let turn = turn_through(dialect, both, "two_tools").await;
        assert_eq!(turn.tools(), [""; 0], "{dialect:?}");
    }
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
    for dialect in Dialect::ALL {
        let turn = turn_through(dialect, vec![add("outer"), add("inner")], "text").await;
        assert_eq!(turn.texts, ["outer"], "{dialect:?}");
    }
}

#[tokio::test]
async fn a_call_is_replaced_by_one_with_other_arguments() {
    let made = json!({"tool-call": {"name": "Bash", "arguments": {"command": "ls"}}});
    let rule = json!({"tool": "Bash", "then": {"replace": [made]}});
    for dialect in Dialect::ALL {
        let policy = spec(
            "test/scripted",
            json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
        );
        let turn = turn_through(dialect, vec![policy], "two_tools").await;
        assert_eq!(turn.tools(), ["Bash", "Read"], "{dialect:?}");
        assert_eq!(turn.calls[0].1, json!({"command": "ls"}), "{dialect:?}");
    }
}

#[tokio::test]
async fn a_stopped_reply_ends_legally_with_a_notice() {
    let rule = json!({"kind": "tool-call", "then": {"stop": "enough"}});
    for dialect in Dialect::ALL {
        let policy = spec(
            "test/scripted",
            json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
        );
        let turn = turn_through(dialect, vec![policy], "two_tools").await;
        assert!(turn.text().contains("enough"), "{turn:?}");
        assert!(turn.calls.is_empty(), "{turn:?}");
    }
}

#[tokio::test]
async fn text_in_pieces_is_rewritten_as_it_streams() {
    for dialect in Dialect::ALL {
        let policy = spec(
            "test/scripted",
            json!({"wants": {"text": "pieces"}, "pieces": "upper"}),
        );
        let turn = turn_through(dialect, vec![policy], "text").await;
        assert_eq!(turn.texts, ["HELLO! HOW CAN I HELP YOU TODAY?"]);
    }
}

#[tokio::test]
async fn a_text_is_added_at_the_end_of_a_reply() {
    for dialect in Dialect::ALL {
        let policy = spec(
            "test/scripted",
            json!({"wants": {"end": true}, "end": ["checked"]}),
        );
        let turn = turn_through(dialect, vec![policy], "text").await;
        assert!(turn.text().ends_with("checked"), "{turn:?}");
    }
}

// It needs a spare thread, as the process has one: heartbeats come from a timer, and a busy policy
// takes a thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_4_a_slow_judge_costs_heartbeats_and_then_its_side() {
    for dialect in Dialect::ALL {
        let mut slow = spec("test/slow", json!({"hook": "block"}));
        slow.limits.block_fuel = u64::MAX / 2;
        slow.limits.deadline = Duration::from_secs(2);
        let upstream = Upstream::start(Script::stream(dialect.fixture("two_tools"))).await;
        let parts = Parts {
            policies: vec![slow],
            proxy: quick_heartbeat(),
            ..Parts::default()
        };
        let host = TestHost::with(&upstream.url, parts).await;
        let bytes = Client::of(dialect, &host.url).stream("go").await;
        let heartbeats = String::from_utf8_lossy(&bytes)
            .matches(dialect.heartbeat())
            .count();
        assert!(heartbeats >= 4, "{heartbeats} heartbeats in 2 s at 50 ms");
        let turn = dialect.turn(&bytes);
        turn.assert_next_turn_is_accepted();
        assert!(turn.calls.is_empty(), "on_failure blocks by default");
    }
}

#[tokio::test]
async fn invariant_2_a_whole_reply_gives_the_same_blocks_as_a_stream() {
    let mut seen = Vec::new();
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::json(200, dialect.whole("two_tools"))).await;
        let mut host = TestHost::start(&upstream.url, vec![dropping("Bash")]).await;
        let client = Client::of(dialect, &host.url);
        client.ask("go", false).await.bytes().await.expect("a body");
        let whole = host.recording().await;
        upstream.play(Script::stream(dialect.fixture("two_tools")));
        client.stream("go").await;
        let stream = host.recording().await;
        let outcomes = |events: &[Event]| -> Vec<_> {
            let events = events.iter();
            events
                .map(|event| (event.hook, event.outcome.clone()))
                .collect()
        };
        assert_eq!(outcomes(&whole.events), outcomes(&stream.events));
        seen.push(outcomes(&stream.events));
    }
    assert!(
        seen.windows(2).all(|pair| pair[0] == pair[1]),
        "in each dialect the same"
    );
}
