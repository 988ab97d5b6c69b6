//! What events tell: which block they are about, which policy wrote them, and what it was given and left.

mod contents;
mod edits;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use sluice_engine::{
    Chain, Content, Contents, Event, EventLevel, OnFailure, Outcome, Policy, PolicySpec,
    RequestRuling,
};
use sluice_protocol::Block;

use crate::support::{self, call, chain, chain_at, load, request, spec, text};

/// A scripted policy. Each is loaded once for all tests, because that takes a second.
fn scripted(name: &str, config: Value) -> Arc<Policy> {
    static LOADED: Mutex<BTreeMap<String, Arc<Policy>>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let policy = loaded.entry(format!("{name} {config}"));
    Arc::clone(policy.or_insert_with(|| support::scripted(name, config)))
}

/// A chain whose events tell of contents.
pub(super) fn telling(policies: &[&Arc<Policy>]) -> Chain {
    telling_of(policies, support::BODY)
}

pub(super) fn telling_of(policies: &[&Arc<Policy>], body: &'static str) -> Chain {
    chain_at(policies, request(body), EventLevel::Contents)
}

pub(super) fn passing(name: &str, component: &str, config: Value) -> Arc<Policy> {
    load(PolicySpec {
        on_failure: OnFailure::Pass,
        ..spec(name, component, config)
    })
}

/// What a policy was given and what it left, in words.
pub(super) fn step(event: &Event) -> String {
    let told = |content: &Content| {
        let cut = match content.cut {
            0 => String::new(),
            cut => format!(" and {cut} more"),
        };
        match &*content.block {
            Block::Text(text) | Block::Thinking(text) => format!("{text}{cut}"),
            Block::ToolCall(call) => format!("{}{}{cut}", call.name, call.arguments),
            other => format!("{other:?}{cut}"),
        }
    };
    let all = |blocks: &[Content]| blocks.iter().map(told).collect::<Vec<_>>().join(" + ");
    let policy = &event.policy;
    match &event.contents {
        Contents::Nothing => format!("{policy}: nothing"),
        Contents::Block {
            before,
            after: None,
        } => format!("{policy}: {}", told(before)),
        Contents::Block {
            before,
            after: Some(after),
        } => format!("{policy}: {} -> {}", told(before), all(after)),
        Contents::Made(made) => format!("{policy}: made {}", all(made)),
        Contents::Edits(edits) => format!("{policy}: {} edits", edits.kept.len()),
    }
}

pub(super) fn steps(chain: &mut Chain) -> Vec<String> {
    chain.take_events().iter().map(step).collect()
}

pub(super) fn judging(kind: &str, then: Value) -> Value {
    json!({"wants": {kind: "whole"}, "blocks": [{"then": then}]})
}

pub(super) fn in_pieces(pieces: Value) -> Value {
    json!({"wants": {"text": "pieces"}, "pieces": pieces})
}

/// Sends a text through in these pieces.
pub(super) async fn say(chain: &mut Chain, pieces: &[&str]) {
    for piece in pieces {
        chain.on_text((*piece).to_owned(), false).await;
    }
    chain.on_text(String::new(), true).await;
}

#[tokio::test]
async fn each_event_says_which_block_of_the_reply_it_is_about() {
    let wants = json!({"request": true, "text": "pieces", "thinking": "observe",
        "tool_call": "whole", "end": true});
    let busy = scripted(
        "busy",
        json!({"wants": wants, "report": true, "end": ["bye"]}),
    );
    let outer = scripted(
        "outer",
        json!({"wants": {"tool_call": "whole", "text": "observe"}}),
    );
    let mut chain = chain(&[&outer, &busy]);
    chain.on_request().await;
    chain.observe(Block::Thinking("hm".to_owned())).await;
    say(&mut chain, &["he", "llo"]).await;
    chain.on_block(call("{}")).await;
    say(&mut chain, &["again"]).await;
    chain.on_end("end_turn").await;
    let told = chain.take_events().into_iter().map(|event| {
        let row = matches!(event.outcome, Outcome::Emitted { .. });
        let row = if row { " row" } else { "" };
        (
            format!("{} {}{row}", event.policy, event.hook.as_str()),
            event.block,
        )
    });
    let mut told: Vec<_> = told.collect();
    // A row for each piece.
    told.dedup();
    let told: Vec<_> = told.iter().map(|(what, block)| (&**what, *block)).collect();
    assert_eq!(
        told,
        [
            ("busy on-request row", None),
            ("busy on-request", None),
            ("busy observe row", Some(0)),
            ("busy observe", Some(0)),
            ("busy on-text row", Some(1)),
            ("busy on-text", Some(1)),
            ("outer observe", Some(1)),
            ("busy on-block row", Some(2)),
            ("busy on-block", Some(2)),
            ("outer on-block", Some(2)),
            ("busy on-text row", Some(3)),
            ("busy on-text", Some(3)),
            ("outer observe", Some(3)),
            ("busy on-end row", None),
            ("busy on-end", None),
            // What it added passes the policies outside.
            ("outer observe", None),
        ]
    );
}

/// A policy that wants no block of a kind does not move the numbers of the others.
#[tokio::test]
async fn a_block_has_the_same_number_for_each_policy() {
    let calls = scripted("calls", json!({"wants": {"tool_call": "whole"}}));
    let all = scripted(
        "all",
        json!({"wants": {"tool_call": "whole", "text": "whole"}}),
    );
    for policies in [[&calls, &all], [&all, &calls]] {
        let mut chain = chain(&policies);
        chain.on_block(text("first")).await;
        chain.on_block(call("{}")).await;
        let events = chain.take_events().into_iter();
        let numbers = events.filter(|event| *event.policy == *"calls");
        assert_eq!(
            numbers.map(|event| event.block).collect::<Vec<_>>(),
            [Some(1)]
        );
    }
}

#[tokio::test]
async fn what_a_policy_makes_of_a_block_has_its_number() {
    let two = json!({"replace": [{"text": "a"}, {"text": "b"}]});
    let splits = scripted("splits", judging("text", two));
    let outer = scripted("outer", json!({"wants": {"text": "whole"}}));
    let mut chain = chain(&[&outer, &splits]);
    chain.on_block(text("first")).await;
    chain.on_block(text("second")).await;
    let numbers: Vec<_> = chain
        .take_events()
        .iter()
        .map(|event| event.block)
        .collect();
    assert_eq!(
        numbers,
        [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1)]
    );
}

#[tokio::test]
async fn the_blocks_of_an_answer_are_numbered_as_those_of_a_reply() {
    let answer = json!({"wants": {"request": true},
        "request": {"answer": [{"text": "one"}, {"text": "two"}]}});
    let outer = scripted("outer", json!({"wants": {"text": "whole"}}));
    let mut chain = telling(&[&outer, &scripted("answers", answer)]);
    assert!(matches!(chain.on_request().await, RequestRuling::Answer(blocks) if blocks.len() == 2));
    let events = chain.take_events();
    let numbers: Vec<_> = events.iter().map(|event| event.block).collect();
    assert_eq!(numbers, [None, Some(0), Some(1)]);
    let told: Vec<_> = events.iter().map(step).collect();
    assert_eq!(
        told,
        ["answers: made one + two", "outer: one", "outer: two"]
    );
}

#[tokio::test]
async fn each_event_carries_its_policys_revision() {
    let policy = scripted("p", json!({"wants": {"text": "whole"}, "report": true}));
    let mut chain = chain(&[&policy]);
    chain.on_block(text("hi")).await;
    let events = chain.take_events();
    assert_eq!(events.len(), 2);
    assert!(
        events
            .iter()
            .all(|event| Arc::ptr_eq(&event.revision, policy.revision()))
    );
}
