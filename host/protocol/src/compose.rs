//! What goes out, and in which order, whatever policies rule.
//!
//! Knows a dialect's rules of order and nothing of bytes: an upstream block is an `S` that is handed
//! through. A stream and a whole reply share this, so that both deliver the same.
//!
//! Tool calls under judgement wait, with all that comes behind them, for the end of the content: a
//! stop leaves none of them, and what policies add can go before them.

use crate::{Block, BlockKind, Ruling, ToolCall, block::arguments};

/// What dialects differ in.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Whether nothing but tool calls may follow a tool call.
    pub(crate) calls_last: bool,
    /// What the ids of replies begin with.
    pub(crate) reply_id: &'static str,
    /// What the ids of tool calls begin with.
    pub(crate) call_id: &'static str,
    /// The stop reason of a reply with tool calls.
    pub(crate) stopped_to_call: &'static str,
    /// The stop reason of a reply without.
    pub(crate) stopped: &'static str,
}

/// One element of the reply that is delivered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Delivered<S> {
    /// Upstream's, and no block: its place among the blocks means nothing.
    Loose(S),
    /// Upstream's block, as it came.
    Upstream(S, BlockKind),
    /// Upstream's tool call with another name or other arguments.
    Rewritten(S, ToolCall),
    /// A text of a policy or a notice; never blank.
    Text(String),
    /// A tool call of a policy.
    ToolCall(ToolCall),
}

/// Orders the parts of one reply.
#[derive(Debug)]
pub(crate) struct Composer<S> {
    rules: &'static Rules,
    queue: Vec<Delivered<S>>,
    released: Vec<Delivered<S>>,
    holding: bool,
    changed: bool,
    delivered: bool,
    delivered_tool_call: bool,
    removed_tool_call: bool,
    added_tool_call: bool,
    notice: Option<String>,
    id_seed: String,
    ids: u32,
}

/// Stands in a reply of which policies left nothing, since a turn without content is refused when the
/// agent sends it back.
pub(crate) const NOTHING_LEFT: &str = "[Sluice] The policies left nothing of this reply.";

impl<S> Delivered<S> {
    pub(crate) fn is_tool_call(&self) -> bool {
        matches!(
            self,
            Self::Upstream(_, BlockKind::ToolCall) | Self::Rewritten(..) | Self::ToolCall(_)
        )
    }
}

impl<S> Composer<S> {
    pub(crate) fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            queue: Vec::new(),
            released: Vec::new(),
            holding: false,
            changed: false,
            delivered: false,
            delivered_tool_call: false,
            removed_tool_call: false,
            added_tool_call: false,
            notice: None,
            id_seed: String::new(),
            ids: 0,
        }
    }

    /// Names the reply, so that ids made for it are its own in the whole conversation.
    pub(crate) fn identify(&mut self, reply_id: &str) {
        let id = reply_id
            .strip_prefix(self.rules.reply_id)
            .unwrap_or(reply_id);
        let legal = id.chars().filter(char::is_ascii_alphanumeric);
        self.id_seed = legal.take(32).collect();
    }

    /// Whether what comes now must wait behind a tool call.
    pub(crate) fn is_holding(&self) -> bool {
        self.holding
    }

    /// Whether the reply is no longer as upstream sent it.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// A block was edited on its way.
    pub(crate) fn note_change(&mut self) {
        self.changed = true;
    }

    /// A block goes out past the composer, frame by frame.
    pub(crate) fn note_delivery(&mut self, kind: BlockKind) {
        self.delivered = true;
        self.delivered_tool_call |= kind == BlockKind::ToolCall;
    }

    /// The parts that may go out now.
    pub(crate) fn take_released(&mut self) -> Vec<Delivered<S>> {
        std::mem::take(&mut self.released)
    }

    /// Something of upstream's that nobody judges.
    pub(crate) fn pass(&mut self, part: Delivered<S>) {
        if self.holding {
            self.queue.push(part);
        } else {
            self.release(part);
        }
    }

    /// A judged block. Only texts and tool calls change; of the other kinds, which providers sign or
    /// pair with one another, everything but [`Ruling::Stop`] counts as [`Ruling::Keep`].
    pub(crate) fn rule(&mut self, source: S, block: &Block, ruling: Ruling) {
        let kind = block.kind();
        let changeable = matches!(kind, BlockKind::Text | BlockKind::ToolCall);
        match ruling {
            Ruling::Stop { notice } => self.stop(notice),
            Ruling::Replace(blocks) if changeable => self.replace(source, block, blocks),
            Ruling::Drop { notice } if changeable => self.leave_out(kind, Some(notice)),
            _ => self.put(Delivered::Upstream(source, kind)),
        }
    }

    /// A block is left out. A tool call's notice stands in its place, another's only in a reply that
    /// would be empty.
    pub(crate) fn leave_out(&mut self, kind: BlockKind, notice: Option<String>) {
        self.changed = true;
        let notice = notice.filter(|notice| !is_blank(notice));
        if kind == BlockKind::ToolCall {
            self.removed_tool_call = true;
            if let Some(notice) = notice {
                self.put(Delivered::Text(notice));
            }
        } else if self.notice.is_none() {
            self.notice = notice;
        }
    }

    /// The reply ends here.
    pub(crate) fn stop(&mut self, notice: String) {
        self.changed = true;
        self.holding = false;
        self.queue.clear();
        if self.takes_text() && !is_blank(&notice) {
            self.release(Delivered::Text(notice));
        }
        self.fill();
    }

    /// The content is over: these texts are added and everything is released.
    ///
    /// Where a tool call that nobody held is already on the wire and no text may follow, they are left out.
    pub(crate) fn finish(&mut self, added: Vec<String>) {
        for text in added {
            if self.takes_text() && !is_blank(&text) {
                self.changed = true;
                self.queue.push(Delivered::Text(text));
            }
        }
        if self.changed && self.rules.calls_last {
            self.queue.sort_by_key(Delivered::is_tool_call);
        }
        self.holding = false;
        for part in std::mem::take(&mut self.queue) {
            self.release(part);
        }
        if self.changed {
            self.fill();
        }
    }

    /// Adds blocks of a policy.
    pub(crate) fn add(&mut self, blocks: Vec<Block>) {
        self.changed = true;
        for block in blocks {
            match block {
                Block::Text(text) if !is_blank(&text) => self.put(Delivered::Text(text)),
                Block::ToolCall(call) => self.add_call(call),
                _ => {}
            }
        }
    }

    /// What a stop reason becomes; `None` where upstream's stands. Asked after the last block.
    pub(crate) fn mended(&self, stop_reason: &str) -> Option<&'static str> {
        let Rules {
            stopped_to_call,
            stopped,
            ..
        } = *self.rules;
        let lost = self.removed_tool_call && !self.delivered_tool_call;
        let gained = self.added_tool_call && self.delivered_tool_call;
        if stop_reason == stopped_to_call && lost {
            Some(stopped)
        } else if stop_reason == stopped && gained {
            Some(stopped_to_call)
        } else {
            None
        }
    }

    /// The stop reason of a reply that policies end.
    pub(crate) fn stop_reason(&self) -> &'static str {
        if self.delivered_tool_call {
            self.rules.stopped_to_call
        } else {
            self.rules.stopped
        }
    }

    fn takes_text(&self) -> bool {
        !(self.rules.calls_last && self.delivered_tool_call)
    }

    fn replace(&mut self, source: S, block: &Block, blocks: Vec<Block>) {
        self.changed = true;
        let Block::ToolCall(old) = block else {
            return self.add(blocks);
        };
        self.removed_tool_call = true;
        let mut source = Some(source);
        for block in blocks {
            match (block, &mut source) {
                // The call of that id stands for upstream's, whose other fields it keeps.
                (Block::ToolCall(call), held) if call.id == old.id && !old.id.is_empty() => {
                    match held.take() {
                        Some(held) => self.put(Delivered::Rewritten(held, normal(call))),
                        None => self.add_call(call),
                    }
                }
                (block, _) => self.add(vec![block]),
            }
        }
    }

    fn add_call(&mut self, call: ToolCall) {
        self.added_tool_call = true;
        self.ids += 1;
        let id = format!("{}sluice_{}_{}", self.rules.call_id, self.id_seed, self.ids);
        self.put(Delivered::ToolCall(normal(ToolCall { id, ..call })));
    }

    /// Queues a part where it is a tool call or one waits, else releases it.
    fn put(&mut self, part: Delivered<S>) {
        self.holding |= part.is_tool_call();
        self.pass(part);
    }

    fn release(&mut self, part: Delivered<S>) {
        self.delivered |= !matches!(part, Delivered::Loose(_));
        self.delivered_tool_call |= part.is_tool_call();
        self.released.push(part);
    }

    fn fill(&mut self) {
        if !self.delivered {
            let notice = self.notice.take();
            self.release(Delivered::Text(
                notice.unwrap_or_else(|| NOTHING_LEFT.to_owned()),
            ));
        }
    }
}

/// Whether a text says nothing: a turn of such texts alone is refused when the agent sends it back.
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A call whose arguments can be spliced into JSON: what is no object stands there as a string.
pub(crate) fn normal(call: ToolCall) -> ToolCall {
    let arguments = match crate::json::check(&call.arguments, crate::json::MAX_DEPTH) {
        Ok(()) => call.arguments,
        Err(_) => arguments(&call.arguments),
    };
    ToolCall { arguments, ..call }
}
