//! Records each exchange.
//!
//! A recording is opened before the first policy is asked and closed exactly once. One that is dropped while it is
//! open closes as aborted. It holds what policies decided and how the exchange ended. If it is to be
//! stored, it also holds what was sent and received, without the secrets of heads, and what policies were given.

mod archive;
mod convert;
mod kept;
mod live;
mod not_judged;
mod open;
mod recording;
mod retention;
mod tape;
mod traffic;
mod verdict;
mod withhold;
mod words;

use std::sync::Arc;

use sluice_engine::{Context, EventLevel, PolicySet};

use crate::bus::Bus;
use crate::caller::Session;
use crate::telemetry::clip;

use live::Live;

pub use archive::{Archive, ArchiveConfig, Full, KeptContents, OnFull};
pub use not_judged::NotJudged;
pub use open::OpenRecording;
pub use recording::{Ending, Recording};
pub use retention::{Forgotten, Retention};
pub use tape::{Copy, Frame, Tape};
pub use traffic::{Asked, Attempt, Head, Traffic};
pub use words::SearchedWords;

/// Takes the recordings of all exchanges. Cloning shares the sink.
#[derive(Clone)]
pub struct Recorder {
    sink: Arc<dyn Sink>,
    /// Where exchanges are stored. `None` if they are not, and then no traffic is kept.
    archive: Option<Archive>,
    /// Where it is told what happens, while it happens.
    bus: Bus,
}

/// The receiver of closed recordings. It must not block, because it runs on the exchange's own task.
pub trait Sink: Send + Sync {
    /// Takes a closed recording.
    fn take(&self, recording: Recording);

    /// How much the events of recordings tell. Contents cost memory until a recording is taken, so a sink has to ask for
    /// them.
    fn level(&self) -> EventLevel {
        EventLevel::Outcomes
    }
}

/// Writes one line for each exchange to the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log;

impl Recorder {
    /// Creates a recorder that hands closed recordings to `sink`.
    pub fn new(sink: impl Sink + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
            archive: None,
            bus: Bus::default(),
        }
    }

    /// Creates a recorder that logs each exchange and stores it.
    pub fn storing(archive: Archive) -> Self {
        Self {
            sink: Arc::new((Log, archive.clone())),
            archive: Some(archive),
            bus: Bus::default(),
        }
    }

    /// Tells on this bus what happens in each exchange, while it happens.
    #[must_use]
    pub fn telling(self, bus: Bus) -> Self {
        Self { bus, ..self }
    }

    /// How much the events of an exchange tell.
    pub fn level(&self) -> EventLevel {
        match self.archive {
            Some(_) => EventLevel::Contents,
            None => self.sink.level(),
        }
    }

    /// Whether it keeps more of an exchange than a line of the log.
    pub fn stores(&self) -> bool {
        self.archive.is_some()
    }

    /// Whether anybody wants to know whose exchange it is and what it belongs to.
    pub fn asks_for_names(&self) -> bool {
        self.stores() || self.bus.is_followed()
    }

    /// Waits until there is room for another recording, if the operator wants that.
    pub async fn room(&self) -> Result<(), Full> {
        match &self.archive {
            Some(archive) => archive.room().await,
            None => Ok(()),
        }
    }

    /// Opens the recording of an exchange. `asked` is called if the traffic is kept.
    pub fn open(
        &self,
        context: &Context,
        session: Session,
        set: &PolicySet,
        asked: impl FnOnce() -> Asked,
    ) -> OpenRecording {
        let mut recording = Recording::new(context, session, set);
        recording.live = Live::begin(&self.bus, &recording);
        let open = OpenRecording::new(recording, Arc::clone(&self.sink));
        if let Some(archive) = &self.archive {
            open.keep_traffic(asked(), archive.limit());
        }
        open
    }
}

/// Logs a recording and hands it on.
impl<S: Sink> Sink for (Log, S) {
    fn take(&self, recording: Recording) {
        self.0.report(&recording);
        self.1.take(recording);
    }
}

impl Sink for Log {
    fn take(&self, recording: Recording) {
        self.report(&recording);
    }
}

impl Log {
    fn report(self, recording: &Recording) {
        let exchange = recording.exchange.as_str();
        if let Ending::Failed(cause) = &recording.ending {
            let cause = &*clip(cause);
            tracing::warn!(exchange.id = exchange, cause, "exchange failed");
        }
        tracing::info!(
            exchange.id = exchange,
            api = recording.api,
            model = &*clip(&recording.model),
            streaming = recording.streaming,
            generation = recording.generation,
            status = recording.status,
            ending = &*clip(&recording.ending.to_string()),
            events = recording.events.len(),
            duration_ms = u64::try_from(recording.duration.as_millis()).unwrap_or(u64::MAX),
            "exchange closed"
        );
    }
}
