//! Answers what the operator asks the process.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::{Method, request};
use axum::response::IntoResponse;
use serde_json::json;

use crate::agents::Agents;
use crate::listen::Counted;
use crate::reload::StatusHandle;
use crate::routes::HEALTH;

/// What the operator's handlers share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) policies: StatusHandle,
    pub(crate) agents: Agents,
    pub(crate) connections: Counted,
}

/// Whether a request is answered even if there is no room for another connection. The health check is, because
/// whoever asks decides whether the process is still alive.
pub(crate) fn is_vital(request: &request::Parts) -> bool {
    request.method == Method::GET && request.uri.path() == HEALTH
}

/// `GET /health`: 200 while exchanges are served. Lists the policies in force and, if the newest file is not in
/// force, why; the agents that were seen since the start; and how many connections there are and were refused.
pub(crate) async fn health(Extract(state): Extract<State>) -> impl IntoResponse {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "policies": &*state.policies.current(),
        "agents": state.agents.seen(),
        "connections": state.connections,
    }))
}
