//! How tables come to be, and what stops a start.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::on_both;
use super::place::{Place, Plain};
use crate::db::{Database, Kind};
use crate::error::Error;
use crate::migrate;
use crate::store::Store;

on_both!(
    migrations_run_once_and_are_told,
    starts_at_the_same_time_do_not_meet,
    a_record_that_does_not_fit_stops_the_start,
    a_migration_that_fails_leaves_nothing,
);

async fn connect(place: &Place) -> Store {
    let words = Arc::new(Plain::default());
    Store::connect(place.config.clone(), words).await.unwrap()
}

/// The number of the first migration that this version does not have.
fn next() -> i64 {
    migrate::names().count() as i64 + 1
}

async fn migrations_run_once_and_are_told(place: Place) {
    let store = connect(&place).await;
    let before = store.migrations().await.unwrap();
    assert!(
        before
            .iter()
            .all(|migration| migration.applied_at.is_none())
    );
    assert_eq!(store.migrate().await.unwrap(), before.len());
    assert_eq!(store.migrate().await.unwrap(), 0);
    let after = store.migrations().await.unwrap();
    assert!(after.iter().all(|migration| migration.applied_at.is_some()));
    assert_eq!(after[0].name, "0001_exchanges");
}

async fn starts_at_the_same_time_do_not_meet(place: Place) {
    let start = async || {
        let store = connect(&place).await;
        store.migrate().await.unwrap()
    };
    let ran = futures_util::future::join_all((0..6).map(|_| start())).await;
    assert_eq!(ran.iter().filter(|ran| **ran > 0).count(), 1, "{ran:?}");
}

async fn a_record_that_does_not_fit_stops_the_start(place: Place) {
    let store = place.open().await;
    let change = async |sql: &str| {
        migrate::meddle(&store.database, sql).await.unwrap();
        store.migrate().await.unwrap_err()
    };
    let checksum = if place.is_sqlite() {
        "x'00'"
    } else {
        "'\\x00'"
    };
    let next = next();
    let newer = format!("INSERT INTO migration VALUES ({next}, 'later', {checksum}, 1)");
    let error = change(&newer).await;
    assert!(
        matches!(error, Error::Newer { version } if version == next),
        "{error}"
    );
    let gap = "DELETE FROM migration WHERE version = 1";
    assert!(matches!(change(gap).await, Error::Gap { version: 1 }));
    let drift =
        format!("UPDATE migration SET version = 1, checksum = {checksum} WHERE version = 2");
    assert!(matches!(change(&drift).await, Error::Drift { version: 1 }));
    let lost = "DELETE FROM migration";
    assert!(matches!(change(lost).await, Error::Foreign { table } if table == "counter"));
}

async fn a_migration_that_fails_leaves_nothing(place: Place) {
    let store = place.open().await;
    let error = migrate::run_broken(&store.database).await.unwrap_err();
    assert!(
        matches!(error, Error::Migration { version, .. } if version == next()),
        "{error}"
    );
    let half = "SELECT 1 FROM half".to_owned();
    let mut tx = store.database.read().await.unwrap();
    tx.rows(&half, vec![]).await.unwrap_err();
    drop(tx);
    assert_eq!(store.migrate().await.unwrap(), 0);
}

/// A column of a table: its name, and whether it may be absent.
type Shape = BTreeSet<(String, String)>;

async fn columns(database: &Database) -> Shape {
    let text = match database.kind() {
        Kind::Sqlite => {
            "SELECT t.name, c.name || CASE WHEN c.\"notnull\" = 1 THEN ' not null ' ELSE ' ' END \
                || c.type FROM sqlite_master t, pragma_table_info(t.name) c \
                WHERE t.type = 'table' AND t.name NOT LIKE 'words%' AND t.name NOT LIKE 'sqlite_%'"
        }
        Kind::Postgres => {
            "SELECT CAST(table_name AS TEXT), column_name \
                || CASE WHEN is_nullable = 'NO' THEN ' not null ' ELSE ' ' END \
                || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' \
                    WHEN 'text' THEN 'TEXT' ELSE data_type END \
                FROM information_schema.columns \
                WHERE table_schema = current_schema() AND table_name <> 'words'"
        }
    };
    pairs(database, text).await
}

/// The columns of each key, as one text.
async fn keys(database: &Database) -> Shape {
    let text = match database.kind() {
        Kind::Sqlite => {
            "SELECT t.name, (SELECT group_concat(name, ',') FROM (SELECT name \
                FROM pragma_index_info(i.name) ORDER BY seqno)) \
                FROM sqlite_master t, pragma_index_list(t.name) i \
                WHERE t.type = 'table' AND t.name NOT LIKE 'words%' AND i.\"unique\" = 1 \
                UNION SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c \
                WHERE t.type = 'table' AND t.name NOT LIKE 'words%' AND c.pk = 1 \
                AND (SELECT COUNT(*) FROM pragma_table_info(t.name) WHERE pk > 0) = 1"
        }
        Kind::Postgres => {
            "SELECT CAST(t.relname AS TEXT), (SELECT string_agg(a.attname, ',' ORDER BY k.place) \
                FROM unnest(i.indkey) WITH ORDINALITY k (number, place) \
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) \
                FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
                JOIN pg_namespace n ON n.oid = t.relnamespace \
                WHERE i.indisunique AND n.nspname = current_schema() AND t.relname <> 'words'"
        }
    };
    pairs(database, text).await
}

async fn pairs(database: &Database, text: &str) -> Shape {
    let mut tx = database.read().await.unwrap();
    let rows = tx.rows(&text.to_owned(), vec![]).await.unwrap();
    let pair = |row: &crate::db::Row| (row.need_text(0).unwrap(), row.need_text(1).unwrap());
    rows.iter().map(pair).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let sqlite = Place::sqlite();
    let sqlite = sqlite.open().await;
    let postgres = Place::postgres().open().await;
    let shape = columns(&sqlite.database).await;
    assert!(shape.len() > 100, "{shape:?}");
    assert_eq!(shape, columns(&postgres.database).await);
    let shape = keys(&sqlite.database).await;
    assert!(shape.len() > 15, "{shape:?}");
    assert_eq!(shape, keys(&postgres.database).await);
}
