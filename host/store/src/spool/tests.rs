//! The spool by itself: its bounds, and what is wrong with its file.

mod damage;

use std::sync::Arc;

use tempfile::TempDir;
use uuid::Uuid;

use super::Spool;
use crate::config::SpoolConfig;
use crate::error::Error;
use crate::exchange::{Ending, Exchange, SessionKey};
use crate::item::{Amendment, Item};
use crate::message::Message;
use crate::times::Times;

fn exchange(cause: String) -> Exchange {
    Exchange {
        id: Uuid::now_v7(),
        received_at: 1,
        caller: None,
        session: SessionKey::default(),
        api: "a".into(),
        method: String::new(),
        path: String::new(),
        model: None,
        streaming: false,
        status: None,
        ending: Ending::Failed,
        cause: Some(cause),
        times: Times::default(),
        asked: Message::default(),
        attempts: vec![],
        delivered: None,
        verdicts: vec![],
        not_judged: vec![],
        reply: vec![],
        dropped_events: 0,
    }
}

fn ended(bytes: usize) -> Item {
    Item::Ended(exchange("x".repeat(bytes)).into())
}

async fn spool(folder: &TempDir, bytes: u64) -> Result<Spool, Error> {
    let config = SpoolConfig {
        path: folder.path().join("data/spool.db"),
        bytes,
    };
    Spool::open(config, false, Arc::default()).await
}

async fn run(spool: &Spool, sql: &str) {
    let mut tx = spool.file.read().await.database.write().await.unwrap();
    tx.run(&sql.to_owned(), vec![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_goes_in_comes_out_in_order_and_leaves_once_it_is_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder, 1 << 30).await.unwrap();
    let (both, late) = (exchange("both".into()), exchange("late".into()));
    let process = Uuid::now_v7();
    let amendment = Amendment {
        id: both.id,
        ending: Ending::Cut,
        cause: None,
        total: std::time::Duration::from_secs(7),
    };
    let items = [
        Item::Begun(both.clone().into(), process),
        Item::Begun(late.clone().into(), process),
        Item::Ended(both.clone().into()),
        Item::Amended(amendment.clone()),
    ];
    assert!(spool.is_empty());
    assert_eq!(spool.keep(&items).await.len(), 4);
    assert_eq!(
        spool.keep(&[Item::Ended(late.clone().into())]).await.len(),
        1
    );
    assert!(!spool.is_empty());
    let next = spool.next().await.unwrap();
    let last = next.last().unwrap().seq;
    let shown: Vec<_> = next.into_iter().map(|one| one.item.unwrap()).collect();
    // One that ends with what it began with needs one row.
    match &shown[..] {
        [
            Item::Begun(first, by),
            Item::Ended(second),
            Item::Amended(third),
            Item::Ended(fourth),
        ] => {
            assert_eq!((&**first, *by), (&late, process));
            assert_eq!((&**second, third, &**fourth), (&both, &amendment, &late));
        }
        other => panic!("{other:?}"),
    }
    // What comes meanwhile stays.
    assert_eq!(spool.keep(&[ended(1)]).await.len(), 1);
    spool.shipped(last).await.unwrap();
    let state = spool.status.get();
    assert_eq!((state.spooled, spool.is_empty()), (1, false));
    let last = spool.next().await.unwrap()[0].seq;
    spool.shipped(last).await.unwrap();
    assert_eq!(spool.status.get(), Default::default());
    spool.emptied().await;
}

#[tokio::test]
async fn a_group_is_bounded_in_bytes_but_takes_one_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder, 1 << 30).await.unwrap();
    let sizes = [5 << 20, 3 << 20, 1 << 10, 2 << 20];
    assert_eq!(spool.keep(&sizes.map(ended)).await.len(), 4);
    let mut groups = Vec::new();
    while !spool.is_empty() {
        let next = spool.next().await.unwrap();
        groups.push(next.len());
        spool.shipped(next.last().unwrap().seq).await.unwrap();
    }
    assert_eq!(groups, [1, 2, 1]);
}

#[tokio::test]
async fn a_group_is_bounded_by_what_it_unpacks_to() {
    let folder = tempfile::tempdir().unwrap();
    let config = SpoolConfig {
        path: folder.path().join("data/spool.db"),
        bytes: 1 << 30,
    };
    let spool = Spool::open(config, true, Arc::default()).await.unwrap();
    // Packed, all of them together have a few KB.
    let sizes = [3 << 20, 3 << 20, 1 << 19, 9 << 20, 1 << 10, 1 << 10];
    assert_eq!(spool.keep(&sizes.map(ended)).await.len(), 6);
    assert!(spool.status.get().spooled_bytes < 100_000);
    let mut groups = Vec::new();
    while !spool.is_empty() {
        let next = spool.next().await.unwrap();
        groups.push(next.len());
        spool.shipped(next.last().unwrap().seq).await.unwrap();
    }
    assert_eq!(groups, [1, 2, 1, 2]);
}

#[tokio::test]
async fn a_full_spool_keeps_what_it_has_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder, 10_000).await.unwrap();
    let items: Vec<_> = (0..8).map(|_| ended(2000)).collect();
    assert_eq!(spool.keep(&items).await.len(), 4);
    assert_eq!(spool.keep(&items[4..]).await.len(), 0);
    assert_eq!(spool.keep(&items[4..]).await.len(), 0);
    let state = spool.status.get();
    assert_eq!((state.spooled, state.spool_full), (4, 1));
    let next = spool.next().await.unwrap();
    spool.shipped(next[1].seq).await.unwrap();
    spool.room().await;
    assert_eq!(spool.keep(&items[4..6]).await.len(), 2);
    assert_eq!(spool.status.get().spooled, 4);
}

#[tokio::test]
async fn so_many_are_awaited_and_those_that_nobody_wants_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder, 1 << 30).await.unwrap();
    let items: Vec<_> = (0..4100).map(|_| ended(1)).collect();
    let mut kept = spool.keep(&items).await;
    let beyond = kept.split_off(4096);
    assert_eq!(beyond.len(), 4);
    for shipping in beyond {
        assert!(!shipping.done().await);
    }
    drop(kept.split_off(1));
    let more = spool.keep(&[ended(1)]).await.remove(0);
    for item in &items {
        spool.tell(item);
    }
    assert!(kept.remove(0).done().await);
    drop(spool);
    assert!(!more.done().await);
}

#[tokio::test]
async fn a_full_disk_is_a_full_spool() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder, 1 << 30).await.unwrap();
    // SQLite says the same of a file that may not grow and of a disk that can't take it.
    run(&spool, "PRAGMA max_page_count = 10").await;
    let items = [ended(100_000)];
    assert_eq!(spool.keep(&items).await.len(), 0);
    let state = spool.status.get();
    assert_eq!((state.spooled, state.spool_full), (0, 1));
    // That holds for the connection, and it was replaced: SQLite undid its transaction without being asked.
    assert_eq!(spool.keep(&items).await.len(), 1);
    assert_eq!(spool.next().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_can_not_be_read_stays_and_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = spool(&folder, 1 << 30).await.unwrap();
    assert_eq!(first.keep(&[ended(1), ended(2), ended(3)]).await.len(), 3);
    run(
        &first,
        "UPDATE spooled SET payload = CAST(x'f0' || payload AS BLOB) WHERE seq = 2",
    )
    .await;
    let next = first.next().await.unwrap();
    assert!(matches!(next[1].item, Err(Error::Form { form: 0xf0 })));
    first.refuse(next[1].seq, next[1].id).await.unwrap();
    first.shipped(next[2].seq).await.unwrap();
    let state = first.status.get();
    assert_eq!((state.spooled, state.refused), (1, 1));
    assert!(first.is_empty());
    first.close().await;
    // The next start tries again.
    let again = spool(&folder, 1 << 30).await.unwrap();
    assert!(!again.is_empty());
    let next = again.next().await.unwrap();
    assert!(next.len() == 1 && next[0].item.is_err());
}

#[tokio::test]
async fn a_file_that_is_no_spool_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/spool.db");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(&path, "something else".repeat(1000)).unwrap();
    let error = spool(&folder, 1 << 30).await.err().unwrap();
    assert!(matches!(error, Error::Database(_)), "{error}");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = spool(&folder, 1 << 30).await.err().unwrap();
    assert!(matches!(error, Error::File { .. }), "{error}");
}
