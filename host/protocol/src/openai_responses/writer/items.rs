//! The items that went out, in their order.

use std::{borrow::Cow, collections::BTreeMap};

use super::sent::{SentItem, SentPart};
use crate::{
    json::Span,
    openai_responses::reader::{Key, Repeat},
};

/// The items that went out.
#[derive(Debug, Default)]
pub(in crate::openai_responses) struct SentItems {
    items: Vec<SentItem>,
    /// Of the items that came.
    places: Vec<Place>,
    /// The bytes that are kept.
    size: usize,
}

/// Where an item that came stands among those that went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Unknown,
    At(usize),
    /// It is left out, or written anew.
    Nowhere,
}

impl SentItems {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether it is known what became of an item that came.
    pub(super) fn knows(&self, key: Key) -> bool {
        self.place(key) != Place::Unknown
    }

    /// The items that went out, as the end of a reply says them that repeats these of `data`. Of an item that is repeated
    /// there nothing is changed but what was changed in it before.
    pub(in crate::openai_responses) fn repeated<'a>(
        &'a self,
        repeats: &[Repeat],
        data: &'a [u8],
    ) -> Vec<Cow<'a, str>> {
        let repeats = repeats.iter().filter(|repeat| !repeat.differs);
        let repeats: BTreeMap<Key, Span> =
            repeats.map(|repeat| (repeat.key, repeat.value)).collect();
        let done = self.items.iter().filter(|item| item.is_done);
        let said = done.map(|item| match item.key.and_then(|key| repeats.get(&key)) {
            Some(value) => item.edited(value.text(data)),
            None => Cow::Borrowed(item.json.as_str()),
        });
        said.collect()
    }

    /// Forgets the items that the end of the reply alone says. They are the last ones.
    pub(super) fn forget_those_in_the_end(&mut self) {
        self.items.retain(|item| !item.is_in_end);
    }

    /// No item that comes from now on is one of these, all of which are done.
    pub(super) fn begin_next(&mut self) {
        let mut size = 0;
        for item in &mut self.items {
            item.be_over();
            size += item.size();
        }
        self.size = size;
        self.places = Vec::new();
    }

    /// Whether an item is not done.
    pub(in crate::openai_responses) fn is_open(&self) -> bool {
        self.items.iter().any(|item| !item.is_done)
    }

    /// Those that are not done.
    pub(super) fn open_items(&mut self) -> impl Iterator<Item = &mut SentItem> {
        self.items.iter_mut().filter(|item| !item.is_done)
    }

    /// The number of the next item.
    pub(super) fn next(&self) -> u64 {
        self.items.len() as u64
    }

    /// An item goes out.
    pub(super) fn push(&mut self, item: SentItem) {
        self.size += item.size();
        self.items.push(item);
    }

    /// An item goes out as it came.
    pub(super) fn push_of(&mut self, key: Key, item: SentItem) {
        self.set_place(key, Place::At(self.items.len()));
        self.push(item);
    }

    /// An item that came does not go out as such.
    pub(super) fn leave_out(&mut self, key: Key) {
        self.set_place(key, Place::Nowhere);
    }

    /// An item that came, if it went out as such.
    pub(super) fn item(&self, key: Key) -> Option<&SentItem> {
        match self.place(key) {
            Place::At(at) => self.items.get(at),
            Place::Unknown | Place::Nowhere => None,
        }
    }

    /// Whether an item that came is left out, or this part of it.
    pub(super) fn lacks(&self, key: Key, part: Option<usize>) -> bool {
        let lacks_part = |item: &SentItem| part.is_some_and(|part| item.lacks_part(part));
        self.place(key) == Place::Nowhere || self.item(key).is_some_and(lacks_part)
    }

    /// An item says more, or this part of it, as it stands between quotes.
    pub(super) fn say(&mut self, key: Key, part: Option<usize>, said: &[u8]) {
        if let Some(item) = self.item_mut(key) {
            item.say(part, said);
            self.size += said.len();
        }
    }

    /// Changes an item that went out.
    pub(super) fn change<T>(
        &mut self,
        key: Key,
        change: impl FnOnce(&mut SentItem) -> T,
    ) -> Option<T> {
        let item = self.item_mut(key)?;
        let before = item.size();
        let changed = change(item);
        let after = item.size();
        self.size = (self.size + after).saturating_sub(before);
        Some(changed)
    }

    /// Changes a part that goes out.
    pub(super) fn change_part<T>(
        &mut self,
        key: Key,
        part: usize,
        change: impl FnOnce(&mut SentPart) -> T,
    ) -> Option<T> {
        self.change(key, |item| item.part(part, change)).flatten()
    }

    fn item_mut(&mut self, key: Key) -> Option<&mut SentItem> {
        match self.place(key) {
            Place::At(at) => self.items.get_mut(at),
            Place::Unknown | Place::Nowhere => None,
        }
    }

    fn place(&self, key: Key) -> Place {
        self.places.get(key).copied().unwrap_or_default()
    }

    fn set_place(&mut self, key: Key, place: Place) {
        if key >= self.places.len() {
            self.size += (key + 1 - self.places.len()) * size_of::<Place>();
            self.places.resize(key + 1, Place::Unknown);
        }
        self.places[key] = place;
    }
}
