//! Callers who enter with keys of Sluice: who comes in, what upstream sees, and how operators make and revoke keys.

mod terms;

use std::fs;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sluice_server::auth::{Accepted, Gate, KeyRegister, KeyTable, ProviderKeys, follow};
use sluice_server::caller::Installation;
use sluice_server::reload::Passthrough;
use sluice_server::tasks::Tasks;
use sluice_tests::client::{Client, http};
use sluice_tests::host::Parts;
use sluice_tests::record::Recorded;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

use crate::sdks::seen_with;

/// What upstream is asked with.
const ANTHROPIC: &str = "sk-ant-of-the-host";
const OPENAI: &str = "sk-of-the-host";

/// A Sluice that records and takes these credentials.
struct Door {
    host: TestHost,
    upstream: Upstream,
    recorded: Recorded,
    _tasks: Tasks,
}

impl Door {
    async fn open(accepted: Accepted) -> Self {
        let upstream = Upstream::start(Script::stream("")).await;
        let (recorded, recorder) = Recorded::new().await;
        let (register, table) = (
            KeyRegister::new(recorded.store.clone()),
            KeyTable::default(),
        );
        let tasks = Tasks::new();
        let store = recorded.store.clone();
        let following = follow(store.clone(), table.clone(), register.changed(), &tasks);
        following.await.expect("the keys are read");
        let providers = ProviderKeys::new(Some(ANTHROPIC), Some(OPENAI)).expect("keys");
        let gate = Gate::of_provider_keys(Installation::of_this_process());
        let parts = Parts {
            recorder: Some(recorder),
            store: Some(store),
            gate: Some(gate.with_keys(accepted, table, providers)),
            keys: Some(register),
            passthrough: Passthrough::new(["/v1/files".parse().expect("a pattern")]).into(),
            ..Parts::default()
        };
        Self {
            host: TestHost::with(&upstream.url, parts).await,
            upstream,
            recorded,
            _tasks: tasks,
        }
    }

    async fn order(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let order = http().post(format!("{}/api/v1{path}", self.host.admin_url));
        let order = order.header("x-api-key", &self.host.admin_key).json(&body);
        let answer = order.send().await.expect("an answer");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    /// Makes a key through the operators' door. Returns its secret, its id and its caller.
    async fn key(&self, asked: Value) -> (String, String, String) {
        let (status, made) = self.order("/keys", asked).await;
        assert_eq!(status, 201, "{made}");
        let text = |at: &str| {
            made.pointer(at)
                .and_then(Value::as_str)
                .expect("a text")
                .to_owned()
        };
        let made = (text("/secret"), text("/key/id"), text("/key/caller"));
        self.until(&made.0, 200).await;
        made
    }

    /// Waits until the process has heard of a key.
    async fn until_known(&self, key: &str) {
        for _ in 0..200 {
            let client = Client::with_key(Dialect::Anthropic, &self.host.url, key);
            if client.request(Method::GET, "/v1/models").await.status() != 401 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it was never known");
    }

    /// Waits until who sends this key is answered with a status. The process hears at once of what it did itself.
    async fn until(&self, key: &str, status: u16) {
        self.upstream
            .play(Script::json(200, Dialect::Anthropic.whole("text")));
        for _ in 0..200 {
            let client = Client::with_key(Dialect::Anthropic, &self.host.url, key);
            let models = client.request(Method::GET, "/v1/models").await;
            if models.status() == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it never was a {status}");
    }
}

/// The type of an error in a dialect, and its message.
fn error(body: &Value) -> (&str, &str) {
    let text = |at: &str| body.pointer(at).and_then(Value::as_str).unwrap_or_default();
    (text("/error/type"), text("/error/message"))
}

#[tokio::test]
async fn upstream_sees_the_hosts_key_alone_whatever_the_caller_sends() {
    let door = Door::open(Accepted::Keys).await;
    let (key, _, caller) = door.key(json!({"name": "ann"})).await;
    let before = door.upstream.seen().len();
    for dialect in Dialect::ALL {
        for streams in [true, false] {
            let reply = dialect.whole("text");
            door.upstream.play(match streams {
                true => Script::stream(dialect.fixture("text")),
                false => Script::json(200, reply),
            });
            let sent = http()
                .post(format!("{}{}", door.host.url, dialect.path()))
                .header("x-api-key", &key)
                .bearer_auth(&key)
                .header("api-key", "another-secret")
                .header("cookie", "session=another-secret")
                .header("x-team", "blue")
                .json(&dialect.request("Hello.", streams));
            let reply = sent.send().await.expect("an answer");
            assert_eq!(reply.status(), 200, "{dialect:?}");
            reply.bytes().await.expect("a body");
        }
    }
    let seen = door.upstream.seen().split_off(before);
    assert_eq!(seen.len(), 6);
    for (at, seen) in seen.iter().enumerate() {
        let (name, value) = match at {
            0 | 1 => ("x-api-key", ANTHROPIC.to_owned()),
            _ => ("authorization", format!("Bearer {OPENAI}")),
        };
        assert_eq!(seen.headers[name], value);
        assert_eq!(seen.headers["x-team"], "blue");
        let printed = format!("{:?}", seen.headers);
        assert!(
            !printed.contains("slk_") && !printed.contains("another-secret"),
            "{printed}"
        );
        let others = ["x-api-key", "authorization", "api-key", "cookie"];
        let others = others.into_iter().filter(|other| *other != name);
        others.for_each(|other| assert!(!seen.headers.contains_key(other), "{other}"));
    }
    let records = door.recorded.exchanges(6).await;
    assert!(
        records
            .iter()
            .all(|record| record.summary.caller.as_deref() == Some(&*caller))
    );
}

#[tokio::test]
async fn who_has_no_valid_key_is_told_so_in_its_dialect_and_upstream_hears_nothing() {
    let door = Door::open(Accepted::Keys).await;
    let (key, id, _) = door.key(json!({"name": "ann"})).await;
    let (status, _) = door.order(&format!("/keys/{id}/revoke"), json!({})).await;
    assert_eq!(status, 204);
    door.until(&key, 401).await;
    let before = door.upstream.seen().len();
    let typo = format!("{}x", &key[..key.len() - 1]);
    for dialect in Dialect::ALL {
        for (sent, part) in [
            ("sk-a-providers-key", "begin with `slk_`"),
            (&*key, "was revoked"),
            (&*typo, "typo"),
        ] {
            let client = Client::with_key(dialect, &door.host.url, sent);
            for target in [dialect.path(), "/v1/models"] {
                let answer = match target {
                    "/v1/models" => client.request(Method::GET, target).await,
                    _ => client.ask("Hello.", true).await,
                };
                assert_eq!(answer.status(), 401, "{dialect:?} {sent}");
                let body: Value = answer.json().await.expect("an error is JSON");
                let (kind, message) = error(&body);
                let kinds = ["authentication_error", "invalid_request_error"];
                assert!(kinds.contains(&kind), "{body}");
                assert!(message.contains(part), "{body}");
            }
        }
    }
    assert_eq!(door.upstream.seen().len(), before);
}

#[tokio::test]
async fn upstream_is_never_asked_to_repeat_what_it_was_sent() {
    let door = Door::open(Accepted::Keys).await;
    let (key, ..) = door.key(json!({"name": "ann"})).await;
    let client = Client::with_key(Dialect::Chat, &door.host.url, &key);
    let passed = client.request(Method::GET, "/v1/files").await;
    assert_eq!(passed.status(), 200);
    let before = door.upstream.seen().len();
    for name in ["TRACE", "TRACK", "track"] {
        let method = Method::from_bytes(name.as_bytes()).expect("a method");
        let answer = client.request(method, "/v1/files").await;
        assert_eq!(answer.status(), 405, "{name}");
    }
    assert_eq!(door.upstream.seen().len(), before);
}

#[tokio::test]
async fn a_key_that_is_replaced_has_one_caller_and_both_are_valid_for_a_while() {
    let door = Door::open(Accepted::Both).await;
    let known = format!("clr_{}", "ab".repeat(16));
    let asked =
        json!({"name": "ann", "caller": known, "labels": [{"name": "team", "value": "blue"}]});
    let (old, id, caller) = door.key(asked).await;
    assert_eq!(caller, known);
    let (status, made) = door
        .order(&format!("/keys/{id}/rotate"), json!({"grace_s": 60}))
        .await;
    assert_eq!(
        (status.as_u16(), &made["key"]["caller"]),
        (201, &json!(known))
    );
    assert_eq!(
        made["key"]["labels"],
        json!([{"name": "team", "value": "blue"}])
    );
    let new = made["secret"].as_str().expect("a secret");
    door.until(new, 200).await;
    door.until(&old, 200).await;
    let (status, made) = door
        .order(&format!("/keys/{id}/rotate"), json!({"grace_s": 0}))
        .await;
    assert_eq!(status, 201, "{made}");
    door.until(&old, 401).await;
    // A provider's key comes in beside them, and is its own caller.
    door.until("sk-a-providers-key", 200).await;
}

#[tokio::test]
async fn what_is_asked_of_keys_and_can_not_be_is_a_problem_that_says_why() {
    let door = Door::open(Accepted::Keys).await;
    for (path, asked, status, part) in [
        ("/keys", json!({"name": ""}), 400, "1 to 64 characters"),
        (
            "/keys",
            json!({"name": "a", "apis": ["smtp"]}),
            400,
            "openai-chat",
        ),
        ("/keys", json!({"name": "a", "caller": "ann"}), 400, "clr_"),
        ("/keys", json!({"name": "a", "lasts_s": 0}), 400, "a second"),
        ("/keys", json!({"name": "a", "budget": 1}), 400, "budget"),
        ("/keys/key_0/rotate", json!({"grace_s": 1}), 404, "key_0"),
        ("/keys/key_0/revoke", json!({}), 404, "key_0"),
    ] {
        let (got, problem) = door.order(path, asked).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{path} {problem}");
        assert!(detail.contains(part), "{problem}");
    }
}

#[tokio::test]
async fn no_key_is_kept_anywhere() {
    let door = Door::open(Accepted::Keys).await;
    let (key, ..) = door.key(json!({"name": "ann"})).await;
    let client = Client::with_key(Dialect::Anthropic, &door.host.url, &key);
    client
        .ask("Hello.", false)
        .await
        .bytes()
        .await
        .expect("a body");
    door.recorded.exchanges(1).await;
    let listed = http().get(format!("{}/api/v1/keys", door.host.admin_url));
    let listed = listed
        .header("x-api-key", &door.host.admin_key)
        .send()
        .await;
    let listed = listed.expect("an answer").text().await.expect("a body");
    assert!(
        listed.contains("\"ann\"") && !listed.contains("slk_"),
        "{listed}"
    );
    let mut files = 0;
    for file in fs::read_dir(door.recorded.folder.path()).expect("a folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("it can be read");
        let is_there = |needle: &str| memchr::memmem::find(&bytes, needle.as_bytes()).is_some();
        files += usize::from(is_there("key_") || is_there("Hello."));
        for secret in [&key[4..40], &key[20..], ANTHROPIC, OPENAI] {
            assert!(!is_there(secret), "{secret}");
        }
    }
    assert!(files > 0, "nothing was looked at");
}

#[tokio::test]
async fn the_sdks_enter_with_a_key_and_tell_when_it_is_revoked() {
    let door = Door::open(Accepted::Keys).await;
    let (key, id, _) = door.key(json!({"name": "ann"})).await;
    for (provider, dialect, scenario) in [
        ("anthropic", Dialect::Anthropic, "whole"),
        ("openai", Dialect::Chat, "chat_whole"),
    ] {
        door.upstream.play(Script::json(200, dialect.whole("text")));
        for seen in seen_with(&key, provider, &door.host.url, scenario).await {
            assert!(seen["error"].is_null(), "{seen}");
        }
    }
    door.order(&format!("/keys/{id}/revoke"), json!({})).await;
    door.until(&key, 401).await;
    for (provider, scenario) in [("anthropic", "whole"), ("openai", "chat_whole")] {
        for seen in seen_with(&key, provider, &door.host.url, scenario).await {
            assert_eq!(seen["error"]["class"], "AuthenticationError", "{seen}");
            assert_eq!(seen["requests"], 1, "{seen}");
            let message = seen["error"]["message"].as_str().expect("a message");
            assert!(message.contains("was revoked"), "{seen}");
        }
    }
}
