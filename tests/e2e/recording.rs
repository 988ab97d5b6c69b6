//! What is recorded of an exchange: every byte on both sides of Sluice, what policies did, and no credential.

mod left_out;
mod strict;

use bytes::Bytes;
use reqwest::Method;
use serde_json::json;
use sluice_engine::PolicySpec;
use sluice_server::recorder::{ArchiveConfig, Recorder};
use sluice_store::{Ending, Filter, Page, Record, Side};
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};

/// Starts a host that records, in front of an upstream that plays a script.
async fn start(script: Script, policies: Vec<PolicySpec>) -> (Upstream, TestHost, Recorded) {
    start_within(ArchiveConfig::default(), script, policies).await
}

async fn start_within(
    bounds: ArchiveConfig,
    script: Script,
    policies: Vec<PolicySpec>,
) -> (Upstream, TestHost, Recorded) {
    start_with(Recorded::with(bounds).await, script, policies).await
}

async fn start_with(
    (recorded, recorder): (Recorded, Recorder),
    script: Script,
    policies: Vec<PolicySpec>,
) -> (Upstream, TestHost, Recorded) {
    let upstream = Upstream::start(script).await;
    let parts = Parts {
        policies,
        recorder: Some(recorder),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    (upstream, host, recorded)
}

/// A policy that replaces words in both directions.
fn replacing() -> PolicySpec {
    let rules = json!([
        { "from": "Falcon", "to": "the project", "where": "request" },
        { "from": "Hello", "to": "Good day", "where": "reply" },
    ]);
    spec("string-replacement", json!({ "rules": rules }))
}

/// Checks that an exchange was recorded as it was asked, sent, received and delivered.
async fn check(
    recorded: &Recorded,
    record: &Record,
    (asked, sent): (&[u8], &[u8]),
    (received, delivered): (&[u8], &[u8]),
) {
    let attempt = &record.attempts[0];
    let body = async |message| recorded.body(message).await;
    assert_eq!(body(&record.asked).await, asked);
    assert_eq!(body(&attempt.sent).await, sent);
    let got = attempt.received.as_ref().expect("upstream answered");
    assert_eq!(body(got).await, received);
    let given = record.delivered.as_ref().expect("the caller was answered");
    assert_eq!(body(given).await, delivered);
}

#[tokio::test]
async fn an_exchange_is_kept_as_asked_as_sent_as_received_and_as_delivered() {
    for policies in [Vec::new as fn() -> Vec<PolicySpec>, || vec![replacing()]] {
        let (upstream, host, recorded) = start(Script::stream(""), policies()).await;
        let mut expected = Vec::new();
        for dialect in Dialect::ALL {
            for streams in [true, false] {
                let reply = match streams {
                    true => Bytes::from(dialect.fixture("text")),
                    false => dialect.whole("text"),
                };
                upstream.play(match streams {
                    true => Script::stream(reply.clone()),
                    false => Script::json(200, reply.clone()),
                });
                let asked = dialect.request("Is Falcon ready?", streams);
                let client = Client::of(dialect, &host.url);
                let delivered = client.send(&asked).await.bytes().await.unwrap();
                expected.push((asked.to_string(), reply, delivered));
            }
        }
        let records = recorded.exchanges(expected.len()).await;
        let seen = upstream.seen();
        for (at, (asked, received, delivered)) in expected.iter().enumerate() {
            let record = &records[at];
            let sent = (asked.as_bytes(), &seen[at].body[..]);
            check(&recorded, record, sent, (received, delivered)).await;
            let summary = &record.summary;
            assert_eq!(
                (summary.status, summary.ending),
                (Some(200), Ending::Delivered)
            );
            assert_eq!(record.attempts[0].status, Some(200));
            assert!(record.attempts[0].reply_id.is_some());
            assert!(!record.reply.is_empty());
        }
    }
}

#[tokio::test]
async fn the_record_can_be_in_postgresql() {
    for dialect in Dialect::ALL {
        let reply = dialect.fixture("text");
        let script = Script::stream(reply.clone());
        let record = Recorded::in_postgres().await;
        let (upstream, host, recorded) = start_with(record, script, vec![replacing()]).await;
        let asked = dialect.request("Is Falcon ready?", true);
        let got = Client::of(dialect, &host.url).send(&asked).await;
        let delivered = got.bytes().await.expect("the stream ends well");
        let record = &recorded.exchanges(1).await[0];
        let sent = &upstream.seen()[0].body;
        let asked = asked.to_string();
        let requests = (asked.as_bytes(), &sent[..]);
        check(&recorded, record, requests, (reply.as_bytes(), &delivered)).await;
        let found = recorded
            .store
            .search("falcon", &Filter::default(), &Page::default())
            .await;
        assert_eq!(found.expect("the database answers").entries.len(), 1);
        assert!(recorded.end().await);
    }
}

#[tokio::test]
async fn of_a_request_without_a_body_none_is_kept() {
    let dialect = Dialect::Responses;
    let reply = dialect.whole("text");
    let (upstream, host, recorded) = start(Script::json(200, reply.clone()), vec![]).await;
    let client = Client::of(dialect, &host.url);
    let stored = client.request(Method::GET, "/v1/responses/resp_1").await;
    let delivered = stored.bytes().await.expect("the reply is whole");
    let record = &recorded.exchanges(1).await[0];
    assert_eq!(
        (&*record.summary.method, &*record.summary.path),
        ("GET", "/v1/responses/resp_1")
    );
    assert_eq!(upstream.seen()[0].body, "");
    check(&recorded, record, (b"", b""), (&reply, &delivered)).await;
}

#[tokio::test]
async fn what_a_policy_did_is_kept_with_the_block_before_and_after_it() {
    let dialect = Dialect::Anthropic;
    let (_upstream, host, recorded) =
        start(Script::stream(dialect.fixture("text")), vec![replacing()]).await;
    let client = Client::of(dialect, &host.url);
    client
        .send(&dialect.request("Is Falcon ready?", true))
        .await
        .bytes()
        .await
        .unwrap();
    let record = &recorded.exchanges(1).await[0];
    let edits = record
        .verdicts
        .iter()
        .filter(|verdict| verdict.verdict.outcome.as_deref() == Some("edit"));
    let edit = edits.into_iter().next().expect("the request was edited");
    assert_eq!(
        (edit.verdict.side, &*edit.verdict.policy),
        (Side::Request, "string-replacement")
    );
    let text = async |id| {
        let content = recorded.store.content(id).await.unwrap();
        String::from_utf8(content.bytes.to_vec()).unwrap()
    };
    assert_eq!(text(edit.before.unwrap()).await, "Is Falcon ready?");
    assert_eq!(text(edit.after.unwrap()).await, "Is the project ready?");
    let replies = record
        .verdicts
        .iter()
        .filter(|verdict| verdict.verdict.side == Side::Reply);
    let judged = replies
        .into_iter()
        .find(|verdict| verdict.before.is_some())
        .expect("the reply was judged");
    assert!(text(judged.before.unwrap()).await.contains("Hello"));
    assert!(text(judged.after.unwrap()).await.contains("Good day"));
    assert_eq!(judged.verdict.block, Some(0));
    assert!(!judged.verdict.revision.is_empty());
}

#[tokio::test]
async fn an_exchange_that_ends_otherwise_is_kept_too() {
    let refusing = || {
        spec(
            "test/scripted",
            json!({"wants": {"request": true}, "request": {"refuse": "not on my watch"}}),
        )
    };
    let answering = || {
        spec(
            "test/scripted",
            json!({"wants": {"request": true}, "request": {"answer": [{"text": "from here"}]}}),
        )
    };
    for dialect in Dialect::ALL {
        for (policies, status, ending, said) in [
            (vec![refusing()], 403, Ending::Refused, "not on my watch"),
            (vec![answering()], 200, Ending::Answered, "from here"),
        ] {
            let (_upstream, host, recorded) = start(Script::stream(""), policies).await;
            let reply = Client::of(dialect, &host.url)
                .send(&dialect.request("hi", false))
                .await;
            let bytes = reply.bytes().await.unwrap();
            let record = &recorded.exchanges(1).await[0];
            assert_eq!(
                (record.summary.status, record.summary.ending),
                (Some(status), ending),
                "{dialect:?}"
            );
            assert_eq!(record.attempts.len(), 0);
            let delivered = recorded.body(record.delivered.as_ref().unwrap()).await;
            assert_eq!(delivered, bytes);
            assert!(String::from_utf8_lossy(&delivered).contains(said));
        }
        let (_upstream, host, recorded) = start(Script::acts(vec![Act::Break]), vec![]).await;
        let reply = Client::of(dialect, &host.url)
            .send(&dialect.request("hi", true))
            .await;
        assert_eq!(reply.status(), 502);
        let record = &recorded.exchanges(1).await[0];
        assert_eq!(
            (record.summary.status, record.summary.ending),
            (Some(502), Ending::Failed)
        );
        assert!(record.summary.cause.is_some());
    }
}

#[tokio::test]
async fn what_an_aborted_caller_got_is_kept() {
    let dialect = Dialect::Anthropic;
    let (script, _) = Script::held_at(&dialect.fixture("text"), "content_block_stop");
    let (upstream, host, recorded) = start(script, vec![]).await;
    let mut reply = Client::of(dialect, &host.url)
        .send(&dialect.request("hi", true))
        .await;
    let first = reply.chunk().await.unwrap().unwrap();
    drop(reply);
    upstream.cancelled().await;
    let record = &recorded.exchanges(1).await[0];
    assert_eq!(record.summary.ending, Ending::Aborted);
    let delivered = recorded.body(record.delivered.as_ref().unwrap()).await;
    assert!(delivered.starts_with(&first));
}

#[tokio::test]
async fn of_a_reply_over_the_bound_the_beginning_is_kept_and_the_rest_is_counted() {
    let dialect = Dialect::Anthropic;
    let reply = dialect.fixture("text");
    let bounds = ArchiveConfig {
        limit: 100,
        ..ArchiveConfig::default()
    };
    let (_upstream, host, recorded) =
        start_within(bounds, Script::stream(reply.clone()), vec![]).await;
    let request = dialect.request("hi", true);
    let delivered = Client::of(dialect, &host.url)
        .send(&request)
        .await
        .bytes()
        .await
        .unwrap();
    assert_eq!(delivered, reply);
    let record = &recorded.exchanges(1).await[0];
    let missing = (reply.len() - 100) as u64;
    for message in [
        record.attempts[0].received.as_ref(),
        record.delivered.as_ref(),
    ] {
        let message = message.unwrap();
        assert_eq!(recorded.body(message).await, reply.as_bytes()[..100]);
        assert_eq!(message.missing, missing);
    }
}

#[tokio::test]
async fn operators_are_told_what_waits_and_what_was_dropped() {
    let bounds = ArchiveConfig {
        recordings: 1,
        ..ArchiveConfig::default()
    };
    let (stopped, recorder) = Recorded::stopped(bounds).await;
    let parts = Parts {
        recorder: Some(recorder),
        ..Parts::default()
    };
    let upstream = Upstream::start(Script::stream(Dialect::Anthropic.fixture("text"))).await;
    let host = TestHost::with(&upstream.url, parts).await;
    let client = Client::new(&host.url);
    for _ in 0..2 {
        client.stream("hi").await;
    }
    let recording = host.told("/status").await["recording"].clone();
    assert_eq!(
        (&recording["waiting"], &recording["dropped"]),
        (&json!(1), &json!(1))
    );
    let recorded = stopped.start();
    recorded.exchanges(1).await;
    assert!(recorded.end().await);
    let recording = host.told("/status").await["recording"].clone();
    assert_eq!(
        (&recording["waiting"], &recording["dropped"]),
        (&json!(0), &json!(1))
    );
}
