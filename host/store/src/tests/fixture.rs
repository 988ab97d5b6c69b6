//! Databases as earlier versions left them. Each must still be readable once it has all migrations.
//!
//! A folder of `tests/fixtures` is named after the last migration that its database has. It holds the rows of all tables, for
//! each of the two databases; the tables come from the migrations, whose checksums are among the rows. A new migration
//! needs a folder of its own: `cargo test -p sluice-store fixture` makes what is missing, and fails until it is there. The folders
//! before it stay as they are.

mod dump;
mod given;

use std::fs;
use std::path::{Path, PathBuf};

use super::erasing::assert_sound;
use super::finding::page;
use super::on_both;
use super::place::{Place, Plain, store_all};
use crate::db::Kind;
use crate::error::Error;
use crate::migrate;
use crate::read::{BodyId, Facet, Filter, Order};
use crate::store::Store;

use given::{ERASED, LAST, given, key};

on_both!(
    the_last_migration_has_a_fixture,
    every_fixture_can_be_migrated_and_read,
);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn file(migration: &str, kind: Kind) -> PathBuf {
    let name = match kind {
        Kind::Sqlite => "sqlite.sql",
        Kind::Postgres => "postgres.sql",
    };
    folder().join(migration).join(name)
}

fn last_migration() -> &'static str {
    migrate::names().last().expect("there is a migration")
}

/// The migrations after which a fixture was made.
fn fixtures() -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let names = fs::read_dir(folder()).unwrap().map(name);
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

async fn the_last_migration_has_a_fixture(place: Place) {
    assert!(
        fixtures()
            .iter()
            .all(|name| migrate::names().any(|known| known == name))
    );
    let kind = if place.is_sqlite() {
        Kind::Sqlite
    } else {
        Kind::Postgres
    };
    let file = file(last_migration(), kind);
    if file.exists() {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, made(&place).await).unwrap();
    panic!(
        "{} was missing and is there now: look at it and commit it",
        file.display()
    );
}

/// A database with what is given, of which something was forgotten and something is on hold.
async fn made(place: &Place) -> String {
    let store = place.open().await;
    for one in given() {
        assert_eq!(store_all(&store, vec![one]).await, [Ok(())]);
    }
    let installed = "INSERT INTO installation (name, value) VALUES ('key', \
        CAST('a key of the installation' AS BLOB))";
    let installed = match store.database.kind() {
        Kind::Sqlite => installed.to_owned(),
        Kind::Postgres => installed.replace("BLOB", "BYTEA"),
    };
    migrate::meddle(&store.database, &installed).await.unwrap();
    let held = store.exchange(given()[LAST].id).await.unwrap().unwrap();
    let eraser = store.eraser();
    eraser
        .hold(held.summary.session_id, "a case")
        .await
        .unwrap();
    let since = "UPDATE hold SET since = 1794614400000";
    migrate::meddle(&store.database, since).await.unwrap();
    store.add_key(&key()).await.unwrap();
    let until = given()[ERASED].received_at + 1;
    assert_eq!(eraser.purge_contents(until).await.unwrap(), 1);
    dump::dump(&store).await
}

async fn load(store: &Store, migration: &str) {
    let text = fs::read_to_string(file(migration, store.database.kind())).unwrap();
    let mut tx = store.database.write().await.unwrap();
    migrate::tables_of(&mut tx, migration).await.unwrap();
    tx.script(text.leak()).await.unwrap();
    tx.commit().await.unwrap();
    // FTS5 remembers what its tables held before.
    store.close().await;
}

async fn every_fixture_can_be_migrated_and_read(place: Place) {
    for migration in fixtures() {
        let place = if place.is_sqlite() {
            Place::sqlite()
        } else {
            Place::postgres()
        };
        let connect = async || {
            let words = std::sync::Arc::new(Plain::default());
            Store::connect(place.config.clone(), words).await.unwrap()
        };
        load(&connect().await, &migration).await;
        let store = connect().await;
        let missing = migrate::names()
            .skip_while(|name| *name != migration)
            .count()
            - 1;
        assert_eq!(store.migrate().await.unwrap(), missing, "{migration}");
        exchanges_are_whole(&store).await;
        // The first that has keys.
        let kept = (&*migration >= "0003").then(key);
        assert_eq!(store.keys().await.unwrap(), Vec::from_iter(kept));
        lists_and_searches_find(&store).await;
        it_can_be_written_and_erased(&store).await;
    }
}

async fn body(store: &Store, id: BodyId) -> Vec<u8> {
    store
        .body(id)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap()
        .to_vec()
}

/// Every exchange comes back as it was given, byte for byte.
async fn exchanges_are_whole(store: &Store) {
    for (at, one) in given().into_iter().enumerate() {
        let record = store.exchange(one.id).await.unwrap().unwrap();
        let summary = &record.summary;
        assert_eq!(summary.received_at, one.received_at);
        assert_eq!((&summary.caller, &summary.model), (&one.caller, &one.model));
        assert_eq!((summary.status, summary.ending), (one.status, one.ending));
        assert_eq!((&summary.session, summary.times), (&one.session, one.times));
        let (attempt, stored) = (&one.attempts[0], &record.attempts[0]);
        assert_eq!(
            (&stored.usage, &stored.upstream),
            (&attempt.usage, &attempt.upstream)
        );
        assert_eq!(record.not_judged, one.not_judged);
        if at == ERASED {
            assert!(!summary.contents && !record.asked.body.kept);
            assert_eq!(record.verdicts[0].verdict.reason, None);
            let gone = store.body(record.asked.body.id).await.unwrap_err();
            assert!(matches!(gone, Error::Gone));
            continue;
        }
        assert_eq!(record.asked.headers.as_ref(), Some(&one.asked.headers));
        assert_eq!(
            body(store, record.asked.body.id).await,
            one.asked.body.bytes
        );
        let (delivered, given) = (record.delivered.unwrap(), one.delivered.unwrap());
        assert_eq!(delivered.frames, given.body.frames);
        assert_eq!(body(store, delivered.body.id).await, given.body.bytes);
        let reply = store
            .content(record.reply[0].content.unwrap())
            .await
            .unwrap();
        assert_eq!(reply.bytes, one.reply[0].content);
        for (stored, mut verdict) in record.verdicts.into_iter().zip(one.verdicts) {
            let before = store.content(stored.before.unwrap()).await.unwrap().bytes;
            assert_eq!(Some(before), verdict.before);
            (verdict.before, verdict.after) = (None, None);
            assert_eq!(stored.verdict, verdict);
        }
    }
}

async fn lists_and_searches_find(store: &Store) {
    let newest = page(100, Order::NewestFirst);
    let sessions = store.sessions(None, &newest).await.unwrap().entries;
    let shown: Vec<_> = sessions
        .iter()
        .map(|one| (&*one.key.key, one.exchanges, one.hold.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [("s2", 1, Some("a case")), ("s1", 3, None), ("s0", 1, None)]
    );
    let found = async |filter: Filter| {
        let found = store.exchanges(&filter, &newest).await.unwrap().entries;
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let all: Vec<_> = given().iter().rev().map(|one| one.id).collect();
    assert_eq!(found(Filter::default()).await, all);
    let rule = Filter {
        rule: Some("keys".into()),
        caller: Some("ann".into()),
        ..Filter::default()
    };
    assert_eq!(found(rule).await, all[1..]);
    let hits = store
        .search("\"turn 2\"", &Filter::default(), &newest)
        .await;
    let hits: Vec<_> = hits
        .unwrap()
        .entries
        .iter()
        .map(|hit| hit.exchange.id)
        .collect();
    assert_eq!(hits, [given()[3].id]);
    let policies = store.facet(Facet::Policy, 9).await.unwrap();
    assert_eq!((&*policies[0].name, policies[0].uses), ("redact", 5));
}

/// Conversations go on where they ended, and what is erased is gone.
async fn it_can_be_written_and_erased(store: &Store) {
    let mut more = given();
    more[3].id = uuid::Uuid::now_v7();
    assert_eq!(store_all(store, vec![more[3].clone()]).await, [Ok(())]);
    assert_sound(store).await;
    let erased = store.eraser().erase_caller("ann").await.unwrap();
    assert_eq!((erased.exchanges, erased.held), (5, 0));
    assert_sound(store).await;
    let newest = page(9, Order::NewestFirst);
    let hits = store.search("turn", &Filter::default(), &newest).await;
    let hits: Vec<_> = hits
        .unwrap()
        .entries
        .iter()
        .map(|hit| hit.exchange.id)
        .collect();
    assert_eq!(hits, [more[LAST].id]);
}
