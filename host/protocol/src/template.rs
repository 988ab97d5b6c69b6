//! Frames that are like the one before them.
//!
//! Most frames of a stream repeat the one before, byte for byte but for a text and a number. Where it is
//! known that such a frame goes out as it came and leaves all else as it is, it need not be read: a
//! [`FrameTemplate`] is what those frames have in common, and a frame that fits is one that reading would find to
//! say the same, but for these values. A frame that does not fit is read.
//!
//! Why that holds: outside of the values the bytes are the same. In the place of a string stands another
//! valid one, and of a number another number, so all keys, all other values and all nesting are where they
//! were. No string has a bare line break, so the lines are the same ones too.

use std::ops::Range;

use bytes::Bytes;

use crate::{
    json::{Span, between_quotes, fields, has_halves, string_end},
    sse::{Decoder, Frame, has_wide_separators},
};

/// What a run of frames has in common.
#[derive(Debug)]
pub(crate) struct FrameTemplate {
    /// One of the frames; nothing fits where it is empty.
    raw: Vec<u8>,
    /// Where that has values of its own, in order.
    gaps: Vec<Gap>,
    /// How often in a row it was filled and nothing came of it.
    misses: u32,
    /// Whether texts have to be such that all clients read the same from them.
    is_strict: bool,
}

#[derive(Clone, Copy, Debug)]
struct Gap {
    kind: Kind,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    /// A string that says nothing to anyone.
    Padding,
}

/// The values of a frame that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fit {
    /// How many bytes the frame has.
    pub(crate) length: usize,
    /// Where its text stands in them, with the quotes.
    pub(crate) text: Span,
    /// Its number, if one was named.
    pub(crate) number: Option<u64>,
}

/// For each gap of a frame that fits, where it ends in the model and where in the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved([(usize, usize); MAX_GAPS]);

/// A text, a number and padding.
const MAX_GAPS: usize = 3;

impl Moved {
    /// Where a place of the model's bytes is in the frame's.
    pub(crate) fn at(&self, place: usize) -> usize {
        let mut ends = self.0.iter().rev();
        let before = ends.find(|(model, _)| (1..=place).contains(model));
        before.map_or(place, |(model, frame)| place - model + frame)
    }
}

impl Fit {
    /// What stands between the quotes of its text.
    pub(crate) fn said(self, frame: &[u8]) -> &[u8] {
        between_quotes(self.text.bytes(frame))
    }
}

/// Whether the next frame may be taken too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    GoesOn,
    Ends,
}

/// After so many misses in a row it is not tried again: nothing in the stream is like the frame before.
const MAX_MISSES: u32 = 8;

/// Under this key `OpenAI` hides how long a text is.
const PADDING: &str = "obfuscation";

/// So many digits fit into a number, whatever they are.
const MAX_DIGITS: usize = 15;

impl Default for FrameTemplate {
    fn default() -> Self {
        Self {
            raw: Vec::new(),
            gaps: Vec::new(),
            misses: 0,
            is_strict: true,
        }
    }
}

impl FrameTemplate {
    /// Nothing fits until the next frame is taken for a model.
    pub(crate) fn clear(&mut self) {
        self.raw.clear();
    }

    /// Nothing fits from now on.
    pub(crate) fn give_up(&mut self) {
        self.clear();
        self.misses = MAX_MISSES;
    }

    /// Whether it is worth finding out if a frame may be a model.
    pub(crate) fn is_wanted(&self) -> bool {
        self.misses < MAX_MISSES
    }

    /// Texts that clients might read in different ways need not be told apart.
    pub(crate) fn takes_any_text(&mut self) {
        self.is_strict = false;
    }

    /// Takes this frame for a model, with a text and maybe a number at these places of its data. Only
    /// for a frame that goes out as it came, and so does any that says the same with another text that
    /// is not empty, and another number: such a frame would leave no trace but what the run is told.
    pub(crate) fn fill(&mut self, frame: &Frame, text: Option<Span>, number: Option<Span>) {
        self.clear();
        let (Some(text), Some(line), true) = (text, frame.sole_line(), self.is_wanted()) else {
            return;
        };
        self.misses += 1;
        let [padding] = fields(frame.data(), [PADDING]).unwrap_or_default();
        let padding = padding.filter(|padding| padding.bytes(frame.data()).starts_with(b"\""));
        let kinds = [
            (Kind::Text, Some(text)),
            (Kind::Number, number),
            (Kind::Padding, padding),
        ];
        self.gaps.clear();
        self.gaps
            .extend(kinds.into_iter().filter_map(|(kind, span)| {
                let span = span?.shifted(line.start);
                Some(Gap { kind, span })
            }));
        self.gaps.sort_unstable_by_key(|gap| gap.span.start);
        self.raw.extend_from_slice(frame.raw());
        let itself = self.fit(frame.raw(), |_, _| {}).map(|fit| fit.length);
        if itself != Some(frame.raw().len()) {
            self.clear();
        }
    }

    /// Takes the frames ahead that fit, in a row; nothing where none does. `each` is told of every one,
    /// with its bytes, and says whether the next may be taken.
    pub(crate) fn take_run(
        &mut self,
        decoder: &mut Decoder,
        mut each: impl FnMut(&[u8], Fit) -> Run,
    ) -> Option<Bytes> {
        if self.raw.is_empty() {
            return None;
        }
        let ahead = decoder.ahead();
        let mut length = 0;
        while let Some(rest) = ahead.get(length..)
            && let Some(fit) = self.fit(rest, |_, _| {})
            && fit.length <= decoder.limit()
        {
            length += fit.length;
            if each(rest, fit) == Run::Ends {
                break;
            }
        }
        if length == 0 {
            return None;
        }
        self.misses = 0;
        Some(decoder.take(length))
    }

    /// Takes the frame ahead, if it fits.
    pub(crate) fn take_one(&mut self, decoder: &mut Decoder) -> Option<(Bytes, Moved)> {
        if self.raw.is_empty() {
            return None;
        }
        let mut moved = Moved::default();
        let note = |gap, ends| {
            if let Some(place) = moved.0.get_mut(gap) {
                *place = ends;
            }
        };
        let fit = self.fit(decoder.ahead(), note)?;
        if fit.length > decoder.limit() {
            return None;
        }
        self.misses = 0;
        Some((decoder.take(fit.length), moved))
    }

    /// The values of the frame at the front of these bytes, if it is all there and fits.
    #[inline(always)]
    fn fit(&self, ahead: &[u8], mut note: impl FnMut(usize, (usize, usize))) -> Option<Fit> {
        let mut fit = Fit::default();
        let (mut from, mut at) = (0, 0);
        for (place, gap) in self.gaps.iter().enumerate() {
            at = self.same(from..gap.span.start, ahead, at)?;
            let start = at;
            match gap.kind {
                Kind::Number => (at, fit.number) = number(ahead, at)?,
                Kind::Text | Kind::Padding => at = said_end(ahead, at, self.is_strict)?,
            }
            if gap.kind == Kind::Text {
                fit.text = Span { start, end: at };
            }
            from = gap.span.end;
            note(place, (from, at));
        }
        fit.length = self.same(from..self.raw.len(), ahead, at)?;
        Some(fit)
    }

    /// The place behind these bytes of the template, if they stand at `at`.
    #[inline]
    fn same(&self, fixed: Range<usize>, ahead: &[u8], at: usize) -> Option<usize> {
        let end = at + fixed.len();
        (ahead.get(at..end)? == self.raw.get(fixed)?).then_some(end)
    }
}

/// The place behind a string that is valid JSON and text, and says something.
fn said_end(ahead: &[u8], at: usize, is_strict: bool) -> Option<usize> {
    let (end, has_escapes) = string_end(ahead, at)?;
    let said = ahead.get(at..end)?;
    let is_ascii = said.is_ascii();
    let is_text = is_ascii || str::from_utf8(said).is_ok();
    let is_plain =
        || (is_ascii || !has_wide_separators(said)) && !(has_escapes && has_halves(said));
    (said.len() > 2 && is_text && (!is_strict || is_plain())).then_some(end)
}

/// The place behind a whole number as JSON writes it, and the number.
fn number(ahead: &[u8], at: usize) -> Option<(usize, Option<u64>)> {
    let digits = ahead.get(at..)?.iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    let (count, value) = digits.fold((0, 0_u64), |(count, value), digit| {
        let digit = u64::from(digit - b'0');
        (count + 1, value.wrapping_mul(10).wrapping_add(digit))
    });
    let is_plain = count == 1 || ahead.get(at) != Some(&b'0');
    ((1..=MAX_DIGITS).contains(&count) && is_plain).then_some((at + count, Some(value)))
}

#[cfg(test)]
mod tests;
