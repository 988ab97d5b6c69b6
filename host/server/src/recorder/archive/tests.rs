//! A database that is stuck costs an exchange its patience once, and the next ones nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Request;
use bytes::Bytes;
use sluice_engine::{Context, Registry};
use sluice_store::{Config, Store, Writing};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Archive, ArchiveConfig, Durability, OnFull};
use crate::caller::Sessions;
use crate::recorder::{Asked, Ending, OpenRecording, Recorder, SearchedWords};
use crate::tasks::Tasks;

const PATIENCE: Duration = Duration::from_millis(1500);

/// A recorder whose database takes nothing until `writing` runs.
struct Stuck {
    recorder: Recorder,
    store: Store,
    writing: Writing,
    written: CancellationToken,
    tasks: Tasks,
    _folder: TempDir,
}

impl Stuck {
    async fn new(on_full: OnFull) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        let store = Store::open(Config::new(url), Arc::new(SearchedWords))
            .await
            .unwrap();
        let (writer, writing) = store.writer();
        let (tasks, written) = (Tasks::new(), CancellationToken::new());
        let config = ArchiveConfig {
            durability: Durability::Strict,
            patience: PATIENCE,
            on_full,
            ..ArchiveConfig::default()
        };
        let archive = Archive::start(config, Sessions::default(), writer, &tasks, written.clone());
        Self {
            recorder: Recorder::storing(archive),
            store,
            writing,
            written,
            tasks,
            _folder: folder,
        }
    }

    fn exchange(&self) -> OpenRecording {
        let context = Context {
            exchange: format!("exg_{}", uuid::Uuid::now_v7().simple()),
            session: None,
            caller: None,
            api: "anthropic-messages".to_owned(),
            model: "m".to_owned(),
            path: "/v1/messages".to_owned(),
            streaming: true,
            received_at: 1,
            headers: Default::default(),
        };
        let (head, ()) = Request::new(()).into_parts();
        let asked = || Asked::new(&head, Bytes::from_static(b"{}"), None);
        let set = Registry::default().current();
        self.recorder
            .open(&context, Default::default(), &set, asked)
    }
}

/// Lets an exchange begin and end. Returns how long it waited for each.
async fn goes_on(exchange: OpenRecording) -> (Duration, Duration) {
    let begun = Instant::now();
    exchange.begin().await.unwrap();
    let (began, ended) = (begun.elapsed(), Instant::now());
    exchange.close(Ending::Delivered);
    exchange.commit().await.unwrap();
    (began, ended.elapsed())
}

#[tokio::test]
async fn a_stuck_database_is_waited_for_once_and_again_when_it_is_back() {
    let stuck = Stuck::new(OnFull::Drop).await;
    let soon = PATIENCE / 3;
    let first = goes_on(stuck.exchange());
    let beside = async {
        tokio::time::sleep(2 * soon).await;
        goes_on(stuck.exchange()).await
    };
    let (first, beside) = tokio::join!(first, beside);
    assert!(first.0 >= PATIENCE && first.1 < soon, "{first:?}");
    // One that waits at that moment goes on too.
    assert!(beside.0 < 2 * soon && beside.1 < soon, "{beside:?}");
    for _ in 0..3 {
        let (began, ended) = goes_on(stuck.exchange()).await;
        assert!(began < soon && ended < soon, "{began:?} {ended:?}");
    }
    stuck
        .tasks
        .spawn(stuck.writing.run(stuck.written.cancelled_owned()));
    // What nobody waited for is recorded all the same, and what comes then is waited for.
    let page = sluice_store::Page::default();
    let begun = Instant::now();
    loop {
        let found = stuck
            .store
            .exchanges(&Default::default(), &page)
            .await
            .unwrap();
        if found.entries.len() == 5 {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{}",
            found.entries.len()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let last = Stuck {
        writing: stuck.store.writer().1,
        written: CancellationToken::new(),
        ..stuck
    };
    goes_on(last.exchange()).await;
    let found = last
        .store
        .exchanges(&Default::default(), &page)
        .await
        .unwrap();
    assert_eq!(found.entries.len(), 6);
}

#[tokio::test]
async fn where_nothing_goes_on_unrecorded_each_waits_for_itself() {
    let stuck = Stuck::new(OnFull::Block).await;
    stuck.exchange().begin().await.unwrap_err();
    let begun = Instant::now();
    stuck.exchange().begin().await.unwrap_err();
    assert!(begun.elapsed() >= PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_what_the_beginning_left_of_its_patience() {
    for (on_full, waited, limit) in [
        (OnFull::Drop, PATIENCE, super::patience::LEAST),
        (
            OnFull::Drop,
            Duration::from_millis(200),
            PATIENCE - Duration::from_millis(200),
        ),
        (OnFull::Block, PATIENCE, PATIENCE),
    ] {
        let patience = super::Patience::new(PATIENCE, on_full);
        let (_sender, never) = tokio::sync::oneshot::channel();
        let begun = tokio::time::Instant::now();
        assert!(!patience.wait(never, waited).await);
        // The clock of the test goes by milliseconds.
        let late = begun.elapsed() - limit;
        assert!(late <= Duration::from_millis(1), "{late:?} after {limit:?}");
    }
}
