//! Lists of exchanges.

use super::filter::{Conditions, Cursor, Filter, Order, Page, Paged};
use super::statements::{FROM, SUMMARY};
use super::summary::Summary;
use crate::db::{Kind, Value};
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// A page of the exchanges that a filter lets through.
    pub async fn exchanges(&self, filter: &Filter, page: &Page) -> Result<Paged<Summary>, Error> {
        let cursor = page.cursor()?;
        let mut tx = self.database.read().await?;
        let (text, mut values) = query(tx.kind(), filter, page.order, cursor);
        values.push(page.fetch());
        let mut rows = tx.rows(&text, values).await?;
        let next = page.cut(&mut rows, |_| Ok(0))?;
        let entries = rows.iter().map(Summary::read).collect::<Result<_, _>>()?;
        Ok(Paged { entries, next })
    }
}

/// The query for a page. Its last parameter is how many rows are wanted.
pub(super) fn query(
    kind: Kind,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
) -> (String, Vec<Value>) {
    let mut conditions = Conditions::default();
    filter.add_to(&mut conditions);
    if !filter.add_text(kind, &mut conditions) {
        conditions.add("1 = 0", []);
    }
    if let Some(cursor) = after {
        let condition = format!("(e.received_at, e.id) {} (?, ?)", order.sign());
        conditions.add(&condition, cursor.values());
    }
    let (word, limit) = (order.word(), conditions.values.len() + 1);
    let text = format!(
        "SELECT {SUMMARY} FROM {FROM} WHERE {} ORDER BY e.received_at {word}, e.id {word} LIMIT ${limit}",
        conditions.text()
    );
    (text, conditions.values)
}
