//! One policy in one exchange: what it is asked, and what its answers and failures mean.

use std::sync::Arc;

use wasmtime::Store;

use super::about::Left;
use super::journal::Journal;
use super::live::{HookCall, Live, Spent};
use crate::event::{Event, Outcome};
use crate::host::HostState;
use crate::wit::hooks::Guest;
use crate::{Cause, Contents, OnFailure, Policy};

/// A policy's part in a chain.
pub(super) struct Link {
    pub(super) policy: Arc<Policy>,
    /// Its index in the chain.
    pub(super) index: usize,
    live: Live,
    /// The bound that the policy met, if that is why it failed.
    met: Option<String>,
    /// What the policy was given of a text that is still arriving, if it observes whole texts.
    pub(super) gathered: String,
}

/// Why a policy has no answer. The configured side applies.
pub(super) enum Unanswered {
    /// It failed in this call.
    Failed(Cause),
    /// It failed before, so it was not asked.
    Gone,
}

impl Link {
    pub(super) fn new(policy: &Arc<Policy>, index: usize) -> Self {
        Self {
            policy: Arc::clone(policy),
            index,
            live: Live::new(policy),
            met: None,
            gathered: String::new(),
        }
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

    /// Calls a hook and checks the answer. What came of it still has to be [written](Self::write).
    pub(super) async fn ask<A, V>(
        &mut self,
        journal: &mut Journal,
        hook_call: HookCall<'_>,
        call: impl AsyncFnOnce(&Guest, &mut Store<HostState>) -> wasmtime::Result<A>,
        check: impl FnOnce(A) -> Result<V, Cause>,
    ) -> Result<V, Unanswered> {
        match self.live.call(journal, hook_call, call, check).await {
            None => Err(Unanswered::Gone),
            Some(Ok(value)) => Ok(value),
            Some(Err(cause)) => {
                self.met = cause.bound();
                Err(Unanswered::Failed(cause))
            }
        }
    }

    /// Writes what came of a call about a block.
    pub(super) fn write(
        &mut self,
        journal: &mut Journal,
        call: HookCall<'_>,
        outcome: Outcome,
        left: Left<'_>,
    ) {
        let contents = call.about.contents(journal, left);
        self.write_with(journal, call, outcome, contents);
    }

    /// Writes that a policy had no answer, and what that left of the block. Does not log it. The code that takes the
    /// events logs it, because it knows the rest of the exchange.
    pub(super) fn write_unanswered(
        &mut self,
        journal: &mut Journal,
        call: HookCall<'_>,
        unanswered: Unanswered,
        left: Left<'_>,
    ) {
        let outcome = self.failure_of(unanswered);
        self.write(journal, call, outcome, left);
    }

    pub(super) fn failure_of(&self, unanswered: Unanswered) -> Outcome {
        let side = self.policy.on_failure();
        match unanswered {
            Unanswered::Failed(cause) => Outcome::Failed { cause, side },
            Unanswered::Gone => Outcome::NotJudged { side },
        }
    }

    pub(super) fn write_with(
        &mut self,
        journal: &mut Journal,
        call: HookCall<'_>,
        outcome: Outcome,
        contents: Contents,
    ) {
        let Spent { fuel, duration } = self.live.take_spent();
        let block = call.about.number(journal);
        journal.events.push(Event {
            policy: Arc::clone(&self.policy.name),
            revision: Arc::clone(&self.policy.revision),
            hook: call.hook,
            block,
            fuel,
            duration,
            outcome,
            contents,
        });
    }
}
