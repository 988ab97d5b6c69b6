//! The requests that policies judge, and most of whose replies they judge too.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, Request, Uri};
use axum::response::Response;
use sluice_engine::RequestRuling;
use sluice_protocol::{Api, Block};

use super::exchange::Exchange;
use super::passing::{self, Witness};
use super::{Error, State, answer, body, headers, reply};
use crate::auth;
use crate::recorder::Ending;

/// What a path takes and gives.
#[derive(Clone, Copy, Debug)]
struct Route {
    api: Api,
    /// Whether policies judge its replies. A count or a vector has nothing to judge.
    has_blocks: bool,
}

/// `POST /v1/messages`.
pub(crate) async fn messages(state: Extract<State>, request: Request<Body>) -> Response {
    serve(state, Route::judged(Api::Anthropic), request).await
}

/// `POST /v1/messages/count_tokens`: what policies would keep from upstream stays back here too.
pub(crate) async fn count_tokens(state: Extract<State>, request: Request<Body>) -> Response {
    let route = Route {
        has_blocks: false,
        ..Route::judged(Api::Anthropic)
    };
    serve(state, route, request).await
}

/// `POST /v1/chat/completions`.
pub(crate) async fn chat_completions(state: Extract<State>, request: Request<Body>) -> Response {
    serve(state, Route::judged(Api::OpenaiChat), request).await
}

/// `POST /v1/responses`.
pub(crate) async fn responses(state: Extract<State>, request: Request<Body>) -> Response {
    serve(state, Route::judged(Api::OpenaiResponses), request).await
}

/// `POST /v1/embeddings`.
pub(crate) async fn embeddings(state: Extract<State>, request: Request<Body>) -> Response {
    let route = Route {
        has_blocks: false,
        ..Route::judged(Api::OpenaiEmbeddings)
    };
    serve(state, route, request).await
}

impl Route {
    fn judged(api: Api) -> Self {
        Self {
            api,
            has_blocks: true,
        }
    }
}

async fn serve(Extract(state): Extract<State>, route: Route, request: Request<Body>) -> Response {
    let served = judge(&state, route, request).await;
    served.unwrap_or_else(|error| error.into_response(route.api))
}

/// Judges a request, asks upstream, judges the reply.
async fn judge(state: &State, route: Route, request: Request<Body>) -> Result<Response, Error> {
    let (uri, inbound, mut exchange) = open(state, route.api, request).await?;
    let ruling = exchange.chain.on_request().await;
    exchange.recording.note(exchange.chain.take_events());
    match ruling {
        RequestRuling::Forward => ask(state, route, &uri, &inbound, exchange).await,
        RequestRuling::Refuse(refusal) => Err(refuse(exchange, refusal.message)),
        RequestRuling::Answer(blocks) => answer(route, exchange, &blocks),
    }
}

async fn open(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<(Uri, HeaderMap, Exchange), Error> {
    let (parts, request_body) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let bytes = body::read(&parts.headers, request_body, &state.config).await?;
    let exchange = Exchange::open(state, api, &parts.uri, &parts.headers, bytes)?;
    Ok((parts.uri, parts.headers, exchange))
}

/// A reply that a policy gives in upstream's place.
fn answer(route: Route, mut exchange: Exchange, blocks: &[Block]) -> Result<Response, Error> {
    match answer::render(&exchange, blocks).filter(|_| route.has_blocks) {
        Some(response) => {
            exchange.recording.close(Ending::Answered);
            Ok(response)
        }
        None => {
            let message = "a policy answers this request itself, in words: they are no reply here";
            Err(refuse(exchange, message.to_owned()))
        }
    }
}

fn refuse(mut exchange: Exchange, message: String) -> Error {
    exchange.recording.close(Ending::Refused);
    Error::Refused {
        message,
        exchange: exchange.id,
    }
}

async fn ask(
    state: &State,
    route: Route,
    uri: &Uri,
    inbound: &HeaderMap,
    mut exchange: Exchange,
) -> Result<Response, Error> {
    let outbound = headers::towards_upstream(inbound);
    let upstream = state.upstreams.of(route.api);
    let body = exchange.body();
    let sent = upstream.send(Method::POST, uri, outbound, body).await;
    let received = exchange.recording.settle(sent)?;
    if route.has_blocks {
        return reply::deliver(state, exchange, received).await;
    }
    exchange.recording.set_status(received.status().as_u16());
    Ok(passing::pass(
        received,
        Witness::Recording(exchange.recording),
    ))
}
