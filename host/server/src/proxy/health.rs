//! Says whether the process is alive, to whoever asks, and nothing more.

use axum::Json;
use axum::http::{Method, request};
use serde_json::{Value, json};

use crate::routes::HEALTH;

/// Whether a request is answered even if there is no room for another connection. The health check is, because whoever
/// asks decides whether the process is still alive.
pub(crate) fn is_vital(request: &request::Parts) -> bool {
    request.method == Method::GET && request.uri.path() == HEALTH
}

/// `GET /health`: 200 while exchanges are served. What else there is to know is told at the operators' door, because
/// agents come here.
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
