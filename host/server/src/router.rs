//! Every route in one list.

use axum::Router;
use axum::routing::{delete, get, head, post};

use crate::{admin, proxy};

/// The routes of the process. What is not here is refused.
pub(crate) fn router(proxy: proxy::State, admin: admin::State) -> Router {
    let proxied = Router::new()
        .route("/v1/messages", post(proxy::messages))
        .route("/v1/messages/count_tokens", post(proxy::count_tokens))
        .route("/v1/chat/completions", post(proxy::chat_completions))
        .route("/v1/responses", post(proxy::responses))
        .route(
            "/v1/responses/{id}",
            get(proxy::read_stored).merge(delete(proxy::delete_stored)),
        )
        .route("/v1/responses/{id}/cancel", post(proxy::read_stored))
        .route("/v1/embeddings", post(proxy::embeddings))
        .route("/v1/models", get(proxy::models))
        .route("/v1/models/{id}", get(proxy::models))
        .route("/api/hello", head(proxy::hello))
        .fallback(proxy::unlisted)
        .method_not_allowed_fallback(proxy::method_not_allowed)
        .with_state(proxy);
    let administered = Router::new()
        .route("/health", get(admin::health))
        .with_state(admin);
    proxied.merge(administered)
}
