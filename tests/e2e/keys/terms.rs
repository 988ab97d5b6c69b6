//! What a key allows: models, APIs, and paths that nobody reads.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_server::auth::Accepted;
use sluice_store::Ending;
use sluice_tests::Dialect;
use sluice_tests::client::Client;

use super::{Door, error};

#[tokio::test]
async fn a_key_asks_the_models_and_the_apis_that_it_may_and_no_others() {
    let door = Door::open(Accepted::Keys).await;
    let asked = json!({"name": "ann", "models": ["claude-*"], "apis": ["anthropic"]});
    let (key, _, caller) = door.key(asked).await;
    let client = Client::with_key(Dialect::Anthropic, &door.host.url, &key);
    let ask = async |model: &str| {
        let mut request = Dialect::Anthropic.request("Hello.", false);
        request["model"] = model.into();
        client.send(&request).await
    };
    assert_eq!(ask("claude-test").await.status(), 200);
    let before = door.upstream.seen().len();
    let refused = ask("gpt-5").await;
    assert_eq!(refused.status(), 403);
    let body: Value = refused.json().await.expect("an error is JSON");
    assert_eq!(error(&body).0, "permission_error");
    assert!(error(&body).1.contains("`gpt-5`"), "{body}");
    for dialect in [Dialect::Chat, Dialect::Responses] {
        let client = Client::with_key(dialect, &door.host.url, &key);
        assert_eq!(client.ask("Hello.", true).await.status(), 403);
    }
    assert_eq!(door.upstream.seen().len(), before);
    // Who tried is in the record.
    let records = door.recorded.exchanges(2).await;
    let (summary, status) = (&records[1].summary, records[1].summary.status);
    assert_eq!((summary.ending, status), (Ending::Refused, Some(403)));
    assert_eq!(summary.caller.as_deref(), Some(&*caller));
}

#[tokio::test]
async fn a_key_asks_no_other_model_by_the_path_or_the_query() {
    let door = Door::open(Accepted::Keys).await;
    let (key, ..) = door
        .key(json!({"name": "ann", "models": ["gpt-mini*"]}))
        .await;
    let (unbound, ..) = door.key(json!({"name": "bob"})).await;
    let (chat, vectors) = ("chat/completions", "embeddings");
    for (target, model, status) in [
        (format!("/v1/{chat}?x=1&model=gpt-mini-2"), "gpt-mini", 200),
        (format!("/v1/{chat}?model=gpt-5"), "gpt-mini", 403),
        (format!("/v1/{chat}?a=b&Mod%65l=gpt%2D5"), "gpt-mini", 403),
        (
            format!("/v1/{chat}?model=gpt-mini&model=gpt-5"),
            "gpt-mini",
            403,
        ),
        (
            format!("/openai/deployments/gpt-mini/{chat}"),
            "gpt-mini",
            200,
        ),
        (format!("/openai/deployments/gpt-mini/{chat}"), "gpt-5", 403),
        (format!("/openai/deployments/gpt-5/{chat}"), "gpt-mini", 403),
        (
            format!("/openai/deployments/gpt-5/{vectors}"),
            "gpt-mini",
            403,
        ),
    ] {
        let request = json!({"model": model, "messages": [], "input": "x"}).to_string();
        let before = door.upstream.seen().len();
        let client = Client::with_key(Dialect::Chat, &door.host.url, &key);
        let answer = client.post(&target, request.clone()).await;
        assert_eq!(answer.status(), status, "{target} {model}");
        let asked = door.upstream.seen().len() - before;
        assert_eq!(asked, usize::from(status == 200), "{target} {model}");
        let client = Client::with_key(Dialect::Chat, &door.host.url, &unbound);
        assert_eq!(client.post(&target, request).await.status(), 200);
    }
}

#[tokio::test]
async fn what_nobody_reads_is_asked_by_keys_that_may_ask_all_that_it_could_be() {
    let door = Door::open(Accepted::Keys).await;
    let (one, all) = (
        json!(["openai-chat"]),
        json!(["openai-chat", "openai-responses", "openai-embeddings"]),
    );
    for (terms, dialect, status) in [
        (json!({}), Dialect::Chat, 200),
        (json!({"apis": one}), Dialect::Chat, 403),
        (json!({"apis": all}), Dialect::Chat, 200),
        (json!({"apis": all}), Dialect::Anthropic, 403),
        (json!({"apis": ["anthropic"]}), Dialect::Anthropic, 200),
        (json!({"models": ["*"]}), Dialect::Chat, 403),
    ] {
        let mut asked = terms.clone();
        asked["name"] = "ann".into();
        let (status_made, made) = door.order("/keys", asked).await;
        assert_eq!(status_made, 201, "{made}");
        let key = made["secret"].as_str().expect("a secret");
        door.until_known(key).await;
        let client = Client::with_key(dialect, &door.host.url, key);
        let answer = client.request(Method::GET, "/v1/files").await;
        assert_eq!(answer.status(), status, "{terms} {dialect:?}");
    }
}
