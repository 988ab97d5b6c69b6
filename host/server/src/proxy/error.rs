//! What a caller reads when Sluice itself answers with an error, in the caller's dialect.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sluice_protocol::{Api, Problem, ReplyError, RequestError};
use thiserror::Error as ThisError;

use super::coding;
use crate::auth::{Foreign, Unauthenticated};
use crate::listen::Refusal;
use crate::telemetry::clip;
use crate::upstream;

/// Why an exchange ends in an error of Sluice's own making.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A web page sent it, or it is for another host.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// No credential.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// Nobody looked at it.
    #[error(transparent)]
    TurnedAway(Refusal),
    /// A path that is not listed.
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
    /// A listed path, another method.
    #[error("{path} does not take {method}, but {allowed}")]
    MethodNotAllowed {
        /// The caller's method.
        method: Method,
        /// The caller's path.
        path: String,
        /// Those that it takes.
        allowed: String,
    },
    /// A path that servers read in different ways.
    #[error(
        "`{segment}` in {path} can be read in more than one way: write ids with letters, digits and `-._~:@` alone, \
         without escapes"
    )]
    OddPath {
        /// The caller's path.
        path: String,
        /// What is odd in it.
        segment: String,
    },
    /// A WebSocket is asked for.
    #[error("Sluice speaks HTTP alone: send the request as a POST, its reply can be streamed")]
    WebSocket,
    /// A body over the limit.
    #[error("the request body is over the limit of {limit} bytes (--max-body-mib)")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A body whose encoding could not be undone.
    #[error(transparent)]
    Encoded(coding::Fault),
    /// Other large requests are worked on.
    #[error("Sluice works on as many large requests as it can; try again")]
    Busy,
    /// The caller's body broke off.
    #[error("the request body could not be read to its end")]
    Unreadable,
    /// The caller took too long.
    #[error("the request body did not arrive within {0:?}")]
    SlowBody(Duration),
    /// A body that is not a request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A policy refused the request.
    #[error("{message}")]
    Refused {
        /// The policy's sentence for a person.
        message: String,
        /// The reference that finds it in the log.
        exchange: String,
    },
    /// Upstream could not be asked.
    #[error(transparent)]
    Upstream(#[from] upstream::Error),
    /// Upstream's reply can't be used.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl Error {
    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Foreign(Foreign::NoHost) => StatusCode::BAD_REQUEST,
            Self::Foreign(_) => StatusCode::FORBIDDEN,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
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
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::Upstream(error) => error.status(),
            Self::Reply(ReplyError::Silent { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::Reply(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// For a path that is not listed.
    pub(super) fn not_found(method: &Method, path: &str) -> Self {
        Self::NotFound {
            method: method.clone(),
            path: clip(path).into_owned(),
        }
    }

    /// For a listed path, another method.
    pub(super) fn method_not_allowed(method: &Method, path: &str, allowed: &[&str]) -> Self {
        Self::MethodNotAllowed {
            method: method.clone(),
            path: clip(path).into_owned(),
            allowed: allowed.join(", "),
        }
    }

    /// For a path that servers read in different ways because of this segment.
    pub(super) fn odd_path(path: &str, segment: &str) -> Self {
        Self::OddPath {
            path: clip(path).into_owned(),
            segment: clip(segment).into_owned(),
        }
    }

    /// The header that says what would be right, where HTTP has one.
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

    /// Whether a retry would only meet the same answer. The official SDKs retry every 5xx otherwise.
    fn is_final(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Upstream(error) => !error.may_pass(),
            _ => false,
        }
    }

    /// The HTTP error, as a caller of `api` reads it.
    pub(crate) fn into_response(self, api: Api) -> Response {
        let status = self.status();
        let (reference, is_final) = (self.reference(), self.is_final());
        let advice = self.advice();
        let body = api.error_body(&Problem {
            status: status.as_u16(),
            message: &self.to_string(),
            refused: reference.is_some(),
            request_id: reference,
        });
        let mut response = Response::new(Body::from(body));
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
