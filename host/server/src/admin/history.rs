//! What was recorded: sessions, exchanges, their bodies, what is found in them, and how they are taken out or erased.

mod bodies;
mod exchanges;
mod export;
mod forget;
mod names;
mod sessions;

use sluice_api::Code;
use sluice_store::{self as store, Store};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Error, State};
use crate::history::Error as HistoryError;

/// The paths of the history.
pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(sessions::sessions))
        .routes(routes!(sessions::session, forget::erase_session))
        .routes(routes!(sessions::session_tree))
        .routes(routes!(forget::hold, forget::release))
        .routes(routes!(forget::erase_caller))
        .routes(routes!(exchanges::exchanges))
        .routes(routes!(exchanges::exchange))
        .routes(routes!(bodies::body))
        .routes(routes!(bodies::content))
        .routes(routes!(exchanges::search))
        .routes(routes!(names::facets))
        .routes(routes!(export::export))
        .routes(routes!(export::export_session))
        .routes(routes!(export::export_exchange))
}

/// The store, if anything is recorded.
fn store_of(state: &State) -> Result<&Store, Error> {
    let detail = "this Sluice records nothing, so there is no history to read";
    let store = state.store.as_ref();
    store.ok_or_else(|| Error::new(Code::NoRecording, detail))
}

/// The session of this id.
pub(super) async fn session_of(state: &State, id: i64) -> Result<store::Session, Error> {
    let found = store_of(state)?.session(id).await?;
    found.ok_or_else(|| missing("session"))
}

/// The error for something that there is not.
fn missing(what: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no such {what}"))
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Token => {
                super::query::bad("after: this is not the `next` of a page of this list")
            }
            store::Error::Gone => Self::new(Code::Gone, error.to_string()),
            store::Error::Held => Self::new(Code::OnHold, error.to_string()),
            store::Error::LogInUse => Self::new(Code::LogInUse, error.to_string()),
            // It says how to ask for less.
            error if error.took_too_long() => super::query::bad(&error.to_string()),
            _ => {
                tracing::error!("the database failed: {error}");
                Self::new(
                    Code::StoreFailed,
                    "the database failed: the log of Sluice says why",
                )
            }
        }
    }
}

impl From<HistoryError> for Error {
    fn from(error: HistoryError) -> Self {
        let told = error.to_string();
        match error {
            HistoryError::NoExchange(_)
            | HistoryError::NoSession(_)
            | HistoryError::NotOnHold(_) => Self::new(Code::NotFound, told),
            HistoryError::NoId(_) | HistoryError::NoTime(_) => super::query::bad(&told),
            HistoryError::Reason => super::body::bad(&told),
            HistoryError::Store(error) => error.into(),
        }
    }
}
