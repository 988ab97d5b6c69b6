//! Keeps the table of keys as the database has them.

use std::sync::Arc;
use std::time::Duration;

use sluice_store::{Error, Store};
use tokio::sync::Notify;

use super::KeyTable;
use crate::tasks::Tasks;

/// How often it is asked whether a key was changed by another process. A key that is revoked there is valid here for as
/// long.
const EVERY: Duration = Duration::from_secs(2);

/// Reads all keys, and then again whenever one is changed: at once if this process does it and says so through `changed`.
/// While the database is away, the keys that were read last count.
pub async fn follow(
    store: Store,
    table: KeyTable,
    changed: Arc<Notify>,
    tasks: &Tasks,
) -> Result<(), Error> {
    let mut known = read(&store, &table).await?;
    let stopping = tasks.stopping().clone();
    let following = async move {
        let mut is_away = false;
        loop {
            tokio::select! {
                () = changed.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
            match again(&store, &table, known).await {
                Ok(changes) => {
                    known = changes;
                    is_away = false;
                }
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(error = %error, "callers' keys can't be read; those that are known count");
                }
                Err(_) => {}
            }
        }
    };
    tasks.spawn(async move { stopping.run_until_cancelled(following).await });
    Ok(())
}

async fn again(store: &Store, table: &KeyTable, known: u64) -> Result<u64, Error> {
    match store.key_changes().await? {
        changes if changes == known => Ok(known),
        _ => read(store, table).await,
    }
}

/// Reads all keys. What is changed meanwhile has another number, so it is read the next time.
async fn read(store: &Store, table: &KeyTable) -> Result<u64, Error> {
    let changes = store.key_changes().await?;
    table.replace(store.keys().await?);
    Ok(changes)
}
