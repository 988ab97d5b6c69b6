//! The texts of a request, read and replaced one by one.
//!
//! They are found where they stand, and a text that is replaced waits beside the body, so that many
//! cost one copy of it.

use super::{Dialect, View, illegal};
use crate::{
    EditError, PlacedText, TextPage, TextPlace,
    compose::is_blank,
    json::{Edit, Span},
    readable::{Found, Texts, Within},
};

/// As much is on a page, in bytes of text.
const PAGE_BYTES: usize = 1 << 20;
/// And as many texts.
const PAGE_TEXTS: usize = 4096;
/// As many texts of a request can be replaced.
const REPLACED_MAX: usize = 250_000;

/// How far the texts of a message, or of what stands beside the messages, are read.
#[derive(Debug)]
pub(super) struct Reading {
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

impl<D: Dialect> View<D> {
    pub(super) fn texts(
        &mut self,
        message: Option<u32>,
        start: u32,
    ) -> Result<TextPage, EditError> {
        self.settle_drafts()?;
        let mut reading = self.reading_at(message, start);
        let (mut page, mut bytes) = (TextPage::default(), 0);
        while let Some((found, text)) = self.next_text(&mut reading.walk) {
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
        Ok(page)
    }

    pub(super) fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError> {
        self.settle_drafts()?;
        let mut edits = Vec::new();
        for (number, text) in texts {
            let found = self.text_at(message, *number);
            let found = found.ok_or_else(|| EditError::NotFound(path::<D>(message, *number)))?;
            edits.extend(self.replacing(message, found, text)?);
        }
        if edits.is_empty() {
            return Ok(());
        }
        if self.replaced.len() + edits.len() > REPLACED_MAX {
            let most = format!("no more than {REPLACED_MAX} texts of a request can be replaced");
            return Err(illegal(&most));
        }
        let edits = edits.into_iter().map(|edit| (edit.span.start, edit));
        self.replaced.extend(edits);
        self.rendered = None;
        self.edited = true;
        Ok(())
    }

    /// Puts the drafts into the body.
    fn settle_drafts(&mut self) -> Result<(), EditError> {
        match self.drafts.is_empty() {
            true => Ok(()),
            false => self.settle(),
        }
    }

    /// Puts the texts that were replaced into the body. A string stands in the place of a string, and
    /// arguments were checked, so that nothing can be wrong with it.
    pub(super) fn settle_texts(&mut self) {
        if !self.replaced.is_empty() {
            let settled = self.settle();
            debug_assert_eq!(settled, Ok(()), "a text broke the request");
        }
    }

    /// Reads on where the last page ended, or from the front.
    fn reading_at(&mut self, message: Option<u32>, start: u32) -> Reading {
        let going_on = self
            .reading
            .take()
            .filter(|reading| reading.message == message && reading.next() == start);
        let mut walk = match going_on {
            Some(reading) => reading.walk,
            None => {
                let mut walk = Texts::of(self.roots(message));
                for _ in 0..start {
                    self.next_text(&mut walk);
                }
                walk
            }
        };
        // What is behind the end is counted from there all the same: it is empty.
        Reading {
            message,
            walk: std::mem::take(&mut walk),
            page: Vec::new(),
            first: start,
        }
    }

    fn roots(&self, message: Option<u32>) -> Vec<(Span, Within)> {
        let Some(message) = message else {
            let beside = D::BESIDE.iter();
            let beside =
                beside.filter_map(|(name, within)| Some((self.field(name)?.value, *within)));
            return beside.collect();
        };
        let message = self.index.messages.get(message as usize);
        let texts = message.and_then(|message| D::texts(&self.body, *message));
        texts.into_iter().collect()
    }

    /// The next text, as it is now. What turns out to be no text is left out, and not counted.
    fn next_text(&self, walk: &mut Texts) -> Option<(Found, String)> {
        loop {
            let found = walk.next(&self.body)?;
            if let Some(text) = found.coding.read(self.now(found)) {
                return Some((found, text));
            }
        }
    }

    /// The JSON of a text as it is now.
    fn now(&self, found: Found) -> &str {
        match self.replaced.get(&found.span.start) {
            Some(edit) => &edit.with,
            None => found.span.text(&self.body),
        }
    }

    fn text_at(&self, message: Option<u32>, number: u32) -> Option<Found> {
        let page = self
            .reading
            .as_ref()
            .filter(|reading| reading.message == message);
        let known = page.and_then(|reading| {
            let at = number.checked_sub(reading.first)?;
            reading.page.get(at as usize).copied()
        });
        known.or_else(|| {
            let mut walk = Texts::of(self.roots(message));
            for _ in 0..number {
                self.next_text(&mut walk)?;
            }
            self.next_text(&mut walk).map(|(found, _)| found)
        })
    }

    /// The edits that put another text in the place of one; none where it says that already.
    fn replacing(
        &self,
        message: Option<u32>,
        found: Found,
        text: &str,
    ) -> Result<Vec<Edit>, EditError> {
        let now = self.now(found);
        if found.coding.read(now).as_deref() == Some(text) {
            return Ok(Vec::new());
        }
        if matches!(found.place, TextPlace::Text | TextPlace::System) && is_blank(text) {
            return Err(illegal("a text must not be blank"));
        }
        // A message stands in the body's object and in a list.
        let outside = if message.is_some() { 2 } else { 1 };
        let depth = self.limits.depth.saturating_sub(outside + found.depth);
        let mut edits = vec![Edit {
            span: found.span,
            with: found.coding.write(now, text, depth)?,
        }];
        let spelled_out = |span: &Span| span.bytes(&self.body).starts_with(b"[");
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
