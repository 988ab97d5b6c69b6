//! Which headers cross Sluice, and which belong to one hop.

use std::collections::BTreeMap;

use axum::http::header::{
    ACCEPT_ENCODING, ALT_SVC, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_TYPE, EXPECT, HOST, LOCATION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFRESH, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::caller;

/// The hop-by-hop headers of RFC 9110, section 7.6.1. They stay behind even if `Connection` does not name them.
const HOP: [HeaderName; 7] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
/// Hop-by-hop headers for which the `http` crate has no constant.
const OLD_HOP: [&str; 3] = ["http2-settings", "keep-alive", "proxy-connection"];

/// Headers that name another address. A client that goes there talks past Sluice.
const ELSEWHERE: [HeaderName; 5] = [
    LOCATION,
    CONTENT_LOCATION,
    REFRESH,
    ALT_SVC,
    HeaderName::from_static("operation-location"),
];

/// Returns the caller's headers for upstream: without those of the hop, and without those that the client to upstream
/// sets itself. The encoding of a reply is a matter of each hop too.
pub(super) fn towards_upstream(headers: &HeaderMap) -> HeaderMap {
    let dropped = [HOST, CONTENT_LENGTH, ACCEPT_ENCODING, EXPECT];
    across(headers, &dropped)
}

/// Returns upstream's headers for the caller, without those that lead past Sluice. The body may be another one than
/// came, so its length is left out. A coding that is still there was not asked for, and not decoded.
pub(super) fn towards_caller(headers: &HeaderMap) -> HeaderMap {
    let mut crossing = across(headers, &[CONTENT_LENGTH]);
    for name in ELSEWHERE {
        crossing.remove(name);
    }
    crossing
}

/// Returns the name of a coding that the body is still in.
pub(super) fn coding(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get(CONTENT_ENCODING)?;
    Some(String::from_utf8_lossy(coding.as_bytes()).into_owned())
}

/// Changes the charset of a body to UTF-8 if its type names another one, because policies read it as UTF-8.
pub(super) fn set_utf8(headers: &mut HeaderMap) {
    let Some(kind) = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return;
    };
    let mut parameters = kind.split(';');
    let essence = parameters.next().unwrap_or_default().trim();
    let other = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    };
    if parameters.any(other)
        && let Ok(plain) = HeaderValue::from_str(&format!("{essence}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, plain);
    }
}

/// Returns the caller's headers for policies: without credentials.
pub(super) fn towards_policies(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter(|(name, _)| !caller::is_secret(name))
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect()
}

fn across(headers: &HeaderMap, dropped: &[HeaderName]) -> HeaderMap {
    let named = named_by_connection(headers);
    headers
        .iter()
        .filter(|(name, _)| {
            !HOP.contains(name)
                && !dropped.contains(name)
                && !named.contains(name)
                && !OLD_HOP.contains(&name.as_str())
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn headers_of_the_hop_stay_behind_and_unknown_ones_cross() {
        let headers = of(&[
            ("connection", "keep-alive, X-Hop, Upgrade"),
            ("x-hop", "1"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAEAAEAAAAIAAAABAAMAAABk"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("transfer-encoding", "chunked"),
            ("host", "sluice"),
            ("anthropic-beta", "a,b"),
            ("x-never-seen", "kept"),
            ("x-api-key", "k"),
        ]);
        let crossed = towards_upstream(&headers);
        let names: Vec<_> = crossed.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["anthropic-beta", "x-never-seen", "x-api-key"]);
    }

    #[test]
    fn no_header_leads_a_caller_past_sluice() {
        let headers = of(&[
            ("location", "https://elsewhere.test/"),
            ("content-location", "/v1/files/1"),
            ("refresh", "0; url=https://elsewhere.test/"),
            ("alt-svc", "h3=\":443\""),
            ("operation-location", "https://elsewhere.test/jobs/1"),
            ("request-id", "req_1"),
        ]);
        let crossed = towards_caller(&headers);
        let names: Vec<_> = crossed.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["request-id"]);
    }

    #[test]
    fn policies_see_no_credentials() {
        let headers = of(&[
            ("authorization", "Bearer s"),
            ("x-api-key", "s"),
            ("api-key", "s"),
            ("x-goog-api-key", "s"),
            ("cookie", "s"),
            ("user-agent", "agent/1"),
        ]);
        let seen = towards_policies(&headers);
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [("user-agent".to_owned(), "agent/1".to_owned())]
        );
    }

    #[test]
    fn a_body_that_policies_read_is_utf8() {
        for (kind, expected) in [
            ("application/json", "application/json"),
            (
                "text/event-stream; charset=UTF-8",
                "text/event-stream; charset=UTF-8",
            ),
            (
                "application/json; charset=utf-16le",
                "application/json; charset=utf-8",
            ),
            (
                "application/json;x=1;CharSet=\"utf-7\"",
                "application/json; charset=utf-8",
            ),
        ] {
            let mut headers = of(&[("content-type", kind)]);
            set_utf8(&mut headers);
            assert_eq!(headers[CONTENT_TYPE], expected, "{kind}");
        }
    }
}
