//! Exchanges in which words turned up, in the order of time.
//!
//! If the words are rare, the index tells all blocks that have them, and these lead to their exchanges. If they are common,
//! that would be nearly everything, sorted for the sake of one page. Then we walk the exchanges in their order, a window
//! at a time, ask the index about the blocks of each window, and stop when the page is full.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::filter::{Cursor, Filter, Order, Page};
use super::narrow::Narrow;
use super::scan::Scan;
use super::statements::{SEEN, SEEN_BLOCKS};
use crate::db::{Row, Tx, Value, in_list, in_list_of};
use crate::error::Error;
use crate::search::{Among, Query};

// In tests words are common soon, so that both ways are gone.
/// The most first appearances of rare words, and how many of their blocks are looked up at once.
const RARE: (usize, usize) = if cfg!(test) { (8, 4) } else { (4000, 1024) };
/// How many exchanges the first window has, and the largest. Each has four times as many as the one before.
const WINDOWS: (u32, u32) = if cfg!(test) { (2, 8) } else { (64, 4096) };

/// Goes through exchanges, window by window.
pub(super) struct Walk {
    path: Path,
    order: Order,
    after: Option<Cursor>,
    /// What must stand in one block each: the words of a search, and those of its filter.
    words: Option<Among>,
    text: Option<Among>,
    window: u32,
    deadline: Instant,
}

/// Where exchanges come from.
enum Path {
    /// A query finds them in their order.
    Scan(Scan),
    /// These are all, by their times and ids, and the next is the last.
    Listed(Vec<(i64, i64)>),
}

impl Walk {
    /// Begins behind a page. `None` if nothing can be found.
    pub(super) async fn new(
        tx: &mut Tx,
        (words, filter): (Option<&str>, &Filter),
        page: &Page,
        limit: Duration,
    ) -> Result<Option<Self>, Error> {
        let deadline = Instant::now() + limit;
        let after = page.cursor()?;
        let mut queries = Vec::new();
        for text in [words, filter.text.as_deref()] {
            match text.map(Query::new) {
                Some(None) => return Ok(None),
                query => queries.push(query.flatten().map(Among::new)),
            }
        }
        let Some(narrow) = Narrow::new(tx, filter).await? else {
            return Ok(None);
        };
        let path = path(tx, &narrow, queries.iter_mut().flatten()).await?;
        let mut walk = Self {
            path,
            order: page.order,
            after,
            text: queries.pop().flatten(),
            words: queries.pop().flatten(),
            window: WINDOWS.0.max(page.fetch()),
            deadline,
        };
        walk.sort();
        Ok(Some(walk))
    }

    /// Puts what is listed in order, and leaves out what earlier pages had.
    fn sort(&mut self) {
        let (order, after) = (self.order, self.after);
        if let Path::Listed(exchanges) = &mut self.path {
            exchanges.retain(|(at, id)| {
                let whole = Cursor::new(*at, *id, i64::MAX);
                after.is_none_or(|after| match order {
                    Order::NewestFirst => (*at, *id) <= (after.at, after.id),
                    Order::OldestFirst => order.is_after(whole, after),
                })
            });
            exchanges.sort_unstable();
            if order == Order::OldestFirst {
                exchanges.reverse();
            }
        }
    }

    /// The exchanges of the next window, in order.
    async fn window(&mut self, tx: &mut Tx) -> Result<Vec<(i64, i64)>, Error> {
        let scan = match &mut self.path {
            Path::Scan(scan) => scan,
            Path::Listed(exchanges) => {
                let rest = exchanges.len().saturating_sub(self.window as usize);
                let mut window = exchanges.split_off(rest);
                window.reverse();
                return Ok(window);
            }
        };
        let mut scan = scan.clone();
        if let Some(after) = self.after {
            scan.after(self.order, after);
        }
        let text = scan.text(self.order, "e.received_at, e.id", "");
        let rows = tx.rows(&text, scan.values(self.window)).await?;
        rows.iter().map(exchange).collect()
    }

    /// The next places, in order: each an exchange, and the block if words are searched for. `None` at the end. There may be
    /// none in a window.
    pub(super) async fn next(&mut self, tx: &mut Tx) -> Result<Option<Vec<Cursor>>, Error> {
        if Instant::now() > self.deadline {
            return Err(Error::TooLong);
        }
        let exchanges = self.window(tx).await?;
        let Some((at, id)) = exchanges.last().copied() else {
            return Ok(None);
        };
        let before = self.after.replace(Cursor::new(at, id, 0));
        self.window = (self.window * 4).min(WINDOWS.1);
        let found = self.found(tx, exchanges).await?;
        let order = self.order;
        let is_new = |place: &Cursor| before.is_none_or(|before| order.is_after(*place, before));
        Ok(Some(found.into_iter().filter(is_new).collect()))
    }

    /// Which blocks of exchanges have the words.
    async fn found(
        &mut self,
        tx: &mut Tx,
        exchanges: Vec<(i64, i64)>,
    ) -> Result<Vec<Cursor>, Error> {
        let keys = exchanges.iter().map(|(_, id)| Value::from(*id)).collect();
        let mut seen: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for row in in_list(tx, &SEEN, &[], keys).await? {
            let blocks = seen.entry(row.need_int(0)?).or_default();
            blocks.insert(row.need_int(1)?);
        }
        for among in [&mut self.words, &mut self.text].into_iter().flatten() {
            among.ask(tx, seen.values().flatten().copied()).await?;
        }
        let mut found = Vec::new();
        for (at, id) in exchanges {
            let blocks = seen.remove(&id).unwrap_or_default();
            if self
                .text
                .as_ref()
                .is_some_and(|text| !blocks.iter().any(|block| text.has(*block)))
            {
                continue;
            }
            let Some(words) = &self.words else {
                found.push(Cursor::new(at, id, 0));
                continue;
            };
            let blocks = blocks.into_iter().filter(|block| words.has(*block));
            let places = blocks.map(|block| Cursor::new(at, id, block));
            match self.order {
                Order::OldestFirst => found.extend(places),
                Order::NewestFirst => found.extend(places.rev()),
            }
        }
        Ok(found)
    }
}

/// The exchanges of rare words, if there are any among these, or else those that the filter lets through.
async fn path(
    tx: &mut Tx,
    narrow: &Narrow,
    queries: impl Iterator<Item = &mut Among>,
) -> Result<Path, Error> {
    let filtered = Scan::over(narrow, tx.kind());
    let mut least = usize::try_from(filtered.passes).unwrap_or(usize::MAX);
    least = least.min(RARE.0);
    let mut fewest = None;
    for query in queries {
        if let Some(seen) = first_seen(tx, query, least).await? {
            least = seen.len();
            fewest = Some(seen);
        }
    }
    let Some(ids) = fewest else {
        return Ok(Path::Scan(filtered));
    };
    let (text, values) = Scan::among(narrow, tx.kind());
    let ids = ids.into_iter().map(Value::from).collect();
    let rows = in_list_of(tx, &text, &values, ids).await?;
    Ok(Path::Listed(
        rows.iter().map(exchange).collect::<Result<_, _>>()?,
    ))
}

/// The exchanges in which words were first seen in their sessions. `None` if that happened more often than so many times.
async fn first_seen(
    tx: &mut Tx,
    query: &mut Among,
    most: usize,
) -> Result<Option<BTreeSet<i64>>, Error> {
    let Some(blocks) = query
        .all(tx, u32::try_from(most).unwrap_or(u32::MAX))
        .await?
    else {
        return Ok(None);
    };
    let mut exchanges = BTreeSet::new();
    let mut times = 0;
    for blocks in blocks.chunks(RARE.1) {
        let keys = blocks.iter().map(|block| Value::from(*block)).collect();
        let rows = in_list(tx, &SEEN_BLOCKS, &[], keys).await?;
        times += rows.len();
        // A block that many sessions begin with was first seen in each of them.
        if times > most {
            return Ok(None);
        }
        for row in rows {
            exchanges.insert(row.need_int(0)?);
        }
    }
    Ok(Some(exchanges))
}

/// The time and id of an exchange.
fn exchange(row: &Row) -> Result<(i64, i64), Error> {
    Ok((row.need_int(0)?, row.need_int(1)?))
}
