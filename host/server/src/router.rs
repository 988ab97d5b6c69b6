//! Routes the agents' paths: the proxy's, which `routes` lists, and the health check.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::agents::{self, Agents};
use crate::auth::Callers;
use crate::proxy;
use crate::routes::HEALTH;

/// Returns the handler of agents' requests. Those that may not call are refused first.
pub(crate) fn router(proxy: proxy::State, agents: Agents, callers: Callers) -> Router {
    Router::new()
        .fallback(proxy::serve)
        .with_state(proxy)
        .layer(from_fn_with_state(agents, agents::note))
        .route(HEALTH, get(proxy::health))
        .layer(from_fn_with_state(Arc::new(callers), proxy::admit))
}
