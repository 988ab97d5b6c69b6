//! Erases what operators want gone, and holds what they want kept. Each of it is logged.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Extension, State as Extract};
use axum::http::StatusCode;
use sluice_api::{Code, Erased, Hold};

use super::store_of;
use crate::admin::query::Segments;
use crate::admin::{Error, State, body};
use crate::history::{self, Whose, convert};
use crate::listen::Peer;
use crate::telemetry::clip;

/// Erases a session with all its agents.
///
/// Its exchanges are gone when this is answered, in SQLite from the database's files too. It goes on if the client does
/// not wait for the answer.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    responses((status = 200, description = "What was erased.", body = Erased))
)]
pub(super) async fn erase_session(
    Extract(state): Extract<State>,
    Extension(peer): Extension<Peer>,
    Segments(id): Segments<String>,
) -> Result<Json<Erased>, Error> {
    let session = convert::session_id(&id)?;
    erase(&state, peer, Whose::Session(session)).await
}

/// Erases everything of a caller but sessions on hold.
///
/// The exchanges are gone when this is answered, in SQLite from the database's files too. It goes on if the client does
/// not wait for the answer. A caller of whom nothing is kept is no error.
#[utoipa::path(
    delete,
    path = "/api/v1/callers/{caller}",
    tag = "history",
    params(("caller" = String, Path, description = "The caller's pseudonym.")),
    responses((status = 200, description = "What was erased.", body = Erased))
)]
pub(super) async fn erase_caller(
    Extract(state): Extract<State>,
    Extension(peer): Extension<Peer>,
    Segments(caller): Segments<String>,
) -> Result<Json<Erased>, Error> {
    erase(&state, peer, Whose::Caller(caller)).await
}

/// Puts a session on hold, with all its agents, so that nothing erases it. A later reason takes the place of an earlier
/// one.
#[utoipa::path(
    put,
    path = "/api/v1/sessions/{id}/hold",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    request_body = Hold,
    responses((status = 204, description = "It is on hold."))
)]
pub(super) async fn hold(
    Extract(state): Extract<State>,
    Extension(Peer(address)): Extension<Peer>,
    Segments(id): Segments<String>,
    body::Json(Hold { reason }): body::Json<Hold>,
) -> Result<StatusCode, Error> {
    let session = convert::session_id(&id)?;
    history::hold(store_of(&state)?, session, &reason).await?;
    tracing::info!(%address, session, "an operator put a session on hold");
    Ok(StatusCode::NO_CONTENT)
}

/// Releases a session that is on hold.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}/hold",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    responses((status = 204, description = "It is not on hold any more."))
)]
pub(super) async fn release(
    Extract(state): Extract<State>,
    Extension(Peer(address)): Extension<Peer>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Error> {
    let session = convert::session_id(&id)?;
    history::release(store_of(&state)?, session).await?;
    tracing::info!(%address, session, "an operator released a session");
    Ok(StatusCode::NO_CONTENT)
}

/// Erases as a task of the process: one that is left half would leave what was erased in the database's files.
async fn erase(state: &State, Peer(address): Peer, whose: Whose) -> Result<Json<Erased>, Error> {
    let store = store_of(state)?.clone();
    let erasing = async move {
        let erased = history::erase(&store, &whose).await;
        log(address, &whose, &erased);
        erased
    };
    match state.tasks.spawn(erasing).await {
        Ok(Some(erased)) => Ok(Json(erased?)),
        _ => Err(Error::new(
            Code::Stopping,
            "the process stops, and a part may not be erased: ask again after its start",
        )),
    }
}

fn log(address: IpAddr, whose: &Whose, erased: &Result<Erased, history::Error>) {
    let whose = match whose {
        Whose::Session(session) => format!("session {session}"),
        Whose::Caller(caller) => format!("caller {}", clip(caller)),
    };
    match erased {
        Ok(Erased { exchanges, held }) => {
            tracing::info!(%address, erased = whose, exchanges, held, "an operator erased exchanges");
        }
        Err(error) => {
            tracing::warn!(%address, erased = whose, "an operator could not erase exchanges: {error}");
        }
    }
}
