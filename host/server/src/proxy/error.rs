//! What a caller reads when Sluice itself answers with an error, in the caller's dialect.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sluice_protocol::{Api, Problem, ReplyError, RequestError};
use thiserror::Error as ThisError;

use crate::auth::Unauthenticated;
use crate::listen::Refusal;
use crate::upstream;

/// Why an exchange ends in an error of Sluice's own making.
#[derive(Debug, ThisError)]
pub enum Error {
    /// No credential.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// Nobody looked at it.
    #[error(transparent)]
    TurnedAway(Refusal),
    /// A path that is not listed.
    #[error("Sluice does not forward {method} {path}: no policy would see it")]
    NotFound {
        /// The caller's method.
        method: Method,
        /// The caller's path.
        path: String,
    },
    /// A listed path, another method.
    #[error("{path} does not take {method}")]
    MethodNotAllowed {
        /// The caller's method.
        method: Method,
        /// The caller's path.
        path: String,
    },
    /// A body over the limit.
    #[error("the request body is over the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A compressed body.
    #[error("send the request body without content-encoding: policies have to read it")]
    Encoded,
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
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::TurnedAway(Refusal::HeaderLines { .. }) => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::TurnedAway(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unreadable | Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::Upstream(error) => error.status(),
            Self::Reply(ReplyError::Silent { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::Reply(_) => StatusCode::BAD_GATEWAY,
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
        if is_final {
            // The SDKs obey this header before they look at the status.
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        if let Some(reference) = reference {
            if let Ok(reference) = HeaderValue::from_str(reference) {
                headers.insert(api.request_id_header(), reference);
            }
        }
        response
    }
}
