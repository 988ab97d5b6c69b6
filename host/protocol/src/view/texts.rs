//! The texts of a request, read and replaced one by one.
//!
//! They are found where they stand, and a text that is replaced waits beside the body, so that many
//! cost one copy of it.

use std::collections::BTreeMap;

use super::{Dialect, Settled, illegal};
use crate::{
    EditError, PlacedText, TextPage, TextPlace,
    compose::is_blank,
    json::{Edit, Span},
    readable::{Found, Texts},
};

/// As much is on a page, in bytes of text.
const PAGE_BYTES: usize = 1 << 20;
/// And as many texts.
const PAGE_TEXTS: usize = 4096;
/// As many texts of a request can be replaced.
const REPLACED_MAX: usize = 250_000;

/// How far the texts of a message, or of what stands beside the messages, are read.
#[derive(Debug)]
struct Reading {
    message: Option<u32>,
    walk: Texts,
    /// The texts that were handed out last, and the number of the first of them.
    page: Vec<Found>,
    first: u32,
}

impl Reading {
    /// The number of the text that comes next.
    fn next(&self) -> u32 {
        self.first + u32::try_from(self.page.len()).unwrap_or(u32::MAX)
    }
}

/// Texts in the place of those of a body, and how far those are read.
#[derive(Debug, Default)]
pub(super) struct ReplacedTexts {
    /// By where they begin.
    edits: BTreeMap<usize, Edit>,
    reading: Option<Reading>,
}

impl ReplacedTexts {
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The edits that put them into the body.
    pub(super) fn edits(&self) -> impl Iterator<Item = Edit> {
        self.edits.values().cloned()
    }

    /// A page of the texts of a message, or of what stands beside the messages, as they are now.
    pub(super) fn page<D: Dialect>(
        &mut self,
        body: &Settled<D>,
        message: Option<u32>,
        start: u32,
    ) -> TextPage {
        let mut reading = self.reading_at(body, message, start);
        let (mut page, mut bytes) = (TextPage::default(), 0);
        while let Some((found, text)) = self.next_text(body.text(), &mut reading.walk) {
            bytes += text.len();
            reading.page.push(found);
            page.texts.push(PlacedText {
                place: found.place,
                text,
            });
            if bytes >= PAGE_BYTES || page.texts.len() >= PAGE_TEXTS {
                page.has_more = true;
                break;
            }
        }
        self.reading = Some(reading);
        page
    }

    /// The text with this number, as it is now. The page that was read last stays at hand.
    pub(super) fn text<D: Dialect>(
        &mut self,
        body: &Settled<D>,
        message: Option<u32>,
        number: u32,
    ) -> Option<String> {
        let found = self.text_at(body, message, number)?;
        found.coding.read(self.now(body.text(), found))
    }

    /// Puts others in the place of texts, by their numbers. False where they say that already.
    pub(super) fn replace<D: Dialect>(
        &mut self,
        body: &Settled<D>,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<bool, EditError> {
        // A message stands in the body's object and in a list.
        let depth = body.depth_in(if message.is_some() { 2 } else { 1 });
        let mut edits = Vec::new();
        for (number, text) in texts {
            let found = self.text_at(body, message, *number);
            let found = found.ok_or_else(|| EditError::NotFound(path::<D>(message, *number)))?;
            edits.extend(self.replacing(body.text(), found, text, depth)?);
        }
        if edits.is_empty() {
            return Ok(false);
        }
        if self.edits.len() + edits.len() > REPLACED_MAX {
            let most = format!("no more than {REPLACED_MAX} texts of a request can be replaced");
            return Err(illegal(&most));
        }
        let edits = edits.into_iter().map(|edit| (edit.span.start, edit));
        self.edits.extend(edits);
        Ok(true)
    }

    /// Reads on where the last page ended, or from the front.
    fn reading_at<D: Dialect>(
        &mut self,
        body: &Settled<D>,
        message: Option<u32>,
        start: u32,
    ) -> Reading {
        let going_on = self
            .reading
            .take()
            .filter(|reading| reading.message == message && reading.next() == start);
        let walk = match going_on {
            Some(reading) => reading.walk,
            None => {
                let mut walk = Texts::of(body.holding_texts(message));
                for _ in 0..start {
                    self.next_text(body.text(), &mut walk);
                }
                walk
            }
        };
        // What is behind the end is counted from there all the same: it is empty.
        Reading {
            message,
            walk,
            page: Vec::new(),
            first: start,
        }
    }

    /// The next text, as it is now. What turns out to be no text is left out, and not counted.
    fn next_text(&self, body: &[u8], walk: &mut Texts) -> Option<(Found, String)> {
        loop {
            let found = walk.next(body)?;
            if let Some(text) = found.coding.read(self.now(body, found)) {
                return Some((found, text));
            }
        }
    }

    /// The JSON of a text as it is now.
    fn now<'a>(&'a self, body: &'a [u8], found: Found) -> &'a str {
        match self.edits.get(&found.span.start) {
            Some(edit) => &edit.with,
            None => found.span.text(body),
        }
    }

    fn text_at<D: Dialect>(
        &self,
        body: &Settled<D>,
        message: Option<u32>,
        number: u32,
    ) -> Option<Found> {
        let page = self
            .reading
            .as_ref()
            .filter(|reading| reading.message == message);
        let known = page.and_then(|reading| {
            let at = number.checked_sub(reading.first)?;
            reading.page.get(at as usize).copied()
        });
        known.or_else(|| {
            let mut walk = Texts::of(body.holding_texts(message));
            for _ in 0..number {
                self.next_text(body.text(), &mut walk)?;
            }
            let (found, _) = self.next_text(body.text(), &mut walk)?;
            Some(found)
        })
    }

    /// The edits that put another text, of which the JSON may take `depth` levels, in the place of one; none where it says
    /// that already.
    fn replacing(
        &self,
        body: &[u8],
        found: Found,
        text: &str,
        depth: usize,
    ) -> Result<Vec<Edit>, EditError> {
        let now = self.now(body, found);
        if found.coding.read(now).as_deref() == Some(text) {
            return Ok(Vec::new());
        }
        if matches!(found.place, TextPlace::Text | TextPlace::System) && is_blank(text) {
            return Err(illegal("a text must not be blank"));
        }
        let depth = depth.saturating_sub(found.depth);
        let mut edits = vec![Edit {
            span: found.span,
            with: found.coding.write(now, text, depth)?,
        }];
        let spelled_out = |span: &Span| span.bytes(body).starts_with(b"[");
        edits.extend(found.logprobs.filter(spelled_out).map(|span| Edit {
            span,
            with: "[]".to_owned(),
        }));
        Ok(edits)
    }
}

/// The path of a text, for an error.
fn path<D: Dialect>(message: Option<u32>, number: u32) -> String {
    match message {
        Some(message) => {
            let message = D::element(D::MESSAGES, message as usize);
            format!("{message}, text {number}")
        }
        None => format!("text {number} beside the messages"),
    }
}
