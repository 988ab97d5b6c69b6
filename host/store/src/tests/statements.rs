//! Every statement is one that both databases take.

use std::time::Duration;

use super::on_both;
use super::place::Place;
use crate::db::{Database, Kind, Sql as _, with_keys};
use crate::{erase, ingest, installation, journal, keys, migrate, read, search, spool};

on_both!(every_statement_can_be_prepared);

async fn every_statement_can_be_prepared(place: Place) {
    let store = place.open().await;
    let kind = store.database.kind();
    let mut texts = Vec::new();
    for list in [
        erase::STATEMENTS,
        ingest::STATEMENTS,
        installation::STATEMENTS,
        journal::STATEMENTS,
        keys::STATEMENTS,
        migrate::STATEMENTS,
        read::STATEMENTS,
        search::STATEMENTS,
    ] {
        texts.extend(
            list.iter()
                .map(|(_, statement)| whole(&statement.text(kind))),
        );
    }
    let inserts = ingest::INSERTS.iter().chain(journal::INSERTS);
    texts.extend(inserts.map(|insert| insert.text(kind, 2)));
    // SQLite takes several statements at once here, and would run the second.
    texts.push(search::insert(kind, 1));
    texts.extend(read::list_queries(kind));
    for text in texts {
        prepare(&store.database, &text).await;
    }
}

#[tokio::test]
async fn every_statement_of_the_spool_can_be_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.db");
    let database = Database::open_alone(&file, Duration::ZERO).await.unwrap();
    let texts = spool::STATEMENTS.iter().map(|(_, one)| one.sqlite);
    let mut tx = database.write().await.unwrap();
    let table = texts.clone().find(|text| text.starts_with("CREATE"));
    tx.script(table.unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    for text in texts {
        prepare(&database, text).await;
    }
    for insert in [&spool::SPOOLED, &spool::RESTORED] {
        prepare(&database, &insert.text(Kind::Sqlite, 2)).await;
    }
}

/// The text with two keys, if it takes keys.
fn whole(text: &str) -> String {
    let fixed = (1..10).take_while(|at| text.contains(&format!("${at}")));
    with_keys(text, fixed.count(), 2)
}

/// Lets the database plan a statement without running it.
async fn prepare(database: &Database, text: &str) {
    let explain = match database.kind() {
        Kind::Sqlite => format!("EXPLAIN {text}"),
        Kind::Postgres => format!("PREPARE one AS {text}; DEALLOCATE one"),
    };
    // PostgreSQL prepares no definition, and needs none.
    if database.kind() == Kind::Postgres && text.starts_with("CREATE") {
        return;
    }
    let mut tx = database.write().await.unwrap();
    let script: &'static str = explain.leak();
    tx.script(script)
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"));
}
