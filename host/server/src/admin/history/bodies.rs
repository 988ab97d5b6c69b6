//! Bodies and contents, as bytes.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use sluice_api::Code;
use sluice_store::{BodyReader, ContentId, Record, StoredBody, StoredMessage};

use super::exchanges::record;
use super::{missing, store_of};
use crate::admin::query::{self, Segments};
use crate::admin::{Error, State};
use crate::telemetry::clip;

/// Returns a body of an exchange, byte for byte.
///
/// It is never one for a browser to show, whatever is in it: what models and tools said is not to be trusted.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{id}/bodies/{which}",
    tag = "history",
    params(
        ("id" = String, Path, description = "The exchange's id."),
        ("which" = String, Path, description = "`asked`, `delivered`, or `sent-1` and `received-1` for the first \
            attempt, and so on.", pattern = "^(asked|delivered|(sent|received)-[1-9][0-9]{0,5})$"),
    ),
    responses((
        status = 200,
        description = "The body. If the connection ends early, a part of it is missing or damaged.",
        body = String,
        content_type = "application/octet-stream"
    ))
)]
pub(super) async fn body(
    Extract(state): Extract<State>,
    Segments((id, which)): Segments<(String, String)>,
) -> Result<Response, Error> {
    let found = record(&state, &id).await?;
    let body = &message(&found, &which)?.body;
    let reader = store_of(&state)?.body(body.id).await?;
    Ok(answer(body, reader))
}

/// Returns the content of a block, as it stood in its message.
#[utoipa::path(
    get,
    path = "/api/v1/contents/{id}",
    tag = "history",
    params(("id" = String, Path, description = "The content's id.", pattern = "^(0|[1-9][0-9]{0,17})$")),
    responses((
        status = 200,
        description = "The content.",
        body = String,
        content_type = "application/octet-stream"
    ))
)]
pub(super) async fn content(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
) -> Result<Response, Error> {
    let store = store_of(&state)?;
    let content = store.content(ContentId(query::id("content", &id)?)).await?;
    Ok(download(Body::from(content.bytes)))
}

/// The message that a request names.
fn message<'a>(record: &'a Record, which: &str) -> Result<&'a StoredMessage, Error> {
    let attempt = |number: &str| {
        let number: u32 = number.parse().ok()?;
        record
            .attempts
            .iter()
            .find(|attempt| attempt.number == number)
    };
    let found = match which.split_once('-') {
        None if which == "asked" => Some(&record.asked),
        None if which == "delivered" => record.delivered.as_ref(),
        Some(("sent", number)) => attempt(number).map(|attempt| &attempt.sent),
        Some(("received", number)) => attempt(number).and_then(|attempt| attempt.received.as_ref()),
        _ => {
            let detail = format!(
                "`{}` is no body: there are `asked`, `delivered`, `sent-1`, `received-1` and so on",
                clip(which)
            );
            return Err(Error::new(Code::NotFound, detail));
        }
    };
    found.ok_or_else(|| missing("body in this exchange"))
}

fn answer(body: &StoredBody, reader: BodyReader) -> Response {
    let chunks = stream::try_unfold(reader, async |mut reader: BodyReader| {
        let next = reader.next().await.inspect_err(|error| {
            tracing::error!("a body could not be read to its end: {error}");
        })?;
        Ok::<_, sluice_store::Error>(next.map(|bytes| (bytes, reader)))
    });
    let mut response = download(Body::from_stream(chunks));
    let length = HeaderValue::from(body.length);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// Bytes that no browser shows.
fn download(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    (headers, body).into_response()
}
