//! Records each exchange.
//!
//! A recording is opened before the first policy is asked and closed exactly once. One that is dropped while it is
//! open closes as aborted. It holds what policies decided and how the exchange ended, and contents only if its sink asks
//! for them.

mod not_judged;
mod recording;

use std::sync::Arc;

use sluice_engine::{Context, EventLevel, PolicySet};

use crate::telemetry::clip;

pub use not_judged::NotJudged;
pub use recording::{Ending, OpenRecording, Recording};

/// Takes the recordings of all exchanges. Cloning shares the sink.
#[derive(Clone)]
pub struct Recorder {
    sink: Arc<dyn Sink>,
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
        }
    }

    /// How much the events of an exchange tell.
    pub fn level(&self) -> EventLevel {
        self.sink.level()
    }

    /// Opens the recording of an exchange.
    pub fn open(&self, context: &Context, set: &PolicySet) -> OpenRecording {
        OpenRecording::new(Recording::new(context, set), Arc::clone(&self.sink))
    }
}

impl Sink for Log {
    fn take(&self, recording: Recording) {
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
