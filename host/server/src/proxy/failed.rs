//! Passes on upstream's errors, of exchanges whose replies policies judge.
//!
//! An error has no blocks, and agents match its wording, so it goes as it came. But some clients look for a reply in a
//! body whatever its status says. A body in which they might find one is not passed on, since nobody has judged it.

use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use sluice_protocol::{ReplyError, has_content};

use super::exchange::Exchange;
use super::{Error, headers};
use crate::recorder::{Ending, OpenRecording};
use crate::upstream::{self, DecodedBody, Reply};

/// An error of upstream's with a longer body is not looked at, and not passed on.
const LONGEST: usize = 1 << 20;

/// Passes an error on, if no client can take it for a reply.
pub(super) async fn pass(exchange: Exchange, received: Reply) -> Result<Response, Error> {
    let (parts, body) = received.into_parts();
    let body = match read(body, &exchange.recording).await {
        Ok(_) if headers::coding(&parts.headers).is_some() => {
            let fault = "its error is in a content-encoding that was not asked for".to_owned();
            Err(ReplyError::Malformed(fault))
        }
        Ok(body) if has_content(&body) => {
            let fault = format!("clients might read content in its error {}", parts.status);
            Err(ReplyError::Malformed(fault))
        }
        read => read,
    };
    match body {
        Ok(body) => {
            exchange.recording.delivered(&body);
            exchange.recording.close(Ending::Delivered);
            let mut outbound = headers::towards_caller(&parts.headers);
            headers::set_utf8(&mut outbound);
            Ok((parts.status, outbound, body.freeze()).into_response())
        }
        Err(error) => {
            exchange.recording.close(Ending::Failed(error.to_string()));
            Err(Error::Reply(error))
        }
    }
}

async fn read(mut body: DecodedBody, recording: &OpenRecording) -> Result<BytesMut, ReplyError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return Err(broken(&*error)),
        };
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        recording.arrived(&bytes);
        if whole.len() + bytes.len() > LONGEST {
            let fault = format!("its error has a body of over {LONGEST} bytes");
            return Err(ReplyError::Malformed(fault));
        }
        whole.extend_from_slice(&bytes);
    }
    Ok(whole)
}

fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> ReplyError {
    match upstream::idle_time(error) {
        Some(limit) => ReplyError::Idle {
            seconds: limit.as_secs(),
        },
        None => ReplyError::Truncated,
    }
}
