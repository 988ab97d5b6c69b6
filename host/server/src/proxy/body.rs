//! Reads a caller's body, bounded while it is read, whatever its headers say.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{Config, Error};

/// What hyper reads at once to begin with, in bytes.
const READ_BUFFER: usize = 8 << 10;

/// The whole body, or why there is none.
pub(super) async fn read(headers: &HeaderMap, body: Body, config: &Config) -> Result<Bytes, Error> {
    if encoded(headers) {
        return Err(Error::Encoded);
    }
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

/// A small body without the buffer that it was read into: policies may read it for as long as the exchange
/// runs, and the connection can then use its buffer again.
fn on_its_own(body: Bytes) -> Bytes {
    if body.len() < READ_BUFFER {
        return Bytes::copy_from_slice(&body);
    }
    body
}

fn encoded(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
