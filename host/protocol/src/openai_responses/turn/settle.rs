//! What goes out of an item of which all is decided.

use super::Turn;
use crate::{
    Block, Ruling, ToolCall,
    compose::{is_blank, normal},
    json::quote,
    openai::items::{set_call, set_text},
    openai_responses::{
        entry::Entry,
        event::Kind,
        inquiry::{Changes, Outcome},
        item::{PartRuling, with_parts},
        line::Line,
        queue::{Out, State, Ticket},
    },
};

impl Turn {
    /// Carries out what was decided on the item at the front.
    pub(super) fn settle(&mut self) {
        let Some(mut line) = self.lines.pop_front() else {
            return;
        };
        let waiting = line.all_waiting();
        match line.inquiry.take().map(|inquiry| inquiry.outcome()) {
            None | Some(Outcome::Kept) => self.queue.mark(&waiting, State::Ready),
            Some(Outcome::Call(block, ruling)) => self.settle_call(&waiting, &block, ruling),
            Some(Outcome::Message(changes)) => self.settle_message(&line, &waiting, changes),
        }
    }

    /// A call, and what stands in its place, goes out when the content is over.
    fn settle_call(&mut self, waiting: &[Ticket], block: &Block, ruling: Ruling) {
        self.queue.mark(waiting, State::Decided);
        let mut outs = match ruling {
            Ruling::Drop { notice } => vec![Block::Text(notice)],
            Ruling::Replace(blocks) => blocks,
            Ruling::Keep | Ruling::Stop { .. } => return,
        };
        let last = waiting.last().and_then(|ticket| self.queue.entry(*ticket));
        let mut json = last.map(|entry| entry.value().to_owned());
        let outs = outs.drain(..).filter_map(|out| match (out, block) {
            (Block::Text(text), _) => (!is_blank(&text)).then_some(Out::Text(text)),
            (Block::ToolCall(call), Block::ToolCall(old))
                if call.id == old.id && !old.id.is_empty() && json.is_some() =>
            {
                // The call of that id stands for upstream's, whose other fields it keeps.
                let json = json.take().unwrap_or_default();
                Some(Out::Rewritten(set_call(&json, &normal(call))))
            }
            (Block::ToolCall(call), _) => Some(self.made(call)),
            _ => None,
        });
        let mut outs = outs.collect::<Vec<_>>().into_iter();
        for (at, ticket) in waiting.iter().enumerate() {
            let first = at == 0;
            self.queue.set(
                *ticket,
                if first {
                    outs.by_ref().collect()
                } else {
                    Vec::new()
                },
            );
        }
    }

    fn settle_message(&mut self, line: &Line, waiting: &[Ticket], changes: Changes) {
        let gone = changes.leave_nothing();
        let Changes {
            parts,
            before,
            after,
            notice,
        } = changes;
        self.notice = self.notice.take().or(notice);
        // Calls that a policy puts beside a text wait for the end of the content, as any call that is judged.
        let calls = !before.is_empty() || !after.is_empty();
        let live: Vec<u64> = line.parts.iter().map(|part| part.at).collect();
        let mut rewriter = Rewriter {
            parts: &parts,
            live: &live,
            gone,
            said: Vec::new(),
        };
        for ticket in waiting {
            let outs = self
                .queue
                .entry(*ticket)
                .and_then(|entry| rewriter.outs(entry));
            match outs {
                Some(outs) if outs.is_empty() => self.queue.empty(*ticket),
                Some(outs) => self.queue.set(*ticket, outs),
                None => {}
            }
        }
        let before: Vec<Out> = before
            .into_iter()
            .filter_map(|call| self.made_of(call))
            .collect();
        let after: Vec<Out> = after
            .into_iter()
            .filter_map(|call| self.made_of(call))
            .collect();
        if let (Some(first), Some(last)) = (waiting.first(), waiting.last()) {
            self.queue.surround(*first, before, Vec::new());
            let next = self.lines.front().and_then(|line| line.first);
            match next.filter(|next| next < last) {
                // The next item has begun already.
                Some(next) => self.queue.surround(next, after, Vec::new()),
                None => self.queue.surround(*last, Vec::new(), after),
            }
        }
        self.queue
            .mark(waiting, if calls { State::Decided } else { State::Ready });
    }

    fn made_of(&mut self, block: Block) -> Option<Out> {
        match block {
            Block::ToolCall(call) => Some(self.made(call)),
            _ => None,
        }
    }

    /// A call of a policy, with an id of the host's making.
    pub(super) fn made(&mut self, call: ToolCall) -> Out {
        self.calls += 1;
        let id = format!("call_sluice_{}_{}", self.seed, self.calls);
        Out::Call(normal(ToolCall { id, ..call }))
    }
}

/// Rewrites the frames of a message as was ruled on its parts.
struct Rewriter<'a> {
    parts: &'a [PartRuling],
    /// The parts whose frames were rewritten as they came.
    live: &'a [u64],
    /// Whether nothing is left of the message.
    gone: bool,
    /// The parts whose new text was told in a delta.
    said: Vec<u64>,
}

impl Rewriter<'_> {
    /// What goes out in the place of a frame; nothing where it stays.
    fn outs(&mut self, entry: &Entry) -> Option<Vec<Out>> {
        if self.gone {
            return Some(Vec::new());
        }
        if entry.event.kind == Kind::ItemDone {
            let message = with_parts(entry.value(), self.parts);
            return (message != entry.value()).then(|| vec![Out::Entry(entry.saying(message))]);
        }
        let (at, kind) = (entry.part()?, entry.event.kind);
        match self.parts.get(usize::try_from(at).ok()?)? {
            PartRuling::Keep => None,
            PartRuling::Gone => Some(Vec::new()),
            PartRuling::Say(_) if kind.is_text_delta() && self.live.contains(&at) => None,
            PartRuling::Say(text) if kind.is_text_delta() => {
                let first = !self.said.contains(&at);
                self.said.push(at);
                let delta = || Out::Entry(entry.saying(quote(text)));
                Some(first.then(delta).into_iter().collect())
            }
            PartRuling::Say(text) => Some(vec![Out::Entry(finished(entry, text)?)]),
        }
    }
}

/// An event that repeats a finished text, with another text; nothing where it repeats none.
pub(super) fn finished(entry: &Entry, text: &str) -> Option<Entry> {
    match entry.event.kind {
        kind if kind.is_text_done() => Some(entry.saying(quote(text))),
        Kind::PartDone => Some(entry.saying(set_text(entry.value(), text))),
        _ => None,
    }
}
