//! `on-text`: text as it arrives, or as one piece if another policy wants it whole.

use sluice_protocol::{Block, Delivery, Ruling};

use super::journal::Journal;
use super::link::Link;
use super::live::{Checked, HookCall};
use crate::event::{Action, Hook, Outcome, Verdict};
use crate::notice::{self, Held};
use crate::reason::Reason;
use crate::wit::hooks::TextVerdict;

/// The most text of one block that is gathered for a policy that observes. The policy does not see
/// the rest.
const GATHERED_MAX: usize = 4 << 20;

/// What a link has seen of the text block that is arriving.
#[derive(Default)]
pub(super) struct Gathered {
    /// The text, for a policy that observes whole blocks.
    text: String,
    /// Whether the policy changed any of it.
    changed: bool,
}

/// A checked verdict on a piece.
enum Judged {
    Text(String),
    Stop(Reason),
}

impl Link {
    /// Returns what to send on for a piece, or as the error the notice with which the reply ends.
    pub(super) async fn on_piece(
        &mut self,
        journal: &mut Journal,
        text: String,
        last: bool,
    ) -> Result<String, String> {
        match self.policy.wants().text {
            Delivery::Pieces => self.judge_text(journal, text, last).await,
            Delivery::Observe => {
                self.gather(journal, &text, last).await;
                Ok(text)
            }
            Delivery::None | Delivery::Whole => Ok(text),
        }
    }

    /// Judges a text that is held because other policies want it whole. This policy gets it as one
    /// piece.
    pub(super) async fn on_whole_text(&mut self, journal: &mut Journal, text: &str) -> Ruling {
        match self.judge_text(journal, text.to_owned(), true).await {
            Ok(passed) if passed == text => Ruling::Keep,
            Ok(passed) if passed.trim().is_empty() => Ruling::Drop {
                notice: notice::emptied(self.name()),
            },
            Ok(passed) => Ruling::Replace(vec![Block::Text(passed)]),
            Err(notice) => Ruling::Stop { notice },
        }
    }

    /// Splits a last piece that has text into two calls, because the contract closes a block with
    /// an empty piece.
    async fn judge_text(
        &mut self,
        journal: &mut Journal,
        text: String,
        last: bool,
    ) -> Result<String, String> {
        let mut passed = String::new();
        if !text.is_empty() {
            passed = self.judge_piece(journal, text, false).await?;
        }
        if last {
            passed += &self.judge_piece(journal, String::new(), true).await?;
        }
        Ok(passed)
    }

    async fn judge_piece(
        &mut self,
        journal: &mut Journal,
        piece: String,
        last: bool,
    ) -> Result<String, String> {
        if last && self.is_gone() {
            let side = self.policy.on_failure();
            self.write(journal, Hook::Text, Outcome::NotJudged { side });
        }
        let changed = self.gathered.changed;
        let judged = self.ask(
            journal,
            HookCall {
                hook: Hook::Text,
                bytes: piece.len(),
            },
            async |hooks, store| hooks.call_on_text(store, &piece, last).await,
            |verdict, _| check(&piece, last, changed, verdict),
        );
        match judged.await {
            Some(Judged::Text(text)) => {
                self.gathered.changed = !last && (changed || text != piece);
                Ok(text)
            }
            Some(Judged::Stop(reason)) => Err(notice::verdict(self.name(), Held::Reply, &reason)),
            None if self.blocks_on_failure() => {
                Err(notice::failure(self.name(), Held::Reply, self.bound_met()))
            }
            // The text that the policy had held back of this block was lost with its instance.
            None => Ok(piece),
        }
    }

    async fn gather(&mut self, journal: &mut Journal, text: &str, last: bool) {
        let room = GATHERED_MAX.saturating_sub(self.gathered.text.len());
        self.gathered.text += crate::text::cut(text, room);
        if last {
            let text = std::mem::take(&mut self.gathered.text);
            self.observe(journal, &Block::Text(text)).await;
        }
    }
}

/// Writes one event for a whole block, because pieces have no meaning of their own.
fn check(piece: &str, last: bool, changed: bool, verdict: TextVerdict) -> Checked<Judged> {
    let text = match verdict {
        TextVerdict::Keep => piece.to_owned(),
        TextVerdict::Send(text) => text,
        TextVerdict::Stop(reason) => {
            let reason = Reason::check(&reason)?;
            let outcome = reason.denial();
            return Ok((Judged::Stop(reason), Some(outcome)));
        }
    };
    let outcome = match (last, changed || text != piece) {
        (false, _) => None,
        (true, true) => Some(Outcome::plain(Verdict::Modify, Action::Modify)),
        (true, false) => Some(Outcome::plain(Verdict::Allow, Action::Allow)),
    };
    Ok((Judged::Text(text), outcome))
}
