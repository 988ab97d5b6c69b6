//! The one pass over a request's body.
//!
//! Checks that it is JSON of the shape that is read, and notes where that stands. Of what is read no
//! key may stand twice in its object: upstream might read the other one than the policies judged.

use super::{Dialect, FieldSpans, Index, ToolSpans};
use crate::{
    Limits, RequestError,
    json::{Fault, Key, Scanner, Span},
};

/// What is expected where something else stands.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) required: &'static str,
    pub(crate) twice: &'static str,
    pub(crate) string: &'static str,
    /// A string that is not empty.
    pub(crate) filled: &'static str,
    pub(crate) boolean: &'static str,
    pub(crate) object: &'static str,
    pub(crate) list: &'static str,
    pub(crate) content: &'static str,
}

/// A position in a body, and what was found as far as that.
pub(crate) struct Reader<'a, D: Dialect> {
    pub(crate) scanner: Scanner<'a>,
    pub(crate) index: Index<D::Message>,
    /// The fields of the body that are read, as far as they were seen: a bit each.
    seen: u32,
    /// Those of them that count as there.
    present: u32,
    fields: usize,
    messages: usize,
    limits: Limits,
    /// The first thing of the wrong shape. The pass goes on: that it is no JSON at all is said first.
    wrong: Option<RequestError>,
}

/// Reads the index of `body`.
pub(super) fn read<D: Dialect>(
    body: &[u8],
    limits: &Limits,
) -> Result<Index<D::Message>, RequestError> {
    if body.trim_ascii().is_empty() {
        return Err(RequestError::Empty);
    }
    if let Err(error) = simdutf8::compat::from_utf8(body) {
        return Err(RequestError::NotJson {
            reason: "it is not UTF-8",
            at: error.valid_up_to(),
        });
    }
    let mut reader = Reader::<D>::new(body, limits);
    match reader.body() {
        Ok(()) => reader.checked(),
        Err(Fault { reason, at }) => Err(RequestError::NotJson { reason, at }),
    }
}

impl<'a, D: Dialect> Reader<'a, D> {
    fn new(body: &'a [u8], limits: &Limits) -> Self {
        Self {
            scanner: Scanner::new(body, limits.depth),
            index: Index::default(),
            seen: 0,
            present: 0,
            fields: 0,
            messages: 0,
            limits: *limits,
            wrong: None,
        }
    }

    fn checked(self) -> Result<Index<D::Message>, RequestError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        for path in D::REQUIRED {
            if self.present & field_bit::<D>(path.as_bytes()) == 0 {
                return Err(shape((*path).to_owned(), D::WORDS.required));
            }
        }
        let (count, limit) = (self.messages, self.limits.messages);
        if count > limit {
            return Err(RequestError::TooManyMessages { count, limit });
        }
        Ok(self.index)
    }

    fn body(&mut self) -> Result<(), Fault> {
        if self.scanner.peek() != Some(b'{') {
            self.scanner.value()?;
            self.wrong("body", D::WORDS.object);
        } else {
            self.index.whole = self.object(Self::field)?;
            if self.fields > self.limits.elements {
                self.too_many("fields of the body", self.fields);
            }
        }
        self.scanner.finish()
    }

    fn field(&mut self, key: Key) -> Result<(), Fault> {
        let bit = field_bit::<D>(&key.name(self.scanner.text()));
        let name = D::FIELDS.get(bit.trailing_zeros() as usize);
        let value = match name {
            Some(name) => D::field(self, name)?,
            None => self.scanner.value()?,
        };
        if let Some(name) = name
            && self.seen & bit != 0
        {
            self.wrong(name, D::WORDS.twice);
        }
        self.seen |= bit;
        if !self.is_absent(value) {
            self.present |= bit;
        }
        self.fields += 1;
        if self.fields <= self.limits.elements {
            self.index.fields.push(FieldSpans { key, value });
        }
        Ok(())
    }

    /// Whether a value counts as no value.
    pub(crate) fn is_absent(&self, value: Span) -> bool {
        D::NULL_IS_ABSENT && value.bytes(self.scanner.text()) == b"null"
    }

    /// The name of a model.
    pub(crate) fn model(&mut self) -> Result<Span, Fault> {
        let value = self.scanner.value()?;
        match value.bytes(self.scanner.text()) {
            b"\"\"" => self.wrong("model", D::WORDS.filled),
            [b'"', ..] => self.index.model = value,
            _ if self.is_absent(value) => {}
            _ => self.wrong("model", D::WORDS.string),
        }
        Ok(value)
    }

    /// Whether the reply is to be streamed.
    pub(crate) fn stream(&mut self) -> Result<Span, Fault> {
        let value = self.scanner.value()?;
        match value.bytes(self.scanner.text()) {
            b"true" => self.index.stream = true,
            b"false" => {}
            _ if self.is_absent(value) => {}
            _ => self.wrong("stream", D::WORDS.boolean),
        }
        Ok(value)
    }

    /// A list of messages, each an object that `message` steps over.
    pub(crate) fn messages(
        &mut self,
        mut message: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'[') {
            self.wrong(D::MESSAGES, D::WORDS.list);
            return self.scanner.value();
        }
        let (span, _) = self.unbounded(|reader, at| {
            if reader.scanner.peek() == Some(b'{') {
                return message(reader, at);
            }
            reader.wrong_at(at, "", D::WORDS.object);
            reader.scanner.value().map(|_| ())
        })?;
        Ok(span)
    }

    /// Notes a message; those over the limit are counted alone.
    #[inline]
    pub(crate) fn found(&mut self, message: D::Message) {
        self.messages += 1;
        if self.messages <= self.limits.messages {
            self.index.messages.push(message);
        }
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
        self.object(|reader, key| {
            let bit = bit(&key.name(reader.scanner.text()));
            twice |= seen & bit != 0;
            seen |= bit;
            match bit {
                0 => {
                    reader.scanner.value()?;
                }
                _ => twice |= inside(reader, bit)?,
            }
            Ok(())
        })?;
        Ok(twice)
    }

    /// Steps over any value, of which nothing is read.
    #[inline]
    pub(crate) fn unread(&mut self) -> Result<bool, Fault> {
        self.scanner.value().map(|_| false)
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
        let span = self.array(|reader, _| {
            twice |= match reader.scanner.peek() {
                Some(b'{') => object(reader)?,
                _ => reader.unread()?,
            };
            Ok(())
        })?;
        Ok((span, twice))
    }

    #[inline]
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, Key) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut walk = self.scanner.open(b'{')?;
        while self.scanner.step(&mut walk)? {
            let key = self.scanner.key()?;
            field(self, key)?;
        }
        Ok(walk.span())
    }

    /// A list whose elements `element` steps over, each told its number.
    #[inline]
    pub(crate) fn array(
        &mut self,
        element: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let (span, count) = self.unbounded(element)?;
        if count > self.limits.elements {
            self.too_many("elements of a list", count);
        }
        Ok(span)
    }

    /// The same of any length, which comes with it.
    #[inline]
    fn unbounded(
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

    /// Notes a tool; those over the limit are counted with their list alone.
    pub(crate) fn declared(&mut self, tool: ToolSpans) {
        if self.index.tools.len() < self.limits.elements {
            self.index.tools.push(tool);
        }
    }

    /// Something is not as expected.
    #[cold]
    pub(crate) fn wrong(&mut self, path: &str, expected: &'static str) {
        if self.wrong.is_none() {
            self.wrong = Some(shape(path.to_owned(), expected));
        }
    }

    /// There is more of something than its limit.
    #[cold]
    fn too_many(&mut self, what: &'static str, count: usize) {
        let limit = self.limits.elements;
        let wrong = RequestError::TooMany { what, count, limit };
        self.wrong.get_or_insert(wrong);
    }

    /// Something is not as expected in a message.
    #[cold]
    pub(crate) fn wrong_at(&mut self, message: usize, field: &str, expected: &'static str) {
        let message = D::element(D::MESSAGES, message);
        self.wrong(&format!("{message}{field}"), expected);
    }

    /// Something is not as expected in an element of a list in a message.
    #[cold]
    pub(crate) fn wrong_in(
        &mut self,
        message: usize,
        list: &str,
        at: usize,
        expected: &'static str,
    ) {
        self.wrong_at(message, &D::element(list, at), expected);
    }
}

/// The bit of a field that is read; none for another.
fn field_bit<D: Dialect>(name: &[u8]) -> u32 {
    let at = D::FIELDS.iter().position(|field| field.as_bytes() == name);
    at.map_or(0, |at| 1 << at)
}

fn shape(path: String, expected: &'static str) -> RequestError {
    RequestError::Shape { path, expected }
}
