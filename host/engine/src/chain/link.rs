//! One policy in one exchange: asleep until it is asked, gone once it has failed.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wasmtime::Store;

use super::text::Gathered;
use crate::config::CallBounds;
use crate::event::{Event, Hook, Outcome};
use crate::host::{Exchange, HostState, Scope, Telemetry, Work};
use crate::instance::Instance;
use crate::wit::hooks::Guest;
use crate::{Cause, OnFailure, Policy};

/// How many times a hook that is given a block may have the host go through the whole request.
const REREADS: u64 = 16;

/// What the links of an exchange share, and the events that they write.
pub(super) struct Journal {
    pub(super) exchange: Arc<Exchange>,
    pub(super) events: Vec<Event>,
}

/// A policy's part in a chain.
pub(super) struct Link {
    pub(super) policy: Arc<Policy>,
    state: State,
    /// The cost of calls that no event has reported yet, including the cost of making the instance.
    spent: Spent,
    /// The bound that the policy met, if that is why it failed.
    met: Option<String>,
    /// What the policy was given of a text that is still arriving.
    pub(super) gathered: Gathered,
}

enum State {
    /// It holds no instance.
    Asleep,
    /// Boxed, because most links of a chain are asleep.
    Awake(Box<Instance>),
    /// It has failed, or the exchange gave up in the middle of a call.
    Gone,
}

#[derive(Default)]
struct Spent {
    fuel: u64,
    duration: Duration,
}

/// What a policy is asked, and how many bytes that gives it to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) hook: Hook,
    pub(super) bytes: usize,
}

/// The meaning of a checked answer, and the event to write now, if any.
pub(super) type Checked<V> = Result<(V, Option<Outcome>), Cause>;

impl Journal {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self {
            exchange: Arc::new(exchange),
            events: Vec::new(),
        }
    }
}

impl Link {
    /// Returns `None` for a policy that wants nothing.
    pub(super) fn new(policy: &Arc<Policy>) -> Option<Self> {
        policy.start.as_ref()?;
        Some(Self {
            policy: Arc::clone(policy),
            state: State::Asleep,
            spent: Spent::default(),
            met: None,
            gathered: Gathered::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.policy.name
    }

    /// The bound that the policy met, if that is why it failed.
    pub(super) fn bound_met(&self) -> Option<&str> {
        self.met.as_deref()
    }

    pub(super) fn blocks_on_failure(&self) -> bool {
        self.policy.on_failure() == OnFailure::Block
    }

    /// Calls a hook and checks the answer. `check` is also told whether the request was edited.
    /// Returns `None` if the policy fails now or failed before: then the configured side applies.
    pub(super) async fn ask<A, V>(
        &mut self,
        journal: &mut Journal,
        asked: Asked,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A, bool) -> Checked<V>,
    ) -> Option<V> {
        let hook = asked.hook;
        // The instance is taken out for the call: if the exchange gives up half-way, it does not
        // come back.
        let state = mem::replace(&mut self.state, State::Gone);
        if let State::Gone = state {
            self.not_judged(journal, hook);
            return None;
        }
        let checked = self.call(journal, state, asked, call, check).await;
        match checked {
            Ok((value, outcome)) => {
                if let Some(outcome) = outcome {
                    self.write(journal, hook, outcome);
                }
                Some(value)
            }
            Err(cause) => {
                self.failed(journal, hook, cause);
                None
            }
        }
    }

    /// Writes one event for each block, and none for the pieces in between.
    pub(super) fn not_judged(&mut self, journal: &mut Journal, hook: Hook) {
        if hook != Hook::Text {
            let side = self.policy.on_failure();
            self.write(journal, hook, Outcome::NotJudged { side });
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone)
    }

    pub(super) fn write(&mut self, journal: &mut Journal, hook: Hook, outcome: Outcome) {
        let Spent { fuel, duration } = mem::take(&mut self.spent);
        journal.events.push(Event {
            policy: Arc::clone(&self.policy.name),
            hook,
            fuel,
            duration,
            outcome,
        });
    }

    async fn call<A, V>(
        &mut self,
        journal: &mut Journal,
        state: State,
        asked: Asked,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A, bool) -> Checked<V>,
    ) -> Checked<V> {
        let began = Instant::now();
        let bounds = self.bounds(asked);
        let until = began + bounds.time;
        let instance = self.wake(&journal.exchange, state, bounds, until);
        let mut instance = instance.await?;
        instance.allow_edits(asked.hook == Hook::Request);
        let work = Work::new(until, rereading(journal, asked.hook));
        let answer = timeout_at(until, instance.call(bounds, work, call))
            .await
            .unwrap_or(Err(Cause::Deadline { limit: bounds.time }));
        self.spent.fuel += instance.spent();
        self.spent.duration += began.elapsed();
        self.take_emitted(journal, &mut instance, asked.hook);
        let checked = answer.and_then(|answer| check(answer, instance.state().take_edited()))?;
        self.state = match self.policy.is_stateless() {
            true => State::Asleep,
            false => State::Awake(instance),
        };
        Ok(checked)
    }

    /// Returns the instance. It is a new one on the first call, and on every call of a stateless
    /// policy.
    async fn wake(
        &mut self,
        exchange: &Arc<Exchange>,
        state: State,
        bounds: CallBounds,
        until: Instant,
    ) -> Result<Box<Instance>, Cause> {
        if let State::Awake(instance) = state {
            return Ok(instance);
        }
        let Some(start) = &self.policy.start else {
            return Err(Cause::Host("the policy wants nothing".to_owned()));
        };
        let engine = &self.policy.engine;
        let limit = bounds.time;
        let room = timeout_at(until, engine.room())
            .await
            .map_err(|_| Cause::NoInstance { limit })?;
        let state = self.host_state(exchange, self.policy.limits().load(limit));
        let instance = timeout_at(until, Instance::start(start, state, room))
            .await
            .unwrap_or(Err(Cause::Deadline { limit }))?;
        self.spent.fuel += instance.spent();
        Ok(Box::new(instance))
    }

    fn host_state(&self, exchange: &Arc<Exchange>, bounds: CallBounds) -> HostState {
        let telemetry = Telemetry::new(
            Arc::clone(&self.policy.name),
            Arc::clone(&exchange.id),
            Arc::clone(&self.policy.counters),
        );
        let scope = Scope::Exchange {
            exchange: Arc::clone(exchange),
            editable: false,
            edited: false,
        };
        HostState::new(self.policy.limits(), bounds, telemetry, scope)
    }

    fn bounds(&self, asked: Asked) -> CallBounds {
        let limits = self.policy.limits();
        let fuel = match asked.hook {
            Hook::Request => limits.request_fuel,
            _ => limits.block_fuel,
        };
        limits.call(fuel, asked.bytes)
    }

    fn take_emitted(&self, journal: &mut Journal, instance: &mut Instance, hook: Hook) {
        for (kind, detail) in instance.state().telemetry.take_emitted() {
            journal.events.push(Event {
                policy: Arc::clone(&self.policy.name),
                hook,
                fuel: 0,
                duration: Duration::ZERO,
                outcome: Outcome::Emitted { kind, detail },
            });
        }
    }

    /// Does not log the failure. The code that takes the events logs it, because it knows the rest
    /// of the exchange.
    fn failed(&mut self, journal: &mut Journal, hook: Hook, cause: Cause) {
        let side = self.policy.on_failure();
        self.met = cause.bound();
        self.write(journal, hook, Outcome::Failed { cause, side });
    }
}

/// Returns the host's work that a call has in addition to its fuel, so that a policy can look into a request of any size
/// when it judges a block. A request hook gets fuel for the request itself, and pieces are too many for this.
fn rereading(journal: &Journal, hook: Hook) -> u64 {
    match hook {
        Hook::Block | Hook::Observe | Hook::End => {
            REREADS.saturating_mul(journal.exchange.request().size() as u64)
        }
        Hook::Request | Hook::Text => 0,
    }
}
