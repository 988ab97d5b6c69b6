//! Erases what operators want gone, and holds what they want kept.

use sluice_api::Erased;
use sluice_store::{self as store, Store};

use super::Error;
use super::error::MAX_REASON;

/// Whose exchanges are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of the session that this one belongs to, with all its agents.
    Session(i64),
    /// Those of this caller, except sessions on hold.
    Caller(String),
}

/// Erases exchanges, and makes sure that the database's files hold nothing of them.
///
/// It goes on group by group. If its future is dropped, what was erased stays erased, and the files may still hold it.
///
/// # Errors
///
/// If there is no such session, or if it is on hold. A hold that comes in between keeps what is left by then.
pub async fn erase(store: &Store, whose: &Whose) -> Result<Erased, Error> {
    let eraser = store.eraser();
    if let Whose::Session(session) = whose
        && let Err(error) = exists(store, *session).await
    {
        // It may have been erased before, when the files could not be emptied.
        eraser.scrub().await?;
        return Err(error);
    }
    let erased = match whose {
        Whose::Session(session) => {
            let erased = eraser.erase_session(*session).await;
            erased.map(|exchanges| Erased { exchanges, held: 0 })
        }
        Whose::Caller(caller) => {
            let erased = eraser.erase_caller(caller).await;
            erased.map(|erased| Erased {
                exchanges: erased.exchanges,
                held: erased.held,
            })
        }
    };
    // A part may be erased even if the rest could not be.
    let scrubbed = eraser.scrub().await;
    let erased = erased?;
    scrubbed?;
    Ok(erased)
}

/// Puts a session on hold, so that nothing erases it. A later reason takes the place of an earlier one.
///
/// # Errors
///
/// If there is no such session, or if the reason is empty or long.
pub async fn hold(store: &Store, session: i64, reason: &str) -> Result<(), Error> {
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        return Err(Error::Reason);
    }
    let held = store.eraser().hold(session, reason).await;
    held.map_err(|error| match error {
        store::Error::Gone => Error::NoSession(session),
        error => error.into(),
    })
}

/// Releases a session.
///
/// # Errors
///
/// If there is no such session, or if it is not on hold.
pub async fn release(store: &Store, session: i64) -> Result<(), Error> {
    exists(store, session).await?;
    let released = store.eraser().release(session).await;
    released.map_err(|error| match error {
        store::Error::Gone => Error::NotOnHold(session),
        error => error.into(),
    })
}

async fn exists(store: &Store, session: i64) -> Result<(), Error> {
    let found = store.session(session).await?;
    found.map(|_| ()).ok_or(Error::NoSession(session))
}
