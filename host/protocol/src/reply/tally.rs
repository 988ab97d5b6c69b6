//! What policies left of one choice so far, as far as its end depends on it.

use super::{
    agenda::LAST,
    reading::BlockId,
    rules::{Rules, Texts},
    writing::Made,
};
use crate::{Block, BlockKind, ToolCall, compose::is_blank};

/// Stands in a reply of which policies left nothing, since a turn without content is refused when the agent sends it back.
pub(crate) const NOTHING_LEFT: &str = "[Sluice] The policies left nothing of this reply.";

/// Counts what goes out of a choice, and what does not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Whether something else goes out than what came.
    is_changed: bool,
    /// The last group that says something, behind which there is no thinking that may not be the end; 0 stands for no group.
    said: Option<BlockId>,
    /// The last group of such thinking.
    thought: BlockId,
    has_calls: bool,
    lost_a_call: bool,
    gained_a_call: bool,
    /// Whether the latest that went out is of a call that nobody judges. It may not be all of it.
    has_open_call: bool,
    /// Why something was left out.
    notice: Option<String>,
    /// How many ids the host has made.
    ids: u32,
}

impl Tally {
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    pub(crate) fn note_change(&mut self) {
        self.is_changed = true;
    }

    /// Whether a call goes out, or begins to.
    pub(crate) fn calls(&self) -> bool {
        self.has_calls || self.has_open_call
    }

    /// Another reply of upstream's goes on behind what went out. It counts its groups anew, and its stop reason is about its
    /// own calls.
    pub(crate) fn begin_next(&mut self) {
        *self = Self {
            is_changed: self.is_changed,
            said: self.said.map(|_| 0),
            notice: self.notice.take(),
            ids: self.ids,
            ..Self::default()
        };
    }

    /// A block goes out, text aside.
    pub(crate) fn passes(&mut self, group: BlockId, kind: BlockKind, rules: &Rules) {
        self.has_open_call = false;
        match kind {
            BlockKind::Thinking if rules.continues_thinking => {
                self.thought = self.thought.max(group);
                self.said = self.said.filter(|said| *said > group);
            }
            BlockKind::Thinking | BlockKind::Text => {}
            BlockKind::ToolCall => {
                self.note_said(group);
                self.has_calls = true;
            }
            BlockKind::ToolResult | BlockKind::Other => self.note_said(group),
        }
    }

    fn note_said(&mut self, group: BlockId) {
        if group >= self.thought {
            self.said = self.said.max(Some(group));
        }
    }

    /// A piece goes out of a call that nobody judges.
    pub(crate) fn passes_of_call(&mut self) {
        self.has_open_call = true;
    }

    /// A text goes out, or a piece of one.
    pub(crate) fn says(&mut self, group: BlockId, text: &str) {
        self.has_open_call &= text.is_empty();
        if !is_blank(text) {
            self.note_said(group);
        }
    }

    /// Whether it makes a difference that a piece of this kind goes out.
    pub(crate) fn minds(&self, kind: BlockKind) -> bool {
        match kind {
            BlockKind::Text => self.said.is_none() || self.has_open_call,
            BlockKind::ToolCall => !self.has_open_call,
            _ => self.has_open_call,
        }
    }

    /// A block is left out.
    pub(crate) fn leaves_out(&mut self, kind: BlockKind, notice: Option<String>) {
        self.is_changed = true;
        self.lost_a_call |= kind == BlockKind::ToolCall;
        if self.notice.is_none() {
            self.notice = notice.filter(|notice| !is_blank(notice));
        }
    }

    /// A call of a policy, with an id of the host's making.
    pub(crate) fn made(&mut self, call: ToolCall, seed: &str, rules: &Rules) -> ToolCall {
        self.is_changed = true;
        self.gained_a_call = true;
        self.ids += 1;
        let id = format!("{}sluice_{seed}_{}", rules.call_id, self.ids);
        crate::compose::normal(ToolCall { id, ..call })
    }

    /// Whether a text that policies add has a place.
    pub(crate) fn takes_text(&self, rules: &Rules) -> bool {
        !(rules.texts == Texts::BeforeCallsOnly && self.has_calls)
    }

    /// What is said in a choice that would say nothing else.
    pub(crate) fn filling(&mut self) -> Option<String> {
        if self.said.is_some() {
            return None;
        }
        self.note_said(LAST);
        let notice = self.notice.take();
        Some(notice.unwrap_or_else(|| NOTHING_LEFT.to_owned()))
    }

    /// What a stop reason becomes. `None` where upstream's stands.
    pub(crate) fn mended(&self, reason: &str, rules: &Rules) -> Option<&'static str> {
        let [usual, ..] = rules.stopped_to_call else {
            return None;
        };
        let to_call = rules.stopped_to_call.contains(&reason);
        // The other reasons are of calls of another form than those that policies make.
        let is_of_lost = to_call && reason != *usual && self.lost_a_call;
        if to_call && self.lost_a_call && !self.has_calls {
            Some(rules.stopped)
        } else if (reason == rules.stopped || is_of_lost) && self.gained_a_call && self.has_calls {
            Some(usual)
        } else {
            None
        }
    }

    /// The stop reason of a choice that policies end; `upstream` is the reason that it gave, if all went out that it is about.
    pub(crate) fn stop_reason(&self, upstream: Option<&str>, rules: &Rules) -> String {
        let usual = rules.stopped_to_call.first().filter(|_| self.has_calls);
        let tells_of_calls = self.has_open_call || usual.is_some();
        let reason = match (upstream, usual) {
            // It tells whether they are complete.
            (Some(reason), _) if tells_of_calls && !reason.is_empty() => reason,
            // Nobody may run half a call.
            _ if self.has_open_call => rules.cut,
            (_, Some(usual)) => usual,
            (_, None) => rules.stopped,
        };
        reason.to_owned()
    }
}

/// The texts of a policy that are not blank, and the calls.
pub(crate) fn parted(blocks: Vec<Block>) -> (Vec<String>, Vec<ToolCall>) {
    let (mut texts, mut calls) = (Vec::new(), Vec::new());
    for block in blocks {
        match block {
            Block::Text(text) if !is_blank(&text) => texts.push(text),
            Block::ToolCall(call) => calls.push(call),
            _ => {}
        }
    }
    (texts, calls)
}

/// What a reply of a policy's own says, texts first, and its stop reason. `id_seed` names the reply.
pub(crate) fn answered(blocks: &[Block], id_seed: &str, rules: &Rules) -> (Vec<Made>, String) {
    let mut tally = Tally::default();
    let seed = rules.seed(id_seed);
    let (mut texts, calls) = parted(blocks.to_vec());
    let made = |call| {
        let call = tally.made(call, &seed, rules);
        tally.passes(LAST, BlockKind::ToolCall, rules);
        Made::ToolCall(call)
    };
    let calls: Vec<Made> = calls.into_iter().map(made).collect();
    if texts.is_empty() {
        texts.extend(tally.filling());
    }
    let texts = texts.into_iter().map(Made::Text);
    let reason = tally.stop_reason(None, rules);
    (texts.chain(calls).collect(), reason)
}
