//! What of a head may be kept: everything but secrets.

use axum::http::{HeaderMap, Uri};

use url::form_urlencoded;

use crate::caller::is_secret;

/// Parameters of a query whose values are secrets, in whole or in part of their names.
const SECRET_PARAMETERS: [&str; 8] = [
    "key",
    "token",
    "secret",
    "password",
    "signature",
    "auth",
    "credential",
    "jwt",
];
/// Beginnings of words that are secrets whatever their header is called: the prefixes by which providers mark their keys.
const SECRET_VALUES: [&str; 10] = [
    "sk-",
    "sk_",
    "pk-",
    "slk_",
    "sla_",
    "ghp_",
    "github_pat_",
    "xox",
    "aiza",
    "eyj",
];
/// What stands in the place of a secret.
const HIDDEN: &str = "(hidden)";

/// The headers without those that carry secrets.
pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let harmless = headers.iter().filter(|(name, _)| !is_secret(name));
    let kept = harmless.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = match is_secret_value(&value) {
            true => HIDDEN.to_owned(),
            false => value.into_owned(),
        };
        (name.as_str().to_owned(), value)
    });
    kept.collect()
}

/// The path with its query, in which secrets are hidden.
pub(super) fn path(uri: &Uri) -> String {
    let Some(query) = uri.query() else {
        return uri.path().to_owned();
    };
    let parameters = query.split('&').map(|parameter| {
        let decoded = form_urlencoded::parse(parameter.as_bytes()).next();
        let (name, value) = decoded.unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let is_secret = SECRET_PARAMETERS
            .iter()
            .any(|secret| lower.contains(secret));
        match is_secret || lower == "sig" || is_secret_value(&value) || is_secret_value(&name) {
            true => match parameter.split_once('=') {
                Some((name, _)) if !is_secret_value(name) => format!("{name}={HIDDEN}"),
                _ => HIDDEN.to_owned(),
            },
            false => parameter.to_owned(),
        }
    });
    let query = parameters.collect::<Vec<_>>().join("&");
    format!("{}?{query}", uri.path())
}

/// Whether a value is, or holds as a word of it, what looks like a secret.
fn is_secret_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_one = |word: &str| SECRET_VALUES.iter().any(|secret| word.starts_with(secret));
    let divides = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_';
    let names_scheme = ["bearer ", "basic "]
        .iter()
        .any(|scheme| lower.contains(scheme));
    names_scheme || lower.split(divides).any(is_one)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn secrets_in_headers_are_not_kept_whatever_the_header_is_called() {
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer a"),
            ("x-api-key", "a"),
            ("cookie", "a"),
            ("x-forwarded-authorization", "a"),
            ("x-note", "Bearer sk-ant-123"),
            ("x-upstream", "key=sk-proj-1"),
            ("x-other", "key:sk-proj-1"),
            ("user-agent", "agent/1 (risk-free)"),
            ("anthropic-beta", "a,b"),
        ] {
            all.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let kept = headers(&all);
        let kept: Vec<_> = kept
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            kept,
            [
                ("x-note", HIDDEN),
                ("x-upstream", HIDDEN),
                ("x-other", HIDDEN),
                ("user-agent", "agent/1 (risk-free)"),
                ("anthropic-beta", "a,b"),
            ]
        );
    }

    #[test]
    fn secrets_in_a_query_are_hidden() {
        for (uri, kept) in [
            ("/v1/messages?beta=true", "/v1/messages?beta=true"),
            (
                "/v1/models?key=AIza1&alt=sse",
                "/v1/models?key=(hidden)&alt=sse",
            ),
            ("/v1/models?Api-Key=1", "/v1/models?Api-Key=(hidden)"),
            ("/v1/models?x=sk-1&sk-2", "/v1/models?x=(hidden)&(hidden)"),
            ("/v1/models?x=Bearer%20a", "/v1/models?x=(hidden)"),
            (
                "/v1/models?x=%22sk-1&sig=a&design=b",
                "/v1/models?x=(hidden)&sig=(hidden)&design=b",
            ),
            ("/v1/models", "/v1/models"),
        ] {
            assert_eq!(path(&uri.parse().unwrap()), kept);
        }
    }
}
