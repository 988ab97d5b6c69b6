//! What has gone out: its numbers, and what of it later events repeat.

mod ending;
mod sent;

use bytes::Bytes;

use self::sent::Sent;
use super::{
    call,
    entry::{Entry, Origin},
    event::{self, Event, Kind, Number},
    item::string,
    made::{self, Place},
};
use crate::{
    ToolCall,
    json::{Edit, quote},
    sse::Frame,
};

/// The events that have gone out, as far as those to come depend on them.
#[derive(Debug)]
pub(super) struct Wire {
    /// Whether policies may change the reply. Where they may not, nothing is kept.
    tracks: bool,
    /// Whether something else went out than what came.
    changed: bool,
    /// Whether upstream numbers its events.
    numbered: bool,
    next_sequence: u64,
    next_item: u64,
    /// The items in the order in which they went out.
    items: Vec<Sent>,
    /// Names the messages of our own making.
    seed: String,
    /// How many of them there are.
    made: u32,
    /// Bytes that are kept.
    size: usize,
}

/// What a delta is about that goes out past all that is kept of its item but its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passing {
    kind: Kind,
    /// Where its item stands among those that went out, if that is kept.
    sent: Option<usize>,
    part: Option<u64>,
}

impl Wire {
    pub(super) fn new(tracks: bool) -> Self {
        Self {
            tracks,
            changed: false,
            numbered: true,
            next_sequence: 0,
            next_item: 0,
            items: Vec::new(),
            seed: String::new(),
            made: 0,
            size: 0,
        }
    }

    /// Names the reply, so that ids made for it are its own.
    pub(super) fn identify(&mut self, seed: &str) {
        seed.clone_into(&mut self.seed);
    }

    /// The bytes that are kept of what went out.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether the reply is no longer as upstream sent it.
    pub(super) fn is_changed(&self) -> bool {
        self.changed
    }

    /// From here on the numbers are ours.
    pub(super) fn note_change(&mut self) {
        self.changed = true;
    }

    /// Nothing is known of what went out but the number of the last event that had one.
    pub(super) fn resume(&mut self, last: Option<u64>) {
        self.numbered = last.is_some();
        self.next_sequence = last.map_or(0, |last| last.saturating_add(1));
    }

    /// The bytes of an event, with its numbers as they have to be. Nothing where it only stands for one.
    pub(super) fn send(&mut self, entry: Entry) -> Option<Bytes> {
        let (item, part) = match self.tracks {
            true => self.note(&entry),
            false => (None, None),
        };
        if entry.origin == Origin::Implied {
            return None;
        }
        if entry.origin == Origin::Made && !self.numbered {
            return Some(renumbered(&unnumbered(&entry), item, part, None));
        }
        let ours = self.changed || entry.origin == Origin::Made;
        let sequence = entry.event.sequence.map(|sequence| match ours {
            true => self.next_sequence,
            false => sequence.value,
        });
        if let Some(number) = sequence {
            self.next_sequence = number.saturating_add(1);
            self.numbered = true;
        } else if entry.event.kind != Kind::Loose {
            self.numbered = false;
        }
        Some(renumbered(&entry, item, part, sequence))
    }

    /// What deltas like this one are about.
    pub(super) fn passing(&self, event: &Event) -> Passing {
        let upstream = event.item.map(|item| item.value);
        let known = |item: &Sent| item.upstream.is_some() && item.upstream == upstream;
        let sent = self.items.iter().rposition(known);
        Passing {
            kind: event.kind,
            sent: sent.filter(|_| self.tracks),
            part: event.part.map(|part| part.value),
        }
    }

    /// A delta goes out as it came, in a reply that nothing has changed. The same as [`send`](Self::send)
    /// for one of which no more is known than this.
    pub(super) fn pass_like(&mut self, passing: &Passing, said: &[u8], sequence: Option<u64>) {
        if let Some(sequence) = sequence {
            self.next_sequence = sequence.saturating_add(1);
            self.numbered = true;
        }
        let item = passing.sent.and_then(|at| self.items.get_mut(at));
        if let Some(item) = item {
            let before = item.size();
            item.add(passing.kind, passing.part, said);
            self.size = (self.size + item.size()).saturating_sub(before);
        }
    }

    /// A whole message of our own making.
    pub(super) fn send_text(&mut self, text: &str) -> Vec<Bytes> {
        self.made += 1;
        let id = format!("msg_sluice_{}_{}", self.seed, self.made);
        let place = Place {
            item_id: &id,
            item: self.next_item,
            part: 0,
        };
        let (empty, part) = (made::text_part(""), made::text_part(text));
        let said = quote(text);
        let open = made::open_message(&id);
        let done = made::message(&id, text);
        let frames = vec![
            made::item_event("response.output_item.added", place, &open),
            made::part_event("response.content_part.added", place, &empty),
            made::text_delta(false, place, &said),
            made::text_done(false, place, &said),
            made::part_event("response.content_part.done", place, &part),
            made::item_event("response.output_item.done", place, &done),
        ];
        self.send_own(frames)
    }

    /// A whole call of a policy's making.
    pub(super) fn send_call(&mut self, call: &ToolCall) -> Vec<Bytes> {
        self.send_item(&made::call(call))
    }

    /// All events of this call.
    pub(super) fn send_item(&mut self, json: &str) -> Vec<Bytes> {
        self.send_own(call::events(json, self.next_item))
    }

    /// The events of an item of which none is upstream's, with its number in them.
    fn send_own(&mut self, frames: Vec<Frame>) -> Vec<Bytes> {
        self.changed = true;
        let entries: Vec<Entry> = frames.into_iter().map(Entry::made).collect();
        if let Some(last) = entries.last() {
            let item = Sent::own(self.next_item, last.value());
            self.size += item.size();
            self.items.push(item);
        }
        self.next_item = self.next_item.saturating_add(1);
        entries.iter().map(|entry| self.send_made(entry)).collect()
    }

    /// An event of our own making, whose numbers of item and part are ours.
    fn send_made(&mut self, entry: &Entry) -> Bytes {
        if !self.numbered {
            return renumbered(&unnumbered(entry), None, None, None);
        }
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        renumbered(entry, None, None, Some(sequence))
    }

    /// Notes what an event says, and gives it the numbers of its item and part.
    fn note(&mut self, entry: &Entry) -> (Option<u64>, Option<u64>) {
        let Some(upstream) = entry.item() else {
            return (None, None);
        };
        let mut items = self.items.iter();
        let known = items.rposition(|item| item.upstream == Some(upstream));
        let at = match known {
            Some(at) => at,
            None if matches!(entry.event.kind, Kind::ItemAdded | Kind::ItemDone) => {
                self.open(upstream, entry)
            }
            None => return (None, None),
        };
        let item = &mut self.items[at];
        let before = item.size();
        let part = item.note(entry, self.changed);
        self.size = (self.size + item.size()).saturating_sub(before);
        (Some(item.number), part)
    }

    fn open(&mut self, upstream: u64, entry: &Entry) -> usize {
        let number = if self.changed {
            self.next_item
        } else {
            upstream
        };
        self.next_item = self.next_item.max(number.saturating_add(1));
        let item = Sent::new(upstream, number, entry.value());
        self.size += item.size();
        self.items.push(item);
        self.items.len() - 1
    }

    /// The id of the item that upstream numbers so.
    pub(super) fn item_id(&self, upstream: u64) -> String {
        let mut items = self.items.iter();
        let item = items.rfind(|item| item.upstream == Some(upstream));
        item.map(|item| string(&item.json, "id"))
            .unwrap_or_default()
    }
}

/// The bytes of an event with these numbers, where it has others.
fn renumbered(entry: &Entry, item: Option<u64>, part: Option<u64>, sequence: Option<u64>) -> Bytes {
    let event = &entry.event;
    let numbers = [
        (event.item, item),
        (event.part, part),
        (event.sequence, sequence),
    ];
    let edits = numbers.into_iter().filter_map(|(old, new)| {
        let (Number { value, span }, new) = (old?, new?);
        let with = new.to_string();
        (value != new).then_some(Edit { span, with })
    });
    let edits: Vec<Edit> = edits.collect();
    if edits.is_empty() {
        return entry.frame.raw().clone();
    }
    event::edited(&entry.frame, edits).into_raw()
}

/// An event of our own making without its number.
fn unnumbered(entry: &Entry) -> Entry {
    let data = String::from_utf8_lossy(entry.frame.data());
    let data = data.replacen(r#""sequence_number":0,"#, "", 1);
    let name = String::from_utf8_lossy(entry.frame.event());
    Entry::made(Frame::new(&name, &data))
}
