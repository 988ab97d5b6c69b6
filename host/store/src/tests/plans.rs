//! How databases go about lists, facets and searches: along an index, without looking at everything.

use super::on_both;
use super::place::Place;
use crate::db::{Database, Kind, Sql as _, Value, with_keys};
use crate::read::{line_query, list_plans};
use crate::{erase, ingest, read};

on_both!(
    nothing_is_scanned_and_nothing_sorted,
    joins_are_found_and_walked_by_indexes,
);

/// The steps of a query's plan.
async fn plan(database: &Database, text: &str, values: Vec<Value>) -> String {
    let mut tx = database.write().await.unwrap();
    if database.kind() == Kind::Postgres {
        // An empty table is scanned in any case. What matters is whether there is another way, and that it needs no sorting.
        for way in ["seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"] {
            let off = format!("SET LOCAL enable_{way} = off");
            tx.run(&off, vec![]).await.unwrap();
        }
        let rows = tx.rows(&format!("EXPLAIN {text}"), values).await.unwrap();
        let steps: Vec<_> = rows.iter().map(|row| row.need_text(0).unwrap()).collect();
        return steps.join("\n");
    }
    let explain = format!("EXPLAIN QUERY PLAN {text}");
    let rows = tx.rows(&explain, values).await.unwrap();
    let steps: Vec<_> = rows.iter().map(|row| row.need_text(3).unwrap()).collect();
    steps.join("\n")
}

async fn nothing_is_scanned_and_nothing_sorted(place: Place) {
    let store = place.open().await;
    let database = &store.database;
    for (index, text, values) in list_plans(database.kind()) {
        let plan = plan(database, &text, values).await;
        let is_walked = match database.kind() {
            // The first step is what leads.
            Kind::Sqlite => plan
                .lines()
                .next()
                .unwrap()
                .contains(&format!("INDEX {index} ")),
            // It chooses by what it knows of the values, which is nothing here.
            Kind::Postgres => plan.contains("Index Scan"),
        };
        assert!(is_walked, "{index}: {text}\n{plan}");
        let is_bad = |step: &str| {
            let step = step.trim_start_matches([' ', '-', '>']);
            // Names that were used equally often may be sorted among each other.
            step.starts_with("SCAN")
                || step.starts_with("USE TEMP B-TREE FOR ORDER BY")
                || step.starts_with("Seq Scan")
                || step.starts_with("Sort  ")
        };
        assert!(!plan.lines().any(is_bad), "{text}\n{plan}");
    }
}

async fn joins_are_found_and_walked_by_indexes(place: Place) {
    let store = place.open().await;
    let kind = store.database.kind();
    let lists = [ingest::STATEMENTS, read::STATEMENTS, erase::STATEMENTS].concat();
    let text = |name: &str| {
        let (_, statement) = lists.iter().find(|(known, _)| *known == name).unwrap();
        statement.text(kind).into_owned()
    };
    let number = |count: usize| vec![Value::from(1_i64); count];
    let hashes = vec![Value::from(vec![1_u8; 32]); 3];
    let repeated = [number(4), hashes].concat();
    let queries = [
        (with_keys(&text("REPEATED"), 4, 3), repeated),
        (text("EARLIER"), number(2)),
        (text("ASKED"), number(2)),
        (with_keys(&text("DROP_JOINS"), 0, 2), number(2)),
        (text("BEFORE"), number(2)),
        (line_query(), number(2)),
    ];
    for (text, values) in queries {
        let plan = plan(&store.database, &text, values).await;
        for step in plan.lines() {
            let step = step.trim_start_matches([' ', '-', '>']);
            // What a query made itself is walked.
            let own = ["SCAN l", "SCAN line", "SCAN o", "SCAN CONSTANT ROW"];
            let is_bad =
                step.starts_with("Seq Scan") || (step.starts_with("SCAN") && !own.contains(&step));
            assert!(!is_bad, "{step}: {text}\n{plan}");
        }
    }
}
