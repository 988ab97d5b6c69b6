//! Refuses redirects. A caller who followed one would talk past the policies, and most would: the official SDKs
//! follow redirects and send the prompt and the key along.

use std::borrow::Cow;

use axum::http::{HeaderMap, StatusCode, header};
use thiserror::Error as ThisError;

/// The longest target that an error names, in characters.
const MAX_TARGET: usize = 256;

/// A redirect, which Sluice does not follow and does not hand on.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error(
    "upstream redirects ({}) {}, and Sluice does not follow: the operator may point --anthropic-url or \
     --openai-url there", .status.as_u16(), whereto(.target.as_deref())
)]
pub struct Redirect {
    status: StatusCode,
    /// The target, shortened and without the parts of a URL that may be secret.
    target: Option<String>,
}

/// Refuses every 3xx but 304, which tells a caller that it has the content already. Clients differ in which of the
/// others they follow, and some follow anything with a `location`.
pub(super) fn refuse(status: StatusCode, headers: &HeaderMap) -> Result<(), Redirect> {
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    let location = headers.get(header::LOCATION);
    Err(Redirect {
        status,
        target: location.map(|target| readable(&String::from_utf8_lossy(target.as_bytes()))),
    })
}

/// Returns a URL for people to read: printable, shortened, and without credentials, query and fragment, which may
/// hold a signature.
fn readable(location: &str) -> String {
    let plain = location.split(['?', '#']).next().unwrap_or_default();
    let plain = match plain.split_once("//") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = authority.rsplit('@').next().unwrap_or_default();
            Cow::Owned(format!("{scheme}//{host}{path}"))
        }
        None => Cow::Borrowed(plain),
    };
    let printable = plain
        .chars()
        .filter(|found| found.is_ascii_graphic() && *found != '`');
    printable.take(MAX_TARGET).collect()
}

fn whereto(target: Option<&str>) -> String {
    match target {
        Some(target) => format!("to `{target}`"),
        None => "without a target".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn refused(status: u16, location: Option<&[u8]>) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(location) = location {
            let location = HeaderValue::from_bytes(location).unwrap();
            headers.insert(header::LOCATION, location);
        }
        let status = StatusCode::from_u16(status).unwrap();
        refuse(status, &headers)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn every_3xx_but_not_modified_is_a_redirect() {
        for status in 300..400 {
            for location in [None, Some(&b"https://elsewhere.test/"[..])] {
                assert_eq!(refused(status, location).is_some(), status != 304);
            }
        }
        for status in [200, 201, 299, 400, 401, 503] {
            assert_eq!(refused(status, Some(b"https://elsewhere.test/")), None);
        }
    }

    #[test]
    fn a_redirect_names_its_target_and_what_to_do() {
        assert_eq!(
            refused(301, Some(b"https://api.test/v1/messages")).unwrap(),
            "upstream redirects (301) to `https://api.test/v1/messages`, and Sluice does not follow: the \
             operator may point --anthropic-url or --openai-url there"
        );
        assert!(
            refused(302, None)
                .unwrap()
                .contains("(302) without a target")
        );
    }

    #[test]
    fn a_target_is_bounded_and_has_nothing_secret_or_unprintable() {
        for (location, named) in [
            (
                &b"https://me:sk-1@api.test/v1?sig=s#f"[..],
                "https://api.test/v1",
            ),
            (b"//me@api.test", "//api.test"),
            (b"/v2/messages?key=s", "/v2/messages"),
            (b"https://api.test/@me", "https://api.test/@me"),
            (b"https://api.test/\t`\xff\xe2\x80\xae", "https://api.test/"),
        ] {
            assert_eq!(readable(&String::from_utf8_lossy(location)), named);
        }
        let long = format!("https://api.test/{}", "a".repeat(10_000));
        assert_eq!(readable(&long).len(), MAX_TARGET);
    }
}
