//! Reads the parameters of a request and the names in its path. One that a path does not have is an error, which names the nearest that it has:
//! a filter with a typo must not list everything.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use sluice_api::{Code, Order};
use sluice_store as store;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::Error;
use crate::history::convert;
use crate::telemetry::clip;
use crate::yaml::unknown;

/// The most entries of a page.
const MOST: u32 = 500;
/// How many entries a page has if the request does not say.
const USUAL: u32 = 50;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Query<T>(pub(super) T);

/// What a request names in its path. What is no text names nothing.
#[derive(Debug)]
pub(super) struct Segments<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + IntoParams,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        check_names::<T>(query)?;
        let pairs = form_urlencoded::parse(query.as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        read.map(Self)
            .map_err(|error| bad(&format!("{}: {}", error.path(), error.inner())))
    }
}

impl<T, S> FromRequestParts<S> for Segments<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = Path::from_request_parts(parts, state).await;
        let Path(read) = read.map_err(|_| Error::not_found(parts.uri.path()))?;
        Ok(Self(read))
    }
}

/// Refuses parameters that there are not, and those that are there twice.
fn check_names<T: IntoParams>(query: &str) -> Result<(), Error> {
    let known = T::into_params(|| None);
    let known: Vec<_> = known.iter().map(|known| known.name.as_str()).collect();
    let mut seen = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        let Some(known) = known.iter().find(|known| **known == name) else {
            return Err(bad(&unknown("parameter", &clip(&name), &known)));
        };
        if seen.contains(known) {
            return Err(bad(&format!("`{known}` is there twice")));
        }
        seen.push(*known);
    }
    Ok(())
}

/// How many entries are asked for.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Error> {
    match asked {
        None => Ok(USUAL),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(limit) => Err(bad(&format!("limit: {limit} is not in 1..={MOST}"))),
    }
}

/// The page that is asked for.
pub(super) fn page(
    order: Option<Order>,
    limit: Option<u32>,
    after: Option<String>,
) -> Result<store::Page, Error> {
    Ok(store::Page {
        order: convert::order(order),
        limit: self::limit(limit)?,
        after,
    })
}

/// An id that a request names.
pub(super) fn id(name: &str, text: &str) -> Result<i64, Error> {
    let id = convert::number(text);
    id.ok_or_else(|| bad(&format!("{name}: `{}` is no id", clip(text))))
}

/// The error for a request whose parameters can't be used.
pub(super) fn bad(detail: &str) -> Error {
    Error::new(Code::BadParameter, detail)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use sluice_api::{Ending, ExchangeQuery, Order};

    use super::*;

    async fn read(query: &str) -> Result<ExchangeQuery, String> {
        let request = Request::get(format!("/api/v1/exchanges?{query}"));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let read = Query::from_request_parts(&mut parts, &()).await;
        read.map(|Query(read)| read)
            .map_err(|error| error.detail().to_owned())
    }

    #[tokio::test]
    async fn parameters_are_read_by_their_types() {
        let asked =
            read("from_ms=1&status=403&ending=refused&order=oldest-first&text=a+%22b%20c%22");
        let expected = ExchangeQuery {
            from_ms: Some(1),
            status: Some(403),
            ending: Some(Ending::Refused),
            order: Some(Order::OldestFirst),
            text: Some("a \"b c\"".to_owned()),
            ..ExchangeQuery::default()
        };
        assert_eq!(asked.await, Ok(expected));
        assert_eq!(read("").await, Ok(ExchangeQuery::default()));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_an_error_and_no_wider_list() {
        for (query, detail) in [
            (
                "modle=x",
                "unknown parameter `modle`; did you mean `model`?",
            ),
            ("model=a&model=b", "`model` is there twice"),
            ("status=abc", "status: invalid digit found in string"),
            (
                "status=70000",
                "status: number too large to fit in target type",
            ),
        ] {
            assert_eq!(read(query).await.unwrap_err(), detail, "{query}");
        }
        assert!(
            read("ending=over")
                .await
                .unwrap_err()
                .contains("`delivered`")
        );
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(500)).unwrap(), 500);
        for outside in [0, 501] {
            let error = limit(Some(outside)).unwrap_err();
            assert_eq!(
                error.detail(),
                format!("limit: {outside} is not in 1..=500")
            );
        }
    }
}
