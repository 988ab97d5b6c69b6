//! Holds: sessions that nobody may erase.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Eraser;
use super::statements::{HOLD, RELEASE};
use crate::db::{Statement, Value};
use crate::error::Error;

impl Eraser {
    /// Puts a session on hold, with all its agents, also those to come. Says why. A later reason takes the place of an
    /// earlier one. Fails if there is no such session.
    pub async fn hold(&self, session: i64, reason: &str) -> Result<(), Error> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let since = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        self.change(&HOLD, vec![session.into(), reason.into(), since.into()])
            .await
    }

    /// Releases a session. Fails if it is not on hold.
    pub async fn release(&self, session: i64) -> Result<(), Error> {
        self.change(&RELEASE, vec![session.into()]).await
    }

    async fn change(&self, statement: &Statement, values: Vec<Value>) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let changed = tx.run(statement, values).await?;
        tx.commit().await?;
        (changed > 0).then_some(()).ok_or(Error::Gone)
    }
}
