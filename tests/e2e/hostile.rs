//! Invariant 7: a failed policy takes its configured side and affects nothing else.

use std::time::Duration;

use serde_json::json;
use sluice_engine::{Cause, OnFailure, Outcome, PolicySpec};
use sluice_server::recorder::Recording;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream, fixture};

const OTHERS: usize = 100;

/// A policy that misbehaves when it reads `rm -rf`, which only one exchange of each test contains.
fn hostile(name: &str, on_failure: OnFailure) -> PolicySpec {
    let mut spec = spec(
        &format!("test/{name}"),
        json!({"hook": "block", "only": "rm -rf"}),
    );
    spec.on_failure = on_failure;
    if name == "allocates" {
        // Touching memory costs fuel. With the default, the fuel would run out first.
        spec.limits.block_fuel = u64::MAX / 2;
    }
    if name == "slow" {
        spec.limits.block_fuel = u64::MAX / 2;
        spec.limits.deadline = Duration::from_secs(2);
    }
    spec
}

/// The causes of the failures in a recording. Each must be this policy's, and take this side.
fn failures(recording: Recording, name: &str, side: OnFailure) -> Vec<Cause> {
    let events = recording.events.into_iter();
    let failed = events.filter_map(|event| match event.outcome {
        Outcome::Failed { cause, side: taken } => {
            assert_eq!((taken, &*event.policy), (side, name));
            Some(cause)
        }
        _ => None,
    });
    failed.collect()
}

/// Runs the policy on one dangerous exchange among a hundred others, with both sides.
async fn check(name: &str, expected: fn(&Cause) -> bool) {
    // A failed policy is not asked again. With `block`, the second call is not let through
    // unjudged.
    for (side, delivered) in [
        (OnFailure::Block, vec![]),
        (OnFailure::Pass, vec!["Bash", "Read"]),
    ] {
        let upstream = Upstream::start(Script::stream(fixture("anthropic/tool"))).await;
        upstream.play_for("danger", Script::stream(fixture("anthropic/two_tools")));
        let mut host = TestHost::start(&upstream.url, vec![hostile(name, side)]).await;
        let client = Client::new(&host.url);
        let others = futures_util::future::join_all((0..OTHERS).map(|_| client.stream("go")));
        let (bytes, finished) = tokio::join!(client.stream("danger"), others);
        let turn = Dialect::Anthropic.turn(&bytes);
        turn.assert_next_turn_is_accepted();
        let mut causes = Vec::new();
        for _ in 0..=OTHERS {
            causes.extend(failures(host.recording().await, name, side));
        }
        assert!(
            causes.len() == 1 && expected(&causes[0]),
            "{name}: {causes:?}"
        );
        assert_eq!(turn.tools(), delivered, "{name}");
        for stream in finished {
            assert_eq!(
                stream,
                fixture("anthropic/tool").as_bytes(),
                "{name} disturbed another exchange"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_an_endless_loop_is_contained() {
    check("loops", |cause| matches!(cause, Cause::Fuel { .. })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_endless_allocation_is_contained() {
    check("allocates", |cause| matches!(cause, Cause::Memory { .. })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_deep_recursion_is_contained() {
    check("recurses", |cause| matches!(cause, Cause::Trap(_))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_a_trap_is_contained() {
    check("traps", |cause| matches!(cause, Cause::Trap(_))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_a_panic_is_contained_and_its_text_is_the_cause() {
    check("panics", |cause| cause.to_string().contains("panicked")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_invalid_json_in_a_verdict_is_contained() {
    check("bad-json", |cause| matches!(cause, Cause::Illegal(_))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_a_string_of_100_mb_is_contained() {
    check("huge-string", |_| true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_an_illegal_block_is_contained() {
    check("illegal-block", |cause| matches!(cause, Cause::Illegal(_))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_a_policy_that_overruns_its_time_is_contained() {
    check("slow", |cause| matches!(cause, Cause::Deadline { .. })).await;
}
