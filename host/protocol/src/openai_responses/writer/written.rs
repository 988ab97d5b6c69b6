//! A frame of upstream's of which all is known.

use crate::{
    json::{Edit, between_quotes, quote},
    openai_responses::{
        event::Event,
        reader::{Key, Place},
    },
    reply::{
        dispositions::Dispositions,
        writing::{Disposition, Role, Slot, Slots},
    },
    sse::Frame,
};

/// A frame of upstream's, with what becomes of what stands in it.
pub(super) struct Written<'a> {
    pub(super) frame: &'a Frame,
    pub(super) event: &'a Event,
    pub(super) slots: &'a Slots<Place>,
    pub(super) known: &'a Dispositions,
}

impl Written<'_> {
    /// The item that it is about.
    pub(super) fn item(&self) -> Option<Key> {
        self.slots.iter().find_map(|slot| slot.place.item)
    }

    /// The part that it is about.
    pub(super) fn part(&self) -> Option<usize> {
        self.slots.iter().find_map(|slot| slot.place.part)
    }

    /// The JSON that the event carries.
    pub(super) fn json(&self) -> &str {
        self.event.value.unwrap_or_default().text(self.frame.data())
    }

    /// What stands between the quotes of the string that the event carries.
    pub(super) fn raw(&self) -> &[u8] {
        between_quotes(self.json().as_bytes())
    }

    /// The edit that has the event carry something else.
    pub(super) fn says(&self, with: String) -> Edit {
        let span = self.event.value.unwrap_or_default();
        Edit { span, with }
    }

    /// The edits that have the event carry another text, without the probabilities of the old one.
    pub(super) fn says_text(&self, text: &str) -> Vec<Edit> {
        let mut edits = vec![self.says(quote(text))];
        edits.extend(self.event.logprobs.map(|span| Edit {
            span,
            with: "[]".to_owned(),
        }));
        edits
    }

    /// What becomes of the first thing of this role.
    pub(super) fn becomes(&self, role: Role) -> Option<&Disposition> {
        let mut slots = self.slots.iter();
        let slot = slots.find(|slot| slot.role == role)?;
        Some(self.known.of(slot))
    }

    /// Whether something in it is left out.
    pub(super) fn has_gone(&self) -> bool {
        let goes = |slot: &Slot<Place>| *self.known.of(slot) == Disposition::Goes;
        self.slots.iter().any(goes)
    }
}
