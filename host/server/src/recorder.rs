//! Records each exchange.
//!
//! A recording is opened before the first policy is asked and closed exactly once. One that is dropped while it is
//! open closes as aborted. It holds what policies decided and how the exchange ended. If it is to be
//! stored, it also holds what was sent and received, without the secrets of heads, and what policies were given.

mod archive;
mod choices;
mod convert;
#[cfg(test)]
mod joining;
mod kept;
mod live;
mod not_judged;
mod open;
mod recording;
mod repeated;
mod retention;
mod summary;
mod tape;
mod traffic;
mod verdict;
mod withhold;
mod words;

use std::sync::Arc;

use sluice_engine::{Context, EventLevel, PolicySet};
use tokio_util::sync::CancellationToken;

use crate::bus::Bus;
use crate::caller::Session;
use crate::telemetry::clip;
use archive::{News, Promise};

pub use archive::{Archive, ArchiveConfig, ArchiveState, Unrecorded};
pub use choices::{Durability, KeptContents, OnFull};
use live::Live;
pub use not_judged::NotJudged;
pub use open::OpenRecording;
pub use recording::{Ending, Recording};
pub use retention::{Forgotten, Retention};
pub use tape::{Copy, Frame, Tape};
pub use traffic::{Asked, Attempt, Head, Traffic};
pub use words::SearchedWords;

/// Why an exchange failed that a shutdown cut off.
pub const SHUTTING_DOWN: &str = "Sluice is shutting down";

/// Takes the recordings of all exchanges. Cloning shares where they go.
#[derive(Clone)]
pub struct Recorder {
    destination: Destination,
    /// Is cancelled when a shutdown cuts off what still runs.
    cut: CancellationToken,
    /// Where it is told what happens, while it happens.
    bus: Bus,
}

/// Where closed recordings go.
#[derive(Clone)]
enum Destination {
    Sink(Arc<dyn Sink>),
    /// They are logged and stored.
    Archive(Archive),
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
        Self::to(Destination::Sink(Arc::new(sink)))
    }

    /// Creates a recorder that logs each exchange and stores it.
    pub fn storing(archive: Archive) -> Self {
        Self::to(Destination::Archive(archive))
    }

    fn to(destination: Destination) -> Self {
        Self {
            destination,
            cut: CancellationToken::new(),
            bus: Bus::default(),
        }
    }

    /// An exchange that is dropped after `cut` was cancelled was not left by its caller.
    #[must_use]
    pub fn cut_off_by(self, cut: CancellationToken) -> Self {
        Self { cut, ..self }
    }

    /// Tells on this bus what happens in each exchange, while it happens.
    #[must_use]
    pub fn telling(self, bus: Bus) -> Self {
        Self { bus, ..self }
    }

    /// How much the events of an exchange tell.
    pub fn level(&self) -> EventLevel {
        match &self.destination {
            Destination::Sink(sink) => sink.level(),
            Destination::Archive(_) => EventLevel::Contents,
        }
    }

    /// How what is stored fares. `None` if nothing is.
    pub fn state(&self) -> Option<ArchiveState> {
        self.archive().map(Archive::state)
    }

    /// Whether it keeps more of an exchange than a line of the log.
    pub fn stores(&self) -> bool {
        self.archive().is_some()
    }

    /// Whether anybody wants to know whose exchange it is and what it belongs to.
    pub fn asks_for_names(&self) -> bool {
        self.stores() || self.bus.is_followed()
    }

    /// Waits until there is room for another recording, if the operator wants that.
    pub async fn room(&self) -> Result<(), Unrecorded> {
        match self.archive() {
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
        let open = OpenRecording::new(recording, self.destination.clone(), self.cut.clone());
        if let Some(archive) = self.archive() {
            open.keep_traffic(asked(), archive.limit());
        }
        open
    }

    fn archive(&self) -> Option<&Archive> {
        self.destination.archive()
    }
}

impl Destination {
    fn archive(&self) -> Option<&Archive> {
        match self {
            Self::Sink(_) => None,
            Self::Archive(archive) => Some(archive),
        }
    }

    /// Where exchanges wait until they are stored.
    fn strict(&self) -> Option<&Archive> {
        self.archive().filter(|archive| archive.is_strict())
    }

    /// Takes a closed recording. Returns the promise that it will be stored, if it is.
    fn take(&self, recording: Recording) -> Option<Promise> {
        match self {
            Self::Sink(sink) => {
                sink.take(recording);
                None
            }
            Self::Archive(archive) => {
                Log.report(&recording);
                archive.tell(News::Closed(recording))
            }
        }
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
