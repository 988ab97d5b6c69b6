//! What comes while PostgreSQL is away waits on the local disk, and is shipped in order and once.

mod troubles;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sluice_test_postgres::Server;
use tokio::task::block_in_place;
use uuid::Uuid;

use super::erasing::{assert_kept, assert_sound, number, turns};
use super::place::{Place, Process, eventually, store_all};
use super::sample::{NOW, exchange};
use super::traces::files_with;
use crate::config::SpoolConfig;
use crate::db::Database;
use crate::exchange::{Ending, Exchange};
use crate::item::Amendment;
use crate::migrate::meddle;
use crate::spool::Shipping;
use crate::store::Store;
use crate::writer::OnDisk;

/// A database with a spool beside it.
fn spooling(mut place: Place) -> Place {
    place.config.acquire = Duration::from_secs(1);
    place.config.spool = Some(SpoolConfig {
        path: spool(&place),
        bytes: 1 << 30,
    });
    place
}

fn shut(place: &Place) {
    block_in_place(|| sluice_test_postgres::server().shut(&place.config.url));
}

fn reopen(place: &Place) {
    block_in_place(|| sluice_test_postgres::server().open(&place.config.url));
}

fn spool(place: &Place) -> PathBuf {
    place.folder().join("spool.db")
}

fn aborted(id: Uuid) -> Amendment {
    Amendment {
        id,
        ending: Ending::Aborted,
        cause: Some("it left".into()),
        total: Duration::from_secs(9),
    }
}

/// The ids of exchanges in the order in which they were stored: ids of bodies ascend.
async fn stored(store: &Store) -> Vec<Uuid> {
    let query = "SELECT e.uuid FROM body b JOIN exchange e ON e.id = b.exchange \
        GROUP BY e.uuid ORDER BY MIN(b.id)"
        .to_owned();
    let mut tx = store.database.read().await.unwrap();
    let rows = tx.rows(&query, vec![]).await.unwrap();
    let id = |row: &crate::db::Row| Uuid::from_slice(&row.need_bytes(0).unwrap()).unwrap();
    rows.iter().map(id).collect()
}

fn ids(exchanges: &[Exchange]) -> Vec<Uuid> {
    exchanges.iter().map(|one| one.id).collect()
}

/// Begins, ends and amends each exchange. All of it is on disk when this returns.
async fn write(process: &Process, exchanges: &[Exchange]) {
    let mut tickets = Vec::new();
    for one in exchanges {
        tickets.push(process.writer.begin(one.clone()).unwrap());
        tickets.push(process.writer.offer(one.clone()).unwrap());
        tickets.push(process.writer.amend(aborted(one.id)).unwrap());
        tokio::task::yield_now().await;
    }
    for ticket in tickets {
        assert_eq!(ticket.committed().await.map(drop), Ok(()));
    }
}

/// Checks that these exchanges are stored, in this order, once and amended, and that nothing else is.
async fn assert_stored(store: &Store, exchanges: &[Exchange]) {
    assert_eq!(stored(store).await, ids(exchanges));
    let amended = "SELECT COUNT(*) FROM exchange WHERE ending = 'aborted' AND cause = 'it left'";
    assert_eq!(number(store, amended).await, exchanges.len() as i64);
    assert_eq!(number(store, "SELECT COUNT(*) FROM journal").await, 0);
    assert_kept(store, exchanges).await;
    assert_sound(store).await;
}

/// Ends processes at once. Returns how many rows they left. Whoever opens the spool next gets it.
async fn die(place: &Place, processes: impl IntoIterator<Item = Process>) -> u64 {
    let mut left = 0;
    for process in processes {
        left += process.writer.state().spooled;
        process.die().await;
    }
    // A connection closes on a thread of its own, and the lock goes with it.
    for file in fs::read_dir(place.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "db") {
            let free = Database::open_alone(&path, Duration::from_secs(30)).await;
            free.unwrap().close().await;
        }
    }
    left
}

async fn shipped(process: &Process) {
    eventually(async || process.writer.state().spooled == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_the_server_is_away_is_shipped_in_order_and_once() {
    let server = Server::own();
    let place = spooling(Place::in_server(&server));
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    let (over, mut all) = (AtomicBool::new(false), Vec::new());
    let load = async {
        while !over.load(Ordering::Relaxed) {
            let at = all.len() as u64;
            let said = [("user", format!("Number {}.", at % 7))];
            let one = |number| exchange("ann", "s1", NOW + at + number, &said);
            let group: Vec<_> = (0..4).map(one).collect();
            write(&process, &group).await;
            all.extend(group);
        }
    };
    let outages = async {
        // Twice: as an operator stops it, and as a crash does.
        for stop in [Server::stop, Server::crash] {
            tokio::time::sleep(Duration::from_millis(200)).await;
            block_in_place(|| stop(&server));
            // What is left of the outage before may still wait there, so that alone tells nothing.
            eventually(async || process.writer.state().away_since.is_some()).await;
            eventually(async || process.writer.state().spooled > 5).await;
            let state = process.writer.state();
            assert!(
                state.away_since.is_some() && state.spooled_bytes > 0,
                "{state:?}"
            );
            block_in_place(|| server.start());
            eventually(async || process.writer.state().away_since.is_none()).await;
        }
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(load, outages);
    shipped(&process).await;
    assert_eq!(
        process.writer.state(),
        crate::status::WriterState::default()
    );
    assert_stored(&store, &all).await;
    process.end().await;
}

/// Offers an exchange and waits until it is on disk.
async fn offer(process: &Process, one: &Exchange) -> OnDisk {
    let ticket = process.writer.offer(one.clone()).unwrap();
    ticket.committed().await.unwrap()
}

/// Offers an exchange that has to wait in the spool.
async fn offer_spooled(process: &Process, one: &Exchange) -> Shipping {
    match offer(process, one).await {
        OnDisk::Spool(shipping) => shipping,
        OnDisk::Database => panic!("it is in the database"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_where_it_is_and_when_it_is_shipped() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let refuse = "ALTER TABLE session ADD CONSTRAINT refuse CHECK (key <> 'refused')";
    meddle(&store.database, refuse).await.unwrap();
    let process = Process::spooling(&store).await;
    let one = |session| exchange("ann", session, NOW, &[]);
    let early = one("s1");
    assert!(matches!(offer(&process, &early).await, OnDisk::Database));
    assert!(store.exchange(early.id).await.unwrap().is_some());
    shut(&place);
    let (late, refused) = (one("s1"), one("refused"));
    let begun = process.writer.begin(late.clone()).unwrap();
    // Of what only begins nobody is told that it can be read.
    match begun.committed().await.unwrap() {
        OnDisk::Spool(shipping) => assert!(!shipping.done().await),
        OnDisk::Database => panic!("it is in the database"),
    }
    let mut shipping = Box::pin(offer_spooled(&process, &late).await.done());
    let refused = offer_spooled(&process, &refused).await;
    let early = tokio::time::timeout(Duration::from_millis(300), &mut shipping).await;
    early.unwrap_err();
    reopen(&place);
    assert!(shipping.await);
    assert!(store.exchange(late.id).await.unwrap().is_some());
    assert!(!refused.done().await);
    // What another process ships is not told here.
    shut(&place);
    let left = offer_spooled(&process, &one("s1")).await;
    process.end().await;
    assert!(!left.done().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_spooled_is_shipped_by_the_next_one_first() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    let all = turns("ann", "s1", NOW, 40);
    write(&process, &all[..10]).await;
    shut(&place);
    write(&process, &all[10..20]).await;
    let open = exchange("ann", "s1", NOW, &[("user", "Under way.".into())]);
    let begun = process.writer.begin(open.clone()).unwrap();
    assert_eq!(begun.committed().await.map(drop), Ok(()));
    let left = die(&place, [process]).await;
    // The next one finds the server away too.
    let process = Process::spooling(&store).await;
    assert!(left > 20, "{left}");
    assert_eq!(process.writer.state().spooled, left);
    write(&process, &all[20..30]).await;
    reopen(&place);
    write(&process, &all[30..]).await;
    shipped(&process).await;
    // What the dead process had under way is cut, soon after it was shipped.
    eventually(async || store.exchange(open.id).await.unwrap().is_some()).await;
    let cut = store.exchange(open.id).await.unwrap().unwrap();
    assert_eq!(cut.summary.ending, Ending::Cut);
    store.eraser().purge_contents(NOW - 1).await.unwrap();
    meddle(
        &store.database,
        "DELETE FROM body WHERE exchange IN (SELECT id FROM exchange WHERE ending = 'cut')",
    )
    .await
    .unwrap();
    assert_eq!(stored(&store).await, ids(&all));
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shipped_before_a_crash_is_not_stored_twice() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let all = turns("ann", "s1", NOW, 20);
    write(&process, &all).await;
    die(&place, [process]).await;
    // The database has some of it, as if the process had ended before it could delete them from the spool.
    reopen(&place);
    store_all(&store, all[..7].to_vec()).await;
    let process = Process::spooling(&store).await;
    shipped(&process).await;
    assert_stored(&store, &all).await;
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_in_order_leaves_the_rest_in_the_spool() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let all = turns("ann", "s1", NOW, 10);
    for one in &all {
        process.writer.offer(one.clone()).unwrap();
        process.writer.amend(aborted(one.id)).unwrap();
    }
    process.end().await;
    reopen(&place);
    let process = Process::spooling(&store).await;
    shipped(&process).await;
    assert_stored(&store, &all).await;
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_in_the_spool_of_what_was_shipped() {
    let mut place = spooling(Place::postgres());
    place.config.compress = false;
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    shut(&place);
    let secret = |at: u64| {
        let said = [("user", format!("xsecret{at} ").repeat(3000))];
        exchange("ann", "quietsession", NOW + at, &said)
    };
    let all: Vec<_> = (0..20).map(secret).collect();
    write(&process, &all).await;
    for needle in ["xsecret17", "quietsession", "it left"] {
        assert!(!files_with(&place.folder(), needle).is_empty(), "{needle}");
    }
    let size = || spool(&place).metadata().unwrap().len();
    reopen(&place);
    shipped(&process).await;
    eventually(async || files_with(&place.folder(), "xsecret").is_empty()).await;
    for needle in ["xsecret", "quietsession", "it left"] {
        let found = files_with(&place.folder(), needle);
        assert!(found.is_empty(), "{needle}: {found:?}");
    }
    assert!(size() < 100_000, "{}", size());
    assert_stored(&store, &all).await;
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_have_spools_of_their_own_and_the_next_takes_over() {
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let (first, second) = (
        Process::spooling(&store).await,
        Process::spooling(&store).await,
    );
    shut(&place);
    let (ann, bob) = (turns("ann", "s1", NOW, 5), turns("bob", "s1", NOW, 5));
    write(&first, &ann).await;
    write(&second, &bob).await;
    let other = place.folder().join("spool-2.db");
    assert!(other.is_file());
    // Both end at once. One that starts has what both left.
    let left = die(&place, [second, first]).await;
    let third = Process::spooling(&store).await;
    assert!(left >= 20, "{left}");
    assert_eq!(third.writer.state().spooled, left);
    reopen(&place);
    shipped(&third).await;
    assert_stored(&store, &[ann, bob].concat()).await;
    third.end().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_spool_and_its_folder_are_ours_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = spooling(Place::postgres());
    let store = place.open().await;
    let process = Process::spooling(&store).await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.folder()), 0o700);
    for file in fs::read_dir(place.folder()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert_eq!(mode(&spool(&place)), 0o600);
    process.end().await;
}

#[tokio::test]
async fn sqlite_has_no_spool() {
    let mut place = Place::sqlite();
    let path = place.folder().join("spool.db");
    place.config.spool = Some(SpoolConfig {
        path: path.clone(),
        bytes: 1 << 30,
    });
    let store = place.open().await;
    Process::spooling(&store).await.end().await;
    assert!(!path.exists());
}
