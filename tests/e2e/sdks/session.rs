//! A session of twenty turns by each SDK, as its record has it.

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

use super::seen_at;

const TURNS: usize = 20;

/// Policies that change both what is asked and what is answered.
fn replacing() -> Vec<PolicySpec> {
    let rules = json!([
        { "from": "Falcon", "to": "the project", "where": "request" },
        { "from": "Hello", "to": "Good day", "where": "reply" },
    ]);
    vec![spec("string-replacement", json!({ "rules": rules }))]
}

#[tokio::test]
async fn the_record_of_a_session_is_what_upstream_saw_and_the_sdk_received() {
    for (dialect, provider, scenario) in [
        (Dialect::Anthropic, "anthropic", "session"),
        (Dialect::Chat, "openai", "chat_session"),
        (Dialect::Responses, "openai", "responses_session"),
    ] {
        for policies in [Vec::new(), replacing()] {
            check(dialect, (provider, scenario), policies).await;
        }
    }
}

async fn check(dialect: Dialect, (provider, scenario): (&str, &str), policies: Vec<PolicySpec>) {
    let (streamed, whole) = (dialect.fixture("text"), dialect.whole("text"));
    let upstream = Upstream::start(Script::json(200, whole.clone())).await;
    upstream.play_for("\"stream\":true", Script::stream(streamed.clone()));
    let (recorded, recorder) = Recorded::new().await;
    let parts = Parts {
        policies,
        recorder: Some(recorder),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let both = seen_at(provider, &host.url, scenario).await;
    let records = recorded.exchanges(2 * TURNS).await;
    // The two SDKs ask at the same time.
    let of = |sdk: &Value| {
        let bodies = sdk["bodies"].as_array().unwrap_or_else(|| panic!("{sdk}"));
        assert_eq!(bodies.len(), TURNS, "{sdk}");
        bodies.clone()
    };
    let mut received: Vec<Value> = both.iter().flat_map(of).collect();
    let mut sent: Vec<_> = upstream.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!((records.len(), sent.len()), (2 * TURNS, 2 * TURNS));
    let mut sessions: Vec<i64> = Vec::new();
    for record in &records {
        let attempt = &record.attempts[0];
        let asked = recorded.body(&record.asked).await;
        let body = recorded.body(&attempt.sent).await;
        let seen = sent.iter().position(|seen| *seen == body);
        sent.swap_remove(seen.unwrap_or_else(|| panic!("{scenario}: nobody sent {body:?}")));
        let came = recorded
            .body(attempt.received.as_ref().expect("a reply"))
            .await;
        let is_streamed = record.summary.streaming;
        let script = if is_streamed {
            streamed.as_bytes()
        } else {
            &whole[..]
        };
        assert_eq!(came, script, "{scenario}: {asked:?}");
        let given = record.delivered.as_ref().expect("a reply");
        let given = String::from_utf8(recorded.body(given).await.to_vec()).expect("text");
        let got = received.iter().position(|got| *got == given);
        received.swap_remove(got.unwrap_or_else(|| panic!("{scenario}: nobody got {given}")));
        sessions.push(record.summary.session_id);
    }
    sessions.sort_unstable();
    sessions.dedup();
    assert_eq!(
        sessions.len(),
        1,
        "{scenario}: one conversation of one caller"
    );
}
