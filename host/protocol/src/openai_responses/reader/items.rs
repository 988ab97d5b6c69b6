//! The items of a reply as they come.

use std::collections::BTreeMap;

use super::{
    FrameEvents, Place, Taken,
    part::{Message, Parts},
};
use crate::{
    Delivery, ReplyError, Wants,
    json::{Fault, Span},
    openai::items::read_call,
    openai_responses::{
        event::{Event, Kind},
        item::{
            ItemKind, blocks, is_judged, is_wanted, is_wanted_as, kind_of, part_kind, parts, string,
        },
        response::Response,
        same::is_same,
        transcript::Transcript,
    },
    reply::reading::{BlockId, What, malformed},
};

/// The items that came, by upstream's numbers.
#[derive(Debug)]
pub(in crate::openai_responses) struct Items {
    wants: Wants,
    items: BTreeMap<u64, Item>,
    blocks: BlockId,
    /// The bytes that are kept of items that are not done.
    kept: usize,
}

#[derive(Debug)]
struct Item {
    kind: ItemKind,
    /// The number of its block; of a message, that of the group of its parts.
    block: BlockId,
    /// There until it is done.
    open: Option<Box<OpenItem>>,
    /// Its JSON where it is done and judged.
    done: Option<String>,
}

/// An item that is not done.
#[derive(Debug, Default)]
struct OpenItem {
    /// Whether all that is said of it has to agree, since policies judge it.
    is_checked: bool,
    /// Its JSON as it was added; `None` where it was not.
    added: Option<String>,
    transcript: Transcript,
    parts: Parts,
}

/// Something that is said of an item.
#[derive(Clone, Copy, Debug)]
struct ItemEvent<'a> {
    kind: Kind,
    part: Option<u64>,
    value: Span,
    data: &'a [u8],
}

impl<'a> ItemEvent<'a> {
    /// The JSON of what it carries.
    fn json(&self) -> &'a str {
        self.value.text(self.data)
    }

    /// The string that it carries.
    fn string(&self) -> String {
        self.value.string(self.data).unwrap_or_default()
    }
}

impl Items {
    pub(in crate::openai_responses) fn new(wants: Wants) -> Self {
        Self {
            wants,
            items: BTreeMap::new(),
            blocks: 0,
            kept: 0,
        }
    }

    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.kept + self.items.len() * size_of::<(u64, Item)>()
    }

    /// Whether what events say of this item is kept to be compared.
    pub(super) fn is_checked(&self, number: u64) -> bool {
        let item = self.items.get(&number);
        let open = item.and_then(|item| item.open.as_ref());
        open.is_none_or(|open| open.is_checked)
    }

    /// Takes an event of an item.
    pub(super) fn take(
        &mut self,
        number: u64,
        event: &Event,
        events: &mut FrameEvents<'_>,
    ) -> Taken {
        let value = event.value.unwrap_or_default();
        let event = ItemEvent {
            kind: event.kind,
            part: event.part.map(|part| part.value),
            value,
            data: events.data,
        };
        self.say(number, event, events)
    }

    /// The end of the reply repeats these items. Those whose end did not come are done now.
    pub(in crate::openai_responses) fn repeat(
        &mut self,
        items: &[Span],
        events: &mut FrameEvents<'_>,
    ) -> Taken {
        for (number, value) in self.numbers(items.len()).into_iter().zip(items) {
            let value = *value;
            let is_open = |item: &Item| item.open.is_some();
            if self.items.get(&number).is_none_or(is_open) {
                let event = ItemEvent {
                    kind: Kind::ItemDone,
                    part: None,
                    value,
                    data: events.data,
                };
                self.say(number, event, events)?;
            } else if !self.is_same(number, value.text(events.data)) {
                return malformed("its end repeats something else than what came");
            }
        }
        Ok(())
    }

    /// Whether a response has items that came, as far as policies judge them.
    pub(super) fn agree(&self, response: &Response<'_>) -> bool {
        let numbers = self.numbers(response.items.len()).into_iter();
        let mut items = numbers.zip(response.jsons());
        items.all(|(number, json)| self.is_same(number, json))
    }

    /// No more comes. Err where policies judge an item that is not done.
    pub(in crate::openai_responses) fn finish(&mut self, events: &mut FrameEvents<'_>) -> Taken {
        let mut open = self.items.values().filter_map(|item| item.open.as_ref());
        if open.any(|open| open.is_checked) {
            return malformed("the reply ends inside an item");
        }
        self.close(events);
        Ok(())
    }

    /// Items that are not done never will be.
    pub(super) fn close(&mut self, events: &mut FrameEvents<'_>) {
        for (number, item) in &mut self.items {
            if let Some(mut open) = item.open.take() {
                let place = place(*number, Span::default());
                for (part, block) in open.parts.close_all() {
                    let place = Place {
                        part: Some(part),
                        ..place.clone()
                    };
                    events.push(block, place, What::Closes(None));
                }
                events.push(item.block, place, What::Closes(None));
            }
        }
        self.kept = 0;
    }

    /// Upstream's numbers of so many items that a response repeats.
    fn numbers(&self, count: usize) -> Vec<u64> {
        let last = self.items.last_key_value();
        let next = last.map_or(0, |(last, _)| last.saturating_add(1));
        let known = self.items.keys().copied();
        known.chain(next..).take(count).collect()
    }

    /// Whether an item that is done is the same, as far as policies judge it.
    fn is_same(&self, number: u64, json: &str) -> bool {
        let item = self.items.get(&number);
        match item.and_then(|item| item.done.as_ref()) {
            Some(done) => is_same(done, json, &self.wants),
            None => !self.wants.judge_any() || !is_wanted(json, &self.wants),
        }
    }

    fn say(&mut self, number: u64, event: ItemEvent<'_>, events: &mut FrameEvents<'_>) -> Taken {
        let begins = matches!(event.kind, Kind::ItemAdded | Kind::ItemDone);
        match self.items.get(&number) {
            Some(item) if item.open.is_none() || event.kind == Kind::ItemAdded => {
                return self.misplaced(Some(item.kind), number, event, events);
            }
            Some(_) => {}
            None if begins => self.begin(number, event, events)?,
            None => return self.misplaced(None, number, event, events),
        }
        let Some(item) = self.items.get_mut(&number) else {
            return Ok(());
        };
        let Some(mut open) = item.open.take() else {
            return Ok(());
        };
        let before = open.size();
        let (kind, block) = (item.kind, item.block);
        let said = check(&self.wants, kind, &mut open, event)?;
        let message = &mut Message {
            wants: &self.wants,
            blocks: &mut self.blocks,
            number,
            group: block,
            events,
        };
        let value = event.value;
        match (event.kind, kind) {
            (Kind::ItemAdded, _) => {}
            (Kind::ItemDone, _) => {
                let content = match kind {
                    ItemKind::Message => {
                        open.parts.end(value, message)?;
                        None
                    }
                    _ if self.wants.delivery(kind.block()) == Delivery::None => None,
                    _ => blocks(event.json()).into_iter().next(),
                };
                events.push(block, place(number, value), What::Closes(content));
                self.kept = self.kept.saturating_sub(before);
                if open.is_checked {
                    let json = event.json();
                    self.kept += json.len();
                    item.done = Some(json.to_owned());
                }
                return Ok(());
            }
            (_, ItemKind::Message) => {
                open.parts
                    .take((event.kind, event.part), value, said, message)?;
            }
            _ => events.push(block, place(number, value), What::Grows(String::new())),
        }
        self.kept = (self.kept + open.size()).saturating_sub(before);
        item.open = Some(open);
        Ok(())
    }

    /// An event of an item that is not there, or over: nobody could judge what it says.
    fn misplaced(
        &self,
        kind: Option<ItemKind>,
        number: u64,
        event: ItemEvent<'_>,
        events: &mut FrameEvents<'_>,
    ) -> Taken {
        let is_unread = kind.is_some_and(|kind| event.kind == Kind::OfItem && !self.is_kept(kind));
        if self.wants.judge_any() && !is_unread {
            return malformed("an event is about an item that is not open");
        }
        let place = Place {
            part: event.part,
            ..place(number, event.value)
        };
        events.push(0, place, What::Passes);
        Ok(())
    }

    /// Whether what is said of items of this kind is compared from the start.
    fn is_kept(&self, kind: ItemKind) -> bool {
        self.wants.delivery(kind.block()) >= Delivery::Pieces
    }

    fn begin(&mut self, number: u64, event: ItemEvent<'_>, events: &mut FrameEvents<'_>) -> Taken {
        let kind = kind_of(event.json()).map_err(unreadable)?;
        let mut open = Box::new(OpenItem {
            is_checked: self.is_kept(kind),
            ..OpenItem::default()
        });
        if event.kind == Kind::ItemAdded {
            let is_early = kind == ItemKind::Message && !parts(event.json()).is_empty();
            if is_early && open.is_checked {
                return malformed("a message has content before its parts");
            }
            open.added = self.wants.judge_any().then(|| event.json().to_owned());
        }
        self.blocks += 1;
        let block = self.blocks;
        let what = match kind {
            ItemKind::Message => What::Gathers(kind.block()),
            _ => What::OpensIn(block, kind.block()),
        };
        events.push(block, place(number, event.value), what);
        self.kept += open.size();
        let item = Item {
            kind,
            block,
            open: Some(open),
            done: None,
        };
        self.items.insert(number, item);
        Ok(())
    }
}

impl OpenItem {
    fn size(&self) -> usize {
        let added = self.added.as_ref().map_or(0, String::len);
        size_of::<Self>() + added + self.transcript.size() + self.parts.size()
    }

    /// The string that an event carries, if it had to be read.
    fn check(&mut self, event: ItemEvent<'_>) -> Result<Option<String>, &'static str> {
        let ItemEvent { kind, part, .. } = event;
        let mut said = None;
        if self.is_checked {
            let part = part.unwrap_or_default();
            said = (kind.is_delta() || kind.is_done()).then(|| event.string());
            let said = said.as_deref().unwrap_or_default();
            // Of a delta nothing else is heard.
            let json = if kind.is_delta() { "" } else { event.json() };
            self.transcript.hear(kind, part, json, said)?;
        }
        if kind != Kind::ItemDone {
            return Ok(said);
        }
        let json = event.json();
        let added = self.added.as_deref();
        if added.is_some_and(|added| string(added, "type") != string(json, "type")) {
            return Err("an item changes its type");
        }
        if self.is_checked {
            let kind = kind_of(json).map_err(|_| "an item has a key twice")?;
            if kind == ItemKind::Call && read_call(json).is_none() {
                return Err("a call can't be read");
            }
            self.transcript.check(added, json)?;
        }
        Ok(None)
    }
}

/// The string that an event carries, if it had to be read. Err where policies judge an item and what is said of it does not
/// agree.
fn check(
    wants: &Wants,
    kind: ItemKind,
    open: &mut OpenItem,
    event: ItemEvent<'_>,
) -> Taken<Option<String>> {
    if !wants.judge_any() {
        return Ok(None);
    }
    if !event.kind.fits(kind) {
        return malformed("an event is not about an item of that type");
    }
    let brings_judged = match event.kind {
        Kind::ItemAdded | Kind::ItemDone if !open.is_checked => {
            let kind = kind_of(event.json()).map_err(unreadable)?;
            is_wanted_as(kind, event.json(), wants)
        }
        Kind::PartAdded | Kind::PartDone if kind == ItemKind::Message => {
            let part = part_kind(event.json()).map_err(unreadable)?;
            is_judged(part, wants)
        }
        _ => false,
    };
    open.is_checked |= brings_judged;
    open.check(event).or_else(malformed)
}

fn place(number: u64, value: Span) -> Place {
    Place {
        item: Some(number),
        value,
        ..Place::default()
    }
}

/// What a JSON string says.
pub(super) fn string_of(json: &str) -> String {
    let whole = Span {
        start: 0,
        end: json.len(),
    };
    whole.string(json.as_bytes()).unwrap_or_default()
}

fn unreadable(fault: Fault) -> ReplyError {
    ReplyError::Malformed(fault.to_string())
}
