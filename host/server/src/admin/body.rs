//! Reads the body of a request: JSON that is said to be JSON.
//!
//! A web page can make a browser send forms and plain text to another site without being asked, but not JSON.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use sluice_api::Code;

use super::Error;

/// The largest body, in bytes. None that is asked for comes near.
const MAX: usize = 64 << 10;
/// How long a body may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The body of a request.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            let detail = "send JSON, with `content-type: application/json`";
            return Err(Error::new(Code::NotJson, detail));
        }
        let read = tokio::time::timeout(TIMEOUT, read(request.into_body())).await;
        let slow = || format!("the body did not come within {} s", TIMEOUT.as_secs());
        let bytes = read.map_err(|_| Error::new(Code::BodyTimeout, slow()))??;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let parsed = serde_path_to_error::deserialize(&mut json);
        let parsed = parsed.map_err(|error| bad(&error.to_string()))?;
        json.end().map_err(|error| bad(&error.to_string()))?;
        Ok(Self(parsed))
    }
}

async fn read(body: Body) -> Result<bytes::Bytes, Error> {
    match Limited::new(body, MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let detail = format!("the body has more than {MAX} bytes");
            Err(Error::new(Code::BodyTooLarge, detail))
        }
        Err(_) => Err(bad("the body ended early")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// The error for a body that can't be used.
pub(super) fn bad(detail: &str) -> Error {
    Error::new(Code::BadBody, detail)
}

#[cfg(test)]
mod tests {
    use sluice_api::Hold;

    use super::*;

    async fn read(kind: &str, body: String) -> Result<String, (Code, String)> {
        let request = Request::put("/").header(header::CONTENT_TYPE, kind);
        let read = Json::from_request(request.body(Body::from(body)).unwrap(), &()).await;
        read.map(|Json(Hold { reason })| reason)
            .map_err(|error| (error.code(), error.detail().to_owned()))
    }

    #[tokio::test]
    async fn json_is_read_and_anything_else_is_told_why_it_is_not() {
        let json = "application/json";
        let good = r#"{"reason":"an audit"}"#.to_owned();
        for kind in [json, "Application/JSON; charset=utf-8"] {
            assert_eq!(read(kind, good.clone()).await.as_deref(), Ok("an audit"));
        }
        for (kind, body, code, part) in [
            (
                "text/plain",
                good.clone(),
                Code::NotJson,
                "application/json",
            ),
            ("", good.clone(), Code::NotJson, "application/json"),
            (json, String::new(), Code::BadBody, "EOF"),
            (json, "{}".to_owned(), Code::BadBody, "reason"),
            (json, r#"{"reason":1}"#.to_owned(), Code::BadBody, "reason"),
            (json, format!("{good}{good}"), Code::BadBody, "trailing"),
            (
                json,
                r#"{"reason":"x","why":1}"#.to_owned(),
                Code::BadBody,
                "why",
            ),
            (json, " ".repeat(MAX + 1), Code::BodyTooLarge, "65536"),
        ] {
            let (told, detail) = read(kind, body).await.unwrap_err();
            assert_eq!(told, code, "{detail}");
            assert!(detail.contains(part), "{detail}");
        }
    }
}
