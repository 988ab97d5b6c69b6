//! The end of a choice: what is left of its calls, and what policies add.

use super::Judging;
use crate::{
    Block, BlockKind, Ruling, ToolCall,
    compose::{is_blank, normal},
    reply::{
        agenda::LAST,
        choice::{Choice, JudgedCall},
        queue::At,
        reading::BlockId,
        rules::{Rules, Texts},
        writing::{Call, Disposition, Made, Stop},
    },
};

/// A text of a policy, and where it stands.
struct Placed {
    /// There where it has a place of its own.
    at: Option<At>,
    group: BlockId,
    text: String,
}

impl<P> Judging<P> {
    /// All blocks of a choice are judged, and these texts are added.
    pub(super) fn close(&mut self, index: u64, added: Vec<String>) {
        let seed = self.seed(index);
        let (rules, queue) = (self.rules, &mut self.queue);
        let choice = self.choices.entry(index).or_default();
        choice.is_over = true;
        choice.before_calls = None;
        let takes_text = choice.tally.takes_text(rules);
        let mut texts = Vec::new();
        for call in std::mem::take(&mut choice.calls) {
            let ticket = call.ticket;
            let disposition = choice.carry_out(call, &mut texts, &seed, rules);
            queue.known.settle(ticket, disposition);
        }
        texts.extend(added.into_iter().map(Placed::last));
        texts.retain(|placed| takes_text && !is_blank(&placed.text));
        for Placed { group, text, .. } in &texts {
            choice.tally.note_change();
            choice.tally.says(*group, text);
        }
        let calls = std::mem::take(&mut choice.late_calls).into_iter();
        let calls: Vec<ToolCall> = calls
            .map(|call| choice.add(call, LAST, &seed, rules))
            .collect();
        if choice.tally.is_changed() {
            texts.extend(choice.tally.filling().map(Placed::last));
        }
        let end = choice.finishes.first().map(|finish| finish.at);
        for Placed { at, text, .. } in texts {
            let at = match rules.texts {
                Texts::InPlace => at.or(end),
                Texts::BeforeCalls | Texts::BeforeCallsOnly => choice.first_call.or(end),
            };
            queue.insert(at, index, Made::Text(text));
        }
        for call in calls {
            queue.insert(end, index, Made::ToolCall(call));
        }
        choice.first_call = None;
        for finish in std::mem::take(&mut choice.finishes) {
            let mended = choice.tally.mended(&finish.reason, rules);
            let disposition = mended.map(|mended| Disposition::Says(mended.to_owned()));
            let disposition = disposition.unwrap_or(Disposition::Keeps);
            queue.known.settle(finish.ticket, disposition);
        }
    }

    /// Names the choice in ids of the host's making. Ids of one choice are not those of another.
    fn seed(&self, index: u64) -> String {
        match index {
            0 => self.seed.clone(),
            _ => format!("{index}n{}", self.seed),
        }
    }

    /// What stands in a group behind a call that is held goes with it.
    pub(super) fn cut_behind_calls(&mut self) {
        for (index, choice) in &mut self.choices {
            if let Some((group, tally)) = choice.before_calls.take() {
                self.queue.cut(*index, group);
                choice.tally = tally;
            }
        }
    }

    /// The reply ends in this choice with the notice, and in the others without. What nobody has decided goes.
    pub(crate) fn stop(&mut self, at: u64, notice: String) -> Vec<Stop> {
        // Clients count on the places of the choices before those that have begun.
        let last = self.choices.keys().next_back().copied().unwrap_or_default();
        for index in 0..last {
            self.choices.entry(index).or_default();
        }
        self.cut_behind_calls();
        self.queue.known.end();
        self.question = None;
        let mut notice = Some(notice).filter(|notice| !is_blank(notice));
        let mut stops = Vec::new();
        for (index, choice) in &mut self.choices {
            let notice = notice.take_if(|_| *index == at);
            if !choice.is_over {
                stops.push(choice.stop(*index, notice, self.rules));
            }
        }
        stops
    }
}

impl Placed {
    /// A text behind all else.
    fn last(text: String) -> Self {
        Self {
            at: None,
            group: LAST,
            text,
        }
    }
}

impl Choice {
    /// What becomes of a judged call; its texts are added to those that are there.
    fn carry_out(
        &mut self,
        call: JudgedCall,
        texts: &mut Vec<Placed>,
        seed: &str,
        rules: &Rules,
    ) -> Disposition {
        let (at, group) = (call.at, call.group);
        match call.ruling {
            Ruling::Replace(blocks) => {
                self.replace(blocks, (at, group, call.id), texts, seed, rules)
            }
            Ruling::Drop { notice } => {
                self.tally.leaves_out(BlockKind::ToolCall, None);
                texts.push(Placed {
                    at: Some(at),
                    group,
                    text: notice,
                });
                Disposition::Goes
            }
            Ruling::Keep | Ruling::Stop { .. } => {
                self.tally.passes(group, BlockKind::ToolCall, rules);
                let torn = call.torn.map(|call| vec![Call::Rewritten(normal(call))]);
                torn.map_or(Disposition::Keeps, Disposition::Becomes)
            }
        }
    }

    fn replace(
        &mut self,
        blocks: Vec<Block>,
        (at, group, id): (At, BlockId, String),
        texts: &mut Vec<Placed>,
        seed: &str,
        rules: &Rules,
    ) -> Disposition {
        self.tally.note_change();
        let mut calls = Vec::new();
        let mut is_there = false;
        for block in blocks {
            match block {
                // The call of that id stands for upstream's, whose other fields it keeps.
                Block::ToolCall(call) if call.id == id && !is_there => {
                    is_there = true;
                    self.tally.passes(group, BlockKind::ToolCall, rules);
                    calls.push(Call::Rewritten(normal(call)));
                }
                Block::ToolCall(call) => {
                    calls.push(Call::Made(self.add(call, group, seed, rules)));
                }
                Block::Text(text) => texts.push(Placed {
                    at: Some(at),
                    group,
                    text,
                }),
                _ => {}
            }
        }
        if !is_there {
            self.tally.leaves_out(BlockKind::ToolCall, None);
        }
        match calls.is_empty() {
            true => Disposition::Goes,
            false => Disposition::Becomes(calls),
        }
    }

    /// Adds a call of a policy.
    fn add(&mut self, call: ToolCall, group: BlockId, seed: &str, rules: &Rules) -> ToolCall {
        let call = self.tally.made(call, seed, rules);
        self.tally.passes(group, BlockKind::ToolCall, rules);
        call
    }

    fn stop(&mut self, choice: u64, notice: Option<String>, rules: &Rules) -> Stop {
        let loses_of_call = self.agenda.waits_for_a_call();
        self.agenda.clear();
        self.is_over = true;
        self.tally.note_change();
        let text = notice.filter(|_| self.tally.takes_text(rules));
        let text = text.or_else(|| self.tally.filling());
        let finish = self.finishes.first().filter(|_| !loses_of_call);
        let reason = finish.map(|finish| finish.reason.as_str());
        let reason = self.tally.stop_reason(reason, rules);
        Stop {
            choice,
            text,
            reason,
        }
    }
}
