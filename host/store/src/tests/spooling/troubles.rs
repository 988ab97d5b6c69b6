//! A spool that is full or may take nothing, and a database that refuses or says nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{assert_stored, die, ids, reopen, shipped, shut, spool, spooling, stored, write};
use crate::config::Bounds;
use crate::migrate::meddle;
use crate::tests::erasing::turns;
use crate::tests::place::{Place, Process, eventually};
use crate::tests::sample::{NOW, exchange};
use crate::tests::traces::files_with;
use crate::writer::NotTaken;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_leaves_the_rest_in_the_queue() {
    let mut place = spooling(Place::postgres());
    place.config.compress = false;
    place.config.queue = Bounds {
        exchanges: 30,
        bytes: 1 << 30,
        ..Bounds::default()
    };
    if let Some(spool) = &mut place.config.spool {
        spool.bytes = 20_000;
    }
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let (mut all, mut tickets) = (Vec::new(), Vec::new());
    // As many as go into the spool and into the queue.
    let refused = loop {
        let one = exchange("ann", "s1", NOW, &[("user", "x".repeat(500))]);
        match process.writer.offer(one.clone()) {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => break error,
        }
        all.push(one);
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(matches!(refused, NotTaken::Full(_)), "{refused}");
    let state = process.writer.state();
    assert!((1..=20_000).contains(&state.spooled_bytes), "{state:?}");
    assert_eq!((state.spool_full, process.writer.waiting().0), (1, 30));
    assert!(all.len() > 30, "{}", all.len());
    reopen(&place);
    for ticket in tickets {
        assert_eq!(ticket.committed().await.map(drop), Ok(()));
    }
    shipped(&process).await;
    assert_eq!(stored(&store).await, ids(&all));
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_may_take_nothing_ships_what_was_left() {
    let mut place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let all = turns("ann", "s1", NOW, 10);
    write(&process, &all[..5]).await;
    die(&place, [process]).await;
    if let Some(spool) = &mut place.config.spool {
        spool.bytes = 0;
    }
    reopen(&place);
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shipped(&process).await;
    // Now it is as if there were none.
    shut(&place);
    let mut late = Box::pin(write(&process, &all[5..]));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut late).await;
    early.unwrap_err();
    assert_eq!(process.writer.state().spooled, 0);
    reopen(&place);
    late.await;
    assert_stored(&store, &all).await;
    process.end().await;
    fs::remove_dir_all(place.folder()).unwrap();
    Process::spooling(&store).await.end().await;
    assert!(!place.folder().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_the_database_refuses_stays_and_holds_up_no_other() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let refuse = "ALTER TABLE session ADD CONSTRAINT refuse CHECK (key <> 'refused')";
    meddle(&store.database, refuse).await.unwrap();
    let process = Process::spooling(&store).await;
    shut(&place);
    let one = |session| exchange("ann", session, NOW, &[]);
    let all = [one("s1"), one("refused"), one("s2")];
    write(&process, &all).await;
    reopen(&place);
    // What began and what ended are two rows, unless the writer took both at once.
    eventually(async || {
        let state = process.writer.state();
        state.refused > 0 && state.spooled == state.refused && state.away_since.is_none()
    })
    .await;
    let state = process.writer.state();
    eventually(async || stored(&store).await == [all[0].id, all[2].id]).await;
    // What comes does not wait behind it.
    let late = one("s3");
    write(&process, std::slice::from_ref(&late)).await;
    assert_eq!(process.writer.state().spooled, state.spooled);
    assert_eq!(stored(&store).await.last(), Some(&late.id));
    process.end().await;
    // The next start tries again.
    let allow = "ALTER TABLE session DROP CONSTRAINT refuse";
    meddle(&store.database, allow).await.unwrap();
    let process = Process::spooling(&store).await;
    shipped(&process).await;
    assert_eq!(stored(&store).await.last(), Some(&all[1].id));
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_silent_keeps_nothing_from_the_spool() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    let lock = store.database.write().await.unwrap();
    let all = turns("ann", "s1", NOW, 20);
    write(&process, &all[..10]).await;
    write(&process, &all[10..]).await;
    assert!(process.writer.state().spooled >= 20);
    drop(lock);
    shipped(&process).await;
    assert_stored(&store, &all).await;
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_holds_up_nothing_and_the_file_is_kept() {
    let mut place = spooling(Place::postgres());
    place.config.compress = false;
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let one = |at: u64| {
        let said = [("user", format!("mark{at:03} ").repeat(100))];
        exchange("ann", "s1", NOW + at, &said)
    };
    let all: Vec<_> = (0..60).map(one).collect();
    write(&process, &all).await;
    die(&place, [process]).await;
    damage(&spool(&place), "mark030");
    reopen(&place);
    let process = Process::spooling(&store).await;
    shipped(&process).await;
    // What stood on that page is missing, and nothing else.
    let (stored, all) = (stored(&store).await, ids(&all));
    let missing = all.iter().filter(|id| !stored.contains(id)).count();
    assert!((1..=3).contains(&missing), "{missing}");
    assert!(
        stored
            .iter()
            .is_sorted_by_key(|id| all.iter().position(|one| *one == *id))
    );
    assert_eq!(process.writer.state().set_aside, 1);
    // One that stood elsewhere is in the file that is kept, and soon in no other.
    let kept = || files_with(&place.folder(), "mark050");
    eventually(async || kept().len() == 1).await;
    assert!(kept().keys().all(|name| name.starts_with("spool-damaged-")));
    // What comes goes the usual way.
    let late = exchange("ann", "s1", NOW, &[]);
    write(&process, std::slice::from_ref(&late)).await;
    shut(&place);
    write(&process, std::slice::from_ref(&one(99))).await;
    reopen(&place);
    shipped(&process).await;
    process.end().await;
}

/// Overwrites the first page of a file on which a text stands.
fn damage(file: &Path, text: &str) {
    const PAGE: usize = 4096;
    let mut bytes = fs::read(file).unwrap();
    let stands = |page: &[u8]| page.windows(text.len()).any(|part| part == text.as_bytes());
    let page = bytes.chunks(PAGE).position(stands).unwrap();
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xff);
    fs::write(file, bytes).unwrap();
}
