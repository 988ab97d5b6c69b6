//! What was recorded: sessions, exchanges, their bodies, and what is found in them.

mod bodies;
pub(crate) mod convert;
mod exchanges;
mod names;
mod sessions;

use sluice_api::Code;
use sluice_store::{self as store, Store};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Error, State};

/// The paths of the history.
pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(sessions::sessions))
        .routes(routes!(sessions::session))
        .routes(routes!(sessions::session_tree))
        .routes(routes!(exchanges::exchanges))
        .routes(routes!(exchanges::exchange))
        .routes(routes!(bodies::body))
        .routes(routes!(bodies::content))
        .routes(routes!(exchanges::search))
        .routes(routes!(names::facets))
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
            _ => {
                tracing::error!("the history could not be read: {error}");
                Self::new(
                    Code::StoreFailed,
                    "the history could not be read: the log says why",
                )
            }
        }
    }
}
