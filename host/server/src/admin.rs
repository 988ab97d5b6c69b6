//! What the operator asks the process.

use axum::Json;
use axum::extract::State as Extract;
use axum::response::IntoResponse;
use serde_json::json;

use crate::reload::StatusHandle;

/// What the operator's handlers share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) policies: StatusHandle,
}

/// `GET /health`: 200 while exchanges are served, with the policies in force and why the newest file
/// is not, if so.
pub(crate) async fn health(Extract(state): Extract<State>) -> impl IntoResponse {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "policies": &*state.policies.current(),
    }))
}
