//! The keys that callers enter with. Of a key only its hash is kept.

use std::fmt;

use crate::db::{Row, Tx, Value};
use crate::error::Error;
use crate::store::Store;

mod statements;
#[cfg(test)]
pub(crate) use statements::ALL as STATEMENTS;
use statements::{ADD, ALL_KEYS, CHANGED, CHANGES, COUNT, EXPIRE, LIVES, REVOKE};

/// The most keys, those that were revoked among them: each process has all of them in memory.
pub const MOST_KEYS: u64 = 10_000;

/// What is kept of a caller's key.
#[derive(Clone, PartialEq, Eq)]
pub struct CallerKey {
    /// The part of the key that may be shown. There is no other with it.
    pub id: String,
    /// Who uses the key, as the record has it. Keys that replace each other have the same.
    pub caller: String,
    /// What people call it.
    pub name: String,
    /// The SHA-256 of the secret.
    pub hash: [u8; 32],
    /// What the key allows, as JSON. The store does not read it.
    pub terms: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: u64,
    /// From when on it is not valid any more.
    pub expires_at: Option<u64>,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
}

impl CallerKey {
    /// Whether it is valid at a time, in milliseconds since 1970.
    pub fn is_valid(&self, now: u64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    fn read(row: &Row) -> Result<Self, Error> {
        let time = |column| {
            let time = row.int(column)?.map(u64::try_from).transpose();
            time.map_err(|_| Error::odd(column))
        };
        let hash = row.need_bytes(3)?;
        Ok(Self {
            id: row.need_text(0)?,
            caller: row.need_text(1)?,
            name: row.need_text(2)?,
            hash: hash[..].try_into().map_err(|_| Error::odd(3))?,
            terms: row.need_text(4)?,
            created_at: row.count(5)?,
            expires_at: time(6)?,
            revoked_at: time(7)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.caller.as_str().into(),
            self.name.as_str().into(),
            self.hash.to_vec().into(),
            self.terms.as_str().into(),
            self.created_at.into(),
            self.expires_at.into(),
        ]
    }
}

impl fmt::Debug for CallerKey {
    /// Leaves the hash out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerKey")
            .field("id", &self.id)
            .field("caller", &self.caller)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// All keys, in the order in which they were made.
    pub async fn keys(&self) -> Result<Vec<CallerKey>, Error> {
        let mut tx = self.database.read().await?;
        let rows = tx.rows(&ALL_KEYS, vec![]).await?;
        rows.iter().map(CallerKey::read).collect()
    }

    /// A number that is another one whenever a key was changed.
    pub async fn key_changes(&self) -> Result<u64, Error> {
        let mut tx = self.database.read().await?;
        let row = tx.row(&CHANGES, vec![]).await?;
        row.ok_or(Error::Gone)?.count(0)
    }

    /// Keeps a new key. Fails with [`Error::TooManyKeys`] if there are as many as there may be.
    pub async fn add_key(&self, key: &CallerKey) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        add(&mut tx, key).await?;
        changed(tx).await
    }

    /// Keeps a key that takes the place of a valid one, which stays valid until `until` and no longer than it was.
    /// Fails with [`Error::Gone`] if that is not valid at `now`. Times are milliseconds since 1970.
    pub async fn replace_key(
        &self,
        old: &str,
        (now, until): (u64, u64),
        new: &CallerKey,
    ) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let lives = tx.row(&LIVES, vec![old.into(), now.into()]).await?;
        if lives.ok_or(Error::Gone)?.count(0)? == 0 {
            return Err(Error::Gone);
        }
        tx.run(&EXPIRE, vec![old.into(), until.into()]).await?;
        add(&mut tx, new).await?;
        changed(tx).await
    }

    /// Revokes a key. Fails with [`Error::Gone`] if there is none that is not revoked yet.
    pub async fn revoke_key(&self, id: &str, now: u64) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        if tx.run(&REVOKE, vec![id.into(), now.into()]).await? == 0 {
            return Err(Error::Gone);
        }
        changed(tx).await
    }
}

async fn add(tx: &mut Tx, key: &CallerKey) -> Result<(), Error> {
    let count = tx.row(&COUNT, vec![]).await?.ok_or(Error::Gone)?;
    if count.count(0)? >= MOST_KEYS {
        return Err(Error::TooManyKeys { most: MOST_KEYS });
    }
    tx.run(&ADD, key.values()).await.map(drop)
}

async fn changed(mut tx: Tx) -> Result<(), Error> {
    tx.run(&CHANGED, vec![]).await?;
    tx.commit().await
}
