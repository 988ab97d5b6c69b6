//! Makes keys, replaces them and revokes them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sluice_store::{CallerKey, Error, Store};
use tokio::sync::Notify;

use super::{KeyName, KeyText, Terms};
use crate::caller::Pseudonym;
use crate::clock::{millis, unix_millis};

/// The keys in the database. Clones share it.
#[derive(Clone)]
pub struct KeyRegister {
    store: Store,
    changed: Arc<Notify>,
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is called.
    pub name: KeyName,
    /// What it allows.
    pub terms: Terms,
    /// Whose it is, if the record knows the caller already. Another one is made up.
    pub caller: Option<Pseudonym>,
    /// For how long it is valid.
    pub lasts: Option<Duration>,
}

/// Why a key could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NoChange {
    /// There is no valid key of that id.
    #[error("there is no valid key `{0}`")]
    NoKey(String),
    /// The system has no randomness.
    #[error(transparent)]
    Random(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(Error),
}

impl KeyRegister {
    /// The keys of this database.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            changed: Arc::default(),
        }
    }

    /// Told when this process changed a key.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// All keys, in the order in which they were made.
    pub async fn list(&self) -> Result<Vec<CallerKey>, Error> {
        self.store.keys().await
    }

    /// Makes a key. Its text is returned this once.
    pub async fn create(&self, new: NewKey) -> Result<(KeyText, CallerKey), NoChange> {
        let now = unix_millis();
        let caller = new.caller.unwrap_or_else(Pseudonym::random);
        let text = KeyText::generate()?;
        let key = CallerKey {
            id: text.id(),
            caller: caller.to_string(),
            name: new.name.to_string(),
            hash: text.hash(),
            terms: new.terms.to_json(),
            created_at: now,
            expires_at: new.lasts.map(|lasts| now.saturating_add(millis(lasts))),
            revoked_at: None,
        };
        self.store.add_key(&key).await.map_err(NoChange::Store)?;
        self.changed.notify_one();
        Ok((text, key))
    }

    /// Makes a key that takes the place of another, with the same caller, name, terms and end. Both are valid for as long
    /// as `grace`.
    pub async fn rotate(
        &self,
        id: &str,
        grace: Duration,
    ) -> Result<(KeyText, CallerKey), NoChange> {
        let keys = self.list().await.map_err(NoChange::Store)?;
        let old = keys.into_iter().find(|key| key.id == id);
        let old = old.ok_or_else(|| NoChange::NoKey(id.to_owned()))?;
        let (text, now) = (KeyText::generate()?, unix_millis());
        let new = CallerKey {
            id: text.id(),
            hash: text.hash(),
            created_at: now,
            ..old
        };
        let until = now.saturating_add(millis(grace));
        let replaced = self.store.replace_key(id, (now, until), &new).await;
        replaced.map_err(|error| no_change(id, error))?;
        self.changed.notify_one();
        Ok((text, new))
    }

    /// Revokes a key, at once in this process and within seconds in others.
    pub async fn revoke(&self, id: &str) -> Result<(), NoChange> {
        let revoked = self.store.revoke_key(id, unix_millis()).await;
        revoked.map_err(|error| no_change(id, error))?;
        self.changed.notify_one();
        Ok(())
    }
}

fn no_change(id: &str, error: Error) -> NoChange {
    match error {
        Error::Gone => NoChange::NoKey(id.to_owned()),
        error => NoChange::Store(error),
    }
}
