//! Holds: sessions that nobody may erase.

use super::Eraser;
use super::statements::{HOLD, RELEASE};
use crate::db::{Statement, Value};
use crate::error::Error;
use crate::times::unix_millis;

impl Eraser {
    /// Puts a session on hold, with all its agents, also those to come. Says why. A later reason takes the place of an
    /// earlier one. Fails if there is no such session.
    pub async fn hold(&self, session: i64, reason: &str) -> Result<(), Error> {
        let values = vec![session.into(), reason.into(), unix_millis().into()];
        self.change(&HOLD, values).await
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
