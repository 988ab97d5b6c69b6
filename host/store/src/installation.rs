//! What belongs to the installation: made once, and the same for every process that uses the database.

use bytes::Bytes;

use crate::db::Value;
use crate::error::Error;
use crate::store::Store;

mod statements;
#[cfg(test)]
pub(crate) use statements::ALL as STATEMENTS;

impl Store {
    /// Returns what is kept under a name. If there is nothing, keeps `fresh` and returns that. Of several processes that
    /// start at once, all get what the first one kept.
    pub async fn installed(&self, name: &str, fresh: &[u8]) -> Result<Bytes, Error> {
        let mut tx = self.database.write().await?;
        let values = vec![name.into(), fresh.to_vec().into()];
        tx.run(&statements::KEEP, values).await?;
        let kept = tx.row(&statements::KEPT, vec![Value::from(name)]).await?;
        let kept = kept.ok_or(Error::Gone)?.need_bytes(0)?;
        tx.commit().await?;
        Ok(kept)
    }
}
