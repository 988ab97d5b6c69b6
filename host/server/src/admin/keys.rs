//! The keys that callers enter with. Each change is logged.

use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State as Extract};
use axum::http::StatusCode;
use sluice_api::{Code, CreateKey, CreatedKey, Keys, RotateKey};
use sluice_store as store;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query::Segments;
use super::{Error, State, body};
use crate::auth::{self, KeyRegister, NewKey, NoChange};
use crate::clock::unix_millis;
use crate::listen::Peer;
use crate::telemetry::clip;

/// The longest time that a key and the one that takes its place are both valid: a year.
const LONGEST_GRACE: u64 = 365 * 24 * 60 * 60;

/// The paths of the keys.
pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(keys, create_key))
        .routes(routes!(rotate_key))
        .routes(routes!(revoke_key))
}

fn register(state: &State) -> Result<&KeyRegister, Error> {
    let detail =
        "this Sluice has no database, so there are no keys for callers: start it with --auth keys";
    let register = state.keys.as_ref();
    register.ok_or_else(|| Error::new(Code::NoRecording, detail))
}

/// Lists the keys that callers enter with, in the order in which they were made.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    tag = "callers",
    responses((status = 200, description = "The keys, without their secrets.", body = Keys))
)]
async fn keys(Extract(state): Extract<State>) -> Result<Json<Keys>, Error> {
    let (kept, now) = (register(&state)?.list().await?, unix_millis());
    let keys = kept.into_iter().map(|key| auth::shown(key, now)).collect();
    Ok(Json(Keys { keys }))
}

/// Makes a key. Its secret is in the answer, and nowhere else.
#[utoipa::path(
    post,
    path = "/api/v1/keys",
    tag = "callers",
    request_body = CreateKey,
    responses((status = 201, description = "The key.", body = CreatedKey))
)]
async fn create_key(
    Extract(state): Extract<State>,
    Extension(Peer(address)): Extension<Peer>,
    body::Json(asked): body::Json<CreateKey>,
) -> Result<(StatusCode, Json<CreatedKey>), Error> {
    let new = NewKey::asked(asked).map_err(|error| body::bad(&error.to_string()))?;
    let (text, key) = register(&state)?.create(new).await?;
    tracing::info!(%address, key = key.id, name = &*clip(&key.name), "an operator made a key");
    let created = auth::created((text, key), unix_millis());
    Ok((StatusCode::CREATED, Json(created)))
}

/// Makes a key that takes the place of a valid one. It has the same caller, name, terms and end, and for a while both are
/// valid.
#[utoipa::path(
    post,
    path = "/api/v1/keys/{id}/rotate",
    tag = "callers",
    params(("id" = String, Path, description = "The key's id.", pattern = "^key_[0-9a-f]{16}$")),
    request_body = RotateKey,
    responses((status = 201, description = "The new key.", body = CreatedKey))
)]
async fn rotate_key(
    Extract(state): Extract<State>,
    Extension(Peer(address)): Extension<Peer>,
    Segments(id): Segments<String>,
    body::Json(RotateKey { grace_s }): body::Json<RotateKey>,
) -> Result<(StatusCode, Json<CreatedKey>), Error> {
    if grace_s > LONGEST_GRACE {
        return Err(body::bad(
            "grace_s: two keys are both valid for at most a year",
        ));
    }
    let grace = Duration::from_secs(grace_s);
    let (text, key) = register(&state)?.rotate(&id, grace).await?;
    tracing::info!(%address, key = key.id, replaces = id, name = &*clip(&key.name), "an operator replaced a key");
    let created = auth::created((text, key), unix_millis());
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revokes a key: at once at this process, and within a few seconds at others with the same database. An exchange that is
/// under way goes on.
#[utoipa::path(
    post,
    path = "/api/v1/keys/{id}/revoke",
    tag = "callers",
    params(("id" = String, Path, description = "The key's id.", pattern = "^key_[0-9a-f]{16}$")),
    responses((status = 204, description = "It lets nobody in any more."))
)]
async fn revoke_key(
    Extract(state): Extract<State>,
    Extension(Peer(address)): Extension<Peer>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Error> {
    register(&state)?.revoke(&id).await?;
    tracing::info!(%address, key = id, "an operator revoked a key");
    Ok(StatusCode::NO_CONTENT)
}

impl From<NoChange> for Error {
    fn from(error: NoChange) -> Self {
        match error {
            NoChange::NoKey(_) => Self::new(Code::NotFound, error.to_string()),
            NoChange::Store(store::Error::TooManyKeys { .. }) => body::bad(&error.to_string()),
            NoChange::Store(error) => error.into(),
            NoChange::Random(_) => Self::new(Code::StoreFailed, error.to_string()),
        }
    }
}
