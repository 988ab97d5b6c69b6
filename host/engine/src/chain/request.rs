//! `on-request`: one policy's verdict on the request.

use std::sync::Arc;

use serde_json::Value;
use sluice_protocol::{Block, ruling};

use super::Refusal;
use super::journal::Journal;
use super::link::Link;
use super::live::{Checked, HookCall};
use crate::event::{Action, Hook, Outcome, Verdict};
use crate::reason::Reason;
use crate::wit::hooks::RequestVerdict;
use crate::{Cause, convert, notice};

/// The rule name of a refusal for which no policy gave one.
const FAILED: &str = "sluice.policy-failed";

/// The outcome of a request after one policy.
pub(super) enum RequestStep {
    Forward,
    Answer(Vec<Block>),
    Refuse(Refusal),
}

/// A checked verdict.
enum Judged {
    Forward,
    Answer(Vec<Block>),
    Refuse(Reason),
}

impl Link {
    pub(super) async fn on_request(&mut self, journal: &mut Journal) -> RequestStep {
        if !self.policy.wants_request() {
            return RequestStep::Forward;
        }
        let call = HookCall {
            hook: Hook::Request,
            bytes: journal.exchange.request().size(),
        };
        let judged = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_request(store).await,
            check,
        );
        match judged.await {
            Some(Judged::Forward) => RequestStep::Forward,
            Some(Judged::Answer(blocks)) => RequestStep::Answer(blocks),
            Some(Judged::Refuse(reason)) => RequestStep::Refuse(Refusal {
                policy: Arc::clone(&self.policy.name),
                rule: reason.rule,
                message: reason.message,
                detail: reason.detail,
            }),
            None if self.blocks_on_failure() => RequestStep::Refuse(Refusal {
                policy: Arc::clone(&self.policy.name),
                rule: FAILED.to_owned(),
                message: notice::failed_request(self.name(), self.bound_met()),
                detail: Value::Null,
            }),
            None => RequestStep::Forward,
        }
    }
}

fn check(verdict: RequestVerdict, edited: bool) -> Checked<Judged> {
    let (judged, outcome) = match verdict {
        RequestVerdict::Forward if edited => (
            Judged::Forward,
            Outcome::plain(Verdict::Modify, Action::Modify),
        ),
        RequestVerdict::Forward => (
            Judged::Forward,
            Outcome::plain(Verdict::Allow, Action::Allow),
        ),
        RequestVerdict::Answer(blocks) => {
            let blocks = convert::made(blocks)?;
            ruling::check_blocks(&blocks).map_err(Cause::illegal)?;
            // Upstream does not see the request: the policy answers in its place.
            let outcome = Outcome::plain(Verdict::Modify, Action::Block);
            (Judged::Answer(blocks), outcome)
        }
        RequestVerdict::Refuse(reason) => {
            let reason = Reason::check(&reason)?;
            let outcome = reason.denial();
            (Judged::Refuse(reason), outcome)
        }
    };
    Ok((judged, Some(outcome)))
}
