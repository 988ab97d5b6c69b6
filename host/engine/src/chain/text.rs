//! `on-text`: text as it arrives, or as one piece if another policy wants it whole.

use std::sync::Arc;

use sluice_protocol::{Block, Delivery};

use super::about::{About, Left};
use super::block::BlockStep;
use super::journal::Journal;
use super::link::{Link, Unanswered};
use super::live::HookCall;
use super::offered::Offered;
use crate::Cause;
use crate::event::{Hook, Outcome};
use crate::notice::{self, Held};
use crate::reason::Reason;
use crate::wit::hooks::TextVerdict;

/// The most text of one block that is gathered for a policy that observes. The policy does not see
/// the rest.
const GATHERED_MAX: usize = 4 << 20;

/// A checked verdict on a piece.
enum Judged {
    Text(String),
    Stop(Reason),
}

/// A policy that hears a text, and the exchange in which it does.
struct Hearing<'a> {
    link: &'a mut Link,
    journal: &'a mut Journal,
}

impl Link {
    /// Returns what to send on for a piece, or as the error the notice with which the reply ends.
    pub(super) async fn on_piece(
        &mut self,
        journal: &mut Journal,
        text: String,
        last: bool,
    ) -> Result<String, String> {
        let delivery = self.policy.wants().text;
        let mut hearing = Hearing {
            link: self,
            journal,
        };
        match delivery {
            Delivery::Pieces => hearing.arriving(text, last).await,
            Delivery::Observe => {
                hearing.gather(&text, last).await;
                Ok(text)
            }
            Delivery::None | Delivery::Whole => Ok(text),
        }
    }

    /// Judges a text that is held because other policies want it whole. This policy gets it as one
    /// piece.
    pub(super) async fn on_whole_text(
        &mut self,
        journal: &mut Journal,
        offered: &Offered,
        text: &str,
    ) -> BlockStep {
        let link = self;
        Hearing { link, journal }.whole(offered, text).await
    }
}

impl Hearing<'_> {
    async fn whole(&mut self, offered: &Offered, text: &str) -> BlockStep {
        let about = About::Block(offered);
        let (mut passed, mut unanswered) = (String::new(), Vec::new());
        for (piece, last) in calls_for(text.to_owned(), true) {
            let call = call_for(&piece, about);
            match self.judge(call, &piece, last).await {
                Ok(Judged::Text(text)) => passed = joined(passed, text),
                Ok(Judged::Stop(reason)) => {
                    self.write(call, reason.denial(), Left::Nothing);
                    let notice = self.stopped(&reason);
                    return BlockStep::Stop { notice };
                }
                Err(why) if self.link.blocks_on_failure() => {
                    self.write_unanswered(call, why, Left::Nothing);
                    let notice = self.failed();
                    return BlockStep::Stop { notice };
                }
                // The text that the policy had held back of this block was lost with its instance.
                Err(why) => {
                    unanswered.push(why);
                    passed = joined(passed, piece);
                }
            }
        }
        let step = self.passed_whole(offered, text, passed);
        let call = call_for("", about);
        let (outcome, left) = match &step {
            BlockStep::Keep => (Outcome::allow(), Left::Same),
            BlockStep::Replace(made) => (Outcome::modify(), Left::Blocks(made)),
            BlockStep::Drop { .. } | BlockStep::Stop { .. } => (Outcome::modify(), Left::Nothing),
        };
        if unanswered.is_empty() {
            self.write(call, outcome, left);
        }
        for why in unanswered {
            self.write_unanswered(call, why, left);
        }
        step
    }

    /// Returns what it means that of `text` the policy passed on this.
    fn passed_whole(&mut self, offered: &Offered, text: &str, passed: String) -> BlockStep {
        if passed == text {
            return BlockStep::Keep;
        }
        if passed.trim().is_empty() {
            let notice = notice::emptied(self.link.name());
            return BlockStep::Drop { notice };
        }
        let made = vec![Block::Text(passed)];
        BlockStep::Replace(self.journal.offer_all(made, offered.number))
    }

    async fn arriving(&mut self, text: String, last: bool) -> Result<String, String> {
        let mut passed = String::new();
        for (piece, last) in calls_for(text, last) {
            let text = self.pass(piece, last).await?;
            passed = joined(passed, text);
        }
        Ok(passed)
    }

    /// Writes one event for a whole block, because pieces have no meaning of their own.
    async fn pass(&mut self, piece: String, last: bool) -> Result<String, String> {
        let call = call_for(&piece, About::Arriving(self.link.index));
        match self.judge(call, &piece, last).await {
            Ok(Judged::Text(text)) => {
                let changed = self.passed(&piece, &text, last);
                if last {
                    let outcome = match changed {
                        true => Outcome::modify(),
                        false => Outcome::allow(),
                    };
                    self.write(call, outcome, Left::Sent);
                }
                Ok(text)
            }
            Ok(Judged::Stop(reason)) => {
                self.write(call, reason.denial(), Left::Sent);
                Err(self.stopped(&reason))
            }
            Err(why) => {
                // The text that the policy had held back of this block was lost with its instance.
                self.journal.texts.passage(self.link.index).lose();
                let passes = !self.link.blocks_on_failure();
                if passes {
                    self.passed(&piece, &piece, last);
                }
                if last || matches!(why, Unanswered::Failed(_)) {
                    self.write_unanswered(call, why, Left::Sent);
                }
                match passes {
                    true => Ok(piece),
                    false => Err(self.failed()),
                }
            }
        }
    }

    /// Notes what the policy sent on for a piece. Returns for the last one whether it changed the text.
    fn passed(&mut self, piece: &str, text: &str, last: bool) -> bool {
        let passage = self.journal.texts.passage(self.link.index);
        passage.pass(piece, text, &self.journal.keeper);
        last && passage.end()
    }

    async fn judge(
        &mut self,
        call: HookCall<'_>,
        piece: &str,
        last: bool,
    ) -> Result<Judged, Unanswered> {
        let judged = self.link.ask(
            self.journal,
            call,
            async |hooks, store| hooks.call_on_text(store, piece, last).await,
            |verdict| check(piece, verdict),
        );
        judged.await
    }

    async fn gather(&mut self, text: &str, last: bool) {
        let gathered = &mut self.link.gathered;
        let room = GATHERED_MAX.saturating_sub(gathered.len());
        *gathered += crate::text::cut(text, room);
        if last {
            let text = std::mem::take(gathered);
            let texts = &mut self.journal.texts;
            let offered = Offered {
                block: Arc::new(Block::Text(text)),
                number: texts.number(),
                content: texts.given(self.link.index, &mut self.journal.keeper),
            };
            self.link.observe(self.journal, &offered).await;
        }
    }

    fn write(&mut self, call: HookCall<'_>, outcome: Outcome, left: Left<'_>) {
        self.link.write(self.journal, call, outcome, left);
    }

    fn write_unanswered(&mut self, call: HookCall<'_>, why: Unanswered, left: Left<'_>) {
        self.link.write_unanswered(self.journal, call, why, left);
    }

    fn stopped(&self, reason: &Reason) -> String {
        notice::verdict(self.link.name(), Held::Reply, reason)
    }

    fn failed(&self) -> String {
        let bound = self.link.bound_met();
        notice::failure(self.link.name(), Held::Reply, bound)
    }
}

/// Splits a last piece that has text into two calls, because the contract closes a block with an
/// empty piece.
fn calls_for(text: String, last: bool) -> impl Iterator<Item = (String, bool)> {
    let text = (!text.is_empty()).then_some((text, false));
    let end = last.then_some((String::new(), true));
    text.into_iter().chain(end)
}

fn call_for<'a>(piece: &str, about: About<'a>) -> HookCall<'a> {
    HookCall {
        hook: Hook::Text,
        about,
        bytes: piece.len(),
    }
}

fn joined(before: String, text: String) -> String {
    match before.is_empty() {
        true => text,
        false => before + &text,
    }
}

fn check(piece: &str, verdict: TextVerdict) -> Result<Judged, Cause> {
    Ok(match verdict {
        TextVerdict::Keep => Judged::Text(piece.to_owned()),
        TextVerdict::Send(text) => Judged::Text(text),
        TextVerdict::Stop(reason) => Judged::Stop(Reason::check(&reason)?),
    })
}
