//! The recording of an exchange that is under way.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use sluice_engine::Event;

use super::traffic::{Asked, Traffic};
use super::{Ending, Recording, Sink};

/// A recording that is still being written. Clones write to the same one. It goes to the sink when it is closed and
/// only one clone is left; if the last one is dropped before it was closed, it is recorded as aborted.
#[derive(Clone)]
pub struct OpenRecording(Arc<Shared>);

struct Shared {
    open: Mutex<Open>,
    sink: Arc<dyn Sink>,
    since: Instant,
}

struct Open {
    /// `None` once the sink has it.
    recording: Option<Recording>,
    is_closed: bool,
}

impl OpenRecording {
    pub(super) fn new(recording: Recording, sink: Arc<dyn Sink>) -> Self {
        Self(Arc::new(Shared {
            open: Mutex::new(Open {
                recording: Some(recording),
                is_closed: false,
            }),
            sink,
            since: Instant::now(),
        }))
    }

    /// Keeps the traffic from now on, up to `limit` bytes of a reply.
    pub(super) fn keep_traffic(&self, asked: Asked, limit: usize) {
        let since = self.0.since;
        self.with(|recording| recording.traffic = Some(Traffic::new(asked, since, limit)));
    }

    /// Records what policies said and did.
    pub fn note(&self, events: Vec<Event>) {
        self.with(|recording| events.into_iter().for_each(|event| recording.push(event)));
    }

    /// Records a request to upstream. `body` is `None` if it is the caller's, in the caller's encoding.
    pub fn sent(&self, upstream: &'static str, headers: &HeaderMap, body: Option<Bytes>) {
        self.with_traffic(|traffic| traffic.sent(upstream, headers, body));
    }

    /// Records the head of upstream's reply.
    pub fn replied(&self, status: StatusCode, headers: &HeaderMap) {
        self.with(|recording| {
            recording.status = Some(status.as_u16());
            if let Some(traffic) = &mut recording.traffic {
                traffic.replied(status, headers);
            }
        });
    }

    /// Records that the reply is not made of blocks.
    pub fn set_no_blocks(&self) {
        self.with(|recording| recording.has_no_blocks = true);
    }

    /// Records bytes of upstream's reply.
    pub fn arrived(&self, bytes: &[u8]) {
        self.with_traffic(|traffic| traffic.arrived(bytes));
    }

    /// Records the head of the reply to the caller.
    pub fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        self.with(|recording| {
            recording.live.answered(status.as_u16());
            if let Some(traffic) = &mut recording.traffic {
                traffic.answered(status, headers);
            }
        });
    }

    /// Records bytes of the reply to the caller.
    pub fn delivered(&self, bytes: &[u8]) {
        self.with_traffic(|traffic| traffic.delivered(bytes));
    }

    /// Records that bytes were held for policies for so long.
    pub fn held(&self, time: Duration) {
        self.with_traffic(|traffic| traffic.held(time));
    }

    /// Passes a result through. An error closes the recording as failed.
    pub fn settle<T, E: fmt::Display>(&self, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.close(Ending::Failed(error.to_string()));
        }
        result
    }

    /// Closes the recording. Only the first close counts.
    pub fn close(&self, ending: Ending) {
        let mut open = self.0.lock();
        open.close(ending, self.0.since.elapsed());
        let recording = match Arc::strong_count(&self.0) {
            1 => open.recording.take(),
            _ => None,
        };
        drop(open);
        if let Some(recording) = recording {
            self.0.hand_over(recording);
        }
    }

    fn with(&self, change: impl FnOnce(&mut Recording)) {
        if let Some(recording) = &mut self.0.lock().recording {
            change(recording);
        }
    }

    fn with_traffic(&self, change: impl FnOnce(&mut Traffic)) {
        self.with(|recording| {
            if let Some(traffic) = &mut recording.traffic {
                change(traffic);
            }
        });
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, recording: Recording) {
        recording.live.ended(&recording);
        self.sink.take(recording);
    }
}

impl Open {
    fn close(&mut self, ending: Ending, duration: Duration) {
        if let Some(recording) = self.recording.as_mut().filter(|_| !self.is_closed) {
            recording.ending = ending;
            recording.duration = duration;
            if let Some(traffic) = &mut recording.traffic {
                traffic.ended(duration);
            }
        }
        self.is_closed = true;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut open = self.lock();
        open.close(Ending::Aborted, self.since.elapsed());
        let recording = open.recording.take();
        drop(open);
        if let Some(recording) = recording {
            self.hand_over(recording);
        }
    }
}
