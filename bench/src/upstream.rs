//! The scripted upstream. It stands in for a model API, answers at once and uses as little CPU as
//! it can.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use serde_json::json;
use tokio::time::{Instant, interval_at};

use crate::load::listen;
use crate::traffic::{Dialect, MODEL, Reply, Script};

type Body = BoxBody<Bytes, Infallible>;

/// Serves on a free port of loopback, which it prints, until the process is ended.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let replies = Arc::new(Replies::make());
    listen::serve(move |request| {
        let replies = Arc::clone(&replies);
        async move { Ok::<_, Infallible>(answer(&replies, request).await) }
    })
    .await
}

/// Every reply, made before the first request.
struct Replies(Vec<(Dialect, Script, Arc<Reply>)>);

impl Replies {
    fn make() -> Self {
        let all = Dialect::ALL.into_iter().flat_map(|dialect| {
            Script::ALL.map(|script| (dialect, script, Arc::new(script.reply(dialect))))
        });
        Self(all.collect())
    }

    fn find(&self, path: &str, body: &[u8]) -> Option<(Script, Arc<Reply>)> {
        let dialect = Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.path() == path)?;
        let script = Script::asked_for(body)?;
        let found = self
            .0
            .iter()
            .find(|reply| (reply.0, reply.1) == (dialect, script))?;
        Some((script, Arc::clone(&found.2)))
    }
}

async fn answer(replies: &Replies, request: Request<Incoming>) -> Response<Body> {
    if request.method() == Method::GET {
        return probed(request.uri().path());
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return plain(StatusCode::BAD_REQUEST, "the body broke off");
    };
    match replies.find(parts.uri.path(), &body.to_bytes()) {
        Some((script, reply)) if script.streamed() => streamed(reply),
        Some((_, reply)) => {
            let whole = Full::new(reply.frames[0].clone());
            let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
            built(response, whole.boxed())
        }
        None => plain(StatusCode::NOT_FOUND, "no such script"),
    }
}

fn streamed(reply: Arc<Reply>) -> Response<Body> {
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache");
    built(
        response,
        http_body_util::BodyExt::boxed(StreamBody::new(frames(reply).map(Ok))),
    )
}

/// Returns the frames at their pace. The first comes at once, so that no timer is part of the time
/// to the first byte. A late frame does not delay those behind it; otherwise streams that were
/// delayed together would stay together and reach a gateway as one crowd. A reply that stays open
/// never ends after its last frame.
fn frames(reply: Arc<Reply>) -> impl futures_util::Stream<Item = Frame<Bytes>> {
    let start = Instant::now();
    let clock = reply.pace.map(|pace| interval_at(start + pace, pace));
    stream::unfold((reply, clock, 0), |(reply, mut clock, at)| async move {
        let Some(frame) = reply.frames.get(at).cloned() else {
            if reply.open {
                std::future::pending::<()>().await;
            }
            return None;
        };
        if let Some(clock) = clock.as_mut().filter(|_| at > 0) {
            clock.tick().await;
        }
        Some((Frame::data(frame), (reply, clock, at + 1)))
    })
}

/// Answers what gateways ask an upstream before they send anything.
fn probed(path: &str) -> Response<Body> {
    let body = match path {
        "/v1/models" => {
            let model = json!({"id": MODEL, "object": "model", "created": 1, "owned_by": "bench"});
            json!({"object": "list", "data": [model]})
        }
        _ => json!({}),
    };
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    built(response, Full::new(body.to_string().into()).boxed())
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let body = Full::new(Bytes::from_static(text.as_bytes())).boxed();
    built(Response::builder().status(status), body)
}

fn built(response: http::response::Builder, body: Body) -> Response<Body> {
    response
        .body(body)
        .expect("a status and headers that are constants")
}
