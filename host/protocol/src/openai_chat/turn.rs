//! What policies leave of one choice, whether it comes whole or streamed.
//!
//! Texts keep their places; tool calls, and what policies put before them, are ordered by the composer
//! once the choice is over.

use super::{BETWEEN_TEXTS, FUNCTION_CALL, RULES};
use crate::{
    Block, BlockKind, Ruling, ToolCall,
    compose::{Composer, Delivered, is_blank},
};

/// Names something of upstream's that waits for what becomes of it.
pub(super) type Ticket = u64;

/// Where a message holds text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Thinking,
    Content,
    Refusal,
}

/// What becomes of something of upstream's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody has said yet.
    Waits,
    /// It goes out as it came.
    Keeps,
    /// It is left out.
    Goes,
    /// This text stands in its place.
    Says(String),
    /// A tool call with its number, changed.
    Call(Placed),
}

/// A tool call of upstream's in a choice that policies changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) number: u64,
    /// What it says now, where that is another.
    pub(super) call: Option<ToolCall>,
    /// The calls that go before it, numbered.
    pub(super) before: Vec<(u64, ToolCall)>,
}

/// How a choice ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Closing {
    /// What its content says in the end, joined to what it says already; empty where nothing is added.
    pub(super) text: String,
    /// The judged calls that go out, in their order.
    pub(super) calls: Vec<Outgoing>,
}

/// A tool call that goes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// Upstream's, and what it says where that is another.
    Upstream(Ticket, Option<ToolCall>),
    Made(ToolCall),
}

/// What is left of one choice.
#[derive(Debug)]
pub(super) struct Turn {
    composer: Composer<Ticket>,
    /// Whether its content is more than blank so far.
    has_content: bool,
    /// The `function_call`, once it is judged.
    function_call: Option<Ticket>,
    lost_function_call: bool,
}

/// Stands in for the id of a call that has none, for the composer knows them by their ids.
const NO_ID: &str = "none";

impl Turn {
    /// Of the choice with this index, in the reply with this id.
    pub(super) fn new(reply_id: &str, index: u64) -> Self {
        let mut turn = Self {
            composer: Composer::new(&RULES),
            has_content: false,
            function_call: None,
            lost_function_call: false,
        };
        turn.identify(reply_id, index);
        turn
    }

    /// Names the reply, so that ids made for it are its own.
    pub(super) fn identify(&mut self, reply_id: &str, index: u64) {
        if index == 0 {
            self.composer.identify(reply_id);
        } else {
            let id = reply_id.strip_prefix(RULES.reply_id).unwrap_or(reply_id);
            self.composer.identify(&format!("{index}n{id}"));
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.composer.is_changed()
    }

    /// A block that nobody judges goes out, text aside.
    pub(super) fn passes(&mut self, kind: BlockKind) {
        // Nobody is told anything by thoughts alone, and they are not what a conversation goes on with.
        if kind != BlockKind::Thinking {
            self.composer.note_delivery(kind);
        }
    }

    /// A text goes out, or a piece of one.
    pub(super) fn says(&mut self, field: Field, text: &str) {
        if field != Field::Thinking && !is_blank(text) {
            self.has_content |= field == Field::Content;
            self.composer.note_delivery(BlockKind::Text);
        }
    }

    /// Whether it is known already that `field` is more than blank.
    pub(super) fn has_said(&self, field: Field) -> bool {
        match field {
            Field::Thinking => true,
            Field::Content => self.has_content,
            Field::Refusal => false,
        }
    }

    /// What becomes of a judged text. To thinking everything counts as [`Ruling::Keep`].
    pub(super) fn rule_text(&mut self, field: Field, text: &str, ruling: Ruling) -> Fate {
        match ruling {
            Ruling::Replace(blocks) if field != Field::Thinking => self.replace_text(field, blocks),
            Ruling::Drop { notice } if field != Field::Thinking => {
                self.composer.leave_out(BlockKind::Text, Some(notice));
                Fate::Goes
            }
            _ => {
                self.says(field, text);
                Fate::Keeps
            }
        }
    }

    /// What becomes of a text in whose place `sent` goes out.
    pub(super) fn send_text(&mut self, field: Field, text: &str, sent: String) -> Fate {
        self.says(field, &sent);
        if text == sent {
            return Fate::Keeps;
        }
        self.composer.note_change();
        if sent.is_empty() {
            Fate::Goes
        } else {
            Fate::Says(sent)
        }
    }

    /// A judged tool call. What becomes of it is known once the choice is over.
    pub(super) fn rule_call(&mut self, ticket: Ticket, call: ToolCall, ruling: Ruling) {
        let ruling = match ruling {
            Ruling::Replace(mut blocks) if call.id.is_empty() => {
                name_first(&mut blocks);
                Ruling::Replace(blocks)
            }
            ruling => ruling,
        };
        let id = match call.id {
            id if id.is_empty() => NO_ID.to_owned(),
            id => id,
        };
        let block = Block::ToolCall(ToolCall { id, ..call });
        self.composer.rule(ticket, &block, ruling);
    }

    /// The ticket of the choice's `function_call`, which is about to be judged.
    pub(super) fn note_function_call(&mut self, ticket: Ticket) {
        self.function_call = Some(ticket);
    }

    /// Its blocks are over; these texts are added.
    pub(super) fn close(&mut self, added: Vec<String>) -> Closing {
        self.composer.finish(added);
        let closing = self.released();
        let is_there = |ticket: Ticket| {
            let mut calls = closing.calls.iter();
            calls.any(|call| matches!(call, Outgoing::Upstream(there, _) if *there == ticket))
        };
        self.lost_function_call = self.function_call.is_some_and(|ticket| !is_there(ticket));
        closing
    }

    /// The reply ends here with the notice; what goes out of it is joined to the content.
    pub(super) fn stop(&mut self, notice: String) -> String {
        self.composer.stop(notice);
        self.released().text
    }

    /// What a finish reason becomes; `None` where upstream's stands. Asked after `close`.
    pub(super) fn mended(&self, finish_reason: &str) -> Option<&'static str> {
        if finish_reason == FUNCTION_CALL && self.lost_function_call {
            return Some(self.composer.stop_reason());
        }
        self.composer.mended(finish_reason)
    }

    /// The finish reason of a choice that policies end.
    pub(super) fn stop_reason(&self) -> &'static str {
        self.composer.stop_reason()
    }

    fn replace_text(&mut self, field: Field, blocks: Vec<Block>) -> Fate {
        let (texts, calls): (Vec<Block>, Vec<Block>) = blocks
            .into_iter()
            .partition(|block| matches!(block, Block::Text(_)));
        let texts: Vec<String> = texts.into_iter().filter_map(not_blank).collect();
        self.composer.add(calls);
        if texts.is_empty() {
            return Fate::Goes;
        }
        let text = texts.join(BETWEEN_TEXTS);
        self.says(field, &text);
        Fate::Says(text)
    }

    fn released(&mut self) -> Closing {
        let mut closing = Closing::default();
        let mut texts = Vec::new();
        for part in self.composer.take_released() {
            match part {
                Delivered::Text(text) => texts.push(text),
                Delivered::ToolCall(call) => closing.calls.push(Outgoing::Made(call)),
                Delivered::Rewritten(ticket, mut call) => {
                    if call.id == NO_ID {
                        call.id.clear();
                    }
                    closing.calls.push(Outgoing::Upstream(ticket, Some(call)));
                }
                Delivered::Upstream(ticket, _) => {
                    closing.calls.push(Outgoing::Upstream(ticket, None))
                }
                Delivered::Loose(_) => {}
            }
        }
        if texts.is_empty() {
            return closing;
        }
        if self.has_content {
            texts.insert(0, String::new());
        }
        self.has_content = true;
        closing.text = texts.join(BETWEEN_TEXTS);
        closing
    }
}

/// The first call without an id stands for the one that has none.
fn name_first(blocks: &mut [Block]) {
    let mut calls = blocks.iter_mut().filter_map(|block| match block {
        Block::ToolCall(call) if call.id.is_empty() => Some(call),
        _ => None,
    });
    if let Some(call) = calls.next() {
        NO_ID.clone_into(&mut call.id);
    }
}

fn not_blank(block: Block) -> Option<String> {
    match block {
        Block::Text(text) if !is_blank(&text) => Some(text),
        _ => None,
    }
}
