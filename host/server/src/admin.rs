//! The operators' door: answers what the operator asks the process, under `/api/v1`.
//!
//! It has a listener of its own, which agents need not reach, and lets in nobody without the admin key. Each handler
//! takes and returns the types of `sluice_api`.

mod admit;
mod body;
mod challenge;
mod document;
mod error;
mod events;
mod history;
mod keys;
mod query;
mod status;
mod turned_away;

use std::sync::Arc;

use axum::Router;

use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;

use sluice_store::Store;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::agents::Agents;
use crate::auth::{AdminKeys, Callers, KeyRegister};
use crate::bus::Bus;
use crate::listen::Counted;
use crate::recorder::Recorder;
use crate::relay;
use crate::reload::StatusHandle;
use crate::tasks::Tasks;

pub use document::openapi;
pub(crate) use error::Error;
pub(crate) use turned_away::{is_vital, turn_away};

/// What the operator's handlers share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) policies: StatusHandle,
    pub(crate) agents: Agents,
    pub(crate) connections: Counted,
    pub(crate) admin_connections: Counted,
    /// What was recorded. `None` if nothing is.
    pub(crate) store: Option<Store>,
    /// The keys that callers enter with. `None` if there is no database for them.
    pub(crate) keys: Option<KeyRegister>,
    /// Records exchanges.
    pub(crate) recorder: Recorder,
    /// Tells what happens, while it happens.
    pub(crate) bus: Bus,
    /// How it goes between processes. `None` if they do not tell each other.
    pub(crate) relay: Option<relay::State>,
    /// What erasures belong to.
    pub(crate) tasks: Tasks,
}

/// Returns the handler of operators' requests. Those of web pages are refused first, then those without the key.
pub(crate) fn router(state: State, keys: AdminKeys, callers: Callers) -> Router {
    let keys = Arc::new(keys);
    let (with_key, _) = routes().split_for_parts();
    let with_key = with_key
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(state)
        .layer(from_fn_with_state(Arc::clone(&keys), admit::require_key));
    let (without, _) = routes_without_key().split_for_parts();
    let without = without
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(keys);
    with_key
        .merge(without)
        .layer(from_fn_with_state(Arc::new(callers), admit::keep_pages_out))
}

/// The paths that ask for no key.
fn routes_without_key() -> OpenApiRouter<Arc<AdminKeys>> {
    OpenApiRouter::with_openapi(document::head()).routes(routes!(challenge::challenge))
}

/// Every other path, with what the document says of it.
fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(document::document))
        .routes(routes!(status::status))
        .routes(routes!(events::events))
        .merge(history::routes())
        .merge(keys::routes())
}

async fn not_found(uri: Uri) -> Error {
    Error::not_found(uri.path())
}

async fn method_not_allowed(method: Method, uri: Uri) -> Error {
    Error::method_not_allowed(&method, uri.path())
}
