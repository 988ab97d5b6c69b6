//! Serves the requests that policies judge. Of most of them they judge the reply too.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Request};
use axum::response::Response;
use sluice_engine::RequestRuling;
use sluice_protocol::{Api, Block, ReplyError};

use super::exchange::{Exchange, Outgoing};
use super::offload::Turn;
use super::passing::{self, EndingSink};
use super::{Error, State, answer, asked_models, body, reply};
use crate::recorder::{Ending, OpenRecording, SHUTTING_DOWN};
use crate::routes::Judged;
use crate::upstream::{self, Reply};

/// Judges a request, asks upstream, judges the reply.
pub(super) async fn serve(
    state: &State,
    api: Api,
    judged: Judged,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (head, exchange, turn) = open(state, api, request).await?;
    let recording = exchange.recording.clone();
    let served = match asked_models::check(&exchange.admitted, &head.uri, &exchange.model) {
        Ok(()) => judge(state, judged, &head, exchange, turn).await,
        Err(not_allowed) => {
            exchange.recording.close(Ending::Refused);
            Err(not_allowed.into())
        }
    };
    Ok(recorded(served, api, &recording).await)
}

async fn judge(
    state: &State,
    judged: Judged,
    head: &Parts,
    exchange: Exchange,
    turn: Turn,
) -> Result<Response, Error> {
    let (exchange, ruling, outgoing) = exchange.judge(turn).await;
    match ruling {
        RequestRuling::Forward => ask(state, judged, head, exchange, outgoing).await,
        RequestRuling::Refuse(refusal) => Err(refuse(exchange, refusal.message)),
        RequestRuling::Answer(blocks) => answer(judged, exchange, &blocks),
    }
}

/// Waits for the head of upstream's reply. An exchange that a shutdown cuts off meanwhile fails.
pub(super) async fn unless_cut(
    state: &State,
    sent: impl Future<Output = Result<Reply, upstream::Error>>,
) -> Result<Reply, Error> {
    match state.cut.run_until_cancelled(sent).await {
        Some(sent) => Ok(sent?),
        None => Err(ReplyError::Other(SHUTTING_DOWN.to_owned()).into()),
    }
}

/// Records the head of a reply to the caller, and its body if it is an error of ours. One that is known to its end is
/// returned once it is stored, if the operator wants it so.
pub(super) async fn recorded(
    served: Result<Response, Error>,
    api: Api,
    recording: &OpenRecording,
) -> Response {
    // It was waited for already, for as long as it may take.
    let is_unrecorded = matches!(served, Err(Error::Unrecorded(_)));
    let response = match served {
        Ok(response) => response,
        Err(error) => {
            let (head, body) = error.into_response_of_bytes(api).into_parts();
            recording.delivered(&body);
            Response::from_parts(head, Body::from(body))
        }
    };
    recording.answered(response.status(), response.headers());
    if is_unrecorded {
        return response;
    }
    match recording.commit().await {
        Ok(()) => response,
        Err(error) => Error::from(error).into_response(api),
    }
}

async fn open(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<(Parts, Exchange, Turn), Error> {
    let (parts, request_body) = request.into_parts();
    let admitted = state.gate.admit(&parts.headers)?;
    admitted.check_api(api)?;
    // Whoever waits for room holds neither a body nor a turn.
    state.recorder.room().await?;
    let (received, turn) = body::read(&parts.headers, request_body, state).await?;
    let exchange = Exchange::open(state, api, (&parts, admitted), received, &turn).await?;
    Ok((parts, exchange, turn))
}

/// Returns the reply that a policy gives in upstream's place, or refuses the request if its reply can't be made of
/// blocks.
fn answer(judged: Judged, exchange: Exchange, blocks: &[Block]) -> Result<Response, Error> {
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

fn refuse(exchange: Exchange, message: String) -> Error {
    exchange.recording.close(Ending::Refused);
    Error::Refused {
        message,
        exchange: exchange.id,
    }
}

async fn ask(
    state: &State,
    judged: Judged,
    head: &Parts,
    exchange: Exchange,
    outgoing: Outgoing,
) -> Result<Response, Error> {
    let upstream = state.upstreams.of(exchange.api);
    let (outbound, body) = outgoing.send(&head.headers, &exchange);
    exchange.recording.begin().await?;
    let sent = upstream.send(Method::POST, &head.uri, outbound, body);
    let sent = unless_cut(state, sent).await;
    let received = exchange.recording.settle(sent)?;
    if judged != Judged::Request {
        return reply::deliver(state, exchange, received).await;
    }
    let (status, headers) = (received.status(), received.headers());
    exchange.recording.replied(status, headers);
    exchange.recording.set_no_blocks();
    Ok(passing::pass(
        state,
        received,
        EndingSink::Recording(exchange.recording),
    ))
}
