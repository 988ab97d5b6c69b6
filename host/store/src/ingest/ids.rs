//! Ids for new rows. Each process takes many at once, so that no two ever get the same.

use super::statements::RESERVE;
use crate::db::{Tx, Value};
use crate::error::Error;

/// How many are taken at once.
const MANY: i64 = 4096;

/// The ids that were taken and not used. They are worth nothing if the transaction that took them fails.
#[derive(Debug, Default)]
pub(super) struct Ids {
    next: i64,
    end: i64,
}

impl Ids {
    pub(super) async fn next(&mut self, tx: &mut Tx) -> Result<i64, Error> {
        if self.next == self.end {
            let row = tx.row(&RESERVE, vec![Value::from(MANY)]).await?;
            let row = row.ok_or_else(|| Error::Damaged("the counter of ids is gone".to_owned()))?;
            self.end = row.need_int(0)?;
            self.next = self.end - MANY;
        }
        self.next += 1;
        Ok(self.next - 1)
    }
}
