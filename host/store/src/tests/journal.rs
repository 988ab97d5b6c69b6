//! Exchanges that are under way: they are not lost with their process, and leave nothing behind.

use futures_util::future::join_all;
use uuid::Uuid;

use super::erasing::{assert_kept, assert_sound, number, turns};
use super::on_both;
use super::place::{Place, Process, eventually, store_all};
use super::sample::{NOW, exchange};
use crate::error::Error;
use crate::exchange::{Ending, Exchange};
use crate::item::Amendment;
use crate::journal;
use crate::migrate::meddle;
use crate::read::{Facet, Filter, Page};
use crate::store::Store;

on_both!(
    what_a_dead_process_had_under_way_is_stored_as_cut,
    an_exchange_that_ends_is_under_way_no_more,
    a_process_that_is_alive_keeps_what_it_has_under_way,
    a_process_that_wakes_up_replaces_what_was_stored_as_cut,
    processes_that_look_at_once_store_what_is_left_once,
    a_process_that_ends_in_order_leaves_nothing,
    what_can_not_be_read_stays,
    a_page_is_bounded_by_what_it_unpacks_to,
    what_is_under_way_is_erased_too,
);

fn one() -> Exchange {
    exchange("ann", "s1", NOW, &[("user", "Delete it.".into())])
}

/// What is known of an exchange when it begins.
fn begun(one: &Exchange) -> Exchange {
    Exchange {
        status: None,
        cause: None,
        attempts: vec![],
        delivered: None,
        verdicts: vec![],
        reply: vec![],
        ..one.clone()
    }
}

async fn begin(process: &Process, one: &Exchange) {
    let ticket = process.writer.begin(begun(one)).unwrap();
    assert_eq!(ticket.committed().await.map(drop), Ok(()));
}

async fn offer(process: &Process, one: &Exchange) {
    let ticket = process.writer.offer(one.clone()).unwrap();
    assert_eq!(ticket.committed().await.map(drop), Ok(()));
}

/// How many exchanges are under way, and how many processes have some.
async fn under_way(store: &Store) -> (i64, i64) {
    let rows = number(store, "SELECT COUNT(*) FROM journal").await;
    (rows, number(store, "SELECT COUNT(*) FROM process").await)
}

async fn listed(store: &Store) -> usize {
    let found = store
        .exchanges(&Filter::default(), &Page::default())
        .await
        .unwrap();
    found.entries.len()
}

/// Lets the processes seem dead that have something under way.
async fn grow_silent(store: &Store) {
    meddle(
        &store.database,
        "UPDATE process SET seen_at = seen_at - 11000",
    )
    .await
    .unwrap();
}

/// Waits until a new process has stored what others left.
async fn look(store: &Store) {
    let process = Process::start(store);
    eventually(async || under_way(store).await == (0, 0)).await;
    process.end().await;
}

async fn what_a_dead_process_had_under_way_is_stored_as_cut(place: Place) {
    let store = place.open().await;
    let given: Vec<_> = turns("ann", "s1", NOW, 100);
    let process = Process::start(&store);
    for one in &given {
        process.writer.begin(begun(one)).unwrap();
    }
    begin(&process, &one()).await;
    process.die().await;
    assert_eq!(under_way(&store).await, (101, 1));
    assert_eq!(listed(&store).await, 0);
    grow_silent(&store).await;
    look(&store).await;
    assert_eq!(number(&store, "SELECT COUNT(*) FROM exchange").await, 101);
    for one in &given {
        let record = store.exchange(one.id).await.unwrap().unwrap();
        assert_eq!(record.summary.ending, Ending::Cut);
        assert!(record.summary.cause.unwrap().contains("process ended"));
        let asked = store.body(record.asked.body.id).await.unwrap();
        assert_eq!(asked.collect().await.unwrap(), one.asked.body.bytes);
    }
    assert_sound(&store).await;
}

async fn a_page_is_bounded_by_what_it_unpacks_to(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let sizes = [3 << 20, 3 << 20, 1 << 19, 9 << 20, 1 << 10, 1 << 10];
    for size in sizes {
        // Packed it has a few hundred bytes.
        let said = [("user", "x".repeat(size))];
        begin(&process, &exchange("ann", "s1", NOW, &said)).await;
    }
    process.die().await;
    let row = "SELECT id FROM process".to_owned();
    let mut tx = store.database.read().await.unwrap();
    let dead = tx.row(&row, vec![]).await.unwrap().unwrap();
    let dead = Uuid::from_slice(&dead.need_bytes(0).unwrap()).unwrap();
    drop(tx);
    let (mut pages, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let left = journal::left(&store.database, dead, after).await.unwrap();
        let Some(last) = left.last else { break };
        pages.push(left.cut.len());
        after = last;
    }
    assert_eq!(pages, [1, 2, 1, 2]);
}

async fn an_exchange_that_ends_is_under_way_no_more(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let (slow, fast) = (one(), one());
    begin(&process, &slow).await;
    assert_eq!(under_way(&store).await, (1, 1));
    process.writer.begin(begun(&fast)).unwrap();
    offer(&process, &fast).await;
    assert_eq!(under_way(&store).await, (1, 1));
    // Until then its words are found nowhere.
    assert_eq!(listed(&store).await, 1);
    offer(&process, &slow).await;
    assert_eq!(under_way(&store).await.0, 0);
    // One that comes late, or again, is not under way.
    begin(&process, &slow).await;
    assert_eq!(under_way(&store).await.0, 0);
    assert_kept(&store, &[slow, fast]).await;
    assert_sound(&store).await;
    // The process is not known any more once it has nothing under way.
    eventually(async || under_way(&store).await == (0, 0)).await;
    process.end().await;
}

async fn a_process_that_is_alive_keeps_what_it_has_under_way(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    begin(&process, &one()).await;
    let seen = "SELECT seen_at FROM process";
    let first = number(&store, seen).await;
    let other = Process::start(&store);
    eventually(async || number(&store, seen).await > first).await;
    other.end().await;
    assert_eq!(under_way(&store).await, (1, 1));
    assert_eq!(listed(&store).await, 0);
    process.die().await;
}

async fn a_process_that_wakes_up_replaces_what_was_stored_as_cut(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    // A conversation, of which the writer remembers where it ended.
    let given = turns("ann", "s1", NOW, 4);
    offer(&process, &given[0]).await;
    begin(&process, &given[1]).await;
    begin(&process, &given[2]).await;
    grow_silent(&store).await;
    look(&store).await;
    let cut = store.exchange(given[1].id).await.unwrap().unwrap();
    assert_eq!(cut.summary.ending, Ending::Cut);
    // Nothing is known of how it ended, so there is nothing to amend.
    let amendment = Amendment {
        id: given[1].id,
        ending: Ending::Aborted,
        cause: None,
        total: given[1].times.total,
    };
    let amended = process.writer.amend(amendment).unwrap();
    assert_eq!(amended.committed().await.map(drop), Ok(()));
    for one in &given[1..] {
        process.writer.offer(one.clone()).unwrap();
    }
    offer(&process, &given[2]).await;
    for one in &given {
        let record = store.exchange(one.id).await.unwrap().unwrap();
        assert_eq!(record.summary.ending, Ending::Delivered);
        assert_eq!(record.verdicts.len(), 1);
    }
    assert_kept(&store, &given).await;
    assert_sound(&store).await;
    let callers = store.facet(Facet::Caller, 10).await.unwrap();
    assert_eq!((callers.len(), callers[0].uses), (1, 4));
    let sessions = store.sessions(None, &Page::default()).await.unwrap();
    assert_eq!(sessions.entries[0].exchanges, 4);
    process.end().await;
    assert_eq!(under_way(&store).await, (0, 0));
}

async fn processes_that_look_at_once_store_what_is_left_once(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let given = turns("ann", "s1", NOW, 20);
    for one in &given {
        process.writer.begin(begun(one)).unwrap();
    }
    begin(&process, &given[0]).await;
    process.die().await;
    grow_silent(&store).await;
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(place.open().await);
    }
    join_all(stores.iter().map(look)).await;
    assert_eq!(number(&store, "SELECT COUNT(*) FROM exchange").await, 20);
    assert_sound(&store).await;
}

async fn a_process_that_ends_in_order_leaves_nothing(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let (ended, open) = (one(), one());
    begin(&process, &ended).await;
    begin(&process, &open).await;
    process.writer.offer(ended.clone()).unwrap();
    process.end().await;
    assert_eq!(under_way(&store).await, (0, 0));
    let ending = async |id| store.exchange(id).await.unwrap().unwrap().summary.ending;
    assert_eq!(ending(ended.id).await, Ending::Delivered);
    assert_eq!(ending(open.id).await, Ending::Cut);
}

async fn what_can_not_be_read_stays(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let given = turns("ann", "s1", NOW, 3);
    for one in &given {
        begin(&process, one).await;
    }
    process.die().await;
    let newer = if place.is_sqlite() {
        "UPDATE journal SET payload = CAST(x'f0' || payload AS BLOB) WHERE received_at = "
    } else {
        "UPDATE journal SET payload = '\\xf0'::bytea || payload WHERE received_at = "
    };
    meddle(&store.database, &format!("{newer}{}", NOW + 1))
        .await
        .unwrap();
    grow_silent(&store).await;
    let other = Process::start(&store);
    eventually(async || listed(&store).await == 2).await;
    other.end().await;
    assert_eq!(under_way(&store).await, (1, 1));
    let left = "SELECT received_at FROM journal";
    assert_eq!(number(&store, left).await, NOW as i64 + 1);
}

async fn what_is_under_way_is_erased_too(place: Place) {
    let store = place.open().await;
    let process = Process::start(&store);
    let at = |caller: Option<&str>, session: &str, at: u64| {
        let mut one = exchange("", session, NOW + at, &[]);
        one.caller = caller.map(Into::into);
        one
    };
    let stored = [
        at(Some("ann"), "s1", 0),
        at(None, "s1", 0),
        at(Some("bob"), "s1", 0),
    ];
    store_all(&store, stored.to_vec()).await;
    let session = async |one: &Exchange| {
        let record = store.exchange(one.id).await.unwrap().unwrap();
        record.summary.session_id
    };
    let (anns, nobodys) = (session(&stored[0]).await, session(&stored[1]).await);
    let bobs = session(&stored[2]).await;
    for one in [
        at(Some("ann"), "s1", 1),
        at(Some("ann"), "s2", 2),
        at(None, "s1", 3),
        at(Some("bob"), "s1", 4),
        at(Some("bob"), "s2", 5),
        at(Some("eve"), &"long".repeat(500), 6),
        at(Some("eve"), "s1", 7),
    ] {
        begin(&process, &one).await;
    }
    let left = async || {
        let mut tx = store.database.read().await.unwrap();
        let query = "SELECT received_at FROM journal ORDER BY received_at".to_owned();
        let rows = tx.rows(&query, vec![]).await.unwrap();
        let at = rows.iter().map(|row| row.count(0).unwrap() - NOW);
        at.collect::<Vec<_>>()
    };
    assert_eq!(left().await, [1, 2, 3, 4, 5, 6, 7]);
    let eraser = store.eraser();
    eraser.erase_session(anns).await.unwrap();
    assert_eq!(left().await, [2, 3, 4, 5, 6, 7]);
    eraser.hold(bobs, "a case").await.unwrap();
    eraser.hold(nobodys, "a case").await.unwrap();
    assert!(matches!(
        eraser.erase_session(nobodys).await,
        Err(Error::Held)
    ));
    assert!(matches!(eraser.erase_session(bobs).await, Err(Error::Held)));
    eraser.erase_caller("ann").await.unwrap();
    eraser.erase_caller("bob").await.unwrap();
    assert_eq!(left().await, [3, 4, 6, 7]);
    eraser.purge_contents(NOW + 7).await.unwrap();
    assert_eq!(left().await, [3, 4, 7]);
    eraser.purge_exchanges(NOW + 8).await.unwrap();
    assert_eq!(left().await, [3, 4]);
    eraser.release(nobodys).await.unwrap();
    eraser.erase_session(nobodys).await.unwrap();
    assert_eq!(left().await, [4]);
    process.die().await;
}
