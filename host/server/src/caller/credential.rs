//! The credentials that a request may carry.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;

/// The headers that clients send a credential in: Anthropic's, everybody's, Azure's, Google's.
pub const CREDENTIALS: [&str; 4] = ["x-api-key", "authorization", "api-key", "x-goog-api-key"];
/// Parts of names that only headers with secrets have, also those of gateways.
const SECRET: [&str; 8] = [
    "authorization",
    "api-key",
    "apikey",
    "access-key",
    "subscription-key",
    "cookie",
    "secret",
    "password",
];

/// A request without a credential.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "no credential: log the agent in or give it an API key, which it sends as x-api-key, Authorization, api-key or \
     x-goog-api-key"
)]
pub struct Unauthenticated;

/// Refuses a request that carries none of [`CREDENTIALS`].
pub fn require_credential(headers: &HeaderMap) -> Result<(), Unauthenticated> {
    let carries = |value: &HeaderValue| !value.as_bytes().trim_ascii().is_empty();
    let mut values = CREDENTIALS.iter().flat_map(|name| headers.get_all(*name));
    match values.any(carries) {
        true => Ok(()),
        false => Err(Unauthenticated),
    }
}

/// Whether a header of this name holds something that no policy and no log may see.
pub fn is_secret(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    let is_token = |part: &str| part == "auth" || part.ends_with("token");
    SECRET.iter().any(|secret| name.contains(secret)) || name.split('-').any(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_is_a_credential_and_an_empty_one_is_none() {
        assert_eq!(require_credential(&HeaderMap::new()), Err(Unauthenticated));
        for name in CREDENTIALS {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(" "));
            assert_eq!(require_credential(&headers), Err(Unauthenticated), "{name}");
            headers.append(name, HeaderValue::from_static("Bearer k"));
            assert_eq!(require_credential(&headers), Ok(()), "{name}");
        }
    }

    #[test]
    fn the_error_names_every_credential() {
        let message = Unauthenticated.to_string().to_lowercase();
        assert!(
            CREDENTIALS.iter().all(|name| message.contains(name)),
            "{message}"
        );
    }

    #[test]
    fn every_credential_is_a_secret_and_what_describes_a_request_is_none() {
        let secret = |name: &str| is_secret(&HeaderName::try_from(name).unwrap());
        for name in CREDENTIALS.into_iter().chain([
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "cf-aig-authorization",
            "x-portkey-api-key",
            "helicone-auth",
            "ocp-apim-subscription-key",
            "x-amz-security-token",
            "x_api_key",
            "access_token",
            "authtoken",
        ]) {
            assert!(secret(name), "{name}");
        }
        for name in [
            "user-agent",
            "anthropic-beta",
            "x-stainless-lang",
            "idempotency-key",
            "x-claude-code-session-id",
            "x-codex-turn-metadata",
            "content-type",
            "x-author",
        ] {
            assert!(!secret(name), "{name}");
        }
    }
}
