//! What is erased is gone, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::on_both;
use super::place::{Place, offer_all, store_all};
use super::sample::{MONTH, NOW, exchange};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::read::{Facet, Filter, Page};
use crate::store::Store;
use crate::words::Words;

on_both!(
    a_session_goes_and_what_others_share_stays,
    a_caller_goes_with_its_name,
    a_session_on_hold_stays,
    contents_go_and_numbers_stay,
    old_exchanges_go_with_their_numbers,
    contents_shrink_to_a_size_from_the_oldest,
    a_writer_forgets_what_was_erased_under_it,
    words_of_a_shared_block_are_found_in_what_is_left,
    another_text_of_the_dialect_leaves_no_words,
);

pub(super) async fn number(store: &Store, query: &str) -> i64 {
    let mut tx = store.database.read().await.unwrap();
    let row = tx.row(&query.to_owned(), vec![]).await.unwrap().unwrap();
    row.need_int(0).unwrap()
}

/// Each must be 0: what refers to nothing, what nothing refers to, and the size that was miscounted.
const FAULTS: [&str; 15] = [
    "SELECT COUNT(*) FROM part WHERE head NOT IN (SELECT id FROM node)",
    "SELECT COUNT(*) FROM node WHERE parent <> 0 AND parent NOT IN (SELECT id FROM node)",
    "SELECT COUNT(*) FROM node WHERE block NOT IN (SELECT id FROM block)",
    "SELECT COUNT(*) FROM node WHERE id NOT IN (SELECT parent FROM node) AND id NOT IN (SELECT head FROM part)",
    "SELECT COUNT(*) FROM block b WHERE NOT EXISTS (SELECT 1 FROM node WHERE block = b.id) \
        AND NOT EXISTS (SELECT 1 FROM reply_block WHERE block = b.id) \
        AND NOT EXISTS (SELECT 1 FROM verdict WHERE block_before = b.id OR block_after = b.id)",
    "SELECT COUNT(*) FROM seen WHERE exchange NOT IN (SELECT id FROM exchange WHERE contents = 1) \
        OR block NOT IN (SELECT id FROM block) OR session NOT IN (SELECT id FROM session)",
    "SELECT COUNT(*) FROM body WHERE exchange NOT IN (SELECT id FROM exchange)",
    "SELECT COUNT(*) FROM header WHERE exchange NOT IN (SELECT id FROM exchange WHERE contents = 1)",
    "SELECT COUNT(*) FROM judged j WHERE NOT EXISTS (SELECT 1 FROM verdict v \
        WHERE v.exchange = j.exchange AND v.policy = j.policy AND v.rule = j.rule \
        AND COALESCE(v.verdict, '') = j.verdict)",
    "SELECT COUNT(*) FROM verdict v WHERE NOT EXISTS (SELECT 1 FROM judged j JOIN exchange e ON e.id = j.exchange \
        WHERE v.exchange = j.exchange AND v.policy = j.policy AND v.rule = j.rule \
        AND COALESCE(v.verdict, '') = j.verdict AND e.received_at = j.received_at)",
    "SELECT COUNT(*) FROM session s WHERE s.exchanges <> (SELECT COUNT(*) FROM exchange WHERE session = s.id)",
    "SELECT COUNT(*) FROM session WHERE continues IS NOT NULL AND continues NOT IN (SELECT id FROM session)",
    "SELECT COUNT(*) FROM journal WHERE process NOT IN (SELECT id FROM process)",
    "SELECT COUNT(*) FROM journal WHERE id IN (SELECT uuid FROM exchange)",
    "SELECT value - (SELECT COALESCE(SUM(LENGTH(content) + COALESCE(LENGTH(text), 0)), 0) FROM block) \
        - (SELECT COALESCE(SUM(LENGTH(shell)), 0) FROM body) FROM counter WHERE name = 'bytes'",
];

pub(super) async fn assert_sound(store: &Store) {
    for fault in FAULTS {
        assert_eq!(number(store, fault).await, 0, "{fault}");
    }
    if store.database.kind() == crate::db::Kind::Sqlite {
        let check = "INSERT INTO words (words) VALUES ('integrity-check')";
        crate::migrate::meddle(&store.database, check)
            .await
            .unwrap();
        let vocabulary =
            "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, instance)";
        let mut tx = store.database.write().await.unwrap();
        tx.script(vocabulary).await.unwrap();
        let differ = "SELECT COUNT(*) FROM (SELECT doc FROM temp.vocabulary EXCEPT \
            SELECT id FROM block WHERE words_hash <> 0)";
        let row = tx.row(&differ.to_owned(), vec![]).await.unwrap();
        assert_eq!(row.unwrap().need_int(0).unwrap(), 0);
        let same = "SELECT COUNT(DISTINCT doc) - (SELECT COUNT(*) FROM block WHERE words_hash <> 0) \
            FROM temp.vocabulary";
        let row = tx.row(&same.to_owned(), vec![]).await.unwrap();
        assert_eq!(row.unwrap().need_int(0).unwrap(), 0);
    }
}

/// Compares the request of each exchange with what was given.
pub(super) async fn assert_kept(store: &Store, given: &[Exchange]) {
    for one in given {
        let record = store
            .exchange(one.id)
            .await
            .unwrap()
            .expect("the exchange is kept");
        let reader = store.body(record.asked.body.id).await.unwrap();
        assert_eq!(reader.collect().await.unwrap(), one.asked.body.bytes);
        let reply = record.delivered.as_ref().unwrap().body.id;
        let reply = store.body(reply).await.unwrap().collect().await.unwrap();
        assert_eq!(reply, one.delivered.as_ref().unwrap().body.bytes);
    }
}

/// The turns of a conversation.
pub(super) fn turns(caller: &str, session: &str, at: u64, count: usize) -> Vec<Exchange> {
    let said: Vec<_> = (0..count)
        .map(|turn| ("user", format!("Turn {turn}.")))
        .collect();
    let one = |turn: usize| exchange(caller, session, at + turn as u64, &said[..=turn]);
    (0..count).map(one).collect()
}

async fn session_of(store: &Store, exchange: &Exchange) -> i64 {
    store
        .exchange(exchange.id)
        .await
        .unwrap()
        .unwrap()
        .summary
        .session_id
}

async fn hits(store: &Store, text: &str) -> Vec<Uuid> {
    let found = store
        .search(text, &Filter::default(), &Page::default())
        .await
        .unwrap();
    found.entries.iter().map(|hit| hit.exchange.id).collect()
}

async fn a_session_goes_and_what_others_share_stays(place: Place) {
    let store = place.open().await;
    let (first, second) = (turns("ann", "s1", NOW, 5), turns("ann", "s2", NOW + 9, 3));
    store_all(&store, first.clone()).await;
    store_all(&store, second.clone()).await;
    let session = session_of(&store, &first[0]).await;
    assert_eq!(hits(&store, "\"turn 4\"").await.len(), 1);
    assert_eq!(store.eraser().erase_session(session).await.unwrap(), 5);
    for one in &first {
        assert!(store.exchange(one.id).await.unwrap().is_none());
    }
    assert_kept(&store, &second).await;
    assert_sound(&store).await;
    assert!(hits(&store, "\"turn 4\"").await.is_empty());
    assert_eq!(hits(&store, "\"turn 2\"").await, [second[2].id]);
    assert_eq!(store.session(session).await.unwrap(), None);
    assert_eq!(store.eraser().erase_session(session).await.unwrap(), 0);
}

async fn a_caller_goes_with_its_name(place: Place) {
    let store = place.open().await;
    let (ann, bob) = (turns("ann", "s1", NOW, 3), turns("bob", "s1", NOW, 3));
    store_all(&store, [ann.clone(), bob.clone()].concat()).await;
    let erased = store.eraser().erase_caller("ann").await.unwrap();
    assert_eq!((erased.exchanges, erased.held), (3, 0));
    assert_kept(&store, &bob).await;
    assert_sound(&store).await;
    let callers = store.facet(Facet::Caller, 10).await.unwrap();
    let callers: Vec<_> = callers.iter().map(|one| (&*one.name, one.uses)).collect();
    assert_eq!(callers, [("bob", 3)]);
    store.eraser().erase_caller("bob").await.unwrap();
    assert_sound(&store).await;
    for table in [
        "name",
        "session",
        "exchange",
        "message",
        "body",
        "node",
        "block",
        "seen",
        "verdict",
        "judged",
        "header",
        "reply_block",
    ] {
        assert_eq!(
            number(&store, &format!("SELECT COUNT(*) FROM {table}")).await,
            0,
            "{table}"
        );
    }
    assert_eq!(store.eraser().size().await.unwrap(), 0);
}

async fn a_session_on_hold_stays(place: Place) {
    let store = place.open().await;
    let (held, free) = (turns("ann", "s1", NOW, 3), turns("ann", "s2", NOW, 3));
    store_all(&store, [held.clone(), free.clone()].concat()).await;
    let session = session_of(&store, &held[0]).await;
    store.eraser().hold(session, "a case").await.unwrap();
    let shown = store.session(session).await.unwrap().unwrap();
    assert_eq!(shown.hold.as_deref(), Some("a case"));
    // An agent that joins later is on hold too.
    let mut late = turns("ann", "s1", NOW, 1);
    late[0].session.agent = Some("late".into());
    store_all(&store, late.clone()).await;
    assert!(matches!(
        store.eraser().erase_session(session).await,
        Err(Error::Held)
    ));
    let erased = store.eraser().erase_caller("ann").await.unwrap();
    assert_eq!((erased.exchanges, erased.held), (3, 4));
    assert_eq!(store.eraser().purge_contents(u64::MAX).await.unwrap(), 0);
    assert_eq!(store.eraser().purge_exchanges(u64::MAX).await.unwrap(), 0);
    assert_eq!(store.eraser().purge_to_size(0).await.unwrap(), 0);
    assert_kept(&store, &[held, late].concat()).await;
    assert_sound(&store).await;
    store.eraser().release(session).await.unwrap();
    assert!(matches!(
        store.eraser().release(session).await,
        Err(Error::Gone)
    ));
    assert!(matches!(
        store.eraser().hold(session + 1000, "x").await,
        Err(Error::Gone)
    ));
    assert_eq!(store.eraser().erase_session(session).await.unwrap(), 4);
}

async fn contents_go_and_numbers_stay(place: Place) {
    let store = place.open().await;
    let all = turns("ann", "s1", NOW, 4);
    store_all(&store, all.clone()).await;
    assert_eq!(store.eraser().purge_contents(NOW + 2).await.unwrap(), 2);
    assert_eq!(store.eraser().purge_contents(NOW + 2).await.unwrap(), 0);
    assert_kept(&store, &all[2..]).await;
    assert_sound(&store).await;
    let record = store.exchange(all[0].id).await.unwrap().unwrap();
    assert!(!record.summary.contents);
    assert_eq!(
        (record.summary.status, record.summary.cause),
        (Some(200), None)
    );
    assert_eq!(record.attempts[0].usage, all[0].attempts[0].usage);
    assert_eq!(
        (record.asked.headers, record.attempts[0].error.clone()),
        (None, None)
    );
    assert_eq!(
        record.asked.body.length,
        all[0].asked.body.bytes.len() as u64
    );
    assert!(!record.asked.body.kept);
    let gone = store.body(record.asked.body.id).await.unwrap_err();
    assert!(matches!(gone, Error::Gone));
    let verdict = &record.verdicts[0];
    assert_eq!((&*verdict.verdict.policy, verdict.before), ("redact", None));
    assert_eq!(
        (&verdict.verdict.reason, &verdict.verdict.detail),
        (&None, &None)
    );
    assert_eq!(
        (record.reply[0].content, &*record.reply[0].kind),
        (None, "text")
    );
}

async fn old_exchanges_go_with_their_numbers(place: Place) {
    let store = place.open().await;
    // More than one group of them, and months that share a conversation.
    let mut all = Vec::new();
    for month in 0..3 {
        all.extend(turns("ann", "s1", NOW + month * MONTH, 50));
    }
    store_all(&store, all.clone()).await;
    store.eraser().purge_contents(NOW + MONTH).await.unwrap();
    assert_eq!(
        store
            .eraser()
            .purge_exchanges(NOW + 2 * MONTH)
            .await
            .unwrap(),
        100
    );
    assert_kept(&store, &all[100..]).await;
    assert_sound(&store).await;
    let session = session_of(&store, &all[100]).await;
    let session = store.session(session).await.unwrap().unwrap();
    assert_eq!((session.first_at, session.exchanges), (NOW + 2 * MONTH, 50));
}

async fn contents_shrink_to_a_size_from_the_oldest(place: Place) {
    let store = place.open().await;
    let one = |at: u64| {
        exchange(
            "ann",
            &format!("s{at}"),
            NOW + at,
            &[("user", format!("{at} words. ").repeat(900))],
        )
    };
    let all: Vec<_> = (0..200).map(one).collect();
    store_all(&store, all.clone()).await;
    let before = store.eraser().size().await.unwrap();
    let gone = store.eraser().purge_to_size(before / 2).await.unwrap() as usize;
    assert!(store.eraser().size().await.unwrap() <= before / 2);
    assert!((80..200).contains(&gone), "{gone}");
    assert_kept(&store, &all[gone..]).await;
    assert_sound(&store).await;
}

async fn a_writer_forgets_what_was_erased_under_it(place: Place) {
    let store = place.open().await;
    let all = turns("ann", "s1", NOW, 4);
    let (writer, writing) = store.writer();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let work = async {
        offer_all(&writer, all[..2].to_vec()).await;
        let session = session_of(&store, &all[0]).await;
        store.eraser().erase_session(session).await.unwrap();
        // It remembers where the conversation ended, at a position that is gone.
        assert_eq!(
            offer_all(&writer, all[2..].to_vec()).await,
            [Ok(()), Ok(())]
        );
        drop(stop);
    };
    tokio::join!(task, work);
    assert_kept(&store, &all[2..]).await;
    assert_sound(&store).await;
}

async fn words_of_a_shared_block_are_found_in_what_is_left(place: Place) {
    let store = place.open().await;
    let all = turns("ann", "s1", NOW, 4);
    store_all(&store, all.clone()).await;
    assert_eq!(hits(&store, "\"turn 0\"").await, [all[0].id]);
    store.eraser().purge_contents(NOW + 2).await.unwrap();
    assert_eq!(hits(&store, "\"turn 0\"").await, [all[2].id]);
}

/// Reads blocks in one way, then in another.
struct Fickle(AtomicBool);

impl Words for Fickle {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(raw);
        Some(match self.0.load(Ordering::Relaxed) {
            true => text.replace("Turn", "Round"),
            false => text.into_owned(),
        })
    }
}

async fn another_text_of_the_dialect_leaves_no_words(place: Place) {
    let words = Arc::new(Fickle(AtomicBool::new(false)));
    let store = Store::open(place.config.clone(), Arc::clone(&words) as _)
        .await
        .unwrap();
    let (ann, bob) = (turns("ann", "s1", NOW, 2), turns("bob", "s1", NOW, 2));
    store_all(&store, [ann.clone(), bob.clone()].concat()).await;
    words.0.store(true, Ordering::Relaxed);
    store.eraser().erase_caller("ann").await.unwrap();
    assert_sound(&store).await;
    assert_eq!(
        hits(&store, "\"turn 1\"").await.len(),
        usize::from(!place.is_sqlite())
    );
    assert_eq!(
        hits(&store, "\"round 1\"").await.len(),
        usize::from(place.is_sqlite())
    );
}
