//! A policy's instance in one exchange: made for its first call, and given back after the last.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wasmtime::Store;

use super::about::About;
use super::journal::Journal;
use crate::config::CallBounds;
use crate::edits::EditLog;
use crate::event::{Event, Hook, Outcome};
use crate::host::{Exchange, HostState, Scope, Telemetry, Work};
use crate::instance::Instance;
use crate::wit::hooks::Guest;
use crate::{Cause, Contents, Policy};

/// How many times a hook that is given a block may have the host go through the whole request.
const REREADS: u64 = 16;

/// A policy and its instance, if there is one.
pub(super) struct Live {
    policy: Arc<Policy>,
    state: State,
    spent: Spent,
}

enum State {
    /// There is no instance.
    Asleep,
    /// Boxed, because most policies of an exchange are asleep.
    Awake(Box<Instance>),
    /// It has failed, or the exchange gave up in the middle of a call.
    Gone,
}

/// What calls cost, including the cost of making the instance.
#[derive(Default)]
pub(super) struct Spent {
    pub(super) fuel: u64,
    pub(super) duration: Duration,
}

/// A hook to call, what it is about, and how many bytes that gives the policy to read.
#[derive(Clone, Copy)]
pub(super) struct HookCall<'a> {
    pub(super) hook: Hook,
    pub(super) about: About<'a>,
    pub(super) bytes: usize,
}

impl Live {
    pub(super) fn new(policy: &Arc<Policy>) -> Self {
        Self {
            policy: Arc::clone(policy),
            state: State::Asleep,
            spent: Spent::default(),
        }
    }

    /// Takes the cost of the calls since this was last called.
    pub(super) fn take_spent(&mut self) -> Spent {
        mem::take(&mut self.spent)
    }

    /// Calls a hook and checks the answer. After an error the instance is gone. Returns `None` if it was gone before.
    pub(super) async fn call<A, V>(
        &mut self,
        journal: &mut Journal,
        hook_call: HookCall<'_>,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A) -> Result<V, Cause>,
    ) -> Option<Result<V, Cause>> {
        // The instance is taken out for the call: if the exchange gives up half-way, it does not
        // come back.
        match mem::replace(&mut self.state, State::Gone) {
            State::Gone => None,
            state => Some(self.call_in(state, journal, hook_call, call, check).await),
        }
    }

    async fn call_in<A, V>(
        &mut self,
        state: State,
        journal: &mut Journal,
        hook_call: HookCall<'_>,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A) -> Result<V, Cause>,
    ) -> Result<V, Cause> {
        let HookCall { hook, bytes, .. } = hook_call;
        let began = Instant::now();
        let bounds = self.bounds(hook, bytes);
        let until = began + bounds.time;
        let instance = self.wake(&journal.exchange, state, bounds, until);
        let mut instance = instance.await?;
        instance.allow_edits(hook == Hook::Request);
        let work = Work::new(until, rereading(journal, hook));
        let answer = timeout_at(until, instance.call(bounds, work, call))
            .await
            .unwrap_or(Err(Cause::Deadline { limit: bounds.time }));
        self.spent.fuel += instance.spent();
        self.spent.duration += began.elapsed();
        self.take_emitted(journal, &mut instance, hook_call);
        if hook == Hook::Request {
            // They stand, even if the policy fails after them.
            journal.edits = instance.state().take_edits();
        }
        let checked = answer.and_then(check)?;
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
        let permit = timeout_at(until, engine.permit())
            .await
            .map_err(|_| Cause::NoInstance { limit })?;
        let state = self.host_state(exchange, self.policy.limits().load(limit));
        let instance = timeout_at(until, Instance::start(start, state, permit))
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
            edits: EditLog::new(exchange.level),
        };
        HostState::new(self.policy.limits(), bounds, telemetry, scope)
    }

    fn bounds(&self, hook: Hook, bytes: usize) -> CallBounds {
        let limits = self.policy.limits();
        let fuel = match hook {
            Hook::Request => limits.request_fuel,
            _ => limits.block_fuel,
        };
        limits.call(fuel, bytes)
    }

    fn take_emitted(&self, journal: &mut Journal, instance: &mut Instance, call: HookCall<'_>) {
        for (kind, detail) in instance.state().telemetry.take_emitted() {
            let block = call.about.number(journal);
            journal.events.push(Event {
                policy: Arc::clone(&self.policy.name),
                revision: Arc::clone(&self.policy.revision),
                hook: call.hook,
                block,
                fuel: 0,
                duration: Duration::ZERO,
                outcome: Outcome::Emitted { kind, detail },
                contents: Contents::Nothing,
            });
        }
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
