//! What surrounds a request reaches its policies.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_engine::{Chain, Context, EventLevel, Outcome, PolicySet};

use crate::support::{BODY, request, scripted};

/// What a policy reads as the ids of the exchange, of its session and of its caller.
async fn ids(session: Option<&str>, caller: Option<&str>) -> Value {
    let policy = scripted("p", json!({"wants": {"request": true}, "context": true}));
    let set = Arc::new(PolicySet::new(1, vec![policy]));
    let context = Context {
        exchange: "x1".to_owned(),
        session: session.map(str::to_owned),
        caller: caller.map(str::to_owned),
        ..Context::default()
    };
    let mut chain = Chain::open(set, request(BODY), context, EventLevel::Outcomes);
    chain.on_request().await;
    let rows = chain.take_events().into_iter();
    let mut rows = rows.filter_map(|event| match event.outcome {
        Outcome::Emitted { detail, .. } => Some(detail),
        _ => None,
    });
    rows.next().expect("a row")
}

#[tokio::test]
async fn a_policy_reads_the_session_and_the_caller() {
    for (session, caller) in [
        (Some("ses_1"), Some("key \"a\"")),
        (Some("ses_1"), None),
        (None, Some("b")),
        (None, None),
    ] {
        assert_eq!(ids(session, caller).await, json!(["x1", session, caller]));
    }
}
