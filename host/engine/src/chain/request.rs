//! `on-request`: one policy's verdict on the request.

use std::sync::Arc;

use serde_json::Value;
use sluice_protocol::{Block, ruling};

use super::Refusal;
use super::about::{About, Left};
use super::journal::Journal;
use super::link::Link;
use super::live::HookCall;
use super::offered::Offered;
use crate::event::{Action, Hook, Outcome, Verdict};
use crate::reason::Reason;
use crate::wit::hooks::RequestVerdict;
use crate::{Cause, Contents, convert, notice};

/// The rule name of a refusal for which no policy gave one.
const FAILED: &str = "sluice.policy-failed";

/// The outcome of a request after one policy.
pub(super) enum RequestStep {
    Forward,
    Answer(Vec<Offered>),
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
            about: About::Exchange,
            bytes: journal.exchange.request().size(),
        };
        let judged = self.ask(
            journal,
            call,
            async |hooks, store| hooks.call_on_request(store).await,
            check,
        );
        let judged = judged.await;
        let edits = std::mem::take(&mut journal.edits);
        let is_edited = edits.is_edited();
        let edits = edits
            .into_edits()
            .map_or(Contents::Nothing, Contents::Edits);
        match judged {
            Ok(Judged::Forward) => {
                let outcome = match is_edited {
                    true => Outcome::modify(),
                    false => Outcome::allow(),
                };
                self.write_with(journal, call, outcome, edits);
                RequestStep::Forward
            }
            Ok(Judged::Answer(blocks)) => {
                let answer: Vec<_> = blocks
                    .into_iter()
                    .map(|block| journal.next(block))
                    .collect();
                // Upstream does not see the request: the policy answers in its place.
                let outcome = Outcome::plain(Verdict::Modify, Action::Block);
                self.write(journal, call, outcome, Left::Blocks(&answer));
                RequestStep::Answer(answer)
            }
            Ok(Judged::Refuse(reason)) => {
                self.write_with(journal, call, reason.denial(), edits);
                RequestStep::Refuse(self.refusal(reason))
            }
            Err(unanswered) => {
                let outcome = self.failure_of(unanswered);
                self.write_with(journal, call, outcome, edits);
                self.unanswered_request()
            }
        }
    }

    fn refusal(&self, reason: Reason) -> Refusal {
        Refusal {
            policy: Arc::clone(&self.policy.name),
            rule: reason.rule,
            message: reason.message,
            detail: reason.detail,
        }
    }

    fn unanswered_request(&self) -> RequestStep {
        if !self.blocks_on_failure() {
            return RequestStep::Forward;
        }
        RequestStep::Refuse(Refusal {
            policy: Arc::clone(&self.policy.name),
            rule: FAILED.to_owned(),
            message: notice::failed_request(self.name(), self.bound_met()),
            detail: Value::Null,
        })
    }
}

fn check(verdict: RequestVerdict) -> Result<Judged, Cause> {
    Ok(match verdict {
        RequestVerdict::Forward => Judged::Forward,
        RequestVerdict::Answer(blocks) => {
            let blocks = convert::made(blocks)?;
            ruling::check_blocks(&blocks).map_err(Cause::illegal)?;
            Judged::Answer(blocks)
        }
        RequestVerdict::Refuse(reason) => Judged::Refuse(Reason::check(&reason)?),
    })
}
