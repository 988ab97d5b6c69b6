//! How exchanges get into the database: in groups, once, in order, within bounds.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::erasing::{assert_kept, assert_sound};
use super::on_both;
use super::place::{Place, Plain, offer_all, store_all};
use super::sample::{NOW, exchange};
use crate::config::Bounds;
use crate::error::Error;
use crate::exchange::{Ending, Exchange};
use crate::ingest::Ingest;
use crate::item::Item;
use crate::store::Store;
use crate::writer::{Lost, NotTaken};

on_both!(
    an_exchange_that_comes_twice_is_stored_once,
    one_that_is_refused_does_not_take_others_with_it,
    several_writers_share_a_database,
    what_waits_is_stored_before_the_end,
    only_new_blocks_are_asked_for_their_text,
    a_write_that_is_dropped_at_any_point_leaves_nothing,
    a_replacement_that_is_dropped_at_any_point_loses_nothing,
);

async fn count(store: &Store, table: &str) -> i64 {
    let mut tx = store.database.read().await.unwrap();
    let text = format!("SELECT COUNT(*) FROM {table}");
    tx.row(&text, vec![])
        .await
        .unwrap()
        .unwrap()
        .need_int(0)
        .unwrap()
}

async fn an_exchange_that_comes_twice_is_stored_once(place: Place) {
    let store = place.open().await;
    let given = exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    let twice = vec![given.clone(), given.clone()];
    assert_eq!(store_all(&store, twice).await, [Ok(()), Ok(())]);
    let nodes = count(&store, "node").await;
    assert_eq!(store_all(&store, vec![given]).await, [Ok(())]);
    assert_eq!(count(&store, "exchange").await, 1);
    assert_eq!(count(&store, "node").await, nodes);
}

async fn one_that_is_refused_does_not_take_others_with_it(place: Place) {
    let store = place.open().await;
    let said = [("user", "Delete it.".to_owned())];
    let one = |session| exchange("ann", session, NOW, &said);
    let exchanges = vec![one("s1"), one("refused"), one("s2")];
    let refuse = if place.is_sqlite() {
        "CREATE TRIGGER refuse BEFORE INSERT ON session WHEN NEW.key = 'refused' \
            BEGIN SELECT RAISE(ABORT, 'no such session'); END"
    } else {
        "ALTER TABLE session ADD CHECK (key <> 'refused')"
    };
    crate::migrate::meddle(&store.database, refuse)
        .await
        .unwrap();
    let results = store_all(&store, exchanges.clone()).await;
    assert!(matches!(&results[1], Err(Lost::Refused(_))), "{results:?}");
    assert_eq!((&results[0], &results[2]), (&Ok(()), &Ok(())));
    assert_eq!(count(&store, "exchange").await, 2);
}

async fn several_writers_share_a_database(place: Place) {
    let stores = [place.open().await, place.open().await, place.open().await];
    let said = |turn: usize| -> Vec<_> {
        (0..=turn)
            .map(|at| ("user", format!("Turn {at}.")))
            .collect()
    };
    let work = stores.iter().map(|store| async {
        for turn in 0..20 {
            let one = exchange("ann", "shared", NOW, &said(turn));
            assert_eq!(store_all(store, vec![one]).await, [Ok(())]);
        }
    });
    futures_util::future::join_all(work).await;
    assert_eq!(count(&stores[0], "exchange").await, 60);
    // Of each turn, of the system's text, of the tool, of the reply, and of what was judged.
    assert_eq!(count(&stores[0], "block").await, 20 + 1 + 1 + 1 + 2);
    assert_eq!(count(&stores[0], "session").await, 1);
}

async fn what_waits_is_stored_before_the_end(place: Place) {
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let said = [("user", "Delete it.".to_owned())];
    let exchanges = (0..200)
        .map(|_| exchange("ann", "s1", NOW, &said))
        .collect();
    let results = offer_all(&writer, exchanges);
    // It is told to stop before it begins.
    writing.run(async {}).await;
    assert!(results.await.iter().all(Result::is_ok));
    assert_eq!(count(&store, "exchange").await, 200);
    let late = writer.offer(exchange("ann", "s1", NOW, &said));
    assert!(matches!(late, Err(NotTaken::Closed(_))), "{late:?}");
}

async fn only_new_blocks_are_asked_for_their_text(place: Place) {
    let words = Arc::new(Plain::default());
    let store = Store::open(place.config.clone(), Arc::clone(&words) as _)
        .await
        .unwrap();
    let mut said = vec![("user", "One.".to_owned())];
    store_all(&store, vec![exchange("ann", "s1", NOW, &said)]).await;
    words.asked.lock().unwrap().clear();
    said.push(("assistant", "Two.".to_owned()));
    // A new writer remembers nothing, and one that does must not ask either.
    store_all(
        &store,
        vec![
            exchange("ann", "s1", NOW, &said),
            exchange("ann", "s1", NOW, &said),
        ],
    )
    .await;
    let asked = words.asked.lock().unwrap();
    assert_eq!(*asked, [r#"{"type":"text","text":"Two."}"#]);
}

async fn a_write_that_is_dropped_at_any_point_leaves_nothing(place: Place) {
    let store = place.open().await;
    let words = Arc::new(Plain::default());
    let mut ingest = Ingest::new(store.database.clone(), words, true);
    let (mut stored, mut dropped) = (Vec::new(), Vec::new());
    for polls in 0..60 {
        let said = [("user", format!("Number {polls}."))];
        let one = Arc::new(exchange("ann", &format!("s{polls}"), NOW, &said));
        let items = [Item::Ended(Arc::clone(&one))];
        let write = ingest.store(&items);
        match polled(write, polls).await {
            true => stored.push(Exchange::clone(&one)),
            false => dropped.push(one),
        }
        let mut next = exchange("ann", "s", NOW, &said);
        next.model = Some(format!("model{polls}"));
        let item = Item::Ended(Arc::new(next.clone()));
        ingest.store(&[item]).await.unwrap();
        stored.push(next);
    }
    assert!((61..120).contains(&stored.len()), "{}", stored.len());
    assert_sound(&store).await;
    assert_kept(&store, &stored).await;
    // One that was dropped while it was committed may be there. Then it is there as a whole.
    for one in dropped {
        if store.exchange(one.id).await.unwrap().is_some() {
            assert_kept(&store, &[Exchange::clone(&one)]).await;
        }
    }
}

async fn a_replacement_that_is_dropped_at_any_point_loses_nothing(place: Place) {
    let store = place.open().await;
    let words = Arc::new(Plain::default());
    let mut ingest = Ingest::new(store.database.clone(), words, true);
    let mut replaced = 0;
    for polls in 0..60 {
        let ended = exchange("ann", "s", NOW, &[("user", format!("Number {polls}."))]);
        let mut cut = ended.clone();
        cut.ending = Ending::Cut;
        cut.verdicts.clear();
        ingest.store(&[Item::Ended(cut.into())]).await.unwrap();
        let items = [Item::Ended(ended.clone().into())];
        let done = polled(ingest.store(&items), 2 * polls).await;
        let record = store.exchange(ended.id).await.unwrap().unwrap();
        let is_replaced = record.summary.ending == Ending::Delivered;
        assert_eq!(record.verdicts.len(), usize::from(is_replaced));
        assert!(is_replaced || !done);
        assert_kept(&store, &[ended]).await;
        replaced += usize::from(is_replaced);
    }
    assert!((1..60).contains(&replaced), "{replaced}");
    assert_sound(&store).await;
}

/// Polls a write so many times, and drops it. Returns whether it was done by then.
async fn polled(write: impl Future<Output = Result<(), Error>>, polls: usize) -> bool {
    let mut write = std::pin::pin!(write);
    let mut left = polls;
    let some = std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        write.as_mut().poll(context).map(|stored| stored.is_ok())
    });
    some.await
}

#[tokio::test]
async fn a_full_queue_gives_the_exchange_back() {
    let mut place = Place::sqlite();
    place.config.queue = Bounds {
        exchanges: 2,
        bytes: 1 << 30,
        ..Bounds::default()
    };
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let one = || exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    let tickets = [writer.offer(one()).unwrap(), writer.offer(one()).unwrap()];
    let third = one();
    match writer.offer(third.clone()) {
        Err(NotTaken::Full(back)) => assert_eq!(*back, third),
        other => panic!("{other:?}"),
    }
    assert_eq!(writer.waiting().0, 2);
    drop(writing);
    match writer.offer(third.clone()) {
        Err(NotTaken::Closed(back)) => assert_eq!(*back, third),
        other => panic!("{other:?}"),
    }
    for ticket in tickets {
        assert_eq!(ticket.committed().await.unwrap_err(), Lost::Ended);
    }
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_but_takes_one_of_any_size() {
    let mut place = Place::sqlite();
    place.config.queue = Bounds {
        exchanges: 100,
        bytes: 1,
        ..Bounds::default()
    };
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let one = || exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    let first = writer.offer(one()).unwrap();
    writer.offer(one()).unwrap_err();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let more = async {
        assert_eq!(first.committed().await.map(drop), Ok(()));
        let second = writer.offer(one()).unwrap();
        assert_eq!(second.committed().await.map(drop), Ok(()));
        assert_eq!(writer.waiting(), (0, 0));
        drop(stop);
    };
    tokio::join!(task, more);
}

#[tokio::test]
async fn exchanges_wait_for_others_until_there_are_enough_for_a_commit_or_the_writer_ends() {
    let mut place = Place::sqlite();
    place.config.queue.gather = Duration::from_secs(3600);
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let one = || exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    let offer = || writer.offer(one()).unwrap().committed();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let more = async {
        let enough = futures_util::future::join_all((0..64).map(|_| offer()));
        assert!(enough.await.into_iter().all(|stored| stored.is_ok()));
        let mut few = Box::pin(offer());
        let waited = tokio::time::timeout(Duration::from_millis(100), &mut few).await;
        assert!(waited.is_err(), "it waits for others");
        drop(stop);
        assert_eq!(few.await.map(drop), Ok(()));
    };
    tokio::join!(task, more);
}

#[tokio::test]
async fn a_database_that_is_away_is_tried_again_in_order() {
    let mut place = Place::sqlite();
    place.config.busy = Duration::from_millis(1);
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let other = place.open().await;
    let lock = other.database.write().await.unwrap();
    let exchanges: Vec<_> = (0..3)
        .map(|at| exchange("ann", &format!("s{at}"), NOW, &[]))
        .collect();
    let mut results = Box::pin(offer_all(&writer, exchanges));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let free = async {
        // Long enough for several tries.
        let early = tokio::time::timeout(Duration::from_millis(300), &mut results);
        early.await.unwrap_err();
        assert_eq!(count(&store, "exchange").await, 0);
        drop(lock);
        assert!(results.await.iter().all(Result::is_ok));
        drop(stop);
    };
    tokio::join!(task, free);
    assert_eq!(count(&store, "exchange").await, 3);
}

#[tokio::test]
async fn a_disk_that_was_full_loses_nothing() {
    let mut place = Place::sqlite();
    place.config.compress = false;
    let store = place.open().await;
    let first = exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    assert_eq!(store_all(&store, vec![first.clone()]).await, [Ok(())]);
    // SQLite says the same of a file that may not grow. It undoes the whole transaction then, by itself.
    crate::migrate::meddle(&store.database, "PRAGMA max_page_count = 1")
        .await
        .unwrap();
    let large = |at: u64| exchange("ann", "s1", NOW + at, &[("user", "x".repeat(200_000))]);
    let others: Vec<_> = (1..9).map(large).collect();
    let results = store_all(&store, others.clone()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_kept(&store, &[vec![first], others].concat()).await;
    assert_sound(&store).await;
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let place = Place::postgres();
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let said = [("user", "Delete it.".to_owned())];
    let one = || vec![exchange("ann", "s1", NOW, &said)];
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let server = sluice_test_postgres::server();
    let work = async {
        assert_eq!(offer_all(&writer, one()).await, [Ok(())]);
        server.shut(&place.config.url);
        let mut results = Box::pin(offer_all(&writer, one()));
        // Long enough for several tries.
        let early = tokio::time::timeout(Duration::from_millis(300), &mut results);
        early.await.unwrap_err();
        server.open(&place.config.url);
        assert_eq!(results.await, [Ok(())]);
        drop(stop);
    };
    tokio::join!(task, work);
    assert_eq!(count(&store, "exchange").await, 2);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_folder_are_ours_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::sqlite();
    let store = place.open().await;
    store_all(&store, vec![exchange("ann", "s1", NOW, &[])]).await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.folder()), 0o700);
    for file in std::fs::read_dir(place.folder()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
