//! What is learned of an exchange after it was handed over.

use std::time::Duration;

use uuid::Uuid;

use super::erasing::{assert_kept, assert_sound};
use super::on_both;
use super::place::{Place, Process, store_all};
use super::sample::{NOW, exchange};
use crate::exchange::{Ending, Exchange};
use crate::item::Amendment;
use crate::read::{Filter, Page};
use crate::store::Store;

on_both!(
    an_amendment_changes_how_an_exchange_ended,
    an_amendment_waits_behind_its_exchange,
    an_amendment_of_what_is_gone_does_nothing,
);

fn one() -> Exchange {
    exchange("ann", "s1", NOW, &[("user", "Delete it.".into())])
}

fn aborted(id: Uuid) -> Amendment {
    Amendment {
        id,
        ending: Ending::Aborted,
        cause: Some("the caller left before the last piece".into()),
        total: Duration::from_secs(9),
    }
}

async fn with_ending(store: &Store, ending: Ending) -> Vec<Uuid> {
    let filter = Filter {
        ending: Some(ending),
        ..Filter::default()
    };
    let found = store.exchanges(&filter, &Page::default()).await.unwrap();
    found.entries.iter().map(|one| one.id).collect()
}

async fn amend(process: &Process, amendment: Amendment) {
    let ticket = process.writer.amend(amendment).unwrap();
    assert_eq!(ticket.committed().await.map(drop), Ok(()));
}

async fn an_amendment_changes_how_an_exchange_ended(place: Place) {
    let store = place.open().await;
    let (given, other) = (one(), one());
    store_all(&store, vec![given.clone(), other.clone()]).await;
    let process = Process::start(&store);
    // Twice, as after a commit whose answer was lost.
    for _ in 0..2 {
        amend(&process, aborted(given.id)).await;
        let summary = store.exchange(given.id).await.unwrap().unwrap().summary;
        assert_eq!(summary.ending, Ending::Aborted);
        assert_eq!(summary.cause, aborted(given.id).cause);
        assert_eq!(summary.times.total, Duration::from_secs(9));
        assert_eq!(summary.times.held, given.times.held);
    }
    assert_eq!(with_ending(&store, Ending::Aborted).await, [given.id]);
    assert_eq!(with_ending(&store, Ending::Delivered).await, [other.id]);
    assert_kept(&store, &[given, other]).await;
    assert_sound(&store).await;
    process.end().await;
}

async fn an_amendment_waits_behind_its_exchange(place: Place) {
    let store = place.open().await;
    let (writer, writing) = store.writer();
    let exchanges: Vec<_> = (0..100).map(|_| one()).collect();
    // They wait together, so many of them share a transaction with their amendments.
    for one in &exchanges {
        writer.begin(one.clone()).unwrap();
        writer.offer(one.clone()).unwrap();
        writer.amend(aborted(one.id)).unwrap();
    }
    assert_eq!(writer.waiting().0, 300);
    writing.run(async {}).await;
    for one in &exchanges {
        let summary = store.exchange(one.id).await.unwrap().unwrap().summary;
        assert_eq!(summary.ending, Ending::Aborted);
    }
    assert_sound(&store).await;
}

async fn an_amendment_of_what_is_gone_does_nothing(place: Place) {
    let store = place.open().await;
    let (erased, cleared) = (one(), exchange("bob", "s2", NOW, &[]));
    store_all(&store, vec![erased.clone(), cleared.clone()]).await;
    store.eraser().erase_caller("ann").await.unwrap();
    store.eraser().purge_contents(u64::MAX).await.unwrap();
    let process = Process::start(&store);
    amend(&process, aborted(erased.id)).await;
    amend(&process, aborted(Uuid::now_v7())).await;
    assert!(store.exchange(erased.id).await.unwrap().is_none());
    // Of one whose contents are gone the numbers change, and no text comes back.
    amend(&process, aborted(cleared.id)).await;
    let summary = store.exchange(cleared.id).await.unwrap().unwrap().summary;
    assert_eq!((summary.ending, summary.cause), (Ending::Aborted, None));
    assert_sound(&store).await;
    process.end().await;
}
