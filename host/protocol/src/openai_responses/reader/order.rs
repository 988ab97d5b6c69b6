//! Which item an event is about.
//!
//! Items are numbered as they begin, which is how the API numbers them. Some servers give several items one number, or an
//! event another number than its item: then the ids decide, and at last the order.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    json::{Span, fields},
    openai_responses::item::ItemKind,
};

/// The position of an item in the order in which they begin.
pub(in crate::openai_responses) type Key = usize;

/// What tells one item from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) call_id: String,
}

impl Identity {
    pub(super) fn of(json: &str) -> Self {
        let text = json.as_bytes();
        let found = fields(text, ["type", "id", "call_id"]).unwrap_or_default();
        let string = |span: Option<Span>| span.and_then(|span| span.string(text));
        let [kind, id, call_id] = found.map(|span| string(span).unwrap_or_default());
        Self { kind, id, call_id }
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.kind.len() + 2 * self.id.len() + self.call_id.len()
    }

    /// Whether another item under the same number is a repetition of this one.
    pub(super) fn is_repeated_by(&self, other: &Self) -> bool {
        let is_same = |one: &str, other: &str| one == other || one.is_empty() || other.is_empty();
        let is_named = !self.call_id.is_empty() && !other.call_id.is_empty();
        self.kind == other.kind
            && match is_named {
                true => self.call_id == other.call_id,
                false => is_same(&self.id, &other.id),
            }
    }
}

/// Where items are found.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The latest item of each of upstream's numbers.
    by_index: BTreeMap<u64, Key>,
    by_id: BTreeMap<String, Key>,
    /// The ids of items of replies before this one, in whose output they stand.
    taken: BTreeSet<String>,
    /// The latest item of each kind.
    by_kind: [Option<Key>; 4],
    /// Upstream's numbers of the items.
    indexes: Vec<u64>,
    /// Whether several items had one number while they were open.
    is_shared: bool,
    /// Whether some item has another number than its place.
    is_odd: bool,
}

impl Order {
    /// An item begins. `is_shared` says whether another one of its number is open.
    pub(super) fn begin(
        &mut self,
        key: Key,
        index: u64,
        kind: ItemKind,
        id: &str,
        is_shared: bool,
    ) {
        self.is_shared |= is_shared;
        self.is_odd |= index != key as u64;
        self.indexes.push(index);
        self.by_index.insert(index, key);
        self.by_kind[place(kind)] = Some(key);
        if !id.is_empty() {
            self.by_id.insert(id.to_owned(), key);
        }
    }

    /// The latest item of this number.
    pub(super) fn at(&self, index: u64) -> Option<Key> {
        match self.is_odd {
            true => self.by_index.get(&index).copied(),
            false => usize::try_from(index)
                .ok()
                .filter(|key| *key < self.indexes.len()),
        }
    }

    /// The only item of this number; nothing where several had it while they were open.
    pub(super) fn sole(&self, index: u64) -> Option<Key> {
        self.at(index).filter(|_| !self.is_shared)
    }

    /// Upstream's number of an item.
    pub(super) fn index_of(&self, key: Key) -> Option<u64> {
        self.indexes.get(key).copied()
    }

    /// The latest item of this id.
    pub(super) fn named(&self, id: &str) -> Option<Key> {
        self.by_id.get(id).copied()
    }

    /// Whether an item before has this id.
    pub(super) fn is_taken(&self, id: &str) -> bool {
        self.by_id.contains_key(id) || self.taken.contains(id)
    }

    /// Where items of another reply are found, which stand behind these.
    pub(super) fn begin_next(&mut self) -> Self {
        let mut taken = std::mem::take(&mut self.taken);
        taken.extend(std::mem::take(&mut self.by_id).into_keys());
        Self {
            taken,
            ..Self::default()
        }
    }

    /// The latest item of this kind.
    pub(super) fn latest(&self, kind: ItemKind) -> Option<Key> {
        self.by_kind[place(kind)]
    }

    /// The items that an event may be about, the most likely first: those of its number and of its id, and where nothing has
    /// its number the latest of its kind.
    pub(super) fn candidates(
        &self,
        index: u64,
        id: &str,
        kind: Option<ItemKind>,
    ) -> [Option<Key>; 3] {
        let (at, named) = (self.at(index), self.named(id));
        let latest = kind
            .filter(|_| at.is_none())
            .and_then(|kind| self.latest(kind));
        match self.is_shared && named.is_some() {
            true => [named, at, latest],
            false => [at, named, latest],
        }
    }
}

fn place(kind: ItemKind) -> usize {
    match kind {
        ItemKind::Message => 0,
        ItemKind::Call => 1,
        ItemKind::Reasoning => 2,
        ItemKind::Other => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_decides_where_items_share_a_number() {
        let mut order = Order::default();
        order.begin(0, 0, ItemKind::Message, "m", false);
        assert_eq!(order.candidates(0, "?", None)[0], Some(0));
        order.begin(1, 0, ItemKind::Call, "c", true);
        assert_eq!(order.candidates(0, "m", None)[0], Some(0));
        assert_eq!(order.candidates(0, "?", None)[0], Some(1));
        assert_eq!(
            order.candidates(7, "", Some(ItemKind::Message)),
            [None, None, Some(0)]
        );
    }

    #[test]
    fn an_item_is_repeated_by_one_of_its_name() {
        let identity = |id: &str, call_id: &str| Identity {
            kind: "function_call".to_owned(),
            id: id.to_owned(),
            call_id: call_id.to_owned(),
        };
        assert!(identity("a", "x").is_repeated_by(&identity("b", "x")));
        assert!(identity("a", "").is_repeated_by(&identity("", "x")));
        assert!(!identity("a", "x").is_repeated_by(&identity("a", "y")));
        assert!(!identity("a", "").is_repeated_by(&identity("b", "")));
    }
}
