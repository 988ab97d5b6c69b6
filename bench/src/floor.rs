//! The floor: a proxy of nothing but hyper, which forwards and looks at nothing. Anything that
//! Sluice costs beyond this is Sluice's own cost.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use crate::load::listen;

type Pool = Client<HttpConnector, Incoming>;

/// Forwards everything to `upstream` until it is ended.
pub(crate) async fn serve(upstream: Authority) -> anyhow::Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let pool: Pool = Client::builder(TokioExecutor::new()).build(connector);
    let shared = Arc::new((pool, upstream));
    listen::serve(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok(forward(&shared.0, &shared.1, request).await) }
    })
    .await
    .context("serve the floor")
}

async fn forward(
    pool: &Pool,
    upstream: &Authority,
    mut request: Request<Incoming>,
) -> Response<BoxBody<Bytes, hyper::Error>> {
    let target = Uri::builder()
        .scheme("http")
        .authority(upstream.clone())
        .path_and_query(
            request
                .uri()
                .path_and_query()
                .map_or("/", |target| target.as_str()),
        );
    let Ok(target) = target.build() else {
        return failed(StatusCode::BAD_REQUEST);
    };
    *request.uri_mut() = target;
    request.headers_mut().remove(header::HOST);
    match pool.request(request).await {
        Ok(response) => response.map(|body| body.boxed()),
        Err(_) => failed(StatusCode::BAD_GATEWAY),
    }
}

fn failed(status: StatusCode) -> Response<BoxBody<Bytes, hyper::Error>> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    response
}
