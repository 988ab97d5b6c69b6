//! What is done about blocks, and what rulings make of them.

use super::{
    Phase, Question, Stream,
    agenda::{End, Judged, Spoken, Task},
    choice::{Choice, Said},
    queue::Place,
};
use crate::{
    Block, Delivery, PieceRuling, Ruling, Step,
    json::quote,
    openai_chat::{
        BETWEEN_TEXTS,
        chunk::Entry,
        made::{Numbered, calls_field, done},
        turn::{Closing, Fate, Field, Outgoing, Placed, Ticket, Turn},
    },
    sse::Frame,
};

impl Stream {
    pub(super) fn perform(&mut self, task: Task) {
        match task {
            Task::Pass {
                choice,
                ticket,
                said,
            } => self.pass_on(choice, ticket, &said),
            Task::Observe { block, .. } => self.steps.push_back(Step::Observe(block)),
            Task::Judge(judged) => {
                let step = Step::Judge(judged.block.clone());
                self.ask(Question::Judge(judged), step);
            }
            Task::Piece(piece) => {
                self.speaking = Some(piece.choice);
                let text = piece.text.clone();
                let step = Step::Piece { text, last: false };
                self.ask(Question::Piece(piece), step);
            }
            Task::LastPiece { choice, field, end } => {
                self.ask_last(Question::LastPiece { choice, field, end });
            }
            Task::Text(text) => {
                let piece = text.text.clone();
                let step = Step::Piece {
                    text: piece,
                    last: false,
                };
                self.ask(Question::Text(text, None), step);
            }
            Task::Close { choice } => self.close(choice, Vec::new()),
            Task::End => {
                let finish = self.choices.values().flat_map(|choice| &choice.finishes);
                let reason = finish.map(|finish| finish.reason.clone()).next();
                let stop_reason = reason.unwrap_or_default();
                self.ask(Question::End, Step::End { stop_reason });
            }
            Task::Over(frame) => {
                if let Some(frame) = frame {
                    self.queue.push(frame, None, Vec::new());
                }
                self.phase = Phase::Ended;
            }
        }
    }

    pub(super) fn judge(&mut self, judged: Judged, ruling: Ruling) {
        let Judged {
            choice: index,
            ticket,
            field,
            block,
        } = judged;
        if let Ruling::Stop { notice } = ruling {
            return self.stop(index, notice);
        }
        let Some(choice) = self.choices.get_mut(&index) else {
            return;
        };
        let fate = match (block, field) {
            (Block::Text(text) | Block::Thinking(text), Some(field)) => {
                choice.has_open_call = false;
                choice.turn.rule_text(field, &text, ruling)
            }
            // What becomes of it is known once the choice is closed.
            (Block::ToolCall(call), _) => return choice.turn.rule_call(ticket, call, ruling),
            (block, _) => {
                choice.turn.passes(block.kind());
                Fate::Keeps
            }
        };
        self.queue.fates.settle(ticket, fate);
    }

    pub(super) fn answer_piece(&mut self, piece: Spoken, ruling: PieceRuling) {
        let sent = match ruling {
            PieceRuling::Keep => piece.text.clone(),
            PieceRuling::Send(sent) => sent,
            PieceRuling::Stop { notice } => return self.stop(piece.choice, notice),
        };
        self.send_text(&piece, sent);
    }

    pub(super) fn answer_last_piece(
        &mut self,
        choice: u64,
        field: Field,
        end: End,
        ruling: PieceRuling,
    ) {
        self.speaking = None;
        match ruling {
            PieceRuling::Keep => {}
            PieceRuling::Send(rest) => self.append(choice, field, end, &rest),
            PieceRuling::Stop { notice } => self.stop(choice, notice),
        }
    }

    pub(super) fn answer_text(&mut self, text: Spoken, ruling: PieceRuling) {
        let sent = match ruling {
            PieceRuling::Keep => text.text.clone(),
            PieceRuling::Send(sent) => sent,
            PieceRuling::Stop { notice } => return self.stop(text.choice, notice),
        };
        self.ask_last(Question::Text(text, Some(sent)));
    }

    pub(super) fn answer_text_end(&mut self, text: Spoken, mut sent: String, ruling: PieceRuling) {
        match ruling {
            PieceRuling::Keep => self.send_text(&text, sent),
            PieceRuling::Send(rest) => {
                sent.push_str(&rest);
                self.send_text(&text, sent);
            }
            PieceRuling::Stop { notice } => {
                // What was said before the stop goes out, as it would have piece by piece.
                self.send_text(&text, sent);
                self.stop(text.choice, notice);
            }
        }
    }

    /// All blocks are judged, and these texts are added.
    pub(super) fn close_all(&mut self, mut added: Vec<String>) {
        let choices: Vec<u64> = self.choices.keys().copied().collect();
        for choice in choices {
            self.close(choice, std::mem::take(&mut added));
        }
    }

    fn ask_last(&mut self, question: Question) {
        let text = String::new();
        self.ask(question, Step::Piece { text, last: true });
    }

    fn pass_on(&mut self, index: u64, ticket: Ticket, said: &Said) {
        if let Some(choice) = self.choices.get_mut(&index) {
            choice.note(said);
        }
        self.queue.fates.settle(ticket, Fate::Keeps);
    }

    fn send_text(&mut self, text: &Spoken, sent: String) {
        if let Some(choice) = self.choices.get_mut(&text.choice) {
            choice.has_open_call = false;
            let fate = choice.turn.send_text(text.field, &text.text, sent);
            self.queue.fates.settle(text.ticket, fate);
        }
    }

    /// Adds the rest of a text that came in pieces.
    fn append(&mut self, index: u64, field: Field, end: End, rest: &str) {
        let Some(choice) = self.choices.get_mut(&index).filter(|_| !rest.is_empty()) else {
            return;
        };
        choice.turn.send_text(field, "", rest.to_owned());
        match end {
            End::In(place) => {
                let patch = self.queue.patch(place);
                let text = patch.map(|patch| match field {
                    Field::Refusal => &mut patch.refusal,
                    Field::Content | Field::Thinking => &mut patch.content,
                });
                if let Some(text) = text {
                    text.push_str(rest);
                }
            }
            End::Before(place) => {
                let frame = self.text_frame(index, place, field, rest);
                self.queue.put(place, frame);
            }
        }
    }

    /// All blocks of a choice are judged: what is left of them goes out, with these texts.
    fn close(&mut self, index: u64, added: Vec<String>) {
        let are_judged = Self::whole(self.wants.tool_call) == Delivery::Whole;
        let Some(choice) = self
            .choices
            .get_mut(&index)
            .filter(|choice| !choice.is_closed)
        else {
            return;
        };
        choice.is_closed = true;
        let Closing { text, calls } = choice.turn.close(added);
        let finishes = std::mem::take(&mut choice.finishes);
        for finish in &finishes {
            let mended = choice.turn.mended(&finish.reason);
            let fate = mended.map_or(Fate::Keeps, |mended| Fate::Says(mended.to_owned()));
            self.queue.fates.settle(finish.ticket, fate);
        }
        let first = if are_judged { 0 } else { choice.next_call };
        let (fates, made) = placed(choice, calls, first);
        for (ticket, fate) in fates {
            self.queue.fates.settle(ticket, fate);
        }
        let finish = finishes.first().map(|finish| finish.place);
        if !text.is_empty() {
            let place = choice.first_call.or(finish);
            let is_followed = choice.has_late_content;
            let end = if is_followed { BETWEEN_TEXTS } else { "" };
            self.add_text(index, place, &format!("{text}{end}"));
        }
        if !made.is_empty() {
            self.add_calls(index, finish, made);
        }
    }

    /// Puts a text before what stands at `place`, or behind what its delta says.
    fn add_text(&mut self, index: u64, place: Option<Place>, text: &str) {
        let leads = |entry: &Entry| entry.has_content() && !only_calls(entry);
        let within = place.filter(|place| self.queue.entry(*place).is_some_and(leads));
        match within.and_then(|place| self.queue.patch(place)) {
            Some(patch) => patch.content.push_str(text),
            None => {
                let frame = self.text_frame(index, place, Field::Content, text);
                self.queue.put(place, frame);
            }
        }
    }

    /// Puts tool calls before the finish reason at `place`, or behind what its delta says.
    fn add_calls(&mut self, index: u64, place: Option<Place>, calls: Vec<Numbered>) {
        let within = place.filter(|place| {
            let entry = self.queue.entry(*place);
            entry.is_some_and(Entry::has_content)
        });
        match within.and_then(|place| self.queue.patch(place)) {
            Some(patch) => patch.calls.extend(calls),
            None => {
                let role = self.role(index, place);
                let delta = format!("{role}{}", calls_field(&calls));
                let frame = self.envelope.chunk(index, &delta, None);
                self.queue.put(place, frame);
            }
        }
    }

    /// Ends the reply with a notice; nothing that is not judged goes out.
    fn stop(&mut self, index: u64, notice: String) {
        for (index, choice) in &mut self.choices {
            choice.loses_of_call |= self.agenda.passes_a_call(*index);
        }
        self.agenda.clear();
        self.queue.settle_all();
        self.release();
        self.fill_up();
        let mut notice = Some(notice);
        let open = self.choices.iter().filter(|(_, choice)| !choice.is_closed);
        let open: Vec<u64> = open.map(|(index, _)| *index).collect();
        for other in open {
            let notice = notice.take_if(|_| other == index).unwrap_or_default();
            let Some(choice) = self.choices.get_mut(&other) else {
                continue;
            };
            let (text, finish_reason) = choice.stop(notice);
            if !text.is_empty() {
                let frame = self.text_frame(other, None, Field::Content, &text);
                self.send(frame);
            }
            let frame = self.envelope.chunk(other, "", Some(&finish_reason));
            self.send(frame);
        }
        self.send(done());
        self.phase = Phase::Over;
    }

    /// Makes the choices that have not begun, for clients count on the places of those that have.
    fn fill_up(&mut self) {
        let count = self.choices.keys().next_back().map_or(0, |last| last + 1);
        let id = self.envelope.id();
        for index in 0..count {
            let choice = self.choices.entry(index);
            choice.or_insert_with(|| Choice::new(Turn::new(&id, index)));
        }
    }

    fn text_frame(&mut self, index: u64, place: Option<Place>, field: Field, text: &str) -> Frame {
        let name = match field {
            Field::Refusal => "refusal",
            Field::Content | Field::Thinking => "content",
        };
        let role = self.role(index, place);
        let delta = format!(r#"{role}"{name}":{}"#, quote(text));
        self.envelope.chunk(index, &delta, None)
    }

    /// The role, for a delta of our own before the frame at `place`, or behind all that has come, where
    /// none has one before it.
    fn role(&mut self, index: u64, place: Option<Place>) -> &'static str {
        let at = place.map_or_else(|| self.queue.next_number(), |place| place.frame);
        match self.choices.get_mut(&index) {
            Some(choice) if choice.role_at.is_none_or(|role| role >= at) => {
                choice.role_at = Some(at.saturating_sub(1));
                r#""role":"assistant","#
            }
            _ => "",
        }
    }
}

fn only_calls(entry: &Entry) -> bool {
    entry.has_calls()
        && !entry.has_role
        && entry.content.is_none()
        && entry.parts.is_none()
        && entry.refusal.is_none()
        && entry.thinking.is_none()
}

/// What becomes of the judged calls of a choice, and the calls that stand behind them; numbered from
/// `first`.
fn placed(
    choice: &Choice,
    calls: Vec<Outgoing>,
    first: u64,
) -> (Vec<(Ticket, Fate)>, Vec<Numbered>) {
    let judged = choice.judged.iter();
    if !choice.turn.is_changed() {
        let fates = judged.map(|call| (call.ticket, Fate::Keeps)).collect();
        return (fates, Vec::new());
    }
    let mut fates: Vec<(Ticket, Fate)> = judged.map(|call| (call.ticket, Fate::Goes)).collect();
    let mut made = Vec::new();
    let mut number = first;
    for outgoing in calls {
        match outgoing {
            Outgoing::Made(call) => made.push((number, call)),
            Outgoing::Upstream(ticket, call) if choice.function_call == Some(ticket) => {
                let before = Vec::new();
                let placed = Placed {
                    number,
                    call,
                    before,
                };
                fates.push((ticket, fate(placed, Some(number))));
                continue;
            }
            Outgoing::Upstream(ticket, call) => {
                let written = choice.judged.iter().find(|call| call.ticket == ticket);
                let written = written.and_then(|call| call.written_index);
                let placed = Placed {
                    number,
                    call,
                    before: std::mem::take(&mut made),
                };
                fates.push((ticket, fate(placed, written)));
            }
        }
        number += 1;
    }
    (fates, made)
}

fn fate(placed: Placed, written_index: Option<u64>) -> Fate {
    let is_same = placed.call.is_none() && placed.before.is_empty();
    if is_same && written_index == Some(placed.number) {
        Fate::Keeps
    } else {
        Fate::Call(placed)
    }
}
