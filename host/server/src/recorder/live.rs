//! Tells of an exchange as it goes: that it began, that a policy stepped in, that it is over.
//!
//! Tells names and numbers. What was said, and why a policy did something, is for the record alone.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sluice_api as api;
use sluice_api::{ExchangeFinished, ExchangeStarted, Happening, LiveExchange, LiveVerdict};
use sluice_api::{Said, SaidTimes};
use sluice_engine::{Event, Hook, Outcome};

use super::convert::id;
use super::recording::{Ending, Recording};
use crate::bus::Bus;
use crate::clock::micros;
use crate::telemetry::clip;

/// The most verdicts of an exchange that are told as they come.
const MOST_VERDICTS: usize = 100;
/// How many different things that policies did are told of an exchange that is over.
const MOST_SAID: usize = 16;

/// An exchange as listeners know it. When the last clone is dropped, and nobody told that the exchange is over, that is
/// told. Tells nothing if there is nobody who could listen.
#[derive(Clone, Default)]
pub(super) struct Live(Option<Arc<Shared>>);

struct Shared {
    bus: Bus,
    exchange: LiveExchange,
    /// The status that the caller got. 0 if it got none yet.
    status: AtomicU16,
    verdicts: AtomicUsize,
    said: Mutex<Vec<SaidTimes>>,
    over: OnceLock<Over>,
    usage: OnceLock<api::Usage>,
    is_told: AtomicBool,
}

/// How an exchange ended.
struct Over {
    ending: api::Ending,
    times: api::Times,
}

impl Live {
    /// Tells that an exchange began.
    pub(super) fn begin(bus: &Bus, recording: &Recording) -> Self {
        if bus.process().is_none() {
            return Self::default();
        }
        let exchange = names(recording);
        bus.tell(Happening::ExchangeStarted(ExchangeStarted {
            exchange: exchange.clone(),
            streaming: recording.streaming,
            generation: recording.generation,
        }));
        Self(Some(Arc::new(Shared {
            bus: bus.clone(),
            exchange,
            status: AtomicU16::new(0),
            verdicts: AtomicUsize::new(0),
            said: Mutex::default(),
            over: OnceLock::new(),
            usage: OnceLock::new(),
            is_told: AtomicBool::new(false),
        })))
    }

    /// Notes the status that the caller gets.
    pub(super) fn answered(&self, status: u16) {
        if let Some(shared) = &self.0 {
            shared.status.store(status, Ordering::Relaxed);
        }
    }

    /// Notes what a policy said or did, and tells it unless all goes on as it is.
    pub(super) fn note(&self, event: &Event) {
        if let (Some(shared), Some(said)) = (&self.0, said(event)) {
            shared.note(event, said);
        }
    }

    /// Notes how the exchange ended, and tells it if nobody is going to read what was sent and received.
    pub(super) fn ended(&self, recording: &Recording) {
        if let Some(shared) = &self.0 {
            let traffic = recording.traffic.as_ref();
            let times = api::Times {
                first_byte_us: traffic.and_then(|traffic| traffic.first_byte.map(micros)),
                held_us: traffic.map_or(0, |traffic| micros(traffic.held)),
                total_us: micros(recording.duration),
            };
            let ending = ending(&recording.ending);
            // Only the first ending counts.
            let _ = shared.over.set(Over { ending, times });
            if traffic.is_none() {
                shared.finish();
            }
        }
    }

    /// Tells that the exchange is over, with what upstream counted.
    pub(super) fn finish(&self, usage: Option<api::Usage>) {
        if let Some(shared) = &self.0 {
            if let Some(usage) = usage {
                // Only the first count counts.
                let _ = shared.usage.set(usage);
            }
            shared.finish();
        }
    }

    /// Tells that the exchange is in the record.
    pub(super) fn recorded(&self) {
        if let Some(shared) = &self.0 {
            let finished = shared.finished();
            shared.bus.tell(Happening::ExchangeRecorded(finished));
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Shared {
    fn note(&self, event: &Event, said: Said) {
        let passes =
            said.verdict.as_deref() == Some("allow") && said.action.as_deref() == Some("allow");
        let is_news = !passes && !matches!(event.outcome, Outcome::NotJudged { .. });
        self.count(&said);
        if !is_news || self.verdicts.fetch_add(1, Ordering::Relaxed) >= MOST_VERDICTS {
            return;
        }
        self.bus.tell(Happening::Verdict(LiveVerdict {
            exchange: self.exchange.clone(),
            said,
            hook: event.hook.as_str().to_owned(),
            side: match event.hook {
                Hook::Request => api::Side::Request,
                Hook::Block | Hook::Observe | Hook::Text | Hook::End => api::Side::Reply,
            },
            block: event.block,
        }));
    }

    fn count(&self, new: &Said) {
        let mut all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter_mut().find(|known| known.said == *new) {
            known.times += 1;
        } else if all.len() < MOST_SAID {
            all.push(SaidTimes {
                said: new.clone(),
                times: 1,
            });
        }
    }

    fn finish(&self) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            let finished = self.finished();
            self.bus.tell(Happening::ExchangeFinished(finished));
        }
    }

    fn finished(&self) -> ExchangeFinished {
        let over = self.over.get();
        let status = self.status.load(Ordering::Relaxed);
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        ExchangeFinished {
            exchange: self.exchange.clone(),
            status: (status > 0).then_some(status),
            ending: over.map_or(api::Ending::Aborted, |over| over.ending),
            times: over.map_or_else(api::Times::default, |over| over.times),
            usage: self.usage.get().copied(),
            verdicts: said.clone(),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.finish();
    }
}

fn names(recording: &Recording) -> LiveExchange {
    let session = &recording.session;
    let clipped = |name: &str| clip(name).into_owned();
    LiveExchange {
        id: id(&recording.exchange).to_string(),
        received_at_ms: recording.received_at,
        caller: recording.caller.clone(),
        session: api::SessionKey {
            key: clipped(&session.key),
            found_by: session.found_by.to_owned(),
            agent: session.agent.as_deref().map(clipped),
            parent_agent: session.parent_agent.as_deref().map(clipped),
        },
        api: recording.api.clone(),
        model: Some(clipped(&recording.model)).filter(|model| !model.is_empty()),
    }
}

/// What a policy did, without its reasons. `None` for a row that it wrote itself.
fn said(event: &Event) -> Option<Said> {
    let mut said = Said {
        policy: clip(&event.policy).into_owned(),
        verdict: None,
        action: None,
        rule: None,
        outcome: None,
    };
    match &event.outcome {
        Outcome::Verdict {
            verdict,
            action,
            rule,
            ..
        } => {
            said.verdict = Some(verdict.as_str().to_owned());
            said.action = Some(action.as_str().to_owned());
            said.rule = rule.as_deref().map(|rule| clip(rule).into_owned());
        }
        Outcome::Failed { side, .. } => said.outcome = Some(format!("failed-{}", side.as_str())),
        Outcome::NotJudged { side } => {
            said.outcome = Some(format!("not-judged-{}", side.as_str()));
        }
        Outcome::Emitted { .. } => return None,
    }
    Some(said)
}

fn ending(ending: &Ending) -> api::Ending {
    match ending {
        Ending::Delivered => api::Ending::Delivered,
        Ending::Refused => api::Ending::Refused,
        Ending::Answered => api::Ending::Answered,
        Ending::Failed(_) => api::Ending::Failed,
        Ending::Aborted => api::Ending::Aborted,
    }
}
