//! The recording of an exchange that is under way.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use sluice_engine::Events;
use tokio_util::sync::CancellationToken;

use super::archive::{Archive, News, Promise, Unrecorded};
use super::live::Live;
use super::traffic::{Asked, Traffic};
use super::{Destination, Ending, Recording, SHUTTING_DOWN, convert};

/// A recording that is still being written. Clones write to the same one. It goes to the sink when it is closed and
/// only one clone is left; if the last one is dropped before it was closed, it is recorded as aborted, or as failed if a
/// shutdown cut it off.
#[derive(Clone)]
pub struct OpenRecording(Arc<Shared>);

struct Shared {
    open: Mutex<Open>,
    destination: Destination,
    cut: CancellationToken,
    since: Instant,
}

struct Open {
    /// `None` once the sink has it.
    recording: Option<Recording>,
    /// What policies said that is not in the recording yet.
    events: Events,
    is_closed: bool,
    /// Whether the caller has all of the reply.
    is_through: bool,
    /// The id of an exchange that is stored as delivered and whose caller has not got the last piece yet.
    untaken: Option<String>,
    /// How long it waited until its beginning was on disk, or in vain.
    waited: Duration,
}

impl OpenRecording {
    pub(super) fn new(
        recording: Recording,
        destination: Destination,
        cut: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            open: Mutex::new(Open {
                recording: Some(recording),
                events: Events::default(),
                is_closed: false,
                is_through: false,
                untaken: None,
                waited: Duration::ZERO,
            }),
            destination,
            cut,
            since: Instant::now(),
        }))
    }

    /// Keeps the traffic from now on, up to `limit` bytes of a reply.
    pub(super) fn keep_traffic(&self, asked: Asked, limit: usize) {
        let since = self.0.since;
        self.with(|recording| recording.traffic = Some(Traffic::new(asked, since, limit)));
    }

    /// Records what policies say and do from now on.
    pub fn follow(&self, events: Events) {
        self.0.lock().events = events;
    }

    /// Records what policies have said and done, which otherwise waits until the recording closes.
    pub fn note_events(&self) {
        self.0.lock().note_events();
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
        // Whoever commits it waits until it is stored.
        let recording = match Arc::strong_count(&self.0) {
            1 if self.strict().is_none() => open.recording.take(),
            _ => None,
        };
        drop(open);
        if let Some(recording) = recording {
            self.0.hand_over(recording);
        }
    }

    /// The caller gets the end of the reply with the next piece. If it leaves then, the exchange ended well.
    pub fn set_through(&self) {
        self.0.lock().is_through = true;
    }

    /// Whether the last piece of the reply has to wait for [`commit`](Self::commit).
    pub fn is_strict(&self) -> bool {
        self.strict().is_some()
    }

    /// Records that upstream is about to be asked, and waits until that is on disk, if the operator wants it so. An error
    /// closes the recording as failed.
    pub async fn begin(&self) -> Result<(), Unrecorded> {
        let begun = self.begun().await;
        self.settle(begun)
    }

    async fn begun(&self) -> Result<(), Unrecorded> {
        let Some(archive) = self.strict() else {
            return Ok(());
        };
        let so_far = self.0.lock().recording.clone();
        match so_far {
            Some(so_far) => {
                // Whoever listens was told of the exchange, and will be of its end.
                let live = Live::default();
                let begun = News::Begun(Recording { live, ..so_far });
                let Some(promise) = archive.tell(begun) else {
                    return archive.unstored();
                };
                self.with(|recording| recording.is_begun = true);
                let since = Instant::now();
                let kept = promise.kept(archive, Duration::ZERO).await;
                self.0.lock().waited = since.elapsed();
                kept
            }
            None => Ok(()),
        }
    }

    /// Waits until the recording is on disk, if it is closed and the operator wants it so. The last piece of the reply
    /// leaves after that. If this is dropped before, the caller is gone, and the record is amended.
    pub async fn commit(&self) -> Result<(), Unrecorded> {
        let Some(archive) = self.strict() else {
            return Ok(());
        };
        let Some(recording) = self.take_closed() else {
            return Ok(());
        };
        let kept = match self.0.hand_over(recording) {
            Some(promise) => {
                let waited = self.0.lock().waited;
                promise.kept(archive, waited).await
            }
            None => archive.unstored(),
        };
        let untaken = self.0.lock().untaken.take();
        if let (Err(error), Some(id)) = (kept, untaken) {
            self.0
                .amend(archive, &id, &Ending::Failed(error.to_string()));
        }
        kept
    }

    /// The recording, if it is closed and nobody has it yet.
    fn take_closed(&self) -> Option<Recording> {
        let mut open = self.0.lock();
        let is_closed = open.is_closed;
        let recording = open.recording.take_if(|_| is_closed)?;
        open.untaken = recording.is_well().then(|| recording.exchange.clone());
        Some(recording)
    }

    fn strict(&self) -> Option<&Archive> {
        self.0.destination.strict()
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
    /// Tells the store that an exchange ended in another way than it was told before.
    fn amend(&self, archive: &Archive, exchange: &str, ending: &Ending) {
        let amendment = convert::amendment(exchange, ending, self.since.elapsed());
        // Nobody waits for it.
        drop(archive.tell(News::Amended(amendment)));
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, recording: Recording) -> Option<Promise> {
        recording.live.ended(&recording);
        self.destination.take(recording)
    }
}

impl Open {
    fn note_events(&mut self) {
        let events = self.events.take();
        if let Some(recording) = &mut self.recording {
            events.into_iter().for_each(|event| recording.push(event));
        }
    }

    fn close(&mut self, ending: Ending, duration: Duration) {
        self.note_events();
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
        let ending = match (open.is_through, self.cut.is_cancelled()) {
            (true, _) => Ending::Delivered,
            (false, true) => Ending::Failed(SHUTTING_DOWN.to_owned()),
            (false, false) => Ending::Aborted,
        };
        if let (Some(id), Some(archive)) = (open.untaken.take(), self.destination.archive()) {
            self.amend(archive, &id, &ending);
        }
        // An exchange that is to be stored first did not end well before it was.
        let is_strict = self.destination.strict().is_some();
        if open.recording.as_ref().is_some_and(Recording::is_well) && is_strict {
            open.is_closed = false;
        }
        open.close(ending, self.since.elapsed());
        let recording = open.recording.take();
        drop(open);
        if let Some(recording) = recording {
            self.hand_over(recording);
        }
    }
}
