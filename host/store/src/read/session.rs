//! Sessions, and the agents in them.

use std::collections::HashSet;

use super::conditions::Conditions;
use super::filter::{Cursor, Order, Page, Paged};
use super::statements::{BEFORE, FIRST_AGENT, NAMED};
use crate::db::{Row, Tx, Value};
use crate::error::Error;
use crate::exchange::SessionKey;
use crate::names::bounded;
use crate::store::Store;

/// The most agents of a session that are told.
const AGENTS_MOST: u32 = 1000;
/// The most sessions of a conversation that are told, before one of them and in all.
const LINE_MOST: u32 = 1000;

/// The columns of a session, and where they come from beside the session itself.
const COLUMNS: &str = "s.id, c.name, s.key, s.agent, s.parent_agent, s.found_by, s.first_at, \
    s.last_at, s.exchanges, h.reason, s.continues, \
    (SELECT MAX(l.id) FROM session l WHERE l.continues = s.id)";
const JOINS: &str = "LEFT JOIN name c ON c.id = s.caller \
    LEFT JOIN hold h ON h.caller = s.caller AND h.key = s.key";

/// What is known of a session, or of one agent in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub caller: Option<String>,
    /// How it was recognised.
    pub key: SessionKey,
    /// When its first exchange was received, in milliseconds since 1970.
    pub first_at: u64,
    /// When its last exchange was received.
    pub last_at: u64,
    /// How many exchanges it has.
    pub exchanges: u64,
    /// Why nothing of it may be erased.
    pub hold: Option<String>,
    /// The session from which its conversation goes on.
    pub continues: Option<i64>,
    /// The last session that goes on from it. There may be others, as [`Store::line`] tells.
    pub continued_by: Option<i64>,
}

/// A session of a conversation that has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What is known of it.
    pub session: Session,
    /// How many others stand between it and the first one, itself included.
    pub depth: usize,
}

/// An agent of a session, and how deep it stands below the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// What is known of it.
    pub session: Session,
    /// 0 for an agent that no other of the session started.
    pub depth: usize,
}

impl Store {
    /// A page of the sessions, by the time of their last exchange.
    pub async fn sessions(
        &self,
        caller: Option<&str>,
        page: &Page,
    ) -> Result<Paged<Session>, Error> {
        let cursor = page.cursor()?;
        let mut tx = self.database.read().await?;
        let caller = match caller {
            Some(name) => {
                let values = vec!["caller".into(), (&*bounded(name)).into()];
                let Some(row) = tx.row(&NAMED, values).await? else {
                    return Ok(Paged::empty());
                };
                Some(row.need_int(0)?)
            }
            None => None,
        };
        let (text, mut values) = query(caller, page.order, cursor);
        values.push(page.fetch().into());
        let mut rows = tx.rows(&text, values).await?;
        let cursor = |row: &Row| Ok(Cursor::new(row.need_int(7)?, row.need_int(0)?, 0));
        let next = page.cut(&mut rows, cursor)?;
        let entries = rows.iter().map(Session::read).collect::<Result<_, _>>()?;
        Ok(Paged { entries, next })
    }

    /// One session. `None` if there is no such session.
    pub async fn session(&self, id: i64) -> Result<Option<Session>, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&one(), vec![id.into()]).await?;
        row.as_ref().map(Session::read).transpose()
    }

    /// The sessions of a conversation up to this one, from the first, each continued by the next. Empty if there is no such session.
    pub async fn sessions_up_to(&self, id: i64) -> Result<Vec<i64>, Error> {
        before(&mut self.database.read().await?, id).await
    }

    /// All sessions of the conversation that this one is part of, each behind the one that it continues.
    pub async fn line(&self, id: i64) -> Result<Vec<Joined>, Error> {
        let mut tx = self.database.read().await?;
        // Of a session with several agents, the first one is joined.
        let id = match tx.row(&FIRST_AGENT, vec![id.into()]).await? {
            Some(row) => row.need_int(0)?,
            None => id,
        };
        let before = before(&mut tx, id).await?;
        let first = before.first().copied().unwrap_or(id);
        let rows = tx
            .rows(&behind(), vec![first.into(), LINE_MOST.into()])
            .await?;
        let sessions = rows.iter().map(Session::read).collect::<Result<_, _>>()?;
        Ok(line(first, sessions))
    }

    /// All agents of the session to which this one belongs, each below the one that started it.
    pub async fn agents(&self, id: i64) -> Result<Vec<Agent>, Error> {
        let mut tx = self.database.read().await?;
        let rows = tx
            .rows(&agents(), vec![id.into(), AGENTS_MOST.into()])
            .await?;
        let sessions = rows.iter().map(Session::read).collect::<Result<_, _>>()?;
        Ok(tree(sessions))
    }
}

impl Session {
    fn read(row: &Row) -> Result<Self, Error> {
        let agent = row.need_text(3)?;
        Ok(Self {
            id: row.need_int(0)?,
            caller: row.text(1)?,
            key: SessionKey {
                key: row.need_text(2)?,
                found_by: row.need_text(5)?.into(),
                agent: (!agent.is_empty()).then_some(agent),
                parent_agent: row.text(4)?,
            },
            first_at: row.count(6)?,
            last_at: row.count(7)?,
            exchanges: row.count(8)?,
            hold: row.text(9)?,
            continues: row.int(10)?,
            continued_by: row.int(11)?,
        })
    }
}

/// The query for a session.
fn one() -> String {
    format!("SELECT {COLUMNS} FROM session s {JOINS} WHERE s.id = $1")
}

/// The query for all agents of a session, by the id of one of them.
fn agents() -> String {
    format!(
        "SELECT {COLUMNS} FROM session o \
        JOIN session s ON s.caller = o.caller AND s.key = o.key {JOINS} \
        WHERE o.id = $1 ORDER BY s.first_at, s.id LIMIT $2"
    )
}

/// The query for a session and all that continue it, or one that does.
pub(crate) fn behind() -> String {
    format!(
        "WITH RECURSIVE line (id) AS (SELECT id FROM session WHERE id = $1 \
        UNION SELECT s.id FROM line l JOIN session s ON s.continues = l.id) \
        SELECT {COLUMNS} FROM (SELECT id FROM line LIMIT $2) o JOIN session s ON s.id = o.id {JOINS} \
        ORDER BY s.first_at, s.id"
    )
}

/// Those that have no parameters but ids and bounds, for the test that prepares them.
#[cfg(test)]
pub(super) fn queries() -> [String; 3] {
    [one(), agents(), behind()]
}

/// The query for a page. Its last parameter is how many rows are wanted.
pub(super) fn query(
    caller: Option<i64>,
    order: Order,
    after: Option<Cursor>,
) -> (String, Vec<Value>) {
    let mut conditions = Conditions::default();
    if let Some(caller) = caller {
        conditions.add("s.caller = ?", [caller.into()]);
    }
    if let Some(cursor) = after {
        let condition = format!("(s.last_at, s.id) {} (?, ?)", order.sign());
        conditions.add(&condition, cursor.values());
    }
    let (word, limit) = (order.word(), conditions.values.len() + 1);
    let text = format!(
        "SELECT {COLUMNS} FROM session s {JOINS} WHERE {} \
        ORDER BY s.last_at {word}, s.id {word} LIMIT ${limit}",
        conditions.text()
    );
    (text, conditions.values)
}

/// Puts each agent behind the one that started it. What agents say of themselves may be anything, also that two
/// started each other: then the first of them counts as started by nobody.
fn tree(mut sessions: Vec<Session>) -> Vec<Agent> {
    let names: HashSet<_> = sessions
        .iter()
        .filter_map(|one| one.key.agent.clone())
        .collect();
    let mut agents: Vec<Agent> = Vec::with_capacity(sessions.len());
    while !sessions.is_empty() {
        let is_root = |one: &Session| {
            let parent = one.key.parent_agent.as_ref();
            parent.is_none_or(|parent| !names.contains(parent))
        };
        let root = sessions.iter().position(is_root).unwrap_or(0);
        let mut below = vec![(sessions.remove(root), 0)];
        while let Some((session, depth)) = below.pop() {
            if let Some(name) = &session.key.agent {
                let is_child = |one: &mut Session| one.key.parent_agent.as_ref() == Some(name);
                let children: Vec<_> = sessions.extract_if(.., is_child).collect();
                let children = children.into_iter().rev();
                below.extend(children.map(|child| (child, depth + 1)));
            }
            agents.push(Agent { session, depth });
        }
    }
    agents
}

/// A session and those that it continues, from the first one on.
async fn before(tx: &mut Tx, id: i64) -> Result<Vec<i64>, Error> {
    let values = vec![id.into(), LINE_MOST.into()];
    let rows = tx.rows(&BEFORE, values).await?;
    rows.iter().map(|row| row.need_int(0)).collect()
}

/// Puts each session behind the one that it continues, from the first one on.
fn line(first: i64, mut sessions: Vec<Session>) -> Vec<Joined> {
    let mut joined = Vec::with_capacity(sessions.len());
    let begin = sessions.extract_if(.., |one| one.id == first);
    let mut next: Vec<_> = begin.map(|session| (session, 0)).collect();
    while let Some((session, depth)) = next.pop() {
        let goes_on = |one: &mut Session| one.continues == Some(session.id);
        let behind: Vec<_> = sessions.extract_if(.., goes_on).collect();
        next.extend(behind.into_iter().rev().map(|one| (one, depth + 1)));
        joined.push(Joined { session, depth });
    }
    joined
}
