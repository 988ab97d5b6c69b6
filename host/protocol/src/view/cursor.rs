//! A position in a request's body while it is read.
//!
//! Knows how lists are bounded and that the keys which are read stand in an object once, but not what a request is.

use crate::{
    RequestError,
    json::{Fault, Key, Scanner, Span},
};

/// A position in a body, and what of the wrong shape stands before it.
pub(crate) struct Cursor<'a> {
    pub(crate) scanner: Scanner<'a>,
    /// The most elements of a list that has no bound of its own.
    elements: usize,
    /// The first thing of the wrong shape. The pass goes on: that it is no JSON at all is said first.
    wrong: Option<RequestError>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(scanner: Scanner<'a>, elements: usize) -> Self {
        Self {
            scanner,
            elements,
            wrong: None,
        }
    }

    /// Goes to the end of the body, behind which nothing may follow. Err where the body is no JSON, else the first thing of the
    /// wrong shape.
    pub(super) fn finish(mut self) -> Result<Option<RequestError>, Fault> {
        self.scanner.finish()?;
        Ok(self.wrong)
    }

    /// The text that is read.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.scanner.text()
    }

    /// Steps over any value, of which nothing is read.
    #[inline]
    pub(crate) fn unread(&mut self) -> Result<bool, Fault> {
        self.scanner.value().map(|_| false)
    }

    #[inline]
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, Key) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut walk = self.scanner.open(b'{')?;
        while self.scanner.step(&mut walk)? {
            let key = self.scanner.key()?;
            self.letters(key);
            field(self, key)?;
        }
        Ok(walk.span())
    }

    /// An object of which the keys that have a `bit` may stand once; whether one stands twice. `inside`
    /// steps over the values of those keys, and says the same of what is in there.
    #[inline]
    pub(crate) fn once(
        &mut self,
        bit: impl Fn(&[u8]) -> u32,
        mut inside: impl FnMut(&mut Self, u32) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        let (mut seen, mut twice) = (0, false);
        self.object(|cursor, key| {
            let bit = bit(&key.name(cursor.text()));
            twice |= seen & bit != 0;
            seen |= bit;
            match bit {
                0 => {
                    cursor.scanner.value()?;
                }
                _ => twice |= inside(cursor, bit)?,
            }
            Ok(())
        })?;
        Ok(twice)
    }

    /// A list whose elements `element` steps over, each told its number.
    #[inline]
    pub(crate) fn array(
        &mut self,
        element: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let (span, count) = self.unbounded(element)?;
        if count > self.elements {
            self.too_many("elements of a list", count);
        }
        Ok(span)
    }

    /// The same of any length, which comes with it.
    #[inline]
    pub(super) fn unbounded(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<(Span, usize), Fault> {
        let mut walk = self.scanner.open(b'[')?;
        let mut at = 0;
        while self.scanner.step(&mut walk)? {
            element(self, at)?;
            at += 1;
        }
        Ok((walk.span(), at))
    }

    /// The objects of a list, each stepped over by `object`, which says whether a key stands twice in
    /// it; and so for all of them. Anything else is stepped over.
    #[inline]
    pub(crate) fn objects(
        &mut self,
        mut object: impl FnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<(Span, bool), Fault> {
        if self.scanner.peek() != Some(b'[') {
            return Ok((self.scanner.value()?, false));
        }
        let mut twice = false;
        let span = self.array(|cursor, _| {
            twice |= match cursor.scanner.peek() {
                Some(b'{') => object(cursor)?,
                _ => cursor.unread()?,
            };
            Ok(())
        })?;
        Ok((span, twice))
    }

    /// Something is not as expected.
    #[cold]
    pub(crate) fn wrong(&mut self, path: String, expected: &'static str) {
        self.note(RequestError::Shape { path, expected });
    }

    /// There are more of these than a list may have.
    #[cold]
    pub(super) fn too_many(&mut self, what: &'static str, count: usize) {
        let limit = self.elements;
        self.note(RequestError::TooMany { what, count, limit });
    }

    fn note(&mut self, wrong: RequestError) {
        self.wrong.get_or_insert(wrong);
    }
}
