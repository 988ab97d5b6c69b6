//! One exchange from its request to the moment upstream is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use sluice_engine::{Chain, Context, SharedRequest};
use sluice_protocol::{Api, Request};

use super::body::Received;
use super::{Error, State, headers};
use crate::recorder::OpenRecording;

/// A request under way: its policies and its recording, pinned together.
pub(super) struct Exchange {
    pub(super) api: Api,
    pub(super) id: String,
    pub(super) model: String,
    pub(super) streaming: bool,
    pub(super) chain: Box<Chain>,
    /// Dropping it before it is closed records the exchange as aborted.
    pub(super) recording: OpenRecording,
    request: SharedRequest,
    /// The caller's bytes, if they are encoded.
    encoded: Option<Bytes>,
}

impl Exchange {
    /// Reads the request and pins the policies of this moment.
    pub(super) fn open(
        state: &State,
        api: Api,
        uri: &Uri,
        headers: &HeaderMap,
        body: Received,
    ) -> Result<Self, Error> {
        let mut request = api.request(body.plain, &state.config.limits)?;
        let context = context(request.as_mut(), uri, headers);
        let (id, model) = (context.exchange.clone(), context.model.clone());
        let streaming = context.streaming;
        let set = state.registry.current();
        let recording = state.recorder.open(&context, &set);
        let request: SharedRequest = Arc::new(Mutex::new(request));
        let chain = Box::new(Chain::open(set, Arc::clone(&request), context));
        Ok(Self {
            api,
            id,
            model,
            streaming,
            chain,
            recording,
            request,
            encoded: body.encoded,
        })
    }

    /// The headers and the body to send upstream: the caller's own bytes in the caller's own encoding where no
    /// policy edited them, else plain.
    pub(super) fn outbound(&mut self, inbound: &HeaderMap) -> (HeaderMap, Bytes) {
        let mut headers = headers::towards_upstream(inbound);
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        match self.encoded.take() {
            Some(encoded) if !request.edited() => (headers, encoded),
            _ => {
                headers.remove(CONTENT_ENCODING);
                (headers, request.body())
            }
        }
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

/// A UUID of version 7 (RFC 9562): it sorts by time and says so to whoever reads it.
fn exchange_id() -> String {
    format!("exg_{}", uuid::Uuid::now_v7().simple())
}

fn unix_millis() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}
