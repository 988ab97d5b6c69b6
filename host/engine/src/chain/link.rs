//! One policy in one exchange: what it is asked, and what its answers and failures mean.

use std::sync::Arc;

use wasmtime::Store;

use super::journal::Journal;
use super::live::{Checked, HookCall, Live, Spent};
use super::text::Gathered;
use crate::event::{Event, Hook, Outcome};
use crate::host::HostState;
use crate::wit::hooks::Guest;
use crate::{Cause, OnFailure, Policy};

/// A policy's part in a chain.
pub(super) struct Link {
    pub(super) policy: Arc<Policy>,
    live: Live,
    /// The bound that the policy met, if that is why it failed.
    met: Option<String>,
    /// What the policy was given of a text that is still arriving.
    pub(super) gathered: Gathered,
}

impl Link {
    /// Returns `None` for a policy that wants nothing.
    pub(super) fn new(policy: &Arc<Policy>) -> Option<Self> {
        policy.start.as_ref()?;
        Some(Self {
            policy: Arc::clone(policy),
            live: Live::new(policy),
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
        hook_call: HookCall,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A, bool) -> Checked<V>,
    ) -> Option<V> {
        let hook = hook_call.hook;
        match self.live.call(journal, hook_call, call, check).await {
            None => {
                self.not_judged(journal, hook);
                None
            }
            Some(Ok((value, outcome))) => {
                if let Some(outcome) = outcome {
                    self.write(journal, hook, outcome);
                }
                Some(value)
            }
            Some(Err(cause)) => {
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

    /// Whether the policy can't be asked any more.
    pub(super) fn is_gone(&self) -> bool {
        self.live.is_gone()
    }

    pub(super) fn write(&mut self, journal: &mut Journal, hook: Hook, outcome: Outcome) {
        let Spent { fuel, duration } = self.live.take_spent();
        journal.events.push(Event {
            policy: Arc::clone(&self.policy.name),
            hook,
            fuel,
            duration,
            outcome,
        });
    }

    /// Does not log the failure. The code that takes the events logs it, because it knows the rest
    /// of the exchange.
    fn failed(&mut self, journal: &mut Journal, hook: Hook, cause: Cause) {
        let side = self.policy.on_failure();
        self.met = cause.bound();
        self.write(journal, hook, Outcome::Failed { cause, side });
    }
}
