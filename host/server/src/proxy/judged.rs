//! Serves the requests that policies judge. Of most of them they judge the reply too.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Uri};
use axum::response::Response;
use sluice_engine::RequestRuling;
use sluice_protocol::{Api, Block};

use super::exchange::Exchange;
use super::offload::Turn;
use super::passing::{self, EndingSink};
use super::{Error, State, answer, body, reply};
use crate::auth;
use crate::recorder::Ending;
use crate::routes::Judged;

/// Judges a request, asks upstream, judges the reply.
pub(super) async fn serve(
    state: &State,
    api: Api,
    judged: Judged,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (uri, inbound, exchange, turn) = open(state, api, request).await?;
    let (exchange, ruling, outgoing) = exchange.judge(turn).await;
    match ruling {
        RequestRuling::Forward => {
            let (outbound, body) = outgoing.split(&inbound);
            ask(state, judged, &uri, outbound, exchange, body).await
        }
        RequestRuling::Refuse(refusal) => Err(refuse(exchange, refusal.message)),
        RequestRuling::Answer(blocks) => answer(judged, exchange, &blocks),
    }
}

async fn open(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<(Uri, HeaderMap, Exchange, Turn), Error> {
    let (parts, request_body) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let (received, turn) = body::read(&parts.headers, request_body, state).await?;
    let exchange = Exchange::open(state, api, &parts.uri, &parts.headers, received, &turn).await?;
    Ok((parts.uri, parts.headers, exchange, turn))
}

/// Returns the reply that a policy gives in upstream's place, or refuses the request if its reply can't be made of
/// blocks.
fn answer(judged: Judged, mut exchange: Exchange, blocks: &[Block]) -> Result<Response, Error> {
    match answer::render(&exchange, blocks).filter(|_| judged == Judged::Exchange) {
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
    judged: Judged,
    uri: &Uri,
    outbound: HeaderMap,
    mut exchange: Exchange,
    body: Bytes,
) -> Result<Response, Error> {
    let upstream = state.upstreams.of(exchange.api);
    let sent = upstream.send(Method::POST, uri, outbound, body).await;
    let received = exchange.recording.settle(sent)?;
    if judged != Judged::Request {
        return reply::deliver(state, exchange, received).await;
    }
    exchange.recording.set_status(received.status().as_u16());
    exchange.recording.set_no_blocks();
    Ok(passing::pass(
        received,
        EndingSink::Recording(exchange.recording),
    ))
}
