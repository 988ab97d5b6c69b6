//! The end of a choice: what rulings make of its blocks, and what policies add.

use super::{
    agenda::LAST,
    choice::{Choice, JudgedCall},
    dispositions::Ticket,
    queue::At,
    reading::BlockId,
    rules::{Rules, Texts},
    tally::parted,
    writing::{Call, Disposition, Made, Stop},
};
use crate::{
    Block, BlockKind, Ruling, ToolCall,
    compose::{is_blank, normal},
};

/// What the end of a choice decides.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    pub(crate) decided: Vec<(Ticket, Disposition)>,
    /// What is put in, and before what.
    pub(crate) added: Vec<(Option<At>, Made)>,
}

/// Stands between texts that become one.
const BETWEEN_TEXTS: &str = "\n\n";

/// A text of a policy, and where it stands.
struct Placed {
    /// There where it has a place of its own.
    at: Option<At>,
    group: BlockId,
    text: String,
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
    /// All its blocks are judged, and these texts are added. `seed` names it in ids of the host's making.
    pub(super) fn close(&mut self, added: Vec<String>, seed: &str, rules: &Rules) -> Closing {
        let mut closing = Closing::default();
        self.is_over = true;
        self.before_calls = None;
        let takes_text = self.tally.takes_text(rules);
        let mut texts = Vec::new();
        for call in std::mem::take(&mut self.calls) {
            let ticket = call.ticket;
            let disposition = self.carry_out(call, &mut texts, seed, rules);
            closing.decided.push((ticket, disposition));
        }
        texts.extend(added.into_iter().map(Placed::last));
        texts.retain(|placed| takes_text && !is_blank(&placed.text));
        for Placed { group, text, .. } in &texts {
            self.tally.note_change();
            self.tally.says(*group, text);
        }
        let calls = std::mem::take(&mut self.late_calls).into_iter();
        let calls: Vec<ToolCall> = calls
            .map(|call| self.add(call, LAST, seed, rules))
            .collect();
        if self.tally.is_changed() {
            texts.extend(self.tally.filling().map(Placed::last));
        }
        let end = self.finishes.first().map(|finish| finish.at);
        let first_call = self.first_call.take();
        let place = |placed: &Placed| match rules.texts {
            Texts::InPlace => placed.at.or(end),
            Texts::BeforeCalls | Texts::BeforeCallsOnly => first_call.or(end),
        };
        let texts = texts.into_iter();
        let texts = texts.map(|placed| (place(&placed), Made::Text(placed.text)));
        let calls = calls.into_iter().map(|call| (end, Made::ToolCall(call)));
        closing.added = texts.chain(calls).collect();
        closing.decided.extend(self.finish(rules));
        closing
    }

    pub(super) fn fail(&mut self, rules: &Rules) -> Vec<(Ticket, Disposition)> {
        for _ in self.calls.drain(..) {
            self.tally.leaves_out(BlockKind::ToolCall, None);
        }
        self.finish(rules)
    }

    /// What becomes of its stop reasons.
    fn finish(&mut self, rules: &Rules) -> Vec<(Ticket, Disposition)> {
        let finishes = self.finishes.drain(..);
        let decided = finishes.map(|finish| {
            let mended = self.tally.mended(&finish.reason, rules);
            let disposition = mended.map(|mended| Disposition::Says(mended.to_owned()));
            (finish.ticket, disposition.unwrap_or(Disposition::Keeps))
        });
        decided.collect()
    }

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

    /// `loses_of_call` says whether a piece of a call that nobody judges does not go out.
    pub(super) fn stop(
        &mut self,
        choice: u64,
        notice: Option<String>,
        loses_of_call: bool,
        rules: &Rules,
    ) -> Stop {
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

    /// What becomes of a judged text.
    pub(super) fn rule_text(&mut self, group: BlockId, text: &str, ruling: Ruling) -> Disposition {
        match ruling {
            Ruling::Replace(blocks) => {
                let (texts, calls) = parted(blocks);
                self.late_calls.extend(calls);
                let text = texts.join(BETWEEN_TEXTS);
                for tally in self.tallies(group) {
                    tally.note_change();
                    tally.says(group, &text);
                }
                match text.is_empty() {
                    true => Disposition::Goes,
                    false => Disposition::Says(text),
                }
            }
            Ruling::Drop { notice } => {
                for tally in self.tallies(group) {
                    tally.leaves_out(BlockKind::Text, Some(notice.clone()));
                }
                Disposition::Goes
            }
            Ruling::Keep | Ruling::Stop { .. } => {
                self.tallies(group)
                    .for_each(|tally| tally.says(group, text));
                Disposition::Keeps
            }
        }
    }
}
