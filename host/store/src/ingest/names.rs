//! Names and sessions, each with an id of its own and how often it was used.

use std::borrow::Cow;
use std::collections::HashMap;

use super::ids::Ids;
use super::statements::{NAME, NAMES, SESSION, SESSIONS};
use crate::db::{Sql, Tx, Value};
use crate::error::Error;
use crate::exchange::SessionKey;
use crate::names::bounded;

/// The most ids that are remembered.
const MOST: usize = 16_384;
/// The ids of names and sessions that were used before.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: HashMap<(&'static str, i64, String), i64>,
    sessions: HashMap<(i64, String, String), i64>,
}

/// What a group of exchanges uses, to be added to what was used before.
#[derive(Debug, Default)]
pub(super) struct Uses {
    names: HashMap<i64, (Vec<Value>, Span)>,
    sessions: HashMap<i64, (Vec<Value>, Span)>,
}

/// When something was used, and how often.
#[derive(Debug)]
struct Span {
    first: u64,
    last: u64,
    times: u64,
}

impl Names {
    /// The id of a name. No name has the id 0.
    pub(super) async fn id(
        &mut self,
        (tx, ids): (&mut Tx, &mut Ids),
        uses: &mut Uses,
        (what, parent, name): (&'static str, i64, &str),
        at: u64,
    ) -> Result<i64, Error> {
        let name = bounded(name);
        let key = (what, parent, name.clone().into_owned());
        let values = vec![what.into(), parent.into(), Value::from(&*name)];
        let id = match self.names.get(&key) {
            Some(id) => *id,
            None => find_or_take(tx, ids, &NAME, values.clone()).await?,
        };
        make_room(&mut self.names);
        self.names.insert(key, id);
        Span::note(&mut uses.names, id, values, at);
        Ok(id)
    }

    /// The id of a session.
    pub(super) async fn session(
        &mut self,
        (tx, ids): (&mut Tx, &mut Ids),
        uses: &mut Uses,
        (caller, session): (i64, &SessionKey),
        at: u64,
    ) -> Result<i64, Error> {
        let key = bounded(&session.key);
        let agent = bounded(session.agent.as_deref().unwrap_or_default());
        let known = (caller, key.clone().into_owned(), agent.clone().into_owned());
        let mut values: Vec<Value> = vec![caller.into(), (&*key).into(), (&*agent).into()];
        let id = match self.sessions.get(&known) {
            Some(id) => *id,
            None => find_or_take(tx, ids, &SESSION, values.clone()).await?,
        };
        make_room(&mut self.sessions);
        self.sessions.insert(known, id);
        values.push(
            session
                .parent_agent
                .as_deref()
                .map(bounded)
                .map(Cow::into_owned)
                .into(),
        );
        values.push((&*session.found_by).into());
        Span::note(&mut uses.sessions, id, values, at);
        Ok(id)
    }
}

impl Uses {
    pub(super) async fn flush(self, tx: &mut Tx) -> Result<(), Error> {
        NAMES.run(tx, rows(self.names)).await?;
        SESSIONS.run(tx, rows(self.sessions)).await
    }
}

impl Span {
    fn note(uses: &mut HashMap<i64, (Vec<Value>, Self)>, id: i64, values: Vec<Value>, at: u64) {
        let fresh = Self {
            first: at,
            last: at,
            times: 0,
        };
        let (_, span) = uses.entry(id).or_insert((values, fresh));
        span.first = span.first.min(at);
        span.last = span.last.max(at);
        span.times += 1;
    }
}

/// The id of what a query finds, or else a new one.
async fn find_or_take(
    tx: &mut Tx,
    ids: &mut Ids,
    query: &(impl Sql + Sync),
    values: Vec<Value>,
) -> Result<i64, Error> {
    match tx.row(query, values).await? {
        Some(row) => row.need_int(0),
        None => ids.next(tx).await,
    }
}

fn rows(uses: HashMap<i64, (Vec<Value>, Span)>) -> Vec<Vec<Value>> {
    let row = |(id, (values, span)): (i64, (Vec<Value>, Span))| {
        let spans = [span.first, span.last, span.times].map(Value::from);
        [Value::from(id)]
            .into_iter()
            .chain(values)
            .chain(spans)
            .collect()
    };
    uses.into_iter().map(row).collect()
}

/// Forgets everything when it would be too much.
fn make_room<K, V>(map: &mut HashMap<K, V>) {
    if map.len() >= MOST {
        map.clear();
    }
}
