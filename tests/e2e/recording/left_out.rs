//! What is not kept of an exchange: credentials, what the operator does not want, and what is too old.

use std::time::{Duration, SystemTime};

use memchr::memmem;
use serde_json::{Value, json};
use sluice_server::recorder::{ArchiveConfig, Forgotten, KeptContents, Retention};
use sluice_store::Record;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script};

use super::{start, start_within};

/// Makes an exchange in which a policy takes a secret out of the request and another out of the reply.
async fn with_secrets(contents: KeptContents) -> (Record, Recorded) {
    let dialect = Dialect::Anthropic;
    let rules = json!([
        { "from": "falconfalcon", "to": "the project", "where": "request" },
        { "from": "Hello", "to": "Good day", "where": "reply" },
    ]);
    let policy = spec("string-replacement", json!({ "rules": rules }));
    let bounds = ArchiveConfig {
        contents,
        ..ArchiveConfig::default()
    };
    let script = Script::stream(dialect.fixture("text"));
    let (_upstream, host, recorded) = start_within(bounds, script, vec![policy]).await;
    let request = dialect.request("Is falconfalcon ready?", true);
    let reply = Client::of(dialect, &host.url).send(&request).await;
    reply.bytes().await.expect("the stream ends well");
    let record = recorded.exchanges(1).await.remove(0);
    assert!(recorded.end().await);
    (record, recorded)
}

#[tokio::test]
async fn what_policies_took_out_is_kept_or_not_as_the_operator_says() {
    for (contents, asked, sent, received, delivered) in [
        (KeptContents::All, true, true, true, true),
        (KeptContents::AsSent, false, true, false, true),
        (KeptContents::None, false, false, false, false),
    ] {
        let (record, recorded) = with_secrets(contents).await;
        let attempt = &record.attempts[0];
        let kept = [
            Some(&record.asked),
            Some(&attempt.sent),
            attempt.received.as_ref(),
            record.delivered.as_ref(),
        ];
        let kept = kept.map(|message| message.is_some_and(|message| message.body.kept));
        assert_eq!(kept, [asked, sent, received, delivered], "{contents:?}");
        let files = recorded.files();
        let holds = |text: &str| memmem::find(&files, text.as_bytes()).is_some();
        let is_all = contents == KeptContents::All;
        // The name of the policy stands there in any case.
        assert!(holds("string-replacement"));
        assert_eq!(holds("falconfalcon"), is_all, "{contents:?}");
        assert_eq!(holds("Hello"), is_all, "{contents:?}");
        assert_eq!(holds("Good day"), delivered, "{contents:?}");
        let edit = record
            .verdicts
            .iter()
            .find(|row| row.verdict.pointer.is_some());
        let edit = edit.expect("the request was edited");
        assert_eq!(edit.before.is_some(), is_all);
        let detail = edit.verdict.detail.clone().unwrap_or_default();
        assert_eq!(detail.contains(r#""length":22"#), !is_all, "{detail}");
    }
}

#[tokio::test]
async fn no_credential_is_in_the_files_whatever_place_it_was_sent_in() {
    const KEY: &str = "sk-ant-api03-the-key-of-a-caller";
    let dialect = Dialect::Anthropic;
    let (upstream, host, recorded) = start(Script::stream(dialect.fixture("text")), vec![]).await;
    let http = sluice_tests::client::http();
    let request: Value = dialect.request("a sentence that is kept", true);
    for (name, value) in [
        ("x-api-key", KEY.to_owned()),
        ("authorization", format!("Bearer {KEY}")),
        ("api-key", KEY.to_owned()),
        ("x-goog-api-key", KEY.to_owned()),
        ("cookie", format!("session={KEY}")),
        ("x-my-gateway-token", KEY.to_owned()),
        ("x-note", format!("the key is {KEY}")),
    ] {
        let sent = http
            .post(format!(
                "{}/v1/messages?beta=true&key={KEY}&x={KEY}",
                host.url
            ))
            .header("x-api-key", KEY)
            .header(name, value)
            .json(&request)
            .send();
        sent.await.unwrap().bytes().await.unwrap();
    }
    assert!(
        upstream
            .seen()
            .iter()
            .all(|seen| seen.headers["x-api-key"] == KEY)
    );
    recorded.exchanges(7).await;
    assert!(recorded.end().await);
    let files = recorded.files();
    let holds = |text: &str| memmem::find(&files, text.as_bytes()).is_some();
    assert!(
        holds("a sentence that is kept"),
        "else nothing could be found"
    );
    assert!(!holds(KEY));
    assert!(!holds("the-key-of-a-caller"));
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_and_its_numbers_stay_longer() {
    let dialect = Dialect::Anthropic;
    let (_upstream, host, recorded) = start(Script::stream(dialect.fixture("text")), vec![]).await;
    let request = dialect.request("a sentence that is forgotten", true);
    let reply = Client::of(dialect, &host.url).send(&request).await;
    reply.bytes().await.expect("the stream ends well");
    let id = recorded.exchanges(1).await[0].summary.id;
    let hour = Duration::from_secs(3600);
    let retention = Retention {
        contents: Some(hour),
        numbers: Some(24 * hour),
        size: None,
    };
    let eraser = recorded.store.eraser();
    let forget = async |after: Duration| {
        let forgotten = retention.forget(&eraser, SystemTime::now() + after).await;
        let Forgotten {
            contents,
            exchanges,
        } = forgotten.expect("the database answers");
        (contents, exchanges)
    };
    let holds = || memmem::find(&recorded.files(), b"a sentence that is forgotten").is_some();
    assert_eq!(forget(hour / 2).await, (0, 0));
    assert!(holds());
    assert_eq!(forget(2 * hour).await, (1, 0));
    assert!(!holds());
    let record = recorded
        .store
        .exchange(id)
        .await
        .expect("the database answers");
    let record = record.expect("its numbers are kept");
    assert_eq!(record.summary.status, Some(200));
    assert!(!record.asked.body.kept);
    assert_eq!(forget(25 * hour).await, (0, 1));
    let record = recorded
        .store
        .exchange(id)
        .await
        .expect("the database answers");
    assert!(record.is_none());
}
