//! What has gone out of a reply's items, which its end repeats.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    found::{Found, PartEvent},
    items::SentItems,
    sent::{Edited, Ruled, SentItem},
};
use crate::{
    json::quote,
    openai::items::set_call,
    openai_responses::{
        call,
        event::{Event, Kind, Parsed},
        item::string,
        made::{self, Place as At},
        reader::{Key, Place},
    },
    reply::{
        dispositions::Dispositions,
        writing::{Call, Disposition, Insert, Made, Pending, Role, Stop},
    },
    sse::Frame,
};

/// The items that went out, in their order.
#[derive(Debug, Default)]
pub(in crate::openai_responses) struct Output {
    /// Whether something else went out than what came.
    pub(in crate::openai_responses) is_changed: bool,
    pub(in crate::openai_responses) sent: SentItems,
    /// Names the messages of our own making.
    seed: String,
    /// How many of them there are.
    made: u32,
    /// The bytes that are kept of `ends`.
    size: usize,
    /// Frames of our own that go out before that of upstream's which is looked at.
    own: Vec<Frame>,
    /// The ends of items that came before their starts went out.
    ends: BTreeMap<Key, End>,
}

/// The end of an item.
#[derive(Debug)]
struct End {
    json: String,
    /// Whether it can't be brought together with what came before it.
    differs: bool,
}

impl Output {
    /// Names the reply, so that ids made for it are its own.
    pub(in crate::openai_responses) fn identify(&mut self, seed: String) {
        self.seed = seed;
    }

    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size + self.sent.size()
    }

    /// The frames of our own making, not numbered, since this was asked last.
    pub(in crate::openai_responses) fn take_own(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.own)
    }

    /// The items that went out, as they are done.
    pub(in crate::openai_responses) fn done(&self) -> Vec<Cow<'_, str>> {
        self.sent.repeated(&[], b"")
    }

    /// The end of an item has come.
    pub(super) fn note_end(&mut self, key: Key, json: &str, differs: bool) {
        if !json.is_empty() && !self.sent.knows(key) {
            self.size += json.len() + size_of::<(Key, End)>();
            let json = json.to_owned();
            self.ends.insert(key, End { json, differs });
        }
    }

    /// Takes what becomes of all that stands in a frame, and what is put in.
    pub(in crate::openai_responses) fn take(
        &mut self,
        pending: &Pending<Place>,
        known: &Dispositions,
    ) {
        let mut inserts: Vec<&Insert> = pending.inserts.iter().collect();
        inserts.sort_by_key(|insert| insert.slot);
        let mut inserts = inserts.into_iter().peekable();
        let data = pending.frame.as_ref().map_or(&[][..], Frame::data);
        let mut slots = pending.slots.iter();
        let event = slots.find_map(|slot| slot.place.event.as_deref());
        for (at, slot) in pending.slots.iter().enumerate() {
            while let Some(insert) = inserts.next_if(|insert| insert.slot <= at) {
                self.add(&insert.made);
            }
            let disposition = known.of(slot);
            self.take_slot(&Found {
                data,
                event,
                slot,
                disposition,
            });
        }
        inserts.for_each(|insert| self.add(&insert.made));
    }

    fn take_slot(&mut self, found: &Found<'_>) {
        let Place {
            item,
            part,
            differs,
            ..
        } = found.slot.place;
        let Some(key) = item else {
            return;
        };
        match (part, found.slot.role, found.disposition) {
            (None, Role::Opens, _) => self.open(key, found),
            (None, Role::Closes, Disposition::Goes) => {}
            (None, Role::Closes, _) => self.finish(key, found.json(), differs),
            (Some(part), role, disposition) => {
                if differs {
                    self.is_changed = true;
                    self.sent
                        .change_part(key, part, |part| part.is_edited = true);
                }
                let event = PartEvent {
                    part,
                    value: found.slot.place.value.bytes(found.data),
                    kind: found.event.map(|event| event.kind),
                    index: found.event.and_then(|event| Some(event.part?.value)),
                };
                self.take_of_part(key, role, &event, disposition);
            }
            _ => {}
        }
    }

    /// Policies end the reply.
    pub(in crate::openai_responses) fn stop(&mut self, stops: Vec<Stop>) {
        self.close("incomplete");
        for text in stops.into_iter().filter_map(|stop| stop.text) {
            self.add_text(&text);
        }
    }

    /// Another reply of upstream's goes on behind what went out. Its items are others, whatever their places.
    pub(in crate::openai_responses) fn begin_next(&mut self) {
        // The end that says them does not go out.
        self.sent.forget_those_in_the_end();
        self.close("incomplete");
        self.sent.begin_next();
        self.ends.clear();
        self.size = 0;
    }

    /// Adds something of a policy.
    pub(in crate::openai_responses) fn add(&mut self, made: &Made) {
        match made {
            Made::Text(text) => self.add_text(text),
            Made::ToolCall(call) => self.add_item(&made::call(call), None),
        }
    }

    /// Ends the items that are open, with what they have said so far. `status` is that of calls.
    pub(super) fn close(&mut self, status: &str) {
        self.is_changed = true;
        for item in self.sent.open_items() {
            let frames = item.closing(status);
            let json = frames.last().map(|frame| {
                let event = Parsed::read(frame).map_or(Event::LOOSE, |parsed| parsed.event);
                event
                    .value
                    .unwrap_or_default()
                    .text(frame.data())
                    .to_owned()
            });
            item.finish(json.unwrap_or_default(), Edited::Whole);
            self.own.extend(frames);
        }
    }

    fn add_text(&mut self, text: &str) {
        self.made += 1;
        let id = format!("msg_sluice_{}_{}", self.seed, self.made);
        let at = At {
            item_id: &id,
            item: self.sent.next(),
            part: 0,
        };
        let said = quote(text);
        let done = made::message(&id, text);
        self.own.extend([
            made::item_event("response.output_item.added", at, &made::open_message(&id)),
            made::part_event("response.content_part.added", at, &made::text_part("")),
            made::text_delta(false, at, &said),
            made::text_done(false, at, &said),
            made::part_event("response.content_part.done", at, &made::text_part(text)),
            made::item_event("response.output_item.done", at, &done),
        ]);
        self.push_done(done, None);
    }

    /// An item that is written anew, in the place of one that came where there is an edit of that.
    fn add_item(&mut self, json: &str, of: Option<(Key, Edited)>) {
        self.own.extend(call::events(json, self.sent.next()));
        self.push_done(json.to_owned(), of);
    }

    /// An item of our own making.
    fn push_done(&mut self, json: String, of: Option<(Key, Edited)>) {
        self.is_changed = true;
        let (key, edit) = of.map_or((None, Edited::Whole), |(key, edit)| (Some(key), edit));
        let mut item = SentItem::new(key, self.sent.next(), "");
        item.finish(json, edit);
        self.sent.push(item);
    }

    fn open(&mut self, key: Key, found: &Found<'_>) {
        let end = self.ends.remove(&key);
        let kept = end
            .as_ref()
            .map_or(0, |end| end.json.len() + size_of::<(Key, End)>());
        self.size = self.size.saturating_sub(kept);
        let json = found.json();
        let calls = match (found.disposition, &end) {
            (
                Disposition::Keeps,
                Some(End {
                    json,
                    differs: true,
                }),
            ) => {
                self.leave_out(key);
                return self.add_item(json, Some((key, Edited::Stays)));
            }
            (Disposition::Keeps | Disposition::Says(_), _) => {
                let number = self.sent.next();
                self.is_changed |= found.index().is_some_and(|index| index != number);
                let mut item = SentItem::new(Some(key), number, json);
                let kind = found.event.map(|event| event.kind);
                item.is_in_end = matches!(kind, Some(Kind::Terminal(_)));
                return self.sent.push_of(key, item);
            }
            (Disposition::Goes, _) => &[][..],
            (Disposition::Becomes(calls), _) => calls,
        };
        self.leave_out(key);
        let json = end.as_ref().map_or(json, |end| &end.json);
        for call in calls {
            match call {
                Call::Rewritten(call) => {
                    let edit = Edited::Call(call.clone());
                    self.add_item(&set_call(json, call), Some((key, edit)));
                }
                Call::Made(call) => self.add_item(&made::call(call), None),
            }
        }
    }

    fn leave_out(&mut self, key: Key) {
        self.is_changed = true;
        self.sent.leave_out(key);
    }

    /// An item is done. One of which nothing else is left than its start stays open.
    fn finish(&mut self, key: Key, json: &str, differs: bool) {
        if json.is_empty() {
            return;
        }
        let is_same = self.sent.change(key, |item| {
            let ruled = item.ruled(json, differs);
            let is_same = ruled == Ruled::Stays;
            match ruled {
                Ruled::Stays => item.finish(json.to_owned(), Edited::Stays),
                Ruled::Becomes(json, edit) => item.finish(json, edit),
                Ruled::Goes => {}
            }
            is_same
        });
        self.is_changed |= is_same == Some(false);
    }

    fn take_of_part(
        &mut self,
        key: Key,
        role: Role,
        event: &PartEvent<'_>,
        disposition: &Disposition,
    ) {
        let part = event.part;
        match (role, disposition) {
            (Role::Opens, Disposition::Goes) => {
                self.is_changed = true;
                self.sent.change(key, |item| item.leave_part_out(part));
            }
            (Role::Opens, disposition) => {
                let number = self.sent.change(key, |item| {
                    let number = item.open_part(part, event.opening());
                    item.part(part, |part| {
                        if let Disposition::Says(text) = disposition {
                            part.replace(text);
                        }
                        if event.is_all() {
                            part.begin_anew();
                        }
                    });
                    number
                });
                let is_renumbered = number
                    .zip(event.index)
                    .is_some_and(|(one, other)| one != other);
                self.is_changed |= is_renumbered || *disposition != Disposition::Keeps;
            }
            (Role::Grows, Disposition::Goes) => self.is_changed = true,
            (Role::Grows, disposition) => {
                let raw = event.raw();
                let changed = self.sent.change_part(key, part, |part| {
                    if event.is_all() {
                        part.begin_anew();
                    }
                    part.grow(&raw, disposition)
                });
                self.is_changed |= changed == Some(true);
            }
            (Role::Closes, Disposition::Says(rest)) => self.say_rest(key, event, rest),
            _ => {}
        }
    }

    /// A text that came in pieces says more before it ends.
    fn say_rest(&mut self, key: Key, event: &PartEvent<'_>, rest: &str) {
        let place = self.sent.change(key, |item| {
            let (id, number) = (string(&item.json, "id"), item.number);
            let told = item.part(event.part, |part| {
                let is_told = part.say_rest(rest)?;
                is_told.then(|| (part.number.unwrap_or_default(), part.is_refusal()))
            });
            Some((id, number, told??))
        });
        self.is_changed = true;
        if let Some(Some((id, item, (part, is_refusal)))) = place {
            let at = At {
                item_id: &id,
                item,
                part,
            };
            self.own
                .push(made::text_delta(is_refusal, at, &quote(rest)));
        }
    }
}
