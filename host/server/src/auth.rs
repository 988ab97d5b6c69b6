//! Who calls.
//!
//! Credentials are upstream's to check: they are passed through and never looked into. A request that
//! carries none is refused here, so that an open upstream is not lent to whoever finds the port.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use thiserror::Error;

/// A request without a credential.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("no credential: send x-api-key or Authorization")]
pub struct Unauthenticated;

/// Refuses a request that carries neither `x-api-key` nor `Authorization`.
pub fn require_credential(headers: &HeaderMap) -> Result<(), Unauthenticated> {
    let carries = |value: Option<&axum::http::HeaderValue>| {
        value.is_some_and(|value| !value.as_bytes().trim_ascii().is_empty())
    };
    if carries(headers.get("x-api-key")) || carries(headers.get(AUTHORIZATION)) {
        Ok(())
    } else {
        Err(Unauthenticated)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn either_header_is_a_credential_and_an_empty_one_is_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(require_credential(&headers), Err(Unauthenticated));
        headers.insert("x-api-key", HeaderValue::from_static(" "));
        assert_eq!(require_credential(&headers), Err(Unauthenticated));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer k"));
        assert_eq!(require_credential(&headers), Ok(()));
    }
}
