//! A text that policies hear piece by piece.

use super::{Question, Taken, Turn, malformed, settle::finished};
use crate::{
    BlockKind, PieceRuling, Step,
    json::quote,
    openai_responses::{
        entry::Entry,
        event::Kind,
        item::{PartRuling, part_kind},
        line::Part,
        made::{Place, text_delta},
        queue::{Out, State, Ticket},
    },
};

impl Turn {
    /// Looks at the next frame of the message at the front: a piece of text is asked about, what is none
    /// waits with the text that it belongs to.
    pub(super) fn speak(&mut self, ticket: Ticket) -> Taken<Option<Step>> {
        let (Some(entry), Some(line)) = (self.queue.entry(ticket), self.lines.front_mut()) else {
            return Ok(None);
        };
        let (kind, at) = (entry.event.kind, entry.part());
        let held = line.held_from.is_some_and(|from| ticket >= from);
        let begins = kind == Kind::PartAdded && part_kind(entry.value()) == Ok(BlockKind::Text);
        let speaks = kind.is_text_delta() || kind.is_text_done() || begins;
        if let Some(open) = line.speaking() {
            let ends = kind.is_text_done() || kind == Kind::PartDone;
            let ends = kind == Kind::ItemDone || (ends && at == Some(open));
            if ends || held || (speaks && at != Some(open)) {
                return Ok(Some(self.ask_last(ticket, open)));
            }
        }
        if let Some(at) = at.filter(|_| speaks) {
            let text = entry
                .said()
                .filter(|_| kind.is_text_delta())
                .unwrap_or_default();
            let mut parts = line.parts.iter();
            let over = parts.any(|part| part.at == at && part.is_over);
            if over && kind.is_text_delta() {
                return malformed("a text goes on after its end");
            }
            if held {
                line.held.push(ticket);
                return Ok(None);
            }
            let refusal = begins && entry.value().contains("\"refusal\"");
            let part = line.part(at);
            part.is_refusal |= refusal || matches!(kind, Kind::RefusalDelta | Kind::RefusalDone);
            if !over && !text.is_empty() {
                part.text.push_str(&text);
                self.question = Some(Question::Piece(ticket));
                return Ok(Some(Step::Piece { text, last: false }));
            }
            if !over && kind.is_text_done() {
                return Ok(Some(self.ask_last(ticket, at)));
            }
        }
        if held {
            line.held.push(ticket);
        } else {
            self.place(ticket);
        }
        Ok(None)
    }

    pub(super) fn answer_piece(&mut self, ticket: Ticket, ruling: PieceRuling) {
        let (Some(entry), Some(line)) = (self.queue.entry(ticket), self.lines.front_mut()) else {
            return;
        };
        let at = entry.part().unwrap_or_default();
        let text = entry.said().unwrap_or_default();
        match ruling {
            PieceRuling::Send(sent) if sent != text => {
                line.part(at).sent.push_str(&sent);
                let delta = (!sent.is_empty()).then(|| Out::Entry(entry.saying(quote(&sent))));
                self.queue.set(ticket, delta.into_iter().collect());
            }
            _ => line.part(at).sent.push_str(&text),
        }
        line.wait(ticket, Some(at));
        self.let_go();
    }

    pub(super) fn answer_last_piece(&mut self, ticket: Ticket, at: u64, ruling: PieceRuling) {
        let Some(line) = self.lines.front_mut() else {
            return;
        };
        let part = line.part(at);
        part.is_over = true;
        let refusal = part.is_refusal;
        if let PieceRuling::Send(more) = ruling
            && !more.is_empty()
        {
            part.sent.push_str(&more);
            let item_id = self.wire.item_id(line.index);
            let place = Place {
                item_id: &item_id,
                item: line.index,
                part: at,
            };
            let delta = Entry::made(text_delta(refusal, place, &quote(&more)));
            self.queue
                .surround(ticket, vec![Out::Entry(delta)], Vec::new());
        }
        // The frame that brought the end is looked at again.
        line.pending.push_front(ticket);
    }

    fn ask_last(&mut self, ticket: Ticket, at: u64) -> Step {
        self.question = Some(Question::LastPiece(ticket, at));
        Step::Piece {
            text: String::new(),
            last: true,
        }
    }

    /// A frame that is no piece waits with its text, and repeats what went out of it.
    fn place(&mut self, ticket: Ticket) {
        let (Some(entry), Some(line)) = (self.queue.entry(ticket), self.lines.front_mut()) else {
            return;
        };
        let (kind, at) = (entry.event.kind, entry.part());
        let part = line.parts.iter().find(|part| Some(part.at) == at);
        let ruling = part.filter(|part| part.is_over).map(Part::ruling);
        // What is no text goes out in any case, and the message with it.
        line.is_open |= kind == Kind::PartAdded && part.is_none();
        line.wait(ticket, at);
        if let Some(PartRuling::Say(text)) = ruling
            && let Some(said) = finished(entry, &text)
        {
            self.queue.set(ticket, vec![Out::Entry(said)]);
        }
        if kind != Kind::ItemDone {
            self.let_go();
        }
    }

    /// Lets go what need not wait any longer.
    fn let_go(&mut self) {
        if let Some(line) = self.lines.front_mut() {
            let released = line.released();
            self.queue.mark(&released, State::Ready);
        }
    }
}
