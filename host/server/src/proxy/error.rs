//! The errors that Sluice itself answers with, in the caller's dialect.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use sluice_protocol::{Api, Problem, ReplyError, RequestError};
use thiserror::Error as ThisError;

use super::coding;
use crate::auth::{Denied, Foreign, NotAllowed};
use crate::listen::Refusal;
use crate::recorder::Unrecorded;
use crate::telemetry::clip;
use crate::upstream;

/// An error that ends an exchange and is Sluice's own, not upstream's.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A web page sent the request, or it is for another host.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The caller is not let in.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller's key does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The request was turned away before it was read.
    #[error(transparent)]
    TurnedAway(Refusal),
    /// The path is not in the table of routes.
    #[error(
        "Sluice does not forward {method} {path}, because no policy would see it: to let it through, list the path \
         under `passthrough` in the policy file"
    )]
    NotFound {
        /// The caller's method.
        method: Method,
        /// The caller's path.
        path: String,
    },
    /// The path is in the table, but not with this method.
    #[error("{path} does not take {method}, but {allowed}")]
    MethodNotAllowed {
        /// The caller's method.
        method: Method,
        /// The caller's path.
        path: String,
        /// The methods that the path takes.
        allowed: String,
    },
    /// Servers read the path in different ways.
    #[error(
        "`{segment}` in {path} can be read in more than one way: write ids with letters, digits and `-._~:@` alone, \
         without escapes"
    )]
    OddPath {
        /// The caller's path.
        path: String,
        /// The segment that can be read in more than one way.
        segment: String,
    },
    /// The caller asks for a WebSocket.
    #[error("Sluice speaks HTTP alone: send the request as a POST, its reply can be streamed")]
    WebSocket,
    /// The body is larger than the limit.
    #[error("the request body is over the limit of {limit} bytes (--max-body-mib)")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body could not be decoded.
    #[error(transparent)]
    Encoded(coding::Fault),
    /// Other large requests and replies took all turns for too long.
    #[error("Sluice works on as many large requests as it can; try again")]
    Busy,
    /// The caller's body broke off.
    #[error("the request body could not be read to its end")]
    Unreadable,
    /// The caller took too long to send its body.
    #[error("the request body did not arrive within {0:?}")]
    SlowBody(Duration),
    /// The body is not a request of its API.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A policy refused the request.
    #[error("{message}")]
    Refused {
        /// The policy's sentence for a person.
        message: String,
        /// The id of the exchange, by which the log can be searched.
        exchange: String,
    },
    /// The exchange can't be recorded.
    #[error(transparent)]
    Unrecorded(#[from] Unrecorded),
    /// Upstream could not be asked.
    #[error(transparent)]
    Upstream(#[from] upstream::Error),
    /// Upstream's reply can't be used.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl Error {
    /// Returns the HTTP status of this error.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Foreign(Foreign::NoHost) => StatusCode::BAD_REQUEST,
            Self::Foreign(_) => StatusCode::FORBIDDEN,
            Self::Denied(_) => StatusCode::UNAUTHORIZED,
            Self::TurnedAway(Refusal::HeaderLines { .. }) => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::TurnedAway(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WebSocket => StatusCode::UPGRADE_REQUIRED,
            Self::Encoded(fault) if fault.is_foreign() => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Encoded(_) | Self::OddPath { .. } | Self::Unreadable | Self::Request(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Unrecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused { .. } | Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::Upstream(error) => error.status(),
            Self::Reply(ReplyError::Idle { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::Reply(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// The error for a path that is not in the table of routes.
    pub(super) fn not_found(method: &Method, path: &str) -> Self {
        Self::NotFound {
            method: method.clone(),
            path: clip(path).into_owned(),
        }
    }

    /// The error for a path of the table that is asked for with another method.
    pub(super) fn method_not_allowed(method: &Method, path: &str, allowed: &[&str]) -> Self {
        Self::MethodNotAllowed {
            method: method.clone(),
            path: clip(path).into_owned(),
            allowed: allowed.join(", "),
        }
    }

    /// The error for a path that servers read in different ways because of this segment.
    pub(super) fn odd_path(path: &str, segment: &str) -> Self {
        Self::OddPath {
            path: clip(path).into_owned(),
            segment: clip(segment).into_owned(),
        }
    }

    /// Returns the header that tells the caller what would be right, if HTTP has one.
    fn advice(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::MethodNotAllowed { allowed, .. } => {
                Some((header::ALLOW, HeaderValue::from_str(allowed).ok()?))
            }
            Self::Encoded(fault) if fault.is_foreign() => {
                let accepted = HeaderValue::from_static(coding::ACCEPTED);
                Some((header::ACCEPT_ENCODING, accepted))
            }
            Self::WebSocket => Some((header::UPGRADE, HeaderValue::from_static("HTTP/1.1"))),
            _ => None,
        }
    }

    fn reference(&self) -> Option<&str> {
        match self {
            Self::Refused { exchange, .. } => Some(exchange),
            _ => None,
        }
    }

    /// Whether a retry would meet the same answer. Without being told so, the official SDKs retry every 5xx.
    fn is_final(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Upstream(error) => !error.may_pass(),
            _ => false,
        }
    }

    /// Returns the HTTP response in the form that a caller of `api` expects.
    pub(crate) fn into_response(self, api: Api) -> Response {
        self.into_response_of_bytes(api).map(Body::from)
    }

    /// Returns the same with its body in one piece.
    pub(super) fn into_response_of_bytes(self, api: Api) -> Response<Bytes> {
        let status = self.status();
        let (reference, is_final) = (self.reference(), self.is_final());
        let advice = self.advice();
        let body = api.error_body(&Problem {
            status: status.as_u16(),
            message: &self.to_string(),
            refused: reference.is_some(),
            request_id: reference,
        });
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some((name, value)) = advice {
            if name == header::UPGRADE {
                headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            }
            headers.insert(name, value);
        }
        if is_final {
            // The SDKs obey this header before they look at the status.
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        if let Some(Ok(reference)) = reference.map(HeaderValue::from_str) {
            headers.insert(api.request_id_header(), reference);
        }
        response
    }
}
