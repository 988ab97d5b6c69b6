//! Exports, as files to save.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use sluice_api::{ExchangeFilter, ExportFormat, ExportQuery, FormatQuery, SessionExportQuery};
use sluice_store as store;
use uuid::Uuid;

use super::{missing, store_of};
use crate::admin::query::{Query, Segments};
use crate::admin::{Error, State};
use crate::history::{Error as HistoryError, Export, convert};

/// Exports exchanges, from the oldest to the newest.
///
/// As Markdown it is a document to read: of each request what is new, each tool call with its result, and what policies
/// did. As JSON Lines it is an exchange a line, with its bodies. What is missing because it was erased meanwhile is said in the
/// last line: as JSON with `version` and `erased`, which counts `exchanges` and `bodies`.
#[utoipa::path(
    get,
    path = "/api/v1/export",
    tag = "history",
    params(ExportQuery),
    responses((
        status = 200,
        description = "The export. If the connection ends early, a part of it is missing.",
        content((String = "text/markdown"), (String = "application/jsonl"))
    ))
)]
pub(super) async fn export(
    Extract(state): Extract<State>,
    Query(asked): Query<ExportQuery>,
) -> Result<Response, Error> {
    let filter = convert::filter(asked.filter())?;
    let format = asked.format.unwrap_or_default();
    let joined = asked.joined.unwrap_or_default();
    let export = Export::asked(store_of(&state)?, filter, joined, format).await?;
    Ok(download(export, "sluice-history", format))
}

/// Exports a session, from its first exchange to its last.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}/export",
    tag = "history",
    params(("id" = String, Path, description = "The session's id.", pattern = "^(0|[1-9][0-9]{0,17})$"), SessionExportQuery),
    responses((
        status = 200,
        description = "The export. If the connection ends early, a part of it is missing.",
        content((String = "text/markdown"), (String = "application/jsonl"))
    ))
)]
pub(super) async fn export_session(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
    Query(asked): Query<SessionExportQuery>,
) -> Result<Response, Error> {
    let store = store_of(&state)?;
    let session = convert::session_id(&id)?;
    let found = store.session(session).await?;
    found.ok_or(HistoryError::NoSession(session))?;
    let filter = convert::filter(ExchangeFilter {
        session: Some(id),
        ..ExchangeFilter::default()
    })?;
    let format = asked.format.unwrap_or_default();
    let joined = asked.joined.unwrap_or_default();
    let export = Export::asked(store, filter, joined, format).await?;
    Ok(download(
        export,
        &format!("sluice-session-{session}"),
        format,
    ))
}

/// Exports an exchange.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{id}/export",
    tag = "history",
    params(("id" = String, Path, description = "The exchange's id."), FormatQuery),
    responses((
        status = 200,
        description = "The export. If the connection ends early, a part of it is missing.",
        content((String = "text/markdown"), (String = "application/jsonl"))
    ))
)]
pub(super) async fn export_exchange(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
    Query(asked): Query<FormatQuery>,
) -> Result<Response, Error> {
    let store = store_of(&state)?;
    let id = Uuid::try_parse(&id).map_err(|_| missing("exchange"))?;
    let format = asked.format.unwrap_or_default();
    let export = Export::of_one(store, id, format).await?;
    Ok(download(export, &format!("exg_{}", id.simple()), format))
}

/// A file to save. It is written as fast as it is read, and nothing of it waits in memory.
fn download(export: Export, name: &str, format: ExportFormat) -> Response {
    let pieces = stream::try_unfold(export, async |mut export: Export| {
        let next = export.next().await.inspect_err(|error| {
            tracing::error!("an export could not be written to its end: {error}");
        })?;
        Ok::<_, store::Error>(next.map(|bytes| (bytes, export)))
    });
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.extension());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
