//! What stands in a frame, with what becomes of it.

use std::borrow::Cow;

use crate::{
    json::{between_quotes, quote},
    openai::items::read_text,
    openai_responses::{
        event::{Event, Kind},
        made::{begun_part, text_part},
        reader::Place,
    },
    reply::writing::{Disposition, Slot},
};

/// What stands at a slot of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) data: &'a [u8],
    pub(super) event: Option<&'a Event>,
    pub(super) slot: &'a Slot<Place>,
    pub(super) disposition: &'a Disposition,
}

impl Found<'_> {
    pub(super) fn json(&self) -> &str {
        self.slot.place.value.text(self.data)
    }

    /// Upstream's number of the item, where an event tells it.
    pub(super) fn index(&self) -> Option<u64> {
        Some(self.event?.item?.value)
    }
}

/// Something of a part that stands in a frame.
#[derive(Debug)]
pub(super) struct PartEvent<'a> {
    pub(super) part: usize,
    /// What it carries, which is UTF-8.
    pub(super) value: &'a [u8],
    /// `None` in a whole body.
    pub(super) kind: Option<Kind>,
    /// Upstream's number of the part.
    pub(super) index: Option<u64>,
}

impl PartEvent<'_> {
    fn json(&self) -> &str {
        str::from_utf8(self.value).unwrap_or_default()
    }

    /// Whether it is all of a text, and no delta.
    pub(super) fn is_all(&self) -> bool {
        let is_part_of_it =
            |kind: Kind| kind == Kind::PartAdded || kind == Kind::OfItem || kind.is_text_delta();
        !self.kind.is_some_and(is_part_of_it)
    }

    /// What stands between the quotes of the text that it says.
    pub(super) fn raw(&self) -> Cow<'_, [u8]> {
        match self.kind {
            Some(Kind::OfItem) => Cow::Borrowed(&[]),
            Some(kind) if kind.is_text_delta() || kind.is_text_done() => {
                Cow::Borrowed(between_quotes(self.value))
            }
            _ => {
                let text = read_text(self.json()).unwrap_or_default();
                Cow::Owned(between_quotes(quote(&text).as_bytes()).to_vec())
            }
        }
    }

    /// The part as it begins.
    pub(super) fn opening(&self) -> String {
        match self.value.starts_with(b"{") {
            true => self.json().to_owned(),
            false => {
                let part = self.kind.and_then(begun_part);
                part.unwrap_or_else(|| text_part(""))
            }
        }
    }
}
