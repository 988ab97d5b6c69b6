//! What is erased while an export is written is said at its end.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_api::ExportFormat;
use sluice_store::{Body, Config, Ending, Exchange, Filter, Message, SessionKey, Store, Times};
use tempfile::TempDir;
use uuid::Uuid;

use super::Export;
use crate::recorder::SearchedWords;

const NOW: u64 = 1_794_614_400_000;

fn exchange(number: u64) -> Exchange {
    let message = |text: String| Message {
        headers: Vec::new(),
        body: Body {
            bytes: text.into(),
            ..Body::default()
        },
    };
    Exchange {
        id: Uuid::now_v7(),
        received_at: NOW + number,
        caller: Some("ann".to_owned()),
        session: SessionKey {
            key: format!("s{}", number % 2),
            ..SessionKey::default()
        },
        api: "anthropic".into(),
        method: "POST".to_owned(),
        path: "/v1/messages".to_owned(),
        model: None,
        streaming: false,
        status: Some(200),
        ending: Ending::Delivered,
        cause: None,
        times: Times::default(),
        asked: message(format!("asked {number}")),
        attempts: Vec::new(),
        delivered: Some(message(format!("delivered {number}"))),
        verdicts: Vec::new(),
        not_judged: Vec::new(),
        reply: Vec::new(),
        dropped_events: 0,
    }
}

/// A record with five exchanges: three of one session, two of another.
async fn record() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
    let words = Arc::new(SearchedWords);
    let store = Store::open(Config::new(url), words).await.unwrap();
    let (writer, writing) = store.writer();
    for number in 0..5 {
        writer.offer(exchange(number)).unwrap();
    }
    writing.run(std::future::ready(())).await;
    (store, folder)
}

/// What an export says whose first piece was read before `meanwhile` happened.
async fn export(format: ExportFormat, meanwhile: impl AsyncFn(&Store)) -> String {
    let (store, _folder) = record().await;
    let mut export = Export::new(&store, Filter::default(), format);
    let first = export.next().await.unwrap().unwrap();
    meanwhile(&store).await;
    let mut all = first.to_vec();
    while let Some(piece) = export.next().await.unwrap() {
        all.extend(piece);
    }
    String::from_utf8(all).unwrap()
}

/// Erases the session of the second exchange.
async fn erase(store: &Store) {
    let found = store
        .exchanges(&Filter::default(), &Default::default())
        .await
        .unwrap();
    let other = found
        .entries
        .iter()
        .find(|one| one.session.key == "s1")
        .unwrap();
    assert_eq!(
        store
            .eraser()
            .erase_session(other.session_id)
            .await
            .unwrap(),
        2
    );
}

async fn forget_contents(store: &Store) {
    assert_eq!(store.eraser().purge_contents(NOW + 2).await.unwrap(), 2);
}

async fn nothing(_: &Store) {}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn lines_end_with_what_was_erased_meanwhile() {
    let all = lines(&export(ExportFormat::Jsonl, nothing).await);
    assert_eq!(all.len(), 5);
    assert!(
        all.iter()
            .all(|line| line["erased"].is_null() && line["summary"].is_object())
    );
    let mut some = lines(&export(ExportFormat::Jsonl, erase).await);
    let last = some.pop().unwrap();
    assert_eq!(some.len(), 3);
    assert_eq!(
        last,
        json!({"version": 1, "erased": {"exchanges": 2, "bodies": 0}})
    );
    // The second exchange is told without its contents, as it would be later. The first one had begun before.
    let mut some = lines(&export(ExportFormat::Jsonl, forget_contents).await);
    let last = some.pop().unwrap();
    assert_eq!(some.len(), 5);
    assert_eq!(
        last,
        json!({"version": 1, "erased": {"exchanges": 0, "bodies": 2}})
    );
    assert!(some[0]["bodies"][0]["text"].is_null());
    assert_eq!(some[4]["bodies"][0]["text"], "asked 4");
}

#[tokio::test]
async fn a_document_ends_with_what_was_erased_meanwhile() {
    let all = export(ExportFormat::Markdown, nothing).await;
    assert_eq!(
        (all.matches("## ").count(), all.matches("missing").count()),
        (5, 0),
        "{all}"
    );
    let some = export(ExportFormat::Markdown, erase).await;
    assert_eq!(some.matches("## ").count(), 3, "{some}");
    let last = "> 2 exchanges are missing: they were erased while this was written\n";
    assert!(some.ends_with(last), "{some}");
}
