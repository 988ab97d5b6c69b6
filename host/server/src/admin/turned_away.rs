//! Answers a request that is turned away before it is read.

use std::time::Duration;

use axum::http::request;
use axum::response::{IntoResponse as _, Response};
use sluice_api::Code;

use super::Error;
use crate::listen::Refusal;

/// No request is so important that it is answered where there is no room.
pub(crate) fn is_vital(_: &request::Parts) -> bool {
    false
}

/// Returns the error for a request that is turned away. The bounds are fixed, so no flag is named.
pub(crate) fn turn_away(_: &request::Parts, refusal: Refusal) -> Response {
    let soon = Duration::from_secs(1);
    let error = match refusal {
        Refusal::HeaderLines { limit } => {
            let detail = format!("the request has more than {limit} lines of headers");
            Error::new(Code::TooManyHeaders, detail)
        }
        Refusal::Full { limit } => {
            let detail = format!("all {limit} connections of operators are in use");
            Error::new(Code::Busy, detail).after(soon)
        }
        Refusal::Address { limit } => {
            let detail = format!("all {limit} connections of one address are in use");
            Error::new(Code::Busy, detail).after(soon)
        }
    };
    error.into_response()
}
