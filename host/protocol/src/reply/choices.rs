//! What is left of the choices of a reply: what rulings make of their blocks, and how they end.

use std::collections::BTreeMap;

use super::{
    agenda::LAST,
    choice::{Choice, Judged, JudgedCall, Note},
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

/// The choices that have begun.
#[derive(Debug)]
pub(crate) struct Choices {
    rules: &'static Rules,
    of: BTreeMap<u64, Choice>,
    /// Names the reply in ids of the host's making.
    seed: String,
}

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
        let choice = self.of(index);
        choice
            .tallies(group)
            .for_each(|tally| tally.says(group, said));
        if is_edited {
            choice.tally.note_change();
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

    /// Names the choice in ids of the host's making. Ids of one choice are not those of another.
    fn seed(&self, index: u64) -> String {
        match index {
            0 => self.seed.clone(),
            _ => format!("{index}n{}", self.seed),
        }
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
    /// All its blocks are judged, and these texts are added. `seed` names it in ids of the host's making.
    fn close(&mut self, added: Vec<String>, seed: &str, rules: &Rules) -> Closing {
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
        for finish in std::mem::take(&mut self.finishes) {
            let mended = self.tally.mended(&finish.reason, rules);
            let disposition = mended.map(|mended| Disposition::Says(mended.to_owned()));
            let disposition = disposition.unwrap_or(Disposition::Keeps);
            closing.decided.push((finish.ticket, disposition));
        }
        closing
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
    fn stop(
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
    fn rule_text(&mut self, group: BlockId, text: &str, ruling: Ruling) -> Disposition {
        match ruling {
            Ruling::Replace(blocks) => {
                self.tally.note_change();
                let (texts, calls) = parted(blocks);
                self.late_calls.extend(calls);
                let text = texts.join(BETWEEN_TEXTS);
                self.tallies(group)
                    .for_each(|tally| tally.says(group, &text));
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
