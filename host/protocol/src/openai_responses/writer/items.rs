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
    /// Of the items that came, where they stand among these. `None` where they are left out, or written anew.
    places: BTreeMap<Key, Option<usize>>,
    /// The bytes that are kept.
    size: usize,
}

impl SentItems {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether it is known what became of an item that came.
    pub(super) fn knows(&self, key: Key) -> bool {
        self.places.contains_key(&key)
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
        self.places.insert(key, Some(self.items.len()));
        self.push(item);
    }

    /// An item that came does not go out as such.
    pub(super) fn leave_out(&mut self, key: Key) {
        self.size += size_of::<(Key, Option<usize>)>();
        self.places.insert(key, None);
    }

    /// An item that came, if it went out as such.
    pub(super) fn item(&self, key: Key) -> Option<&SentItem> {
        let at = (*self.places.get(&key)?)?;
        self.items.get(at)
    }

    /// Whether an item that came is left out, or this part of it.
    pub(super) fn lacks(&self, key: Key, part: Option<u64>) -> bool {
        let is_left_out = self.places.get(&key) == Some(&None);
        let lacks_part = |item: &SentItem| part.is_some_and(|part| item.lacks_part(part));
        is_left_out || self.item(key).is_some_and(lacks_part)
    }

    /// Changes an item that went out.
    pub(super) fn change<T>(
        &mut self,
        key: Key,
        change: impl FnOnce(&mut SentItem) -> T,
    ) -> Option<T> {
        let at = (*self.places.get(&key)?)?;
        let item = self.items.get_mut(at)?;
        let before = item.size();
        let changed = change(item);
        self.size = (self.size + item.size()).saturating_sub(before);
        Some(changed)
    }

    /// Changes a part that goes out.
    pub(super) fn change_part<T>(
        &mut self,
        key: Key,
        part: u64,
        change: impl FnOnce(&mut SentPart) -> T,
    ) -> Option<T> {
        self.change(key, |item| item.part(part, change)).flatten()
    }
}
