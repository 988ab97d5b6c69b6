//! Inserts of many rows, and queries for many keys.
//!
//! Each number of rows is a text of its own, which the database prepares and keeps. So many rows go in powers of two: few
//! texts, and few round trips.

use super::connect::Tx;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::statement::{Kind, Sql, Statement};
use super::value::{Row, Value};
use crate::error::Error;

/// The most rows that have a text for their very number.
const FEW: usize = 6;
/// The most rows of one statement, and the most keys of one query.
const MOST_ROWS: usize = 128;
const MOST_KEYS: usize = 1024;

/// How rows get into a table.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// What follows the rows: `ON CONFLICT …`, or nothing.
    pub(crate) conflict: &'static str,
}

impl Insert {
    /// The statement for so many rows.
    pub(crate) fn text(&self, kind: Kind, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| match kind {
            // SQLite looks for each numbered parameter among all others.
            Kind::Sqlite => format!("({})", vec!["?"; width].join(", ")),
            Kind::Postgres => format!("({})", list(row * width, width)),
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        // What fails undoes the whole transaction. So SQLite need not copy each page first, to undo the statement alone.
        let or = match kind {
            Kind::Sqlite => "OR FAIL ",
            Kind::Postgres => "",
        };
        format!(
            "INSERT {or}INTO {} ({}) VALUES {} {}",
            self.table,
            self.columns.join(", "),
            rows.join(", "),
            self.conflict
        )
    }

    /// Inserts rows, each a value for every column.
    pub(crate) async fn run(&self, tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        insert(tx, self.table, rows, |kind, count| self.text(kind, count)).await
    }
}

/// Inserts rows into a table by the text that a statement has for so many.
pub(crate) async fn insert(
    tx: &mut Tx,
    table: &'static str,
    rows: Vec<Vec<Value>>,
    text: impl Fn(Kind, usize) -> String,
) -> Result<(), Error> {
    let kind = tx.kind();
    // A table may have two texts that differ in their columns.
    let width = rows.first().map_or(0, Vec::len);
    let mut rows = rows.into_iter();
    while let Some(count) = together(rows.len(), MOST_ROWS) {
        let values = rows.by_ref().take(count).flatten().collect();
        let text = kept((table, kind, width, count), || text(kind, count));
        tx.run(&text, values).await?;
    }
    Ok(())
}

/// What a text is made for: a table or a query, a database, and how many values and rows or keys.
type Made = (&'static str, Kind, usize, usize);

/// A text that is made once. There are few of them, because there are few counts.
fn kept(made: Made, text: impl FnOnce() -> String) -> &'static str {
    static TEXTS: LazyLock<RwLock<HashMap<Made, &'static str>>> = LazyLock::new(RwLock::default);
    let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = known.get(&made) {
        return text;
    }
    drop(known);
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    texts.entry(made).or_insert_with(|| text().leak())
}

/// Runs a statement for many keys, which stand at its `{keys}` behind the `fixed` parameters.
pub(crate) async fn in_list(
    tx: &mut Tx,
    statement: &Statement,
    fixed: &[Value],
    keys: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let kind = tx.kind();
    let whole = match kind {
        Kind::Sqlite => statement.sqlite,
        Kind::Postgres => statement.postgres,
    };
    let text = |count| {
        let made = (whole, kind, fixed.len(), count);
        kept(made, || with_keys(whole, fixed.len(), count))
    };
    many(tx, text, fixed, keys).await
}

/// The same for a text that was put together.
pub(crate) async fn in_list_of(
    tx: &mut Tx,
    whole: &str,
    fixed: &[Value],
    keys: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let text = |count| with_keys(whole, fixed.len(), count);
    many(tx, text, fixed, keys).await
}

async fn many<T: Sql + Sync>(
    tx: &mut Tx,
    text: impl Fn(usize) -> T,
    fixed: &[Value],
    keys: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    let mut keys = keys.into_iter();
    while let Some(count) = together(keys.len(), MOST_KEYS) {
        let text = text(count);
        let keys = keys.by_ref().take(count);
        let values = fixed.iter().cloned().chain(keys).collect();
        found.extend(tx.rows(&text, values).await?);
    }
    Ok(found)
}

/// The text for so many keys.
pub(crate) fn with_keys(text: &str, fixed: usize, count: usize) -> String {
    text.replace("{keys}", &list(fixed, count))
}

/// The placeholders of `count` values behind `before` others.
fn list(before: usize, count: usize) -> String {
    let places: Vec<_> = (1..=count).map(|at| format!("${}", before + at)).collect();
    places.join(", ")
}

/// How many of so many go together: a few as they are, many as the largest power of two among them, within what a
/// statement takes.
fn together(count: usize, most: usize) -> Option<usize> {
    if count <= FEW {
        return (count > 0).then_some(count);
    }
    count.checked_ilog2().map(|log| most.min(1 << log))
}
