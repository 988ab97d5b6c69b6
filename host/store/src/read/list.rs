//! Lists of exchanges.

use std::collections::HashMap;

use super::filter::{Cursor, Filter, Page, Paged};
use super::narrow::Narrow;
use super::scan::Scan;
use super::statements::{JOINS, SUMMARY, many_summaries};
use super::summary::Summary;
use super::walk::Walk;
use crate::db::{Row, Tx, Value, in_list};
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// A page of the exchanges that a filter lets through.
    pub async fn exchanges(&self, filter: &Filter, page: &Page) -> Result<Paged<Summary>, Error> {
        let mut tx = self.database.read().await?;
        if filter.text.is_some() {
            let (found, next) = self.found(&mut tx, (None, filter), page).await?;
            let mut summaries = summaries(&mut tx, &found).await?;
            let entries = found.iter().filter_map(|place| summaries.remove(&place.id));
            return Ok(Paged {
                entries: entries.collect(),
                next,
            });
        }
        let cursor = page.cursor()?;
        let Some(narrow) = Narrow::new(&mut tx, filter).await? else {
            return Ok(Paged::empty());
        };
        let mut scan = Scan::over(&narrow, tx.kind());
        if let Some(cursor) = cursor {
            scan.after(page.order, cursor);
        }
        let text = scan.text(page.order, SUMMARY, JOINS);
        let mut rows = tx.rows(&text, scan.values(page.fetch())).await?;
        let cursor = |row: &Row| Ok(Cursor::new(row.need_int(1)?, row.need_int(22)?, 0));
        let next = page.cut(&mut rows, cursor)?;
        let entries = rows.iter().map(Summary::read).collect::<Result<_, _>>()?;
        Ok(Paged { entries, next })
    }

    /// A page of the places where words stand, and where the next one goes on.
    pub(super) async fn found(
        &self,
        tx: &mut Tx,
        (words, filter): (Option<&str>, &Filter),
        page: &Page,
    ) -> Result<(Vec<Cursor>, Option<String>), Error> {
        let limit = self.config.statement;
        let Some(mut walk) = Walk::new(tx, (words, filter), page, limit).await? else {
            return Ok((Vec::new(), None));
        };
        let wanted = page.limit() as usize;
        let mut places = Vec::new();
        while places.len() <= wanted {
            match walk.next(tx).await? {
                Some(found) => places.extend(found),
                None => break,
            }
        }
        let more = places.len() > wanted;
        places.truncate(wanted);
        let last = places.last().filter(|_| more);
        let next = last.copied().map(Cursor::token);
        Ok((places, next))
    }
}

/// The summaries of the exchanges at these places, by the exchanges' ids.
pub(super) async fn summaries(
    tx: &mut Tx,
    places: &[Cursor],
) -> Result<HashMap<i64, Summary>, Error> {
    let mut keys: Vec<_> = places.iter().map(|place| place.id).collect();
    keys.dedup();
    let keys = keys.into_iter().map(Value::from).collect();
    let rows = in_list(tx, many_summaries(), &[], keys).await?;
    let one = |row: &Row| Ok((row.need_int(22)?, Summary::read(row)?));
    rows.iter().map(one).collect()
}
