//! Routes the process's paths: the proxy's, which `routes` lists, and the operator's.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::auth::Callers;
use crate::routes::HEALTH;
use crate::{admin, agents, proxy};

/// Returns the handler of all requests. Those that may not call are refused first.
pub(crate) fn router(proxy: proxy::State, admin: admin::State, callers: Callers) -> Router {
    let admit = from_fn_with_state(Arc::new(callers), proxy::admit);
    let proxied = Router::new()
        .fallback(proxy::serve)
        .with_state(proxy)
        .layer(from_fn_with_state(admin.agents.clone(), agents::note));
    let administered = Router::new()
        .route(HEALTH, get(admin::health))
        .with_state(admin);
    proxied.merge(administered).layer(admit)
}
