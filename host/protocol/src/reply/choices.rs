//! What is left of the choices of a reply.

use std::collections::BTreeMap;

use super::{
    choice::{Choice, Judged, JudgedCall, Note},
    closing::Closing,
    dispositions::Ticket,
    reading::BlockId,
    rejected::Irrevocable,
    rules::Rules,
    writing::{Disposition, Stop},
};
use crate::{Block, BlockKind, Ruling, compose::is_blank};

/// The choices that have begun.
#[derive(Debug)]
pub(crate) struct Choices {
    rules: &'static Rules,
    of: BTreeMap<u64, Choice>,
    /// Names the reply in ids of the host's making.
    seed: String,
}

impl Choices {
    pub(crate) fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            of: BTreeMap::new(),
            seed: String::new(),
        }
    }

    /// The reply has this id.
    pub(crate) fn begin(&mut self, id: &str) {
        self.seed = self.rules.seed(id);
    }

    pub(crate) fn of(&mut self, index: u64) -> &mut Choice {
        self.of.entry(index).or_default()
    }

    pub(crate) fn get(&self, index: u64) -> Option<&Choice> {
        self.of.get(&index)
    }

    pub(crate) fn indexes(&self) -> Vec<u64> {
        self.of.keys().copied().collect()
    }

    /// Those that are not over.
    pub(crate) fn open(&self) -> impl Iterator<Item = u64> {
        let open = self.of.iter().filter(|(_, choice)| !choice.is_over);
        open.map(|(index, _)| *index)
    }

    pub(crate) fn clear(&mut self) {
        self.of.clear();
    }

    /// Upstream's word for why the model stopped: the first that there is.
    pub(crate) fn stop_reason(&self) -> String {
        let finishes = self.of.values().flat_map(|choice| &choice.finishes);
        let mut reasons = finishes.map(|finish| finish.reason.clone());
        reasons
            .find(|reason| !reason.is_empty())
            .unwrap_or_default()
    }

    /// Something goes out that nobody judged.
    pub(crate) fn note(&mut self, index: u64, group: BlockId, note: &Note) {
        let rules = self.rules;
        for tally in self.of(index).tallies(group) {
            match note {
                Note::Nothing => {}
                Note::Text(text) => tally.says(group, text),
                Note::Block(kind) => tally.passes(group, *kind, rules),
                Note::OfCall => tally.passes_of_call(),
            }
        }
    }

    /// This goes out of a text in pieces.
    pub(crate) fn says(&mut self, index: u64, group: BlockId, said: &str, is_edited: bool) {
        for tally in self.of(index).tallies(group) {
            tally.says(group, said);
            if is_edited {
                tally.note_change();
            }
        }
    }

    /// A text in pieces is left out.
    pub(crate) fn leaves_out_text(&mut self, index: u64, group: BlockId) {
        for tally in self.of(index).tallies(group) {
            tally.leaves_out(BlockKind::Text, None);
        }
    }

    /// What becomes of a judged block. `None` where that is known when all are judged.
    pub(crate) fn judge(
        &mut self,
        index: u64,
        judged: Judged,
        ruling: Ruling,
    ) -> Option<Disposition> {
        let Judged {
            ticket,
            at,
            group,
            is_torn,
            block,
        } = judged;
        let rules = self.rules;
        let choice = self.of(index);
        match block {
            Block::Text(text) => Some(choice.rule_text(group, &text, ruling)),
            Block::ToolCall(call) => {
                choice.calls.push(JudgedCall {
                    ticket,
                    at,
                    group,
                    id: call.id.clone(),
                    torn: is_torn.then_some(call),
                    ruling,
                });
                None
            }
            block => {
                for tally in choice.tallies(group) {
                    tally.passes(group, block.kind(), rules);
                }
                Some(Disposition::Keeps)
            }
        }
    }

    /// All blocks of a choice are judged, and these texts are added.
    pub(crate) fn close(&mut self, index: u64, added: Vec<String>) -> Closing {
        let seed = self.seed(index);
        let rules = self.rules;
        self.of(index).close(added, &seed, rules)
    }

    /// Upstream has failed, and calls that are held go. What becomes of the stop reasons of choices that were complete.
    pub(crate) fn fail(&mut self) -> Vec<(Ticket, Disposition)> {
        let rules = self.rules;
        let choices = self.of.values_mut();
        choices.flat_map(|choice| choice.fail(rules)).collect()
    }

    /// What stands in a group behind a call that is held goes with it: the choices with such a call, and its group.
    pub(crate) fn cut_behind_calls(&mut self) -> Vec<(u64, BlockId)> {
        let cut = self.of.iter_mut().filter_map(|(index, choice)| {
            let (group, tally) = choice.before_calls.take()?;
            choice.tally = tally;
            Some((*index, group))
        });
        cut.collect()
    }

    /// The reply ends in this choice with the notice, and in the others without. `loses_of_call` says whether a piece of a call
    /// that nobody judges does not go out of a choice.
    pub(crate) fn stop(
        &mut self,
        at: u64,
        notice: String,
        loses_of_call: impl Fn(u64) -> bool,
    ) -> Vec<Stop> {
        let mut notice = Some(notice).filter(|notice| !is_blank(notice));
        let mut stops = Vec::new();
        for (index, choice) in &mut self.of {
            let notice = notice.take_if(|_| *index == at);
            if !choice.is_over {
                stops.push(choice.stop(*index, notice, loses_of_call(*index), self.rules));
            }
        }
        stops
    }

    /// Clients count on the places of the choices before those that have begun.
    pub(crate) fn fill_up(&mut self) {
        let last = self.of.keys().next_back().copied().unwrap_or_default();
        for index in 0..last {
            self.of(index);
        }
    }

    /// Err if a call went out that nobody judges.
    pub(crate) fn check_calls(&self) -> Result<(), Irrevocable> {
        match self.of.values().any(Choice::has_call_out) {
            true => Err(Irrevocable::CallOut),
            false => Ok(()),
        }
    }

    /// Another reply of upstream's goes on behind what went out.
    pub(crate) fn begin_next(&mut self) {
        self.of.values_mut().for_each(Choice::begin_next);
    }

    /// Names the choice in ids of the host's making. Ids of one choice are not those of another.
    fn seed(&self, index: u64) -> String {
        match index {
            0 => self.seed.clone(),
            _ => format!("{index}n{}", self.seed),
        }
    }
}
