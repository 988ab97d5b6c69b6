//! The end of a reply, which repeats all of its items.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    FrameEvents, Place,
    items::{Item, Items},
    order::{Identity, Key},
    part::PartAt,
    target::Target,
};
use crate::{
    json::Span,
    openai_responses::{
        event::{Event, Kind},
        item::{ItemKind, is_wanted, string},
        made,
        response::Response,
        same::is_same,
    },
    reply::reading::What,
    sse::Frame,
};

/// An item that the end of a reply repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_responses) struct Repeat {
    pub(in crate::openai_responses) key: Key,
    /// Where its JSON stands.
    pub(in crate::openai_responses) value: Span,
    /// Whether that is not what came.
    pub(in crate::openai_responses) differs: bool,
}

/// Finds items that came in the end of the reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends<'a>(pub(super) &'a Items);

impl Ends<'_> {
    /// Which items that came a response repeats; nothing for those that it says alone. Ids and then the order decide.
    pub(super) fn matched(&self, response: &Response<'_>) -> Vec<Option<Key>> {
        let identities: Vec<Identity> = response.jsons().map(Identity::of).collect();
        let mut named = BTreeMap::new();
        for (item, key) in self.0.items.iter().zip(0..) {
            let Identity { kind, id, call_id } = &item.identity;
            for name in [id, call_id].into_iter().filter(|name| !name.is_empty()) {
                named.insert((kind.as_str(), name.as_str()), key);
            }
        }
        let mut taken: BTreeSet<Key> = BTreeSet::new();
        let mut found: Vec<Option<Key>> = identities
            .iter()
            .map(|Identity { kind, id, call_id }| {
                let names = [call_id, id].into_iter();
                let mut keys = names.filter_map(|name| named.get(&(kind.as_str(), name.as_str())));
                keys.find(|key| taken.insert(**key)).copied()
            })
            .collect();
        let mut left: BTreeMap<&str, Vec<Key>> = BTreeMap::new();
        for (at, item) in self.0.items.iter().enumerate().rev() {
            let key = at;
            if !taken.contains(&key) {
                left.entry(item.identity.kind.as_str())
                    .or_default()
                    .push(key);
            }
        }
        for (found, identity) in found.iter_mut().zip(&identities) {
            if found.is_none() {
                *found = left.get_mut(identity.kind.as_str()).and_then(Vec::pop);
            }
        }
        found
    }

    /// The ends of items that did not come, as the response has them or as their events have said them.
    pub(super) fn missing_ends(
        &self,
        response: Option<&Response<'_>>,
        matched: &[Option<Key>],
    ) -> Vec<(Key, Frame)> {
        let jsons = response.into_iter().flat_map(Response::jsons);
        let repeated = matched.iter().zip(jsons);
        let repeated: BTreeMap<Key, &str> = repeated
            .filter_map(|(key, json)| Some(((*key)?, json)))
            .collect();
        let status = match response.map(Response::is_incomplete) {
            Some(true) => "incomplete",
            _ => "completed",
        };
        let mut ends = Vec::new();
        for (item, key) in self.0.items.iter().zip(0..) {
            let Some(open) = &item.open else { continue };
            // What is not judged is not kept here.
            let said = || {
                open.ended(status)
                    .filter(|_| open.is_checked && item.kind != ItemKind::Message)
            };
            let json = repeated.get(&key).map(|json| (*json).to_owned());
            if let Some(json) = json.or_else(said) {
                let place = made::Place {
                    item_id: &item.identity.id,
                    item: self.0.index_of(key),
                    part: 0,
                };
                let end = made::item_event("response.output_item.done", place, &json);
                ends.push((key, end));
            }
        }
        ends
    }

    /// Whether a response has nothing but items that came, as far as policies judge them.
    pub(super) fn agree(&self, response: &Response<'_>) -> bool {
        let mut items = self.matched(response).into_iter().zip(response.jsons());
        items.all(|(key, json)| match key {
            Some(key) => self.0.is_same(key, json),
            None => !is_wanted(json, &self.0.wants),
        })
    }
}

/// The items that the end of a reply repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::openai_responses) struct Repeats(pub(in crate::openai_responses) Vec<Repeat>);

impl Items {
    /// The reply ends with this response, which stands there in its frame.
    pub(in crate::openai_responses) fn end(
        &mut self,
        response: Option<(Response<'_>, usize)>,
        matched: Vec<Option<Key>>,
        events: &mut FrameEvents<'_>,
    ) {
        let (mut reason, mut place) = (String::new(), Place::default());
        if let Some((response, start)) = response {
            let values = response.items.iter().map(|item| item.shifted(start));
            let values: Vec<Span> = values.collect();
            place.repeats = Some(Box::new(self.repeat(&values, matched, events)));
            place.differs = !response.is_plain(&self.wants);
            reason = response.stop_reason();
        }
        self.finish(events);
        events.push(0, place, What::Finishes(reason));
        events.push_of_reply(What::Ends);
    }

    /// The end of the reply repeats these items. What it says alone is told there.
    fn repeat(
        &mut self,
        values: &[Span],
        matched: Vec<Option<Key>>,
        events: &mut FrameEvents<'_>,
    ) -> Repeats {
        let mut repeats = Vec::new();
        for (value, known) in values.iter().zip(matched) {
            let event = Event {
                kind: Kind::ItemDone,
                value: Some(*value),
                ..Event::LOOSE
            };
            let json = value.text(events.data);
            let is_open = |key: &Key| self.item(*key).is_some_and(|item| item.open.is_some());
            let (key, differs) = match known {
                Some(key) if is_open(&key) => {
                    self.take(Target::Item(key, PartAt::Message), &event, events);
                    (key, false)
                }
                Some(key) => (key, !self.is_same(key, json)),
                None => {
                    self.take(Target::New, &event, events);
                    (self.items.len() - 1, false)
                }
            };
            repeats.push(Repeat {
                key,
                value: *value,
                differs,
            });
        }
        Repeats(repeats)
    }

    /// No more comes: messages that are not done end with what they have said.
    fn finish(&mut self, events: &mut FrameEvents<'_>) {
        if !self.acts() {
            return self.close(events);
        }
        for key in 0..self.items.len() {
            self.end_open(key, events);
        }
    }

    /// Whether an item that is done is the same, as far as policies judge it.
    fn is_same(&self, key: Key, json: &str) -> bool {
        let item = self.item(key);
        let is_renamed = |item: &Item| item.is_renamed(&string(json, "id"));
        if self.are_renamed && item.is_some_and(is_renamed) {
            return false;
        }
        match item.and_then(|item| item.done.as_ref()) {
            Some(done) => is_same(done, json, &self.wants),
            None => !is_wanted(json, &self.wants),
        }
    }
}
