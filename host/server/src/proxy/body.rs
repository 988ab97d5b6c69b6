//! Reads a caller's body, bounded while it is read and while it is decoded, whatever its headers say.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::coding::{self, Coding};
use super::{Config, Error, State};

/// What hyper reads at once to begin with, in bytes.
const READ_BUFFER: usize = 8 << 10;
/// How much is decoded on the thread that serves exchanges, in bytes. That takes a few milliseconds.
const AT_ONCE: usize = 1 << 20;

/// A caller's body.
pub(super) struct Received {
    /// What it says.
    pub(super) plain: Bytes,
    /// The bytes that came, if they are encoded.
    pub(super) encoded: Option<Bytes>,
}

impl Received {
    /// A body without an encoding.
    pub(super) fn plain(plain: Bytes) -> Self {
        Self {
            plain,
            encoded: None,
        }
    }
}

/// The whole body, or why there is none.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    state: &State,
) -> Result<Received, Error> {
    let codings = coding::of(headers).map_err(Error::Encoded)?;
    let came = collect(headers, body, &state.config).await?;
    if codings.is_empty() {
        return Ok(Received::plain(came));
    }
    Ok(Received {
        plain: decode(codings, &came, state).await?,
        encoded: Some(came),
    })
}

async fn collect(headers: &HeaderMap, body: Body, config: &Config) -> Result<Bytes, Error> {
    let limit = config.max_body_bytes;
    if declared_length(headers).is_some_and(|length| length > limit as u64) {
        return Err(Error::TooLarge { limit });
    }
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(config.body_timeout, whole).await {
        Err(_) => Err(Error::SlowBody(config.body_timeout)),
        Ok(Ok(collected)) => Ok(on_its_own(collected.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::TooLarge { limit }),
        Ok(Err(_)) => Err(Error::Unreadable),
    }
}

/// Decodes a body here if that is little work, else on a thread of its own, of which few run at once.
async fn decode(codings: Vec<Coding>, came: &Bytes, state: &State) -> Result<Bytes, Error> {
    let limit = state.config.max_body_bytes;
    if came.len() <= AT_ONCE {
        match coding::decode(&codings, came, limit.min(AT_ONCE)) {
            Err(coding::Fault::TooLarge) if limit > AT_ONCE => {}
            decoded => return decoded.map(packed).map_err(|fault| refused(fault, limit)),
        }
    }
    let room = Arc::clone(&state.decoding).acquire_owned().await;
    let came = came.clone();
    let decoded = state.tasks.spawn_blocking(move || {
        let decoded = coding::decode(&codings, &came, limit).map(packed);
        // Held by the work itself: it goes on where the caller does not wait for it.
        drop(room);
        decoded
    });
    // The work only fails to end where the process does.
    let decoded = decoded.await.map_err(|_| Error::Unreadable)?;
    decoded.map_err(|fault| refused(fault, limit))
}

fn refused(fault: coding::Fault, limit: usize) -> Error {
    match fault {
        coding::Fault::TooLarge => Error::TooLarge { limit },
        fault => Error::Encoded(fault),
    }
}

/// Without the room that the decoder left.
fn packed(mut decoded: Vec<u8>) -> Bytes {
    decoded.shrink_to_fit();
    Bytes::from(decoded)
}

/// A small body without the buffer that it was read into: policies may read it for as long as the exchange
/// runs, and the connection can then use its buffer again.
fn on_its_own(body: Bytes) -> Bytes {
    if body.len() < READ_BUFFER {
        return Bytes::copy_from_slice(&body);
    }
    body
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
