//! One policy in one exchange: asleep until it is asked, gone once it has failed.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wasmtime::Store;

use super::text::Gathered;
use crate::event::{Event, Hook, Outcome};
use crate::host::{Exchange, HostState, Scope, Telemetry};
use crate::instance::Instance;
use crate::wit::hooks::Guest;
use crate::{Cause, OnFailure, Policy};

/// What an exchange shares among its links, and what they write down.
pub(super) struct Journal {
    pub(super) exchange: Arc<Exchange>,
    pub(super) events: Vec<Event>,
}

/// A policy's part in a chain.
pub(super) struct Link {
    pub(super) policy: Arc<Policy>,
    state: State,
    /// What calls have cost that no event tells of yet, making the instance included.
    spent: Spent,
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

/// What a checked answer means, with the event to write, if there is one to write now.
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
    /// None for a policy that wants nothing.
    pub(super) fn new(policy: &Arc<Policy>) -> Option<Self> {
        policy.start.as_ref()?;
        Some(Self {
            policy: Arc::clone(policy),
            state: State::Asleep,
            spent: Spent::default(),
            gathered: Gathered::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.policy.name
    }

    pub(super) fn blocks_on_failure(&self) -> bool {
        self.policy.on_failure() == OnFailure::Block
    }

    /// Calls a hook and checks the answer; `check` is also told whether the request was edited. None
    /// where the policy failed, now or before: its configured side stands in.
    pub(super) async fn ask<A, V>(
        &mut self,
        journal: &mut Journal,
        hook: Hook,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A, bool) -> Checked<V>,
    ) -> Option<V> {
        // Taken out for the call: if the exchange gives up half-way, the instance does not come back.
        let state = mem::replace(&mut self.state, State::Gone);
        if let State::Gone = state {
            self.not_judged(journal, hook);
            return None;
        }
        let checked = self.call(journal, state, hook, call, check).await;
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

    /// Once for each block, so nothing is written for the pieces in between.
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
        hook: Hook,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A, bool) -> Checked<V>,
    ) -> Checked<V> {
        let began = Instant::now();
        let deadline = began + self.policy.limits().deadline;
        let mut instance = self.wake(&journal.exchange, state, deadline).await?;
        instance.allow_edits(hook == Hook::Request);
        let fuel = self.fuel(hook);
        let answer = timeout_at(deadline, instance.call(fuel, call))
            .await
            .unwrap_or(Err(Cause::Deadline));
        self.spent.fuel += fuel.saturating_sub(instance.fuel_left());
        self.spent.duration += began.elapsed();
        self.take_emitted(journal, &mut instance, hook);
        let checked = answer.and_then(|answer| check(answer, instance.state().take_edited()))?;
        self.state = match self.policy.is_stateless() {
            true => State::Asleep,
            false => State::Awake(instance),
        };
        Ok(checked)
    }

    /// The instance; a new one if this is the first call, or the policy is stateless.
    async fn wake(
        &mut self,
        exchange: &Arc<Exchange>,
        state: State,
        deadline: Instant,
    ) -> Result<Box<Instance>, Cause> {
        if let State::Awake(instance) = state {
            return Ok(instance);
        }
        let Some(start) = &self.policy.start else {
            return Err(Cause::Host("the policy wants nothing".to_owned()));
        };
        let engine = &self.policy.engine;
        let room = timeout_at(deadline, engine.room())
            .await
            .map_err(|_| Cause::NoInstance)?;
        let state = self.host_state(exchange);
        let started = Instance::start(start, self.policy.limits(), state, room);
        let instance = timeout_at(deadline, started)
            .await
            .unwrap_or(Err(Cause::Deadline))?;
        self.spent.fuel += self.policy.limits().load_fuel() - instance.fuel_left();
        Ok(Box::new(instance))
    }

    fn host_state(&self, exchange: &Arc<Exchange>) -> HostState {
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
        HostState::new(self.policy.limits(), telemetry, scope)
    }

    fn fuel(&self, hook: Hook) -> u64 {
        match hook {
            Hook::Request => self.policy.limits().request_fuel,
            _ => self.policy.limits().block_fuel,
        }
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

    /// Whoever takes the events says it in the log: it knows the rest of the exchange.
    fn failed(&mut self, journal: &mut Journal, hook: Hook, cause: Cause) {
        let side = self.policy.on_failure();
        self.write(journal, hook, Outcome::Failed { cause, side });
    }
}
