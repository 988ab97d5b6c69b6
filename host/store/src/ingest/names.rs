//! Names and sessions, each with an id of its own and how often it was used.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Write as _};

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
    names: HashMap<String, i64>,
    sessions: HashMap<String, i64>,
    /// The key of what is asked for. It is kept so that no memory is taken for a name that is known.
    key: String,
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
        let values = || vec![what.into(), parent.into(), Value::from(&*name)];
        // The name stands last, so it may hold anything.
        let key = key(&mut self.key, format_args!("{what}\0{parent}\0{name}"));
        let id = match self.names.get(key) {
            Some(id) => *id,
            None => {
                let (id, _) = find_or_take(tx, ids, &NAME, values()).await?;
                remember(&mut self.names, key, id);
                id
            }
        };
        Span::note(&mut uses.names, id, values, at);
        Ok(id)
    }

    /// The id of a session, and whether it is new.
    pub(super) async fn session(
        &mut self,
        (tx, ids): (&mut Tx, &mut Ids),
        uses: &mut Uses,
        (caller, session): (i64, &SessionKey),
        at: u64,
    ) -> Result<(i64, bool), Error> {
        let key = bounded(&session.key);
        let agent = bounded(session.agent.as_deref().unwrap_or_default());
        let whose = || vec![caller.into(), Value::from(&*key), Value::from(&*agent)];
        let length = key.len();
        let known = self::key(
            &mut self.key,
            format_args!("{caller}\0{length}\0{key}{agent}"),
        );
        let (id, is_new) = match self.sessions.get(known) {
            Some(id) => (*id, false),
            None => {
                let found = find_or_take(tx, ids, &SESSION, whose()).await?;
                remember(&mut self.sessions, known, found.0);
                found
            }
        };
        let values = || {
            let parent = session.parent_agent.as_deref().map(bounded);
            let mut values = whose();
            values.push(parent.map(Cow::into_owned).into());
            values.push((&*session.found_by).into());
            values
        };
        Span::note(&mut uses.sessions, id, values, at);
        Ok((id, is_new))
    }
}

impl Uses {
    pub(super) async fn flush(self, tx: &mut Tx) -> Result<(), Error> {
        NAMES.run(tx, rows(self.names)).await?;
        SESSIONS.run(tx, rows(self.sessions)).await
    }
}

impl Span {
    fn note(
        uses: &mut HashMap<i64, (Vec<Value>, Self)>,
        id: i64,
        values: impl FnOnce() -> Vec<Value>,
        at: u64,
    ) {
        let fresh = Self {
            first: at,
            last: at,
            times: 0,
        };
        let (_, span) = uses.entry(id).or_insert_with(|| (values(), fresh));
        span.first = span.first.min(at);
        span.last = span.last.max(at);
        span.times += 1;
    }
}

/// The id of what a query finds, or else a new one. Says whether it is new.
async fn find_or_take(
    tx: &mut Tx,
    ids: &mut Ids,
    query: &(impl Sql + Sync),
    values: Vec<Value>,
) -> Result<(i64, bool), Error> {
    match tx.row(query, values).await? {
        Some(row) => Ok((row.need_int(0)?, false)),
        None => Ok((ids.next(tx).await?, true)),
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

/// Writes a key where the one before it stood.
fn key<'a>(kept: &'a mut String, parts: fmt::Arguments<'_>) -> &'a str {
    kept.clear();
    // Writing into a text cannot fail.
    let _ = kept.write_fmt(parts);
    kept
}

/// Remembers an id. Forgets everything else when it would be too much.
fn remember(map: &mut HashMap<String, i64>, key: &str, id: i64) {
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(key.to_owned(), id);
}
