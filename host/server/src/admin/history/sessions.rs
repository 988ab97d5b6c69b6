//! Sessions, and the agents in them.

use axum::Json;
use axum::extract::State as Extract;
use sluice_api::{JoinedSession, Page, Session, SessionAgent, SessionQuery, SessionTree};
use sluice_store as store;

use super::{missing, session_of, store_of};
use crate::admin::query::{self, Query, Segments};
use crate::admin::{Error, State};
use crate::history::convert;

/// Lists sessions, by the time of their last exchange.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "history",
    params(SessionQuery),
    responses((status = 200, description = "A page of sessions.", body = Page<Session>))
)]
pub(super) async fn sessions(
    Extract(state): Extract<State>,
    Query(asked): Query<SessionQuery>,
) -> Result<Json<Page<Session>>, Error> {
    let page = query::page(asked.order, asked.limit, asked.after)?;
    let found = store_of(&state)?.sessions(asked.caller.as_deref(), &page);
    Ok(Json(convert::page(found.await?, convert::session)))
}

/// Returns a session.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    responses((status = 200, description = "The session.", body = Session))
)]
pub(super) async fn session(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
) -> Result<Json<Session>, Error> {
    let session = session_of(&state, convert::session_id(&id)?).await?;
    Ok(Json(convert::session(session)))
}

/// Returns all agents of the session that this one belongs to, each behind the one that started it, and all sessions of its
/// conversation, each behind the one that it continues.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}/tree",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    responses((status = 200, description = "The agents and sessions.", body = SessionTree))
)]
pub(super) async fn session_tree(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
) -> Result<Json<SessionTree>, Error> {
    let store = store_of(&state)?;
    let id = convert::session_id(&id)?;
    let found = store.agents(id).await?;
    if found.is_empty() {
        return Err(missing("session"));
    }
    let agent = |agent: store::Agent| SessionAgent {
        depth: agent.depth as u64,
        session: convert::session(agent.session),
    };
    let joined = |joined: store::Joined| JoinedSession {
        depth: joined.depth as u64,
        session: convert::session(joined.session),
    };
    Ok(Json(SessionTree {
        agents: found.into_iter().map(agent).collect(),
        line: store.line(id).await?.into_iter().map(joined).collect(),
    }))
}
