//! Counts names and sessions down, and drops those that nothing uses any more.

use std::collections::BTreeMap;

use super::statements::{
    DROP_JOINS, DROP_NAMES, DROP_SESSIONS, LESS_NAME, LESS_SESSION, OF_ATTEMPTS, OF_EXCHANGES,
    OF_VERDICTS,
};
use crate::db::{Statement, Tx, Value, in_list};
use crate::error::Error;

/// How often exchanges use each name and session.
#[derive(Debug, Default)]
pub(super) struct Uses {
    names: BTreeMap<i64, i64>,
    sessions: BTreeMap<i64, i64>,
}

impl Uses {
    /// Counts, as long as the exchanges are there.
    pub(super) async fn count(tx: &mut Tx, exchanges: &[Value]) -> Result<Self, Error> {
        let mut uses = Self::default();
        for row in in_list(tx, &OF_EXCHANGES, &[], exchanges.to_vec()).await? {
            for column in 0..3 {
                uses.name(row.need_int(column)?);
            }
            *uses.sessions.entry(row.need_int(3)?).or_default() += 1;
        }
        for row in in_list(tx, &OF_ATTEMPTS, &[], exchanges.to_vec()).await? {
            uses.name(row.need_int(0)?);
        }
        for row in in_list(tx, &OF_VERDICTS, &[], exchanges.to_vec()).await? {
            for column in 0..3 {
                uses.name(row.need_int(column)?);
            }
        }
        Ok(uses)
    }

    /// Counts down, once they are gone.
    pub(super) async fn release(self, tx: &mut Tx) -> Result<(), Error> {
        less(tx, self.names, &LESS_NAME, &DROP_NAMES).await?;
        let sessions = self.sessions.keys().map(|id| Value::from(*id)).collect();
        less(tx, self.sessions, &LESS_SESSION, &DROP_SESSIONS).await?;
        in_list(tx, &DROP_JOINS, &[], sessions).await.map(drop)
    }

    fn name(&mut self, id: i64) {
        if id != 0 {
            *self.names.entry(id).or_default() += 1;
        }
    }
}

async fn less(
    tx: &mut Tx,
    uses: BTreeMap<i64, i64>,
    less: &Statement,
    drop: &Statement,
) -> Result<(), Error> {
    for (id, times) in &uses {
        tx.run(less, vec![(*times).into(), (*id).into()]).await?;
    }
    let ids = uses.into_keys().map(Value::from).collect();
    in_list(tx, drop, &[], ids).await.map(std::mem::drop)
}
