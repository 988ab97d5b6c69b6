//! Sessions, and the agents in them.

use std::collections::HashSet;

use super::conditions::Conditions;
use super::filter::{Cursor, Order, Page, Paged};
use super::line::{self, Joined};
use super::statements::NAMED;
use crate::db::{Row, Tx, Value};
use crate::error::Error;
use crate::exchange::SessionKey;
use crate::names::bounded;
use crate::store::Store;

/// The most agents of a session that are told.
const AGENTS_MOST: u32 = 1000;

/// The columns of a session, and where they come from beside the session itself.
pub(super) const COLUMNS: &str = "s.id, c.name, s.key, s.agent, s.parent_agent, s.found_by, s.first_at, \
    s.last_at, s.exchanges, h.reason, s.continues, \
    (SELECT MAX(l.id) FROM session l WHERE l.continues = s.id)";
pub(super) const JOINS: &str = "LEFT JOIN name c ON c.id = s.caller \
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
        page_of(&mut self.database.read().await?, caller, page).await
    }

    /// One session. `None` if there is no such session.
    pub async fn session(&self, id: i64) -> Result<Option<Session>, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&one(), vec![id.into()]).await?;
        row.as_ref().map(Session::read).transpose()
    }

    /// The sessions of a conversation up to this one, from the first, each continued by the next. Empty if there is no such session.
    pub async fn sessions_up_to(&self, id: i64) -> Result<Vec<i64>, Error> {
        line::up_to(&mut self.database.read().await?, id).await
    }

    /// All sessions of the conversation that this one is part of, each behind the one that it continues.
    pub async fn line(&self, id: i64) -> Result<Vec<Joined>, Error> {
        line::of(&mut self.database.read().await?, id).await
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
    pub(super) fn read(row: &Row) -> Result<Self, Error> {
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

/// A page of the sessions of a caller, or of all.
async fn page_of(tx: &mut Tx, caller: Option<&str>, page: &Page) -> Result<Paged<Session>, Error> {
    let cursor = page.cursor()?;
    let caller = match caller {
        Some(name) => match named(tx, name).await? {
            None => return Ok(Paged::empty()),
            caller => caller,
        },
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

/// The id of a caller.
async fn named(tx: &mut Tx, caller: &str) -> Result<Option<i64>, Error> {
    let values = vec!["caller".into(), (&*bounded(caller)).into()];
    let row = tx.row(&NAMED, values).await?;
    row.map(|row| row.need_int(0)).transpose()
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

/// Those that have no parameters but ids and bounds, for the test that prepares them.
#[cfg(test)]
pub(super) fn queries() -> [String; 2] {
    [one(), agents()]
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
