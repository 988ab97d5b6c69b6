//! Reads a caller's body, bounded while it is read and while it is decoded, whatever its headers say.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::coding::{self, Coding};
use super::offload::{SMALL, Turn};
use super::{Config, Error, State};

/// The size of hyper's first read buffer, in bytes.
const READ_BUFFER: usize = 8 << 10;

/// A caller's body.
pub(super) struct Received {
    /// The body without its encoding.
    pub(super) plain: Bytes,
    /// The bytes as they came, if they are encoded.
    pub(super) encoded: Option<Bytes>,
    /// Whether the caller sent it. Policies are given a request without content if the caller sent none.
    pub(super) is_callers: bool,
}

impl Received {
    /// A body that came without an encoding.
    fn plain(plain: Bytes) -> Self {
        Self {
            plain,
            encoded: None,
            is_callers: true,
        }
    }

    /// What policies are given in the place of a body that the caller did not send.
    pub(super) fn in_place_of_none(plain: Bytes) -> Self {
        Self {
            is_callers: false,
            ..Self::plain(plain)
        }
    }

    /// The body that the caller sent, decoded.
    pub(super) fn callers(&self) -> Bytes {
        match self.is_callers {
            true => self.plain.clone(),
            false => Bytes::new(),
        }
    }
}

/// Reads the whole body. Returns it with the turn in which the request is worked on. A large body that is encoded
/// takes its turn before it is decoded.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    state: &State,
) -> Result<(Received, Turn), Error> {
    let codings = coding::of(headers).map_err(Error::Encoded)?;
    let came = collect(headers, body, &state.config).await?;
    if codings.is_empty() {
        let turn = state.offload.turn(came.len()).await?;
        return Ok((Received::plain(came), turn));
    }
    let (plain, turn) = decode(codings, &came, state).await?;
    let encoded = Some(came);
    let received = Received {
        encoded,
        ..Received::plain(plain)
    };
    Ok((received, turn))
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

/// Decodes a body. A small one is decoded on this thread; one that is large, or becomes large, in its turn.
async fn decode(codings: Vec<Coding>, came: &Bytes, state: &State) -> Result<(Bytes, Turn), Error> {
    let limit = state.config.max_body_bytes;
    if came.len() <= SMALL {
        match coding::decode(&codings, came, limit.min(SMALL)) {
            Err(coding::Fault::TooLarge) if limit > SMALL => {}
            Ok(plain) => return Ok((packed(plain), Turn::of_small())),
            Err(fault) => return Err(refused(fault, limit)),
        }
    }
    let turn = state.offload.turn_of_large().await?;
    let came = came.clone();
    let decoding = async move { coding::decode(&codings, &came, limit).map(packed) };
    match turn.run(decoding).await {
        Ok(plain) => Ok((plain, turn)),
        Err(fault) => Err(refused(fault, limit)),
    }
}

fn refused(fault: coding::Fault, limit: usize) -> Error {
    match fault {
        coding::Fault::TooLarge => Error::TooLarge { limit },
        fault => Error::Encoded(fault),
    }
}

/// Gives back the memory that the decoder reserved and did not use.
fn packed(mut decoded: Vec<u8>) -> Bytes {
    decoded.shrink_to_fit();
    Bytes::from(decoded)
}

/// Copies a small body out of the buffer that it was read into. Policies may read it for as long as the exchange
/// runs, and the connection can use its buffer again meanwhile.
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
