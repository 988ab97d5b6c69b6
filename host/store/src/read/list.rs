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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::db::Database;

    /// How SQLite goes about a page.
    async fn plan(database: &Database, filter: &Filter, order: Order) -> String {
        let cursor = Cursor::new(1, uuid::Uuid::nil(), 0);
        let (text, mut values) = query(Kind::Sqlite, filter, order, Some(cursor));
        values.push(50_i64.into());
        let mut tx = database.read().await.unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {text}");
        let rows = tx.rows(&explain, values).await.unwrap();
        let steps: Vec<_> = rows.iter().map(|row| row.need_text(3).unwrap()).collect();
        steps.join("\n")
    }

    #[tokio::test]
    async fn a_list_walks_an_index_and_sorts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("x.db").display());
        let database = Database::open(&Config::new(url)).await.unwrap();
        crate::migrate::run(&database).await.unwrap();
        let named = |set: fn(&mut Filter, Option<String>)| {
            let mut filter = Filter::default();
            set(&mut filter, Some("x".to_owned()));
            filter
        };
        let session = Filter {
            session: Some(1),
            ..Filter::default()
        };
        let table = [
            (Filter::default(), "exchange_time"),
            (session, "exchange_session"),
            (
                named(|filter, name| filter.caller = name),
                "exchange_caller",
            ),
            (named(|filter, name| filter.model = name), "exchange_model"),
            (named(|filter, name| filter.policy = name), "exchange_time"),
        ];
        for (filter, index) in table {
            for order in [Order::NewestFirst, Order::OldestFirst] {
                let plan = plan(&database, &filter, order).await;
                assert!(
                    plan.contains(&format!("SEARCH e USING INDEX {index} ")),
                    "{plan}"
                );
                assert!(
                    !plan.contains("TEMP B-TREE") && !plan.contains("SCAN"),
                    "{plan}"
                );
            }
        }
    }
}
