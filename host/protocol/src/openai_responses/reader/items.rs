//! The items of a reply as they come.

use super::{
    FrameEvents, Place,
    message::Message,
    open::{OpenItem, replaced},
    order::{Identity, Key, Order},
    part::PartAt,
    target::Target,
};
use crate::{
    BlockKind, Delivery, Wants,
    json::{Span, quote, set_fields},
    openai_responses::{
        event::{Event, Kind},
        item::{ItemKind, blocks, is_judged, is_wanted_as, kind_of, parts, string},
    },
    reply::reading::{BlockId, What},
    sse::Frame,
};

/// The items that came, in the order in which they began.
#[derive(Debug)]
pub(in crate::openai_responses) struct Items {
    pub(super) wants: Wants,
    pub(super) items: Vec<Item>,
    pub(super) order: Order,
    blocks: BlockId,
    /// Whether some items have other ids than upstream gave them.
    pub(super) are_renamed: bool,
    /// The bytes that are kept.
    pub(super) kept: usize,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) identity: Identity,
    /// The number of its block; of a message, that of the group of its parts.
    block: BlockId,
    /// There until it is done.
    pub(super) open: Option<Box<OpenItem>>,
    /// Its JSON where it is done and judged.
    pub(super) done: Option<String>,
}

impl Items {
    pub(in crate::openai_responses) fn new(wants: Wants) -> Self {
        Self {
            wants,
            items: Vec::new(),
            order: Order::default(),
            blocks: 0,
            are_renamed: false,
            kept: 0,
        }
    }

    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.kept + self.items.len() * size_of::<Item>()
    }

    /// Whether policies may change the reply, so that what is said of an item has to agree.
    pub(super) fn acts(&self) -> bool {
        self.wants.judge_any() || self.wants.end
    }

    /// Whether frames like one about this item need not be read, since nothing is kept of what they say.
    pub(super) fn is_unchecked(&self, key: Key) -> bool {
        let open = self.item(key).and_then(|item| item.open.as_ref());
        open.is_some_and(|open| !open.is_checked)
    }

    /// Whether half a letter waits for what the item, or this part of it, says next.
    pub(super) fn has_half(&self, key: Key, part: Option<usize>) -> bool {
        let open = self.item(key).and_then(|item| item.open.as_ref());
        open.is_some_and(|open| {
            open.has_half() || part.is_some_and(|part| open.parts.has_half(part))
        })
    }

    /// Upstream's number of an item.
    pub(super) fn index_of(&self, key: Key) -> u64 {
        self.order.index_of(key).unwrap_or(key as u64)
    }

    pub(super) fn item(&self, key: Key) -> Option<&Item> {
        self.items.get(key)
    }

    fn item_mut(&mut self, key: Key) -> Option<&mut Item> {
        self.items.get_mut(key)
    }

    /// The frame of an item with an id of its own, where an item before it has the same. Clients that go by ids would add what
    /// is said of the one to the other.
    pub(super) fn renamed(
        &mut self,
        target: Target,
        frame: &Frame,
        event: &Event,
    ) -> Option<Frame> {
        let is_item = matches!(event.kind, Kind::ItemAdded | Kind::ItemDone);
        let may_be = target == Target::New || self.are_renamed;
        let value = event.value.filter(|_| is_item && may_be && self.acts())?;
        let json = value.text(frame.data());
        let id = string(json, "id");
        let id = match target {
            Target::New if !id.is_empty() && self.order.is_taken(&id) => {
                let mut own = format!("{id}_{}", self.items.len());
                while self.order.is_taken(&own) {
                    own.push('_');
                }
                self.are_renamed = true;
                own
            }
            Target::Item(key, _) => {
                let item = self.item(key).filter(|item| item.is_renamed(&id))?;
                item.identity.id.clone()
            }
            _ => return None,
        };
        let with = set_fields(json, [("id", Some(quote(&id)))]).ok()?;
        Some(replaced(frame, value, with))
    }

    /// The frame of an event with the id that its item has, where it names another.
    pub(super) fn named(&self, target: Target, frame: &Frame, event: &Event) -> Option<Frame> {
        let Target::Item(key, _) = target else {
            return None;
        };
        let id = &self.item(key)?.identity.id;
        let span = event.id.filter(|_| self.acts())?;
        if span.plain_string(frame.data()) == Some(id.as_bytes()) {
            return None;
        }
        // An item without an id may be called anything but another one.
        let named = span
            .string(frame.data())
            .and_then(|named| self.order.named(&named));
        (!id.is_empty() || named.is_some()).then(|| replaced(frame, span, quote(id)))
    }

    /// The frame of an event as it has to be for all clients to read the same from it together with those around it, and a
    /// frame that follows it. `None` where that is how it is.
    pub(super) fn mended(
        &mut self,
        target: Target,
        frame: &Frame,
        event: &Event,
    ) -> Option<(Frame, Option<Frame>)> {
        if !self.wants.judge_any() {
            return None;
        }
        let value = event.value.unwrap_or_default();
        let Target::Item(key, part) = target else {
            // The parts of a message come in events of their own.
            let is_judged = is_judged(ItemKind::Message.block(), &self.wants);
            let json = value.text(frame.data());
            let is_early = || kind_of(json) == ItemKind::Message && !parts(json).is_empty();
            if event.kind != Kind::ItemAdded || !is_judged || !is_early() {
                return None;
            }
            let emptied = set_fields(json, [("content", Some("[]".to_owned()))]).ok()?;
            return Some((replaced(frame, value, emptied), None));
        };
        let judges_text = is_judged(BlockKind::Text, &self.wants);
        let item = self.item_mut(key)?;
        let (kind, open) = (item.kind, item.open.as_mut()?);
        match kind {
            ItemKind::Message if judges_text => open.parts.mended(part, frame, event),
            ItemKind::Message => None,
            _ if !open.is_checked => None,
            kind => Some((open.mended(kind, frame, event)?, None)),
        }
    }

    /// Takes an event of an item.
    pub(super) fn take(&mut self, target: Target, event: &Event, events: &mut FrameEvents<'_>) {
        match target {
            Target::Item(key, part) => self.say(key, part, event, events),
            Target::New => {
                let index = event.item.map_or(0, |item| item.value);
                let key = self.begin(index, event, events);
                if event.kind == Kind::ItemDone {
                    self.say(key, PartAt::Message, event, events);
                }
            }
            Target::Unknown | Target::Untold | Target::Nothing => {
                let value = event.value.unwrap_or_default();
                events.push(
                    0,
                    Place {
                        value,
                        ..Place::default()
                    },
                    What::Passes,
                );
            }
        }
    }

    fn say(&mut self, key: Key, part: PartAt, event: &Event, events: &mut FrameEvents<'_>) {
        self.with_open(key, events, |item, open, message| {
            let value = event.value.unwrap_or_default();
            match (event.kind, item.kind) {
                (Kind::ItemDone, _) => {
                    let json = message.json(value);
                    item.end(open, event, message);
                    let is_wanted = is_wanted_as(item.kind, json, message.wants);
                    item.done = is_wanted.then(|| json.to_owned());
                }
                (_, ItemKind::Message) => open.parts.take(part, event, message),
                _ => {
                    if open.is_checked {
                        open.hear(message.events.data, event);
                    }
                    let what = What::Grows(String::new());
                    message.events.push(item.block, place(key, value), what);
                }
            }
            event.kind == Kind::ItemDone
        });
    }

    /// Acts on an item, if it is open. `act` says whether it is done now.
    fn with_open<'a>(
        &mut self,
        key: Key,
        events: &mut FrameEvents<'a>,
        act: impl FnOnce(&mut Item, &mut OpenItem, &mut Message<'_, 'a>) -> bool,
    ) {
        let Some(item) = self.items.get_mut(key) else {
            return;
        };
        let Some(mut open) = item.open.take() else {
            return;
        };
        let before = open.size();
        let message = &mut Message {
            wants: &self.wants,
            blocks: &mut self.blocks,
            number: key,
            group: item.block,
            events,
        };
        let is_done = act(item, &mut open, message);
        let left = match is_done {
            true => item.done.as_ref().map_or(0, String::len),
            false => open.size(),
        };
        item.open = Some(open).filter(|_| !is_done);
        self.kept = (self.kept + left).saturating_sub(before);
    }

    fn begin(&mut self, index: u64, event: &Event, events: &mut FrameEvents<'_>) -> Key {
        let value = event.value.unwrap_or_default();
        let json = value.text(events.data);
        let identity = Identity::of(json);
        let kind = ItemKind::named(&identity.kind);
        let is_added = event.kind == Kind::ItemAdded && self.acts();
        let is_checked = is_judged(kind.block(), &self.wants);
        let open = OpenItem::new(is_checked, is_added.then(|| json.to_owned()));
        let open = Box::new(open);
        self.blocks += 1;
        let (key, block) = (self.items.len(), self.blocks);
        let what = match kind {
            ItemKind::Message => What::Gathers(kind.block()),
            _ => What::OpensIn(block, kind.block()),
        };
        events.push(block, place(key, value), what);
        let before = self.order.at(index).and_then(|key| self.item(key));
        let is_shared = before.is_some_and(|item| item.open.is_some());
        self.order.begin(key, index, kind, &identity.id, is_shared);
        self.kept += open.size() + identity.size();
        self.items.push(Item {
            kind,
            identity,
            block,
            open: Some(open),
            done: None,
        });
        key
    }

    /// Ends an item where upstream does not end it.
    pub(super) fn end_open(&mut self, key: Key, events: &mut FrameEvents<'_>) {
        self.with_open(key, events, |item, open, message| {
            open.parts.end_all(message);
            // What is held would never be asked about.
            let json = open.added.as_deref().unwrap_or("null");
            let is_held = open.is_checked && item.kind != ItemKind::Message;
            let content = is_held.then(|| blocks(json).into_iter().next()).flatten();
            let place = place(key, Span::default());
            message
                .events
                .push(item.block, place, What::Closes(content));
            true
        });
    }

    /// Items that are not done never will be.
    pub(super) fn close(&mut self, events: &mut FrameEvents<'_>) {
        let is_judged = self.wants.text == Delivery::Whole;
        for (item, key) in self.items.iter_mut().zip(0..) {
            let Some(mut open) = item.open.take() else {
                continue;
            };
            for (part, block, text) in open.parts.close_all(is_judged) {
                let place = Place {
                    part: Some(part),
                    ..place(key, Span::default())
                };
                events.push(block, place, What::Closes(text));
            }
            events.push(item.block, place(key, Span::default()), What::Closes(None));
        }
        self.kept = 0;
    }
}

impl Item {
    /// Whether it has the id in the place of this one of upstream's.
    pub(super) fn is_renamed(&self, id: &str) -> bool {
        let rest = self.identity.id.strip_prefix(id);
        !id.is_empty() && rest.is_some_and(|rest| rest.starts_with('_'))
    }

    /// It is done. Where its events can't be brought together with that, all of it is written anew.
    fn end(&self, open: &mut OpenItem, event: &Event, message: &mut Message<'_, '_>) {
        let value = event.value.unwrap_or_default();
        let json = value.text(message.events.data);
        let (differs, content) = match self.kind {
            ItemKind::Message => (open.parts.end(value, message), None),
            kind => {
                let is_wanted = message.wants.delivery(kind.block()) != Delivery::None;
                let content = is_wanted.then(|| blocks(json).into_iter().next()).flatten();
                (open.is_checked && !open.agrees(kind, json), content)
            }
        };
        let place = Place {
            differs,
            ..place(message.number, value)
        };
        message
            .events
            .push(self.block, place, What::Closes(content));
    }
}

pub(super) fn place(key: Key, value: Span) -> Place {
    Place {
        item: Some(key),
        value,
        ..Place::default()
    }
}
