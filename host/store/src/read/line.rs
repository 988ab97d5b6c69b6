//! The sessions of a conversation: each continues another one, and forks continue the same.

use super::session::{COLUMNS, JOINS, Session};
use super::statements::{BEFORE, FIRST_AGENT};
use crate::db::Tx;
use crate::error::Error;

/// The most sessions that are told, before one of them and in all.
const MOST: u32 = 1000;

/// A session of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What is known of it.
    pub session: Session,
    /// 0 for the first session of the conversation, 1 for one that continues that, and so on.
    pub depth: usize,
}

/// A session and those that it continues, from the first one on.
pub(super) async fn up_to(tx: &mut Tx, id: i64) -> Result<Vec<i64>, Error> {
    let rows = tx.rows(&BEFORE, vec![id.into(), MOST.into()]).await?;
    rows.iter().map(|row| row.need_int(0)).collect()
}

/// All sessions of the conversation that this one is part of.
pub(super) async fn of(tx: &mut Tx, id: i64) -> Result<Vec<Joined>, Error> {
    // Of a session with several agents, the first one is joined.
    let id = match tx.row(&FIRST_AGENT, vec![id.into()]).await? {
        Some(row) => row.need_int(0)?,
        None => id,
    };
    let before = up_to(tx, id).await?;
    let first = before.first().copied().unwrap_or(id);
    let rows = tx.rows(&query(), vec![first.into(), MOST.into()]).await?;
    let sessions = rows.iter().map(Session::read).collect::<Result<_, _>>()?;
    Ok(in_order(first, sessions))
}

/// The query for a session and all that continue it, or one that does.
pub(crate) fn query() -> String {
    format!(
        "WITH RECURSIVE line (id) AS (SELECT id FROM session WHERE id = $1 \
        UNION SELECT s.id FROM line l JOIN session s ON s.continues = l.id) \
        SELECT {COLUMNS} FROM (SELECT id FROM line LIMIT $2) o JOIN session s ON s.id = o.id {JOINS} \
        ORDER BY s.first_at, s.id"
    )
}

/// Puts each session behind the one that it continues, from the first one on.
fn in_order(first: i64, mut sessions: Vec<Session>) -> Vec<Joined> {
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
