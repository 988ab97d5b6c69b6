//! The end of a reply, which repeats what went out.

use bytes::Bytes;

use super::Wire;
use crate::{
    Wants,
    openai_responses::{
        entry::Entry,
        event::Kind,
        item::{ItemKind, is_wanted, kind_of},
        same::is_same,
    },
};

impl Wire {
    /// The items that went out, as they are done.
    pub(crate) fn output(&self) -> Vec<String> {
        let done = self.items.iter().filter(|item| item.is_done);
        done.map(|item| item.json.clone()).collect()
    }

    /// Whether the reply can end here: it has content, and no reasoning at its end. The API refuses a
    /// turn that ends so when the agent sends it back.
    pub(crate) fn has_an_end(&self) -> bool {
        let last = self.items.last();
        last.is_some_and(|item| kind_of(&item.json) != Ok(ItemKind::Reasoning))
    }

    /// Whether an item that upstream numbers so went out as this one, as far as it is wanted.
    pub(crate) fn agrees(&self, upstream: Option<u64>, repeated: &str, wants: &Wants) -> bool {
        let mut items = self.items.iter();
        let sent = items.rfind(|item| item.upstream == upstream);
        match upstream.and(sent).filter(|item| item.is_done) {
            Some(sent) => is_same(&sent.json, repeated, wants),
            None => !is_wanted(repeated, wants),
        }
    }

    /// Whether the item that upstream numbers so has begun and not ended.
    pub(crate) fn is_open(&self, upstream: u64) -> bool {
        let mut open = self.items.iter().filter(|item| !item.is_done);
        open.any(|item| item.upstream == Some(upstream))
    }

    /// Ends the items that are open, with what they have said so far.
    pub(crate) fn close(&mut self) -> Vec<Bytes> {
        self.changed = true;
        let open = self.items.iter().filter(|item| !item.is_done);
        let frames: Vec<_> = open.flat_map(|item| item.closing()).collect();
        let entries: Vec<Entry> = frames.into_iter().map(Entry::made).collect();
        for entry in entries
            .iter()
            .filter(|entry| entry.event.kind == Kind::ItemDone)
        {
            let mut open = self.items.iter_mut().filter(|item| !item.is_done);
            if let Some(item) = open.find(|item| Some(item.number) == entry.item()) {
                item.json = entry.value().to_owned();
                item.is_done = true;
            }
        }
        entries.iter().map(|entry| self.send_made(entry)).collect()
    }
}
