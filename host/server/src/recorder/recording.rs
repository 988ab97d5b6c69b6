//! The record of one exchange.

use std::fmt;
use std::time::Duration;

use sluice_engine::{Content, Contents, Context, Event, Outcome, PolicySet, Verdict};
use sluice_protocol::Wants;

use super::Traffic;
use super::live::Live;
use crate::caller::Session;
use crate::telemetry::clip;

/// The most events that one recording keeps. Later ones are counted in [`Recording::dropped_events`].
const MAX_EVENTS: usize = 4096;

/// All that is known about one exchange.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The id of the exchange.
    pub exchange: String,
    /// When the request came in: Unix time in milliseconds.
    pub received_at: u64,
    /// The pseudonym of the caller. `None` if the request carried no credential.
    pub caller: Option<String>,
    /// The session that it belongs to.
    pub session: Session,
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
    /// What was sent and received. `None` if it is not kept.
    pub traffic: Option<Traffic>,
    /// Whether it is stored as begun.
    pub(super) is_begun: bool,
    /// Tells of it while it runs.
    pub(super) live: Live,
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

impl Recording {
    pub(super) fn new(context: &Context, session: Session, set: &PolicySet) -> Self {
        Self {
            exchange: context.exchange.clone(),
            received_at: context.received_at,
            caller: context.caller.clone(),
            session,
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
            traffic: None,
            is_begun: false,
            live: Live::default(),
        }
    }

    /// Returns about how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        let traffic = self.traffic.as_ref().map_or(0, Traffic::size);
        let events = self.events.iter().map(size).sum::<usize>();
        size_of::<Self>() + events + traffic
    }

    /// Whether the caller gets a reply to its end.
    pub(super) fn is_well(&self) -> bool {
        matches!(self.ending, Ending::Delivered | Ending::Answered)
    }

    pub(super) fn push(&mut self, event: Event) {
        report(&self.exchange, &event);
        self.live.note(&event);
        if self.events.len() < MAX_EVENTS {
            self.events.push(event);
        } else {
            self.dropped_events += 1;
        }
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

/// About how many bytes an event holds. A block that several events share counts for each of them.
fn size(event: &Event) -> usize {
    let sizes = |contents: &[Content]| {
        contents
            .iter()
            .map(|content| content.block.size())
            .sum::<usize>()
    };
    let contents = match &event.contents {
        Contents::Nothing => 0,
        Contents::Block { before, after } => {
            before.block.size() + after.as_deref().map_or(0, sizes)
        }
        Contents::Made(made) => sizes(made),
        Contents::Edits(edits) => edits.size(),
    };
    size_of::<Event>() + contents
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
