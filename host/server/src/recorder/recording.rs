//! The record of one exchange.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_engine::{Context, Event, Outcome, PolicySet, Verdict};
use sluice_protocol::Wants;

use super::Sink;
use crate::telemetry::clip;

/// The most events that one recording keeps. Later ones are counted in [`Recording::dropped_events`].
const MAX_EVENTS: usize = 4096;

/// All that is known about one exchange.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The id of the exchange.
    pub exchange: String,
    /// The dialect it was spoken in, by [`Api::as_str`](sluice_protocol::Api::as_str).
    pub api: String,
    /// The model asked for.
    pub model: String,
    /// Whether the caller asked for a stream.
    pub streaming: bool,
    /// The generation of policies that served it from its beginning to its end.
    pub generation: u64,
    /// What its policies together asked to see of the reply.
    pub wants: Wants,
    /// Whether the reply is not made of blocks: it is a number, a vector, or what the agent sends on in its next request.
    pub has_no_blocks: bool,
    /// Upstream's status. `None` until it arrives.
    pub status: Option<u16>,
    /// What policies said and did, in order.
    pub events: Vec<Event>,
    /// How many events were left out because there were too many.
    pub dropped_events: u64,
    /// How it ended.
    pub ending: Ending,
    /// The time from the request to the end.
    pub duration: Duration,
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Upstream's reply was delivered, as far as policies let it.
    Delivered,
    /// A policy refused the request.
    Refused,
    /// A policy answered in upstream's place.
    Answered,
    /// It ended with an error.
    Failed(String),
    /// The caller went away.
    Aborted,
}

/// A recording that is still being written. Dropping it closes it as aborted.
pub struct OpenRecording {
    recording: Option<Recording>,
    sink: Arc<dyn Sink>,
    since: Instant,
}

impl Recording {
    pub(super) fn new(context: &Context, set: &PolicySet) -> Self {
        Self {
            exchange: context.exchange.clone(),
            api: context.api.clone(),
            model: context.model.clone(),
            streaming: context.streaming,
            generation: set.generation(),
            wants: set.wants(),
            has_no_blocks: false,
            status: None,
            events: Vec::new(),
            dropped_events: 0,
            ending: Ending::Aborted,
            duration: Duration::ZERO,
        }
    }

    fn push(&mut self, event: Event) {
        report(&self.exchange, &event);
        if self.events.len() < MAX_EVENTS {
            self.events.push(event);
        } else {
            self.dropped_events += 1;
        }
    }
}

impl OpenRecording {
    pub(super) fn new(recording: Recording, sink: Arc<dyn Sink>) -> Self {
        Self {
            recording: Some(recording),
            sink,
            since: Instant::now(),
        }
    }

    /// Records what policies said and did.
    pub fn note(&mut self, events: Vec<Event>) {
        if let Some(recording) = &mut self.recording {
            events.into_iter().for_each(|event| recording.push(event));
        }
    }

    /// Records upstream's status.
    pub fn set_status(&mut self, status: u16) {
        if let Some(recording) = &mut self.recording {
            recording.status = Some(status);
        }
    }

    /// Records that the reply is not made of blocks.
    pub fn set_no_blocks(&mut self) {
        if let Some(recording) = &mut self.recording {
            recording.has_no_blocks = true;
        }
    }

    /// Passes a result through. An error closes the recording as failed.
    pub fn settle<T, E: fmt::Display>(&mut self, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.close(Ending::Failed(error.to_string()));
        }
        result
    }

    /// Closes the recording. Only the first close counts.
    pub fn close(&mut self, ending: Ending) {
        if let Some(mut recording) = self.recording.take() {
            recording.ending = ending;
            recording.duration = self.since.elapsed();
            self.sink.take(recording);
        }
    }
}

impl Drop for OpenRecording {
    fn drop(&mut self) {
        self.close(Ending::Aborted);
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => f.write_str("delivered"),
            Self::Refused => f.write_str("refused"),
            Self::Answered => f.write_str("answered"),
            Self::Failed(cause) => write!(f, "failed: {cause}"),
            Self::Aborted => f.write_str("aborted"),
        }
    }
}

/// Logs what the operator has to know before the exchange ends.
fn report(exchange: &str, event: &Event) {
    let (policy, hook) = (&*event.policy, event.hook.as_str());
    match &event.outcome {
        Outcome::Failed { cause, side } => tracing::warn!(
            exchange.id = exchange,
            policy.name = policy,
            hook,
            fuel = event.fuel,
            cause = &*clip(&cause.to_string()),
            raised_by = cause.raised_by(),
            side = side.as_str(),
            "policy failed"
        ),
        Outcome::Verdict {
            verdict: Verdict::Deny,
            rule,
            message,
            ..
        } => {
            let (rule, reason) = (rule.as_deref().map(clip), message.as_deref().map(clip));
            tracing::info!(
                exchange.id = exchange,
                policy.name = policy,
                hook,
                rule = rule.as_deref(),
                reason = reason.as_deref(),
                "policy stepped in"
            );
        }
        _ => {}
    }
}
