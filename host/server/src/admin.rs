//! What the operator asks the process.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::{Method, request};
use axum::response::IntoResponse;
use serde_json::json;

use crate::listen::Counted;
use crate::reload::StatusHandle;

/// What the operator's handlers share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) policies: StatusHandle,
    pub(crate) connections: Counted,
}

/// What is answered even where there is no room for another connection: whoever asks decides whether the
/// process is still alive.
pub(crate) fn is_vital(request: &request::Parts) -> bool {
    request.method == Method::GET && request.uri.path() == "/health"
}

/// `GET /health`: 200 while exchanges are served, with the policies in force and why the newest file
/// is not, if so; and how many connections there are and were refused.
pub(crate) async fn health(Extract(state): Extract<State>) -> impl IntoResponse {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "policies": &*state.policies.current(),
        "connections": state.connections,
    }))
}
