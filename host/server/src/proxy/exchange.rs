//! One exchange, from its request until upstream is asked.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use sluice_engine::{Chain, Context, RequestRuling, SharedRequest};
use sluice_protocol::{Api, Request, RequestError};

use super::body::Received;
use super::offload::Turn;
use super::{Error, State, headers};
use crate::auth::Admitted;
use crate::caller::{Pseudonym, Session, Sessions};
use crate::clock::unix_millis;
use crate::recorder::{Asked, OpenRecording};
use crate::upstream::Upstreams;

/// A request under way, with its policies and its recording.
pub(super) struct Exchange {
    pub(super) api: Api,
    pub(super) id: String,
    pub(super) model: String,
    pub(super) streaming: bool,
    /// Who asks.
    pub(super) admitted: Admitted,
    pub(super) chain: Box<Chain>,
    /// Dropping it before it is closed records the exchange as aborted.
    pub(super) recording: OpenRecording,
    request: SharedRequest,
    /// The caller's bytes, if they are encoded.
    encoded: Option<Bytes>,
}

/// Finds out who sent a request, and in which session. It may have to read much of the request.
struct Seeker {
    caller: Pseudonym,
    sessions: Sessions,
    headers: HeaderMap,
}

/// The body that goes to upstream.
pub(super) struct Outgoing {
    body: Bytes,
    /// Whether the body is in the caller's own encoding.
    is_encoded: bool,
}

impl Seeker {
    fn new(state: &State, caller: &Pseudonym, headers: &HeaderMap) -> Self {
        Self {
            caller: caller.clone(),
            sessions: state.sessions.clone(),
            headers: headers.clone(),
        }
    }

    /// The caller's pseudonym and the session.
    fn find(self, request: &mut dyn Request) -> (String, Session) {
        let name = self.caller.as_str();
        let session = self.sessions.find(name, &self.headers, request);
        (self.caller.to_string(), session)
    }
}

impl Exchange {
    /// Reads the request and pins the current set of policies.
    pub(super) async fn open(
        state: &State,
        api: Api,
        (head, admitted): (&Parts, Admitted),
        body: Received,
        turn: &Turn,
    ) -> Result<Self, Error> {
        let limits = state.config.limits;
        let plain = body.plain.clone();
        let set = state.registry.current();
        // Otherwise there is nobody who would want to know.
        let is_asked_for = state.recorder.asks_for_names() || !set.policies().is_empty();
        let seeker = is_asked_for.then(|| Seeker::new(state, admitted.caller(), &head.headers));
        let read = async move {
            let mut request = api.request(plain, &limits)?;
            let found = seeker.map(|seeker| seeker.find(request.as_mut()));
            Ok::<_, RequestError>((request, found))
        };
        let (mut request, found) = turn.run(read).await?;
        let mut context = context(request.as_mut(), &head.uri, &head.headers);
        let session = found.map(|(caller, session)| {
            context.caller = Some(caller);
            context.session = Some(session.key.clone());
            session
        });
        let (id, model) = (context.exchange.clone(), context.model.clone());
        let streaming = context.streaming;
        let recording = state
            .recorder
            .open(&context, session.unwrap_or_default(), &set, || {
                Asked::new(head, body.callers(), body.encoded.as_ref())
            });
        let request: SharedRequest = Arc::new(Mutex::new(request));
        let level = state.recorder.level();
        let chain = Box::new(Chain::open(set, Arc::clone(&request), context, level));
        recording.follow(chain.events());
        Ok(Self {
            api,
            id,
            model,
            streaming,
            admitted,
            chain,
            recording,
            request,
            encoded: body.encoded,
        })
    }

    /// Lets the policies judge the request. Returns their ruling and the body to send to upstream.
    pub(super) async fn judge(mut self, turn: Turn) -> (Self, RequestRuling, Outgoing) {
        if !self.chain.wants_request() {
            let outgoing = self.outgoing();
            return (self, RequestRuling::Forward, outgoing);
        }
        turn.run(self.judged()).await
    }

    async fn judged(mut self) -> (Self, RequestRuling, Outgoing) {
        let ruling = self.chain.on_request().await;
        self.recording.note_events();
        let outgoing = self.outgoing();
        (self, ruling, outgoing)
    }

    /// Returns how many bytes of the request policies can read.
    pub(super) fn request_bytes(&self) -> usize {
        let request = self.request.lock();
        request.unwrap_or_else(PoisonError::into_inner).size()
    }

    /// Returns how many replies upstream was asked for.
    pub(super) fn choices(&self) -> u64 {
        let request = self.request.lock();
        let mut request = request.unwrap_or_else(PoisonError::into_inner);
        request.choices()
    }

    /// Returns the body to send: the caller's own bytes in their encoding if no policy edited them, else the edited
    /// body without an encoding.
    pub(super) fn outgoing(&mut self) -> Outgoing {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        match self.encoded.take() {
            Some(body) if !request.edited() => Outgoing {
                body,
                is_encoded: true,
            },
            _ => Outgoing {
                body: request.body(),
                is_encoded: false,
            },
        }
    }
}

impl Outgoing {
    /// Returns the headers for upstream, made from the caller's, and the body. Records both as sent.
    pub(super) fn send(self, inbound: &HeaderMap, exchange: &Exchange) -> (HeaderMap, Bytes) {
        let mut headers = headers::towards_upstream(inbound);
        exchange.admitted.authorize(&mut headers, exchange.api);
        if !self.is_encoded {
            headers.remove(CONTENT_ENCODING);
        }
        let body = (!self.is_encoded).then(|| self.body.clone());
        let upstream = Upstreams::name(exchange.api);
        exchange.recording.sent(upstream, &headers, body);
        (headers, self.body)
    }
}

fn context(request: &mut dyn Request, uri: &Uri, headers: &HeaderMap) -> Context {
    Context {
        exchange: exchange_id(),
        session: None,
        caller: None,
        api: request.api().as_str().to_owned(),
        model: request.model(),
        path: uri.path().to_owned(),
        streaming: request.streaming(),
        received_at: unix_millis(),
        headers: headers::towards_policies(headers),
    }
}

/// Makes an id from a UUID of version 7 (RFC 9562), so that ids sort by time.
fn exchange_id() -> String {
    format!("exg_{}", uuid::Uuid::now_v7().simple())
}
