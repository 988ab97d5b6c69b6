//! Writes the chunks of a streamed reply, or a whole one as one chunk.

mod body;
mod change;
mod draft;
mod sent;

use std::collections::BTreeMap;

use bytes::Bytes;

use self::{
    draft::{Draft, Element},
    sent::Sent,
};
use super::{
    amend::{named, numbered, rewritten},
    chunk::{Chunk, Entry, Form},
    content,
    made::{Envelope, done, numbered_call},
    place::{Field, Piece, Place},
};
use crate::{
    BlockKind, ReplyError, ToolCall,
    json::quote,
    openai::{ErrorType, calls::write_call, error_code, error_object},
    reply::{
        dispositions::Dispositions,
        writing::{self, Call, Disposition, Insert, Made, Pending, Role, Slot, Stop},
    },
    sse::Frame,
};

/// Writes a reply of the Chat Completions API.
#[derive(Debug)]
pub(crate) struct Writer {
    form: Form,
    envelope: Envelope,
    choices: BTreeMap<u64, Sent>,
    /// Whether a stream goes on with another reply of upstream's.
    goes_on: bool,
    /// What is left of the bodies before this one.
    before: Option<Bytes>,
    /// The body that policies ended.
    stopped: Option<Draft>,
}

/// A slot, and what becomes of it.
#[derive(Clone, Copy)]
struct Decided<'a> {
    slot: &'a Slot<Place>,
    disposition: &'a Disposition,
    /// Those before it in its frame.
    before: &'a [Slot<Place>],
}

impl writing::Writer for Writer {
    type Place = Place;

    const HEARTBEAT: Option<&'static [u8]> = Some(b": sluice\n\n");

    fn begin(&mut self, frame: &Frame, _: &Place) {
        // Nothing of our own goes out beside a whole body.
        if self.form == Form::Delta
            && let Ok(chunk) = Chunk::parse(frame.data(), self.form)
        {
            self.envelope.follow(frame.data(), &chunk);
        }
    }

    fn write(&mut self, pending: Pending<Place>, known: &Dispositions, out: &mut Vec<Bytes>) {
        let Pending {
            frame,
            slots,
            inserts,
        } = pending;
        let mut draft = Draft::new(self.form, frame);
        for (at, slot) in slots.iter().enumerate() {
            for insert in inserts.iter().filter(|insert| insert.slot == at) {
                self.insert(insert, slot.place.entry, &mut draft);
            }
            let decided = Decided {
                slot,
                disposition: known.of(slot),
                before: &slots[..at],
            };
            self.slot(decided, &mut draft);
        }
        for insert in inserts.iter().filter(|insert| insert.slot >= slots.len()) {
            self.insert(insert, None, &mut draft);
        }
        match self.form {
            Form::Message if draft.is_stopped() => self.stopped = Some(draft),
            Form::Message => self.send_body(draft, out),
            Form::Delta => draft.finish(out),
        }
    }

    fn cut(&mut self, out: &mut Vec<Bytes>) -> Option<Bytes> {
        self.choices.values_mut().for_each(Sent::begin_next);
        self.goes_on = self.form == Form::Delta;
        let draft = self.stopped.take()?;
        self.send_body(draft, out);
        self.before = out.pop();
        self.before.clone()
    }

    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        if self.form == Form::Message {
            return self.stop_body(stops, out);
        }
        for Stop {
            choice,
            text,
            reason,
        } in stops
        {
            if let Some(text) = text {
                let text = self.sent(choice).add(&text);
                let frame = self.text_chunk(choice, Field::Content, &text);
                out.push(frame.into_raw());
            }
            let end = self.envelope.chunk(choice, "", Some(&reason));
            out.push(end.into_raw());
        }
        out.push(done().into_raw());
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        match self.form {
            Form::Delta => error_chunk(error),
            Form::Message => Bytes::from(error_body(error)),
        }
    }
}

/// The error that ends a stream.
pub(super) fn error_chunk(error: &ReplyError) -> Bytes {
    Frame::new("", &error_body(error)).into_raw()
}

fn error_body(error: &ReplyError) -> String {
    let code = error_code(error);
    error_object(ErrorType::Server, &error.to_string(), Some(code))
}

impl Writer {
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            envelope: Envelope::default(),
            choices: BTreeMap::new(),
            goes_on: false,
            before: None,
            stopped: None,
        }
    }

    fn sent(&mut self, choice: u64) -> &mut Sent {
        self.choices.entry(choice).or_default()
    }

    fn slot(&mut self, decided: Decided<'_>, draft: &mut Draft) {
        let Decided {
            slot, disposition, ..
        } = decided;
        let goes = *disposition == Disposition::Goes;
        match (slot.place.piece, slot.place.entry) {
            (Piece::Role, entry) => {
                let goes_on = self.goes_on;
                let is_known = std::mem::replace(&mut self.sent(slot.choice).has_role, true);
                if let (true, Some(entry)) = (is_known && goes_on, entry) {
                    draft.change(entry).loses_role = true;
                }
            }
            (Piece::Text(Field::Thinking), Some(entry)) if goes && slot.role == Role::Grows => {
                draft.change(entry).loses_thinking = true;
            }
            (Piece::Text(Field::Thinking), _) => {}
            (Piece::Text(field), _) => self.text(decided, field, draft),
            (
                Piece::Part {
                    kind: BlockKind::Text,
                    ..
                },
                _,
            ) => {
                self.text(decided, Field::Content, draft);
            }
            (Piece::Part { at, .. }, Some(entry)) if goes => draft.change(entry).part(at).say(""),
            (Piece::Call { at, number, .. }, Some(entry)) => {
                self.call(decided, (entry, at), number, draft);
            }
            (Piece::FunctionCall, Some(entry)) => self.function_call(decided, entry, draft),
            (Piece::FinishReason, Some(entry)) => match disposition {
                Disposition::Goes => draft.change(entry).finish_reason = Some(None),
                Disposition::Says(reason) => {
                    draft.change(entry).finish_reason = Some(Some(reason.clone()));
                }
                _ => {}
            },
            (Piece::Whole, _) if goes && slot.role == Role::Ends => draft.stop(),
            _ => {}
        }
    }

    fn text(&mut self, decided: Decided<'_>, field: Field, draft: &mut Draft) {
        let Decided {
            slot, disposition, ..
        } = decided;
        match (slot.role, disposition, slot.place.entry) {
            (Role::Grows, Disposition::Keeps, Some(entry)) => {
                self.keep_text(slot, field, entry, draft);
            }
            // The text of a block that is judged whole stands in its first piece, and that of a piece in itself.
            (Role::Opens | Role::Grows, Disposition::Says(text), Some(entry)) if slot.is_first => {
                let text = self.joined(slot.choice, field, text.clone());
                draft
                    .change(entry)
                    .text_at(slot.place.piece, field)
                    .say(&text);
            }
            (Role::Grows, _, Some(entry)) => {
                draft.change(entry).text_at(slot.place.piece, field).say("");
            }
            (Role::Closes, Disposition::Says(rest), _) if slot.is_first => {
                let rest = self.joined(slot.choice, field, rest.clone());
                let is_of_it =
                    |other: &&Slot<Place>| other.block == slot.block && other.role == Role::Grows;
                let last = decided.before.iter().rev().find(is_of_it);
                match last.and_then(|last| last.place.entry) {
                    Some(entry) => draft.change(entry).text(field).add(&rest),
                    None => draft.put_before(self.text_chunk(slot.choice, field, &rest)),
                }
            }
            _ => {}
        }
    }

    fn keep_text(&mut self, slot: &Slot<Place>, field: Field, entry: usize, draft: &mut Draft) {
        if field != Field::Content || self.sent(slot.choice).says_content() {
            return;
        }
        let value = slot.place.value.unwrap_or_default();
        let text = content::read(draft.data(), value);
        let joined = self.joined(slot.choice, field, text.clone());
        if joined != text {
            draft
                .change(entry)
                .text_at(slot.place.piece, field)
                .say(&joined);
        }
    }

    /// A text of upstream's as it goes on in its field.
    fn joined(&mut self, choice: u64, field: Field, text: String) -> String {
        match field {
            Field::Content => self.sent(choice).go_on(text),
            Field::Thinking | Field::Refusal => text,
        }
    }

    fn call(
        &mut self,
        decided: Decided<'_>,
        (entry, at): (usize, usize),
        index: u64,
        draft: &mut Draft,
    ) {
        let Decided {
            slot, disposition, ..
        } = decided;
        let numbers = &mut self.sent(slot.choice).numbers;
        let number = match (slot.role, disposition) {
            (Role::Grows, _) if decided.begins_here() => return,
            (Role::Opens, Disposition::Keeps) => numbers.begin(slot.block, index),
            (Role::Grows, Disposition::Keeps) => numbers.of(slot.block),
            (Role::Opens, Disposition::Becomes(calls)) => {
                let Element { json, is_custom } = draft.element(entry, at);
                let calls = calls.iter().map(|call| match call {
                    Call::Made(call) => self.made_call(slot.choice, call),
                    Call::Rewritten(call) => {
                        self.numbered(slot.choice, rewritten(&json, is_custom, call))
                    }
                });
                let calls = calls.collect();
                return draft.change(entry).set_call(at, calls);
            }
            // All that another call says stands in its first piece.
            (Role::Opens | Role::Grows, _) => {
                numbers.leave_out();
                return draft.change(entry).set_call(at, Vec::new());
            }
            _ => return,
        };
        if let Some(number) = number.filter(|number| index != *number)
            && self.form == Form::Delta
        {
            let json = numbered(&draft.element(entry, at).json, number);
            draft.change(entry).set_call(at, vec![json]);
        }
    }

    fn function_call(&mut self, decided: Decided<'_>, entry: usize, draft: &mut Draft) {
        let Decided {
            slot, disposition, ..
        } = decided;
        match (slot.role, disposition) {
            (_, Disposition::Keeps) | (Role::Closes, _) => {}
            (Role::Grows, _) if decided.begins_here() => {}
            (Role::Opens, Disposition::Becomes(calls)) => {
                let json = draft.function_call(entry);
                draft.change(entry).function_call = Some(None);
                for call in calls {
                    match call {
                        Call::Made(call) => {
                            let call = self.made_call(slot.choice, call);
                            draft.change(entry).made.push(call);
                        }
                        Call::Rewritten(call) => {
                            let call = named(&json, "arguments", call);
                            draft.change(entry).function_call = Some(Some(call));
                        }
                    }
                }
            }
            _ => draft.change(entry).function_call = Some(None),
        }
    }

    /// Puts something of a policy into this element of `choices`, or before the frame where that has no place for it.
    fn insert(&mut self, insert: &Insert, entry: Option<usize>, draft: &mut Draft) {
        let choice = insert.choice;
        match &insert.made {
            Made::Text(text) => {
                let text = self.sent(choice).add(text);
                match draft.place_in(entry, Entry::has_more_than_calls) {
                    Some(entry) => draft.change(entry).content.add(&text),
                    None => draft.put_before(self.text_chunk(choice, Field::Content, &text)),
                }
            }
            Made::ToolCall(call) => {
                let call = self.made_call(choice, call);
                match draft.place_in(entry, Entry::has_content) {
                    Some(entry) => draft.change(entry).made.push(call),
                    None => {
                        let calls = format!(r#""tool_calls":[{call}]"#);
                        draft.put_before(self.chunk(choice, &calls));
                    }
                }
            }
        }
    }

    /// A call of a policy, as an element of `tool_calls`.
    fn made_call(&mut self, choice: u64, call: &ToolCall) -> String {
        match self.form {
            Form::Delta => numbered_call(self.sent(choice).numbers.next(), call),
            Form::Message => write_call(call),
        }
    }

    fn numbered(&mut self, choice: u64, call: String) -> String {
        match self.form {
            Form::Delta => numbered(&call, self.sent(choice).numbers.next()),
            Form::Message => call,
        }
    }

    fn text_chunk(&mut self, choice: u64, field: Field, text: &str) -> Frame {
        let name = match field {
            Field::Refusal => "refusal",
            Field::Content | Field::Thinking => "content",
        };
        self.chunk(choice, &format!(r#""{name}":{}"#, quote(text)))
    }

    /// A chunk of our own, whose delta has this field, and the role if it is the first.
    fn chunk(&mut self, choice: u64, field: &str) -> Frame {
        let has_role = std::mem::replace(&mut self.sent(choice).has_role, true);
        let role = if has_role {
            ""
        } else {
            r#""role":"assistant","#
        };
        self.envelope.chunk(choice, &format!("{role}{field}"), None)
    }
}

impl Decided<'_> {
    /// Whether this piece is the first of its block, which begins in the same element.
    fn begins_here(&self) -> bool {
        let last = self.before.last();
        last.is_some_and(|last| last.role == Role::Opens && last.block == self.slot.block)
    }
}
