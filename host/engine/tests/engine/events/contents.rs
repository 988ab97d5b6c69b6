//! What policies were given of a reply, and what they left of it.

use std::sync::Arc;

use serde_json::json;
use sluice_engine::{Contents, OnFailure, Outcome, PolicySpec};
use sluice_protocol::PieceRuling;

use super::{in_pieces, judging, passing, say, scripted, step, steps, telling};
use crate::support::{call, chain, load, spec, text};

#[tokio::test]
async fn nothing_is_told_of_contents_unless_they_are_asked_for() {
    let upper = scripted("upper", in_pieces(json!("upper")));
    let edits =
        json!({"wants": {"request": true, "tool_call": "whole"}, "edits": [{"model": "n"}]});
    let mut chain = chain(&[&upper, &scripted("edits", edits)]);
    chain.on_request().await;
    chain.on_block(call("{}")).await;
    say(&mut chain, &["he", "llo"]).await;
    assert_eq!(
        steps(&mut chain),
        ["edits: nothing", "edits: nothing", "upper: nothing"]
    );
}

#[tokio::test]
async fn policies_that_allow_a_block_share_it() {
    let allows = scripted("allows", json!({"wants": {"tool_call": "whole"}}));
    let mut chain = telling(&[&allows; 5]);
    chain.on_block(call("{}")).await;
    let events = chain.take_events();
    let blocks = events.iter().map(|event| match &event.contents {
        Contents::Block {
            before,
            after: None,
        } => &before.block,
        other => panic!("a block that was allowed: {other:?}"),
    });
    let blocks: Vec<_> = blocks.collect();
    assert_eq!(blocks.len(), 5);
    assert!(blocks.iter().all(|block| Arc::ptr_eq(block, blocks[0])));
}

#[tokio::test]
async fn policies_that_allow_a_text_in_pieces_share_it() {
    let keeps = scripted("keeps", in_pieces(json!("keep")));
    let holds = scripted("holds", in_pieces(json!("hold")));
    let observes = scripted("observes", json!({"wants": {"text": "observe"}}));
    let mut chain = telling(&[&observes, &keeps, &holds]);
    say(&mut chain, &["he", "llo"]).await;
    let events = chain.take_events();
    assert_eq!(
        events.iter().map(step).collect::<Vec<_>>(),
        ["holds: hello", "keeps: hello", "observes: hello"]
    );
    let blocks = events.iter().map(|event| match &event.contents {
        Contents::Block { before, .. } => &before.block,
        other => panic!("a block: {other:?}"),
    });
    let blocks: Vec<_> = blocks.collect();
    assert!(blocks.iter().all(|block| Arc::ptr_eq(block, blocks[0])));
}

/// Each kind of verdict on a block, and what its event tells.
#[tokio::test]
async fn an_event_tells_what_a_policy_was_given_and_what_it_left() {
    let two = json!({"replace": [{"text": "a"}, {"tool-call": {"name": "ls", "arguments": {}}}]});
    for (then, told) in [
        (json!("keep"), "p: Bash{}"),
        (two, "p: Bash{} -> a + ls{}"),
        (json!({"drop": "No."}), "p: Bash{} -> "),
        (json!({"stop": "No."}), "p: Bash{} -> "),
    ] {
        let mut chain = telling(&[&scripted("p", judging("tool_call", then))]);
        chain.on_block(call("{}")).await;
        assert_eq!(steps(&mut chain), [told]);
    }
}

#[tokio::test]
async fn a_policy_further_out_is_told_of_what_those_within_left() {
    let inner = scripted(
        "inner",
        judging("text", json!({"replace": [{"text": "b"}]})),
    );
    let outer = scripted(
        "outer",
        judging("text", json!({"replace": [{"text": "c"}]})),
    );
    let mut chain = telling(&[&outer, &inner]);
    chain.on_block(text("a")).await;
    assert_eq!(steps(&mut chain), ["inner: a -> b", "outer: b -> c"]);
}

#[tokio::test]
async fn a_policy_that_fails_left_what_its_side_says() {
    for (side, hook, block, told) in [
        (OnFailure::Block, "block", call("{}"), "p: Bash{} -> "),
        (OnFailure::Pass, "block", call("{}"), "p: Bash{}"),
        (OnFailure::Block, "text", text("hi"), "p: hi -> "),
        (OnFailure::Pass, "text", text("hi"), "p: hi"),
    ] {
        let failing = load(PolicySpec {
            on_failure: side,
            ..spec("p", "traps", json!({ "hook": hook }))
        });
        let mut chain = telling(&[&failing]);
        chain.on_block(block.clone()).await;
        chain.on_block(block).await;
        // It fails on the first, and is not asked about the second.
        let events = chain.take_events();
        assert!(matches!(events[0].outcome, Outcome::Failed { .. }));
        assert!(matches!(events[1].outcome, Outcome::NotJudged { .. }));
        let told = [told, told];
        assert_eq!(events.iter().map(step).collect::<Vec<_>>(), told);
        assert_eq!([events[0].block, events[1].block], [Some(0), Some(1)]);
    }
}

/// What each way with pieces comes to, and whether that counts as a change.
#[tokio::test]
async fn a_text_in_pieces_is_told_as_a_whole() {
    for (pieces, told) in [
        (json!("keep"), "allow p: hello"),
        (json!("send"), "allow p: hello"),
        // That a part comes later changes nothing.
        (json!("hold"), "allow p: hello"),
        (json!("upper"), "modify p: hello -> HELLO"),
        (json!("swallow"), "modify p: hello -> "),
        (json!({"stop-after": 9}), "allow p: hello"),
    ] {
        let mut chain = telling(&[&scripted("p", in_pieces(pieces))]);
        say(&mut chain, &["he", "ll", "o"]).await;
        let events = chain.take_events();
        assert_eq!(events.len(), 1);
        let Outcome::Verdict { verdict, .. } = &events[0].outcome else {
            panic!("a verdict: {:?}", events[0].outcome);
        };
        assert_eq!(format!("{} {}", verdict.as_str(), step(&events[0])), told);
    }
}

#[tokio::test]
async fn a_text_that_is_stopped_is_told_up_to_there() {
    let upper = scripted("upper", in_pieces(json!("upper")));
    let stops = scripted("stops", in_pieces(json!({"stop-after": 3})));
    let mut chain = telling(&[&stops, &upper]);
    chain.on_text("he".to_owned(), false).await;
    let ruling = chain.on_text("llo".to_owned(), false).await;
    assert!(matches!(ruling, PieceRuling::Stop { .. }));
    assert_eq!(steps(&mut chain), ["stops: HELLO -> HE"]);
}

#[tokio::test]
async fn a_policy_further_out_is_told_of_the_text_that_those_within_sent() {
    let upper = scripted("upper", in_pieces(json!("upper")));
    let holds = scripted("holds", in_pieces(json!("hold")));
    let observes = scripted("observes", json!({"wants": {"text": "observe"}}));
    let mut chain = telling(&[&observes, &holds, &upper]);
    say(&mut chain, &["he", "llo"]).await;
    assert_eq!(
        steps(&mut chain),
        ["upper: hello -> HELLO", "holds: HELLO", "observes: HELLO"]
    );
}

#[tokio::test]
async fn a_policy_that_fails_within_a_text_passes_the_rest() {
    let failing = passing("p", "traps", json!({"hook": "pieces", "only": "b"}));
    let mut chain = telling(&[&failing]);
    say(&mut chain, &["a", "b", "c"]).await;
    say(&mut chain, &["d"]).await;
    assert_eq!(steps(&mut chain), ["p: ab", "p: abc", "p: d"]);
}

#[tokio::test]
async fn a_held_text_is_told_to_a_policy_of_pieces_as_a_whole() {
    let whole = scripted("whole", json!({"wants": {"text": "whole"}}));
    for (pieces, told) in [
        (json!("keep"), ["p: hello", "whole: hello"].as_slice()),
        (json!("hold"), &["p: hello", "whole: hello"]),
        (json!("upper"), &["p: hello -> HELLO", "whole: HELLO"]),
        (json!("swallow"), &["p: hello -> "]),
        (json!({"stop-after": 1}), &["p: hello -> "]),
    ] {
        let mut chain = telling(&[&whole, &scripted("p", in_pieces(pieces))]);
        chain.on_block(text("hello")).await;
        assert_eq!(steps(&mut chain), told);
    }
}

#[tokio::test]
async fn texts_that_are_added_at_the_end_are_told() {
    let adds = scripted("adds", json!({"wants": {"end": true}, "end": ["bye"]}));
    let outer = scripted("outer", judging("text", json!({"drop": "No."})));
    let mut chain = telling(&[&outer, &adds]);
    assert!(chain.on_end("end_turn").await.is_empty());
    let events = chain.take_events();
    assert!(events.iter().all(|event| event.block.is_none()));
    let told: Vec<_> = events.iter().map(step).collect();
    assert_eq!(told, ["adds: made bye", "outer: bye -> "]);
}

#[tokio::test]
async fn of_a_large_text_the_beginning_is_told() {
    const MIB: usize = 1 << 20;
    let keeps = scripted("keeps", in_pieces(json!("keep")));
    let upper = scripted("upper", in_pieces(json!("upper")));
    let mut chain = telling(&[&keeps, &upper]);
    let half = "a".repeat(MIB / 2);
    say(&mut chain, &[&half, &half, &half]).await;
    let (all, upper) = ("a".repeat(MIB), "A".repeat(MIB));
    let cut = format!(" and {} more", MIB / 2);
    assert_eq!(
        steps(&mut chain),
        [
            format!("upper: {all}{cut} -> {upper}{cut}"),
            format!("keeps: {upper}{cut}")
        ]
    );
}

#[tokio::test]
async fn a_change_behind_what_is_kept_is_told() {
    let rules = json!({"rules": [{"from": "secret", "to": "public"}]});
    let policy = load(spec("p", "string-replacement", rules));
    for (end, is_changed) in [("secret", true), ("public", false)] {
        let mut chain = telling(&[&policy]);
        say(&mut chain, &[&"a".repeat(1 << 20), end]).await;
        let events = chain.take_events();
        let Contents::Block { before, after } = &events[0].contents else {
            panic!("a block: {:?}", events[0].contents);
        };
        assert_eq!(before.cut, end.len());
        assert_eq!(after.is_some(), is_changed);
    }
}
