//! Sessions that begin, and the earlier ones from which they go on.
//!
//! An agent that names no session and compacts its conversation begins a new one, as far as its requests tell. But it
//! repeats what the model said before: the summary, or the last turns. So the first request of a session is compared with the replies
//! that its caller got, and if one of them stands in it that only one session has, the session continues that one. Nothing is
//! remembered for this, and the later exchanges of a session are not looked at: replies are found by the hashes of their
//! blocks, which are stored anyway.

use std::collections::HashMap;
use std::sync::Arc;

use super::blocks::{Scope, hash};
use super::prepare::replied;
use super::statements::{ASKED, CONTINUES, EARLIER, REPEATED};
use crate::chain::BlockHash;
use crate::content::content;
use crate::db::{Tx, in_list};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::words::{Repeated, Words};
use crate::work::off_thread;

/// The most parts of a request that are looked up.
const MOST: usize = 512;
/// The most parts that were found and are looked at, each with a query or two.
const CLOSER: usize = 16;

/// A session that begins.
pub(super) struct Fresh {
    session: i64,
    scope: Scope,
    exchange: Arc<Exchange>,
}

/// A part of a request that came as a reply before, in one session alone.
#[derive(Clone, Copy)]
struct Found {
    block: i64,
    session: i64,
}

impl Fresh {
    /// A session that begins with an exchange. `None` if it may continue no other: nobody knows whether unknown callers are the same, and
    /// an agent beside the first of a session belongs to that.
    pub(super) fn new(session: i64, scope: Scope, exchange: &Arc<Exchange>) -> Option<Self> {
        let may = scope.owner != 0 && exchange.session.agent.is_none();
        may.then(|| Self {
            session,
            scope,
            exchange: Arc::clone(exchange),
        })
    }

    /// What its request repeats, with the hash by which a reply is found. In the order in which it tells most: a summary
    /// stands for all that was before, and of the rest what was said last.
    fn repeated(&self, words: &dyn Words) -> Vec<(Repeated, BlockHash)> {
        let exchange = &self.exchange;
        let sent = exchange.attempts.iter().map(|attempt| &attempt.sent);
        let asked = std::iter::once(&exchange.asked).chain(sent);
        let Some(asked) = asked.into_iter().find(|message| !message.body.withheld) else {
            return Vec::new();
        };
        let repeated = words.repeated(&exchange.api, &asked.body.bytes);
        let (summaries, rest): (Vec<_>, Vec<_>) =
            repeated.into_iter().partition(|one| one.is_summary);
        let all = summaries.into_iter().chain(rest.into_iter().rev());
        let hashed = all.map(|one| {
            let hash = replied(&exchange.api, &one.block).hash;
            (one, hash)
        });
        hashed.take(MOST).collect()
    }

    /// Finds those of these hashes that one other session has.
    async fn find(
        &self,
        tx: &mut Tx,
        repeated: &[(Repeated, BlockHash)],
    ) -> Result<HashMap<BlockHash, Found>, Error> {
        let Scope { epoch, owner } = self.scope;
        let fixed = [
            self.session.into(),
            epoch.into(),
            (epoch - 1).into(),
            owner.into(),
        ];
        let keys = repeated.iter().map(|(_, hash)| hash.to_vec().into());
        // What is not told by one session alone is kept as `None`, because it may be there for each of two months.
        let mut found: HashMap<BlockHash, Option<Found>> = HashMap::new();
        for row in in_list(tx, &REPEATED, &fixed, keys.collect()).await? {
            let (Some(first), Some(last)) = (row.int(2)?, row.int(3)?) else {
                continue;
            };
            let block = row.need_int(1)?;
            let one = Found {
                block,
                session: first,
            };
            let one = (first == last).then_some(one);
            let known = found.entry(hash(&row.need_bytes(0)?)?).or_insert(one);
            if known.map(|known| known.session) != Some(first) || one.is_none() {
                *known = None;
            }
        }
        let alone = found.into_iter();
        Ok(alone.filter_map(|(hash, one)| Some((hash, one?))).collect())
    }

    /// The session that it continues, if there is one.
    async fn earlier(
        &self,
        tx: &mut Tx,
        words: &dyn Words,
        repeated: &[(Repeated, BlockHash)],
    ) -> Result<Option<i64>, Error> {
        let found = self.find(tx, repeated).await?;
        let known = repeated.iter().filter_map(|(one, hash)| {
            let found = found.get(hash)?;
            Some((one.is_summary, *found))
        });
        for (is_summary, found) in known.take(CLOSER) {
            let ids = vec![found.session.into(), self.session.into()];
            let is_earlier = tx.row(&EARLIER, ids).await?.is_some();
            if is_earlier && (!is_summary || was_asked_for(tx, words, found).await?) {
                return Ok(Some(found.session));
            }
        }
        Ok(None)
    }
}

/// Joins sessions to those that they continue, once they and all that came with them are stored.
pub(super) async fn join(
    tx: &mut Tx,
    words: &Arc<dyn Words>,
    fresh: Vec<Fresh>,
) -> Result<(), Error> {
    for one in fresh {
        let read = Arc::clone(words);
        let work = move || {
            let repeated = one.repeated(&*read);
            (one, repeated)
        };
        let (one, repeated) = off_thread(work).await?;
        if repeated.is_empty() {
            continue;
        }
        if let Some(earlier) = one.earlier(tx, &**words, &repeated).await? {
            tx.run(&CONTINUES, vec![earlier.into(), one.session.into()])
                .await?;
        }
    }
    Ok(())
}

/// Whether a reply is a summary that was asked for. A program may hand on any reply to another agent, and that goes on from nothing.
async fn was_asked_for(tx: &mut Tx, words: &dyn Words, found: Found) -> Result<bool, Error> {
    let ids = vec![found.block.into(), found.session.into()];
    for row in tx.rows(&ASKED, ids).await? {
        if words.asks_for_summary(&row.need_text(3)?, &content(&row, 0)?) {
            return Ok(true);
        }
    }
    Ok(false)
}
