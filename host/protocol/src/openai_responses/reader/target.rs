//! What an event is about.

use super::{
    items::Items,
    order::{Identity, Key},
    part::PartAt,
};
use crate::{
    json::fields,
    openai::items::callers_key,
    openai_responses::{
        event::{Event, Kind},
        item::ItemKind,
        plain::Numbers,
    },
};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Item(Key, PartAt),
    New,
    /// Nothing that is known. It goes out where nobody judges anything.
    Unknown,
    /// An item whose start was not told.
    Untold,
    /// Nothing: nobody could judge what it says, or it was said before.
    Nothing,
}

/// Finds what events are about among the items that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets<'a>(pub(super) &'a Items);

impl Targets<'_> {
    /// The numbers of an event that names none: those of the next item, or of the latest that it fits.
    pub(super) fn missing(&self, event: &Event) -> Numbers {
        let next = self.0.items.len() as u64;
        let latest = item_kind(event.kind).and_then(|kind| self.0.order.latest(kind));
        let open = latest.and_then(|key| Some((key, self.0.item(key)?.open.as_ref()?)));
        match open {
            Some((key, open)) if event.kind != Kind::ItemAdded => Numbers {
                item: self.0.index_of(key),
                part: open.parts.latest(),
            },
            _ => Numbers {
                item: next,
                part: 0,
            },
        }
    }

    /// What an event is about.
    pub(super) fn target(&self, event: &Event, data: &[u8]) -> Target {
        let Some(index) = event.item.map(|item| item.value) else {
            return Target::Unknown;
        };
        if matches!(event.kind, Kind::ItemAdded | Kind::ItemDone) {
            let json = event.value.unwrap_or_default().text(data);
            return self.target_of_item(event.kind, index, &Identity::of(json));
        }
        let fits = |key: &Key| {
            let item = self.0.item(*key);
            item.is_some_and(|item| item.open.is_some() && event.kind.fits(item.kind))
        };
        let first = self.0.order.sole(index).filter(fits);
        let key = first.or_else(|| {
            let id = event.id.and_then(|id| id.string(data)).unwrap_or_default();
            let kind = item_kind(event.kind).filter(|_| self.0.acts());
            let candidates = self.0.order.candidates(index, &id, kind).into_iter();
            candidates.flatten().find(fits)
        });
        let Some((key, item)) = key.and_then(|key| Some((key, self.0.item(key)?))) else {
            let is_text = event.kind.is_of_part() && self.0.order.at(index).is_none();
            return match (self.0.acts(), is_text) {
                (false, _) => Target::Unknown,
                (true, true) => Target::Untold,
                (true, false) => Target::Nothing,
            };
        };
        let part = match (&item.open, item.kind) {
            (Some(open), ItemKind::Message) => {
                let part = open.parts.find(event, data, &self.0.wants);
                let may_say = event.kind == Kind::OfItem && says(data);
                part.filter(|part| !(may_say && open.parts.may_be_text(*part, &self.0.wants)))
            }
            (Some(open), ItemKind::Call) if event.kind == Kind::OfItem && open.is_checked => {
                let comes_in_pieces = callers_key(&item.identity.kind).is_some();
                (!comes_in_pieces || !says(data)).then_some(PartAt::Message)
            }
            _ => Some(PartAt::Message),
        };
        part.map_or(Target::Nothing, |part| Target::Item(key, part))
    }

    fn target_of_item(&self, kind: Kind, index: u64, identity: &Identity) -> Target {
        let at = self
            .0
            .order
            .at(index)
            .and_then(|key| Some((key, self.0.item(key)?)));
        let is_repeated = at.is_some_and(|(_, item)| item.identity.is_repeated_by(identity));
        match (kind, at) {
            (Kind::ItemAdded, Some(_)) if !self.0.acts() => return Target::Unknown,
            (Kind::ItemAdded, _) if is_repeated => return Target::Nothing,
            (Kind::ItemAdded, _) => return Target::New,
            _ => {}
        }
        let kind = ItemKind::named(&identity.kind);
        let is_open = |key: &Key| {
            let item = self.0.item(*key);
            item.is_some_and(|item| item.open.is_some() && item.identity.kind == identity.kind)
        };
        let kind = Some(kind).filter(|_| self.0.acts());
        let candidates = self
            .0
            .order
            .candidates(index, &identity.id, kind)
            .into_iter();
        match candidates.flatten().find(is_open) {
            Some(key) => Target::Item(key, PartAt::Message),
            None if at.is_some() && !self.0.acts() => Target::Unknown,
            None if is_repeated => Target::Nothing,
            None => Target::New,
        }
    }
}

/// The kind of item that an event can only be about.
fn item_kind(kind: Kind) -> Option<ItemKind> {
    if kind.is_of_part() {
        Some(ItemKind::Message)
    } else if kind.is_call_delta() || kind.is_call_done() {
        Some(ItemKind::Call)
    } else if kind.is_delta() || kind.is_done() {
        Some(ItemKind::Reasoning)
    } else {
        None
    }
}

/// Whether a client that knows no names of events might take this for a text or for arguments.
fn says(data: &[u8]) -> bool {
    let found = fields(data, ["delta", "text", "refusal", "arguments", "input"]);
    found.is_ok_and(|found| {
        let mut found = found.into_iter().flatten();
        found.any(|span| matches!(span.bytes(data).first(), Some(b'"' | b'{' | b'[')))
    })
}
