//! Inserts of many rows, and queries for many keys.
//!
//! Each number of rows is a text of its own, which the database prepares and keeps. So rows go in powers of two: few
//! texts, and few round trips.

use super::connect::Tx;
use super::statement::{Sql as _, Statement};
use super::value::{Row, Value};
use crate::error::Error;

/// The most rows of one statement, and the most keys of one query.
const MOST: usize = 128;

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
    pub(crate) fn text(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| format!("({})", list(row * width, width));
        let rows: Vec<_> = (0..rows).map(row).collect();
        format!(
            "INSERT INTO {} ({}) VALUES {} {}",
            self.table,
            self.columns.join(", "),
            rows.join(", "),
            self.conflict
        )
    }

    /// Inserts rows, each a value for every column.
    pub(crate) async fn run(&self, tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        let mut rows = rows.into_iter();
        while let Some(count) = power(rows.len()) {
            let values: Vec<_> = rows.by_ref().take(count).flatten().collect();
            debug_assert_eq!(values.len(), count * self.columns.len(), "{}", self.table);
            tx.run(&self.text(count), values).await?;
        }
        Ok(())
    }
}

/// Runs a statement for many keys, which stand at its `{keys}` behind the `fixed` parameters.
pub(crate) async fn in_list(
    tx: &mut Tx,
    statement: &Statement,
    fixed: &[Value],
    keys: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    let mut keys = keys.into_iter();
    while let Some(count) = power(keys.len()) {
        let text = with_keys(&statement.text(tx.kind()), fixed.len(), count);
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

/// The largest power of two that is not above `count`, within what a statement takes.
fn power(count: usize) -> Option<usize> {
    let power = count.checked_ilog2().map(|log| 1 << log)?;
    Some(MOST.min(power))
}
