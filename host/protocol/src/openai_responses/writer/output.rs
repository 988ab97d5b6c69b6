//! What has gone out of a reply's items, which its end repeats.

use std::collections::BTreeMap;

use super::sent::{Ruled, SentItem, SentPart, begun, between_quotes};
use crate::{
    json::quote,
    openai::items::{read_text, set_call},
    openai_responses::{
        call,
        event::{Event, Kind},
        item::string,
        made::{self, Place as At},
        reader::Place,
    },
    reply::{
        dispositions::Dispositions,
        writing::{Call, Disposition, Insert, Made, Pending, Role, Slot},
    },
    sse::Frame,
};

/// The items that went out, in their order.
#[derive(Debug, Default)]
pub(in crate::openai_responses) struct Output {
    /// Whether something else went out than what came.
    pub(in crate::openai_responses) is_changed: bool,
    items: Vec<SentItem>,
    /// By upstream's numbers, where they stand among the items. `None` where they are left out.
    places: BTreeMap<u64, Option<usize>>,
    next: u64,
    /// Names the messages of our own making.
    seed: String,
    /// How many of them there are.
    made: u32,
    /// The bytes that are kept.
    size: usize,
    /// Frames of our own that go out before that of upstream's which is looked at.
    own: Vec<Frame>,
    /// The ends of items that came before their starts went out.
    ends: BTreeMap<u64, String>,
}

impl Output {
    /// Names the reply, so that ids made for it are its own.
    pub(in crate::openai_responses) fn identify(&mut self, seed: String) {
        self.seed = seed;
    }

    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The frames of our own making, not numbered, since this was asked last.
    pub(in crate::openai_responses) fn take_own(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.own)
    }

    /// The items that went out, as they are done.
    pub(in crate::openai_responses) fn done(&self) -> Vec<&str> {
        let done = self.items.iter().filter(|item| item.is_done);
        done.map(|item| item.json.as_str()).collect()
    }

    /// The end of an item has come.
    pub(super) fn note_end(&mut self, upstream: u64, json: &str) {
        if !json.is_empty() && !self.places.contains_key(&upstream) {
            self.ends.insert(upstream, json.to_owned());
        }
    }

    /// The item that upstream numbers so, if it went out.
    pub(super) fn item(&self, upstream: u64) -> Option<&SentItem> {
        let at = (*self.places.get(&upstream)?)?;
        self.items.get(at)
    }

    /// Whether the item that upstream numbers so is left out, or this part of it.
    pub(super) fn lacks(&self, upstream: u64, part: Option<u64>) -> bool {
        let is_left_out = self.places.get(&upstream) == Some(&None);
        let lacks_part = |item: &SentItem| part.is_some_and(|part| item.lacks_part(part));
        is_left_out || self.item(upstream).is_some_and(lacks_part)
    }

    /// Changes an item that went out.
    pub(super) fn change<T>(
        &mut self,
        upstream: u64,
        change: impl FnOnce(&mut SentItem) -> T,
    ) -> Option<T> {
        let at = (*self.places.get(&upstream)?)?;
        let item = self.items.get_mut(at)?;
        let before = item.size();
        let changed = change(item);
        self.size = (self.size + item.size()).saturating_sub(before);
        Some(changed)
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
            self.take_slot(data, event, slot, known.of(slot));
        }
        inserts.for_each(|insert| self.add(&insert.made));
    }

    fn take_slot(
        &mut self,
        data: &[u8],
        event: Option<&Event>,
        slot: &Slot<Place>,
        disposition: &Disposition,
    ) {
        let Some(upstream) = slot.place.item else {
            return;
        };
        let json = slot.place.value.text(data);
        match (slot.place.part, slot.role, disposition) {
            (None, Role::Opens, _) => self.open(upstream, json, disposition),
            (None, Role::Closes, Disposition::Goes) => {}
            (None, Role::Closes, _) => self.finish(upstream, json),
            (Some(part), role, _) => {
                let event = PartEvent {
                    part,
                    json,
                    kind: event.map(|event| event.kind),
                };
                self.take_of_part(upstream, role, &event, disposition);
            }
            _ => {}
        }
    }

    /// Adds something of a policy.
    pub(in crate::openai_responses) fn add(&mut self, made: &Made) {
        match made {
            Made::Text(text) => self.add_text(text),
            Made::ToolCall(call) => self.add_item(&made::call(call)),
        }
    }

    /// Ends the items that are open, with what they have said so far.
    pub(in crate::openai_responses) fn close(&mut self) {
        self.is_changed = true;
        for item in self.items.iter_mut().filter(|item| !item.is_done) {
            let frames = item.closing();
            let json = frames.last().map(|frame| {
                let event = Event::parse(frame).unwrap_or(Event::LOOSE);
                event
                    .value
                    .unwrap_or_default()
                    .text(frame.data())
                    .to_owned()
            });
            item.finish(json.unwrap_or_default());
            self.own.extend(frames);
        }
    }

    fn add_text(&mut self, text: &str) {
        self.made += 1;
        let id = format!("msg_sluice_{}_{}", self.seed, self.made);
        let at = At {
            item_id: &id,
            item: self.next,
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
        self.push_done(done);
    }

    fn add_item(&mut self, json: &str) {
        self.own.extend(call::events(json, self.next));
        self.push_done(json.to_owned());
    }

    /// An item of our own making.
    fn push_done(&mut self, json: String) {
        self.is_changed = true;
        let mut item = SentItem::new(self.next, "");
        item.finish(json);
        self.push(item);
    }

    fn push(&mut self, item: SentItem) {
        self.next = self.next.max(item.number.saturating_add(1));
        self.size += item.size();
        self.items.push(item);
    }

    fn open(&mut self, upstream: u64, json: &str, disposition: &Disposition) {
        let end = self.ends.remove(&upstream);
        let calls = match disposition {
            Disposition::Keeps | Disposition::Says(_) => {
                let number = match self.is_changed {
                    true => self.next,
                    false => upstream,
                };
                self.places.insert(upstream, Some(self.items.len()));
                return self.push(SentItem::new(number, json));
            }
            Disposition::Goes => &[][..],
            Disposition::Becomes(calls) => calls,
        };
        self.is_changed = true;
        self.size += size_of::<(u64, Option<usize>)>();
        self.places.insert(upstream, None);
        let json = end.as_deref().unwrap_or(json);
        for call in calls {
            match call {
                Call::Rewritten(call) => self.add_item(&set_call(json, call)),
                Call::Made(call) => self.add_item(&made::call(call)),
            }
        }
    }

    /// An item is done. One of which nothing else is left than its start stays open.
    fn finish(&mut self, upstream: u64, json: &str) {
        if json.is_empty() {
            return;
        }
        let is_same = self.change(upstream, |item| {
            let ruled = item.ruled(json);
            let is_same = ruled == Ruled::Stays;
            match ruled {
                Ruled::Stays => item.finish(json.to_owned()),
                Ruled::Becomes(json) => item.finish(json),
                Ruled::Goes => {}
            }
            is_same
        });
        self.is_changed |= is_same == Some(false);
    }

    fn take_of_part(
        &mut self,
        upstream: u64,
        role: Role,
        event: &PartEvent<'_>,
        disposition: &Disposition,
    ) {
        let (part, is_ours) = (event.part, self.is_changed);
        match (role, disposition) {
            (Role::Opens, Disposition::Goes) => {
                self.is_changed = true;
                self.change(upstream, |item| item.leave_part_out(part));
            }
            (Role::Opens, disposition) => {
                self.change(upstream, |item| {
                    item.open_part(part, event.opening(), is_ours);
                    item.part(part, |part| {
                        if let Disposition::Says(text) = disposition {
                            part.replace(text);
                        }
                        if event.is_all() {
                            part.begin_anew();
                        }
                    });
                });
                self.is_changed |= *disposition != Disposition::Keeps;
            }
            (Role::Grows, Disposition::Goes) => self.is_changed = true,
            (Role::Grows, disposition) => {
                let raw = event.raw();
                let changed = self.change_part(upstream, part, |part| {
                    if event.is_all() {
                        part.begin_anew();
                    }
                    part.grow(&raw, disposition)
                });
                self.is_changed |= changed == Some(true);
            }
            (Role::Closes, Disposition::Says(rest)) => self.say_rest(upstream, event, rest),
            _ => {}
        }
    }

    /// Changes a part that goes out.
    pub(super) fn change_part<T>(
        &mut self,
        upstream: u64,
        part: u64,
        change: impl FnOnce(&mut SentPart) -> T,
    ) -> Option<T> {
        self.change(upstream, |item| item.part(part, change))
            .flatten()
    }

    /// A text that came in pieces says more before it ends.
    fn say_rest(&mut self, upstream: u64, event: &PartEvent<'_>, rest: &str) {
        let place = self.change(upstream, |item| {
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

/// Something of a part that stands in a frame.
#[derive(Debug)]
struct PartEvent<'a> {
    part: u64,
    json: &'a str,
    /// `None` in a whole body.
    kind: Option<Kind>,
}

impl PartEvent<'_> {
    /// Whether it is all of a text, and no delta.
    fn is_all(&self) -> bool {
        let is_part_of_it =
            |kind: Kind| kind == Kind::PartAdded || kind == Kind::OfItem || kind.is_text_delta();
        !self.kind.is_some_and(is_part_of_it)
    }

    /// What stands between the quotes of the text that it says.
    fn raw(&self) -> Vec<u8> {
        match self.kind {
            Some(Kind::OfItem) => Vec::new(),
            Some(kind) if kind.is_text_delta() || kind.is_text_done() => {
                between_quotes(self.json).to_vec()
            }
            _ => {
                let text = read_text(self.json).unwrap_or_default();
                between_quotes(&quote(&text)).to_vec()
            }
        }
    }

    /// The part as it begins.
    fn opening(&self) -> String {
        match self.json.starts_with('{') {
            true => self.json.to_owned(),
            false => begun(self.kind),
        }
    }
}
