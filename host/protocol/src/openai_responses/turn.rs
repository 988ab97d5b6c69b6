//! What becomes of the items of one reply, whole or streamed.
//!
//! All frames wait in one queue, in the order in which they came; those of an item that nobody judges may
//! leave at once. Items are shown to policies one after another, as they were added. Judged calls wait,
//! and with them all that comes behind, for the end of the content: a stop delivers none of them.

mod arrive;
mod settle;
mod speech;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::{
    entry::Entry,
    inquiry::Inquiry,
    item::{ItemKind, is_judged},
    line::Line,
    made::{Place, item_event},
    queue::{Out, Queue, State, Ticket},
    response::Response,
    wire::{Passing, Wire},
};
use crate::{
    Block, BlockKind, PieceRuling, ReplyError, Ruling, Step, Wants,
    compose::{NOTHING_LEFT, is_blank},
};

/// The items of a reply on their way.
#[derive(Debug)]
pub(super) struct Turn {
    wants: Wants,
    pub(super) wire: Wire,
    queue: Queue,
    /// The kind of each item that came, by upstream's number.
    kinds: BTreeMap<u64, ItemKind>,
    /// The items that are not settled, in the order in which they were added.
    lines: VecDeque<Line>,
    question: Option<Question>,
    /// Why something was left out.
    notice: Option<String>,
    /// Calls of policies' making.
    calls: u32,
    seed: String,
    sent: Vec<Bytes>,
    /// What the delta is about that was said to pass.
    passing: Option<Passing>,
}

/// What a step asked and nobody has answered yet.
#[derive(Debug)]
enum Question {
    /// A block of the finished item at the front, or a piece of one.
    Finished,
    /// A frame's piece of text.
    Piece(Ticket),
    /// The end of the text of that part, at a frame that may not pass before.
    LastPiece(Ticket, u64),
}

/// What goes with a frame or an answer: nothing to say, or why the reply can't go on.
pub(super) type Taken<T = ()> = Result<T, ReplyError>;

impl Turn {
    pub(super) fn new(wants: Wants) -> Self {
        Self {
            wants,
            wire: Wire::new(judges_any(&wants) || wants.end),
            queue: Queue::default(),
            kinds: BTreeMap::new(),
            lines: VecDeque::new(),
            question: None,
            notice: None,
            calls: 0,
            seed: String::new(),
            sent: Vec::new(),
            passing: None,
        }
    }

    /// Names the reply, so that ids made for it are its own in the whole conversation.
    pub(super) fn identify(&mut self, id: &str) {
        let id = id.strip_prefix("resp_").unwrap_or(id);
        let legal = id.chars().filter(char::is_ascii_alphanumeric);
        self.seed = legal.take(32).collect();
        self.wire.identify(&self.seed);
    }

    pub(super) fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Whether something waits for policies.
    pub(super) fn is_holding(&self) -> bool {
        !self.queue.is_empty() || self.question.is_some()
    }

    /// Bytes that are kept for policies.
    pub(super) fn held(&self) -> usize {
        let said: usize = self.lines.iter().map(|line| line.said.size()).sum();
        let known = self.kinds.len() * size_of::<(u64, ItemKind)>();
        self.queue.bytes() + self.wire.size() + said + known
    }

    /// The bytes that go out now.
    pub(super) fn take_sent(&mut self) -> Vec<Bytes> {
        std::mem::take(&mut self.sent)
    }

    /// The next thing to show or ask; nothing while more has to come.
    pub(super) fn advance(&mut self) -> Taken<Option<Step>> {
        loop {
            self.drain();
            let Some(line) = self.lines.front_mut() else {
                return Ok(None);
            };
            if let Some(inquiry) = &mut line.inquiry {
                match inquiry.next(&self.wants) {
                    Some(step) => {
                        let asks = !matches!(step, Step::Observe(_));
                        self.question = asks.then_some(Question::Finished);
                        return Ok(Some(step));
                    }
                    None => self.settle(),
                }
            } else if let Some(ticket) = line.pending.pop_front() {
                if let Some(step) = self.speak(ticket)? {
                    return Ok(Some(step));
                }
            } else if let Some(json) = line.done.take() {
                line.inquiry = Some(Inquiry::new(json, line.kind, line.decided()));
            } else {
                return Ok(None);
            }
        }
    }

    /// Answers [`Step::Judge`]. A notice ends the reply.
    pub(super) fn rule(&mut self, ruling: Ruling) -> Option<String> {
        let inquiry = self.lines.front_mut()?.inquiry.as_mut()?;
        self.question = None;
        inquiry.rule(ruling)
    }

    /// Answers [`Step::Piece`]. A notice ends the reply.
    pub(super) fn rule_piece(&mut self, ruling: PieceRuling) -> Option<String> {
        match (self.question.take()?, ruling) {
            (Question::Finished, ruling) => {
                let inquiry = self.lines.front_mut()?.inquiry.as_mut()?;
                return inquiry.rule_piece(ruling);
            }
            (_, PieceRuling::Stop { notice }) => return Some(notice),
            (Question::Piece(ticket), ruling) => self.answer_piece(ticket, ruling),
            (Question::LastPiece(ticket, part), ruling) => {
                self.answer_last_piece(ticket, part, ruling);
            }
        }
        None
    }

    /// The content is over: these texts are added, and everything goes out.
    pub(super) fn finish(&mut self, added: Vec<String>) {
        self.queue.release();
        for text in added.into_iter().filter(|text| !is_blank(text)) {
            self.queue.add(Out::Text(text));
        }
        self.drain();
        if self.wire.is_changed() {
            self.fill();
        }
    }

    /// The reply ends here with a notice; nothing that is held goes out.
    pub(super) fn stop(&mut self, notice: &str) {
        // In a stream all of it would wait behind a call, and go.
        let whole = |line: &Line| line.added.is_none() && !self.queue.has_calls();
        let cut = self.lines.pop_front().and_then(|line| {
            let is_whole = whole(&line);
            let inquiry = line.inquiry.filter(|_| is_whole)?;
            Some((line.index, inquiry.cut(&self.wants)?))
        });
        self.send_begun();
        self.discard();
        self.wire.note_change();
        if let Some((item, json)) = cut {
            let place = Place {
                item_id: "",
                item,
                part: 0,
            };
            let done = item_event("response.output_item.done", place, &json);
            self.sent.extend(self.wire.send(Entry::made(done)));
        }
        let closing = self.wire.close();
        self.sent.extend(closing);
        if !is_blank(notice) {
            self.send_text(notice);
        }
        self.fill();
    }

    /// Throws away what has not gone out.
    pub(super) fn discard(&mut self) {
        self.lines.clear();
        self.queue.clear();
        self.question = None;
    }

    /// Adds blocks of a policy.
    pub(super) fn add(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Text(text) if !is_blank(text) => self.queue.add(Out::Text(text.clone())),
                Block::ToolCall(call) => {
                    let call = self.made(call.clone());
                    self.queue.add(call);
                }
                _ => {}
            }
        }
    }

    /// Sends a frame that no policy has a say in, behind all that waits. Says where it waits, if it does.
    pub(super) fn pass(&mut self, entry: Entry) -> Option<Ticket> {
        if self.queue.is_empty() {
            self.sent.extend(self.wire.send(entry));
            return None;
        }
        Some(self.queue.push(entry, State::Ready))
    }

    /// The event that ends the reply, once everything has gone out: it repeats what did.
    pub(super) fn conclude(&mut self, entry: &Entry) -> Taken {
        let entry = match Response::parse(entry.value()) {
            Ok(response) if self.wire.is_changed() => {
                entry.saying(response.with_output(&self.wire.output()))
            }
            Ok(response) if self.agrees(&response) => entry.clone(),
            Ok(_) => return malformed("its end repeats something else than what came"),
            Err(_) if entry.event.value.is_none() => entry.clone(),
            Err(fault) => return Err(ReplyError::Malformed(fault)),
        };
        self.sent.extend(self.wire.send(entry));
        Ok(())
    }

    /// The event that says that upstream failed: it repeats nothing that did not go out.
    pub(super) fn failed(&self, entry: &Entry, response: &Response<'_>) -> Entry {
        match self.wire.is_changed() || !self.agrees(response) {
            true => entry.saying(response.with_output(&self.wire.output())),
            false => entry.clone(),
        }
    }

    /// Whether a response repeats what went out, as far as policies judge it.
    pub(super) fn agrees(&self, response: &Response<'_>) -> bool {
        let numbers = self.kinds.keys().map(|number| Some(*number));
        let mut items = response
            .items
            .iter()
            .zip(numbers.chain(std::iter::repeat(None)));
        let went_out =
            |(item, number): (&&str, Option<u64>)| self.wire.agrees(number, item, &self.wants);
        response.is_plain(&self.wants) && items.all(went_out)
    }

    fn send_text(&mut self, text: &str) {
        let frames = self.wire.send_text(text);
        self.sent.extend(frames);
    }

    /// Sends what is left of the items that are settled and on the wire: it came before what a stop throws
    /// away, in the order of the items.
    fn send_begun(&mut self) {
        for out in self.queue.take_ready() {
            let Out::Entry(entry) = out else { continue };
            let settled = |index| self.lines.iter().all(|line| line.index != index);
            let begun = |index: &u64| self.wire.is_open(*index) && settled(*index);
            if entry.item().filter(begun).is_some() {
                self.wire.note_change();
                self.sent.extend(self.wire.send(entry));
            }
        }
    }

    /// A reply of which nothing is left gets a notice.
    fn fill(&mut self) {
        if !self.wire.has_an_end() {
            let notice = self.notice.take();
            self.send_text(notice.as_deref().unwrap_or(NOTHING_LEFT));
        }
    }

    fn drain(&mut self) {
        while let Some(slot) = self.queue.pop_ready() {
            if slot.changed {
                self.wire.note_change();
            }
            for out in [slot.before, slot.outs, slot.after].into_iter().flatten() {
                match out {
                    Out::Entry(entry) => self.sent.extend(self.wire.send(entry)),
                    Out::Rewritten(json) => self.sent.extend(self.wire.send_item(&json)),
                    Out::Text(text) => self.sent.extend(self.wire.send_text(&text)),
                    Out::Call(call) => self.sent.extend(self.wire.send_call(&call)),
                }
            }
        }
    }
}

/// Whether policies may change or stop any block.
pub(super) fn judges_any(wants: &Wants) -> bool {
    let kinds = [
        BlockKind::Text,
        BlockKind::Thinking,
        BlockKind::ToolCall,
        BlockKind::Other,
    ];
    kinds.into_iter().any(|kind| is_judged(kind, wants))
}

pub(super) fn malformed<T>(fault: &str) -> Taken<T> {
    Err(ReplyError::Malformed(fault.to_owned()))
}
