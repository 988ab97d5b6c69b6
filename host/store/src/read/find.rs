//! Search: where words stand, with a piece of the text around them.

use super::body::ContentId;
use super::filter::{Conditions, Cursor, Filter, Order, Page, Paged};
use super::statements::{FROM, SUMMARY};
use super::summary::Summary;
use crate::db::{Kind, Value};
use crate::error::Error;
use crate::search::{self, Index, Query, Snippet};
use crate::store::Store;
use crate::work::off_thread;

/// A block that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The first exchange of a session that has the block.
    pub exchange: Summary,
    /// The block.
    pub content: ContentId,
    /// What it is.
    pub kind: String,
    /// Who said it.
    pub role: Option<String>,
    /// The piece of its text that shows what was found.
    pub snippet: Snippet,
}

impl Store {
    /// A page of the blocks with these words, in the order of their exchanges. Words in double quotes are a phrase.
    /// The filter's own text must be found in the same exchange.
    pub async fn search(
        &self,
        text: &str,
        filter: &Filter,
        page: &Page,
    ) -> Result<Paged<Hit>, Error> {
        let cursor = page.cursor()?;
        let Some(words) = Query::new(text) else {
            return Ok(Paged {
                entries: vec![],
                next: None,
            });
        };
        let mut tx = self.database.read().await?;
        let words_text = words.text(tx.kind());
        let (text, mut values) = query(tx.kind(), filter, &words_text, page.order, cursor);
        values.push(page.fetch());
        let mut rows = tx.rows(&text, values).await?;
        let next = page.cut(&mut rows, |row| row.need_int(22))?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let content = row.need_int(22)?;
            let found = search::load(&mut tx, content).await?.ok_or(Error::Gone)?;
            let (index, words) = (Index::new(&self.words), words.clone());
            // One block at a time: a page of large ones must not be in memory at once.
            let snippet = move || {
                let snippet = Snippet::new(&found.text(&index), &words);
                (found.kind, found.role, snippet)
            };
            let (kind, role, snippet) = off_thread(snippet).await?;
            entries.push(Hit {
                exchange: Summary::read(&row)?,
                content: ContentId(content),
                kind,
                role,
                snippet,
            });
        }
        Ok(Paged { entries, next })
    }
}

/// The query for a page. Its last parameter is how many rows are wanted.
pub(super) fn query(
    kind: Kind,
    filter: &Filter,
    words: &str,
    order: Order,
    after: Option<Cursor>,
) -> (String, Vec<Value>) {
    let mut conditions = Conditions::default();
    let blocks = Query::blocks(kind, 1);
    conditions.add(&format!("f.block IN ({blocks})"), [words.into()]);
    filter.add_to(&mut conditions);
    if !filter.add_text(kind, &mut conditions) {
        conditions.add("1 = 0", []);
    }
    if let Some(cursor) = after {
        let condition = format!("(e.received_at, e.id, f.block) {} (?, ?, ?)", order.sign());
        let place = Value::from(cursor.place());
        conditions.add(&condition, cursor.values().into_iter().chain([place]));
    }
    let (word, limit) = (order.word(), conditions.values.len() + 1);
    let text = format!(
        "SELECT {SUMMARY}, f.block FROM {FROM} JOIN seen f ON f.exchange = e.id WHERE {} \
        ORDER BY e.received_at {word}, e.id {word}, f.block {word} LIMIT ${limit}",
        conditions.text()
    );
    (text, conditions.values)
}
