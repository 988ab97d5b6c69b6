//! Every statement is one that both databases take.

use super::on_both;
use super::place::Place;
use crate::db::{Database, Kind, Sql as _};
use crate::{ingest, migrate, read, search};

on_both!(every_statement_can_be_prepared);

async fn every_statement_can_be_prepared(place: Place) {
    let store = place.open().await;
    let kind = store.database.kind();
    let mut texts = Vec::new();
    for list in [
        ingest::STATEMENTS,
        migrate::STATEMENTS,
        read::STATEMENTS,
        search::STATEMENTS,
    ] {
        texts.extend(
            list.iter()
                .map(|(_, statement)| statement.text(kind).into_owned()),
        );
    }
    texts.extend(ingest::INSERTS.iter().map(|insert| insert.text(2)));
    texts.extend(ingest::list_queries(kind));
    texts.extend(read::list_queries(kind));
    for text in texts {
        prepare(&store.database, &text).await;
    }
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
