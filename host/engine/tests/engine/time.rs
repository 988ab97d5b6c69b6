//! A slow policy takes time from its own exchange and from nobody else.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_engine::{EngineConfig, Limits, PolicySpec};
use sluice_protocol::Ruling;
use tokio::task::JoinSet;

use crate::support::{call, chain, engine_with, load, outcomes, scripted, small, spec};

fn slow(deadline: Duration) -> PolicySpec {
    PolicySpec {
        limits: Limits {
            block_fuel: u64::MAX / 2,
            deadline,
            ..Limits::default()
        },
        ..spec("slow", "slow", json!({}))
    }
}

#[tokio::test(flavor = "current_thread")]
async fn other_tasks_of_the_thread_go_on_while_a_policy_runs() {
    let policy = load(slow(Duration::from_millis(500)));
    let mut chain = chain(&[&policy]);
    let mut turns = 0;
    let other = async {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            turns += 1;
        }
    };
    tokio::select! {
        ruling = chain.on_block(call("{}")) => assert!(matches!(ruling, Ruling::Drop { .. })),
        () = other => {}
    }
    assert_eq!(outcomes(&mut chain), ["deadline"]);
    assert!(turns > 10, "{turns} turns");
}

#[tokio::test]
async fn a_call_that_was_given_up_takes_the_policy_with_it() {
    let policy = load(slow(Duration::from_secs(60)));
    let mut chain = chain(&[&policy]);
    let given_up = tokio::time::timeout(Duration::from_millis(20), chain.on_block(call("{}")));
    assert!(given_up.await.is_err());
    assert!(matches!(
        chain.on_block(call("{}")).await,
        Ruling::Drop { .. }
    ));
    assert_eq!(outcomes(&mut chain), ["not-judged"]);
}

#[tokio::test]
async fn an_exchange_waits_for_room_and_no_longer_than_its_deadline() {
    let engine = engine_with(EngineConfig {
        instances: 1,
        ..small()
    });
    let spec = PolicySpec {
        limits: Limits {
            deadline: Duration::from_millis(50),
            ..Limits::default()
        },
        ..spec("p", "scripted", json!({"wants": {"tool_call": "whole"}}))
    };
    let policy = Arc::new(engine.load(spec).unwrap());
    let mut first = chain(&[&policy]);
    assert_eq!(first.on_block(call("{}")).await, Ruling::Keep);

    let mut second = chain(&[&policy]);
    second.on_block(call("{}")).await;
    assert_eq!(outcomes(&mut second), ["no-instance"]);

    let mut third = chain(&[&policy]);
    let (ruling, ()) = tokio::join!(third.on_block(call("{}")), async { drop(first) });
    assert_eq!(ruling, Ruling::Keep);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_exchanges_run_side_by_side() {
    let policy = scripted("p", json!({"wants": {"tool_call": "whole"}}));
    let mut exchanges = JoinSet::new();
    for _ in 0..50 {
        let mut chain = chain(&[&policy]);
        exchanges.spawn(async move {
            for _ in 0..5 {
                assert_eq!(chain.on_block(call("{}")).await, Ruling::Keep);
            }
        });
    }
    exchanges.join_all().await;
}
