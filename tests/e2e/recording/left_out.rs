//! What is not kept of an exchange: credentials, what the operator does not want, and what is too old.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use memchr::memmem;
use serde_json::{Value, json};
use sluice_engine::EventLevel;
use sluice_server::recorder::{ArchiveConfig, Forgotten, KeptContents, Retention};
use sluice_store::Record;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script, TestHost, Upstream};
use tracing::subscriber::DefaultGuard;

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

/// A credential, and what shows that a part of it was kept.
const KEY: &str = "sk-ant-api03-the-key-of-a-caller";
const PART: &str = "the-key-of-a-caller";
/// `Basic` and the base64 of `ann:` and the key.
const BASIC: &str = "YW5uOnNrLWFudC1hcGkwMy10aGUta2V5LW9mLWEtY2FsbGVy";

/// Where a request has a credential.
enum Place {
    /// In this header, with this before it.
    Header(&'static str, &'static str),
    /// In this header, as it stands there.
    Value(&'static str, &'static str),
    /// In the query.
    Query(&'static str),
    /// In a field of the body that no API has.
    Field(&'static str),
}

/// What a process writes to its log while the guard lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn begin(&self) -> DefaultGuard {
        let log = self.clone();
        let lines = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(lines.finish())
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All that operators can take out of a record: both exports, and what lists and searches tell. Also erases
/// somebody, which is logged.
async fn taken_out(host: &TestHost) -> Vec<u8> {
    let mut all = Vec::new();
    for path in [
        "/export?format=jsonl",
        "/export?format=markdown",
        "/exchanges",
        "/sessions",
        "/facets",
        "/search?q=kept",
        "/search?q=caller",
    ] {
        let url = format!("{}/api/v1{path}", host.admin_url);
        let told = sluice_tests::client::http()
            .get(url)
            .bearer_auth(&host.admin_key);
        let told = told.send().await.expect("an answer");
        assert_eq!(told.status(), 200, "{path}");
        all.extend(told.bytes().await.expect("a body"));
    }
    // Other tests that log at this moment may make the library take a line for one that nobody listens to.
    tracing::callsite::rebuild_interest_cache();
    let url = format!("{}/api/v1/callers/nobody", host.admin_url);
    let erased = sluice_tests::client::http().delete(url);
    let erased = erased.bearer_auth(&host.admin_key).send().await;
    assert_eq!(erased.expect("an answer").status(), 200);
    all
}

#[tokio::test]
async fn no_credential_is_kept_exported_or_logged_whatever_place_it_was_sent_in() {
    for contents in [KeptContents::All, KeptContents::AsSent, KeptContents::None] {
        no_credential_is_anywhere(contents).await;
    }
}

/// What is promised of heads and paths holds whatever is kept. What is in a body is kept if bodies are, and only then.
async fn no_credential_is_anywhere(contents: KeptContents) {
    let dialect = Dialect::Anthropic;
    let log = Log::default();
    let _logging = log.begin();
    let bounds = ArchiveConfig {
        contents,
        ..ArchiveConfig::default()
    };
    let (recorded, recorder) = Recorded::with(bounds).await;
    let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
    let parts = Parts {
        recorder: Some(recorder),
        store: Some(recorded.store.clone()),
        level: EventLevel::Contents,
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let mut places = vec![
        Place::Header("x-api-key", ""),
        Place::Header("authorization", "Bearer "),
        Place::Value("authorization", BASIC),
        Place::Value("proxy-authorization", BASIC),
        Place::Header("api-key", ""),
        Place::Header("x-goog-api-key", ""),
        Place::Header("cookie", "session="),
        Place::Header("x-my-gateway-token", ""),
        Place::Header("x-client-secret", ""),
        Place::Header("x-note", "the key is "),
        Place::Header("referer", "http://localhost/?key="),
        Place::Query("key"),
        Place::Query("x"),
        Place::Query("access_token"),
    ];
    if contents == KeptContents::None {
        places.extend(["x_note", "api_key", "service_tier"].map(Place::Field));
    }
    for place in &places {
        send(&host, dialect, place).await;
    }
    let asked = upstream.seen();
    assert!(asked.iter().all(|seen| seen.headers["x-api-key"] == KEY));
    recorded.exchanges(places.len()).await;
    let taken_out = taken_out(&host).await;
    assert!(recorded.end().await);
    let logged = log.0.lock().expect("no panic").clone();
    let is_kept = contents != KeptContents::None;
    for (what, bytes, part, has_it) in [
        (
            "the files",
            recorded.files(),
            "a sentence that is kept",
            is_kept,
        ),
        (
            "what was taken out",
            taken_out,
            "a sentence that is kept",
            is_kept,
        ),
        ("the log", logged, "an operator erased exchanges", true),
    ] {
        let holds = |text: &str| memmem::find(&bytes, text.as_bytes()).is_some();
        assert_eq!(holds(part), has_it, "{what}, {contents:?}");
        for secret in [KEY, PART, BASIC, &BASIC[12..]] {
            assert!(!holds(secret), "`{secret}` is in {what}, {contents:?}");
        }
    }
}

/// Sends a request with a credential in this place, and in `x-api-key`.
async fn send(host: &TestHost, dialect: Dialect, place: &Place) {
    let mut body: Value = dialect.request("a sentence that is kept", true);
    let (mut query, mut header) = ("beta=true".to_owned(), None);
    match place {
        Place::Header(name, before) => header = Some((*name, format!("{before}{KEY}"))),
        Place::Value(name, value) => header = Some((*name, format!("Basic {value}"))),
        Place::Query(name) => query += &format!("&{name}={KEY}"),
        Place::Field(name) => body[name] = KEY.into(),
    }
    let url = format!("{}/v1/messages?{query}", host.url);
    let http = sluice_tests::client::http();
    let mut request = http.post(url).json(&body).header("x-api-key", KEY);
    if let Some((name, value)) = header.filter(|(name, _)| *name != "x-api-key") {
        request = request.header(name, value);
    }
    let sent = request.send().await.expect("an answer");
    assert_eq!(sent.status(), 200);
    sent.bytes().await.expect("the stream ends well");
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
