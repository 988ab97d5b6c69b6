//! The one pass over a request's body.
//!
//! Checks that it is JSON of the shape that is read, and notes where that stands. Of what is read no
//! key may stand twice in its object, nor in other letters: upstream might read the other one than the policies judged.

use super::{
    Dialect, FieldSpans, Index, ToolSpans, bounded::Bounded, cursor::Cursor, letters::are_known,
};
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

/// The messages that were found.
type Found<D> = Bounded<<D as Dialect>::Message>;

/// What is found in a body, as far as it is read.
pub(crate) struct Reader<'a, D: Dialect> {
    pub(crate) cursor: Cursor<'a>,
    whole: Span,
    model: Span,
    stream: bool,
    messages: Bounded<D::Message>,
    tools: Bounded<ToolSpans>,
    fields: Bounded<FieldSpans>,
    /// The fields of the body that are read, as far as they were seen: a bit each.
    seen: u32,
    /// Those of them that count as there.
    present: u32,
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
    let read = reader.body();
    let not_json = |Fault { reason, at }| RequestError::NotJson { reason, at };
    read.map_err(not_json)?;
    reader.finish(limits).map_err(not_json)?
}

impl<'a, D: Dialect> Reader<'a, D> {
    fn new(body: &'a [u8], limits: &Limits) -> Self {
        const { assert!(are_known(D::FIELDS), "a field is missing in `letters`") };
        let scanner = Scanner::new(body, limits.depth);
        Self {
            cursor: Cursor::new(scanner, limits.elements),
            whole: Span::default(),
            model: Span::default(),
            stream: false,
            messages: Bounded::new(limits.messages),
            tools: Bounded::new(limits.elements),
            fields: Bounded::new(limits.elements),
            seen: 0,
            present: 0,
        }
    }

    fn body(&mut self) -> Result<(), Fault> {
        if self.cursor.scanner.peek() != Some(b'{') {
            self.cursor.scanner.value()?;
            self.wrong("body", D::WORDS.object);
            return Ok(());
        }
        let mut walk = self.cursor.scanner.open(b'{')?;
        while self.cursor.scanner.step(&mut walk)? {
            let key = self.cursor.scanner.key()?;
            self.cursor.letters(key);
            self.field(key)?;
        }
        self.whole = walk.span();
        if self.fields.count > self.fields.kept.len() {
            let count = self.fields.count;
            self.cursor.too_many("fields of the body", count);
        }
        Ok(())
    }

    /// What was found, if it is a request.
    fn finish(self, limits: &Limits) -> Result<Result<Index<D::Message>, RequestError>, Fault> {
        let wrong = self.cursor.finish()?;
        let required = D::REQUIRED.iter();
        let mut missing =
            required.filter(|path| self.present & field_bit::<D>(path.as_bytes()) == 0);
        let missing = missing.next().map(|path| RequestError::Shape {
            path: (*path).to_owned(),
            expected: D::WORDS.required,
        });
        let (count, limit) = (self.messages.count, limits.messages);
        let too_many = RequestError::TooManyMessages { count, limit };
        let too_many = (count > limit).then_some(too_many);
        Ok(match wrong.or(missing).or(too_many) {
            Some(error) => Err(error),
            None => Ok(Index {
                whole: self.whole,
                model: self.model,
                stream: self.stream,
                messages: self.messages.kept,
                tools: self.tools.kept,
                fields: self.fields.kept,
            }),
        })
    }

    fn field(&mut self, key: Key) -> Result<(), Fault> {
        let bit = field_bit::<D>(&key.name(self.cursor.text()));
        let name = D::FIELDS.get(bit.trailing_zeros() as usize);
        let value = match name {
            Some(name) => D::field(self, name)?,
            None => self.cursor.scanner.value()?,
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
        self.fields.push(FieldSpans { key, value });
        Ok(())
    }

    /// Whether a value counts as no value.
    fn is_absent(&self, value: Span) -> bool {
        D::NULL_IS_ABSENT && value.bytes(self.cursor.text()) == b"null"
    }

    /// The name of a model.
    pub(crate) fn model(&mut self) -> Result<Span, Fault> {
        let value = self.cursor.scanner.value()?;
        match value.bytes(self.cursor.text()) {
            b"\"\"" => self.wrong("model", D::WORDS.filled),
            [b'"', ..] => self.model = value,
            _ if self.is_absent(value) => {}
            _ => self.wrong("model", D::WORDS.string),
        }
        Ok(value)
    }

    /// Whether the reply is to be streamed.
    pub(crate) fn stream(&mut self) -> Result<Span, Fault> {
        let value = self.cursor.scanner.value()?;
        match value.bytes(self.cursor.text()) {
            b"true" => self.stream = true,
            b"false" => {}
            _ if self.is_absent(value) => {}
            _ => self.wrong("stream", D::WORDS.boolean),
        }
        Ok(value)
    }

    /// A list of messages, each an object that `message` reads and notes.
    pub(crate) fn messages(
        &mut self,
        mut message: impl FnMut(&mut Cursor<'a>, usize, &mut Found<D>) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        if self.cursor.scanner.peek() != Some(b'[') {
            self.wrong(D::MESSAGES, D::WORDS.list);
            return self.cursor.scanner.value();
        }
        let messages = &mut self.messages;
        let (span, _) = self.cursor.unbounded(|cursor, at| {
            if cursor.scanner.peek() != Some(b'{') {
                cursor.wrong(D::message_path(at, ""), D::WORDS.object);
                return cursor.scanner.value().map(|_| ());
            }
            message(cursor, at, messages)
        })?;
        Ok(span)
    }

    /// Messages that stand in no list. `read` steps over the value that holds them, and notes them.
    pub(crate) fn scattered(
        &mut self,
        read: impl FnOnce(&mut Cursor<'a>, &mut Found<D>) -> Result<Span, Fault>,
    ) -> Result<Span, Fault> {
        read(&mut self.cursor, &mut self.messages)
    }

    /// A list of tools, each an object that `tool` reads, or something else that upstream may judge.
    pub(crate) fn tools(
        &mut self,
        path: impl Fn(usize) -> String,
        mut tool: impl FnMut(&mut Cursor<'a>, usize) -> Result<ToolSpans, Fault>,
    ) -> Result<Span, Fault> {
        if self.cursor.scanner.peek() != Some(b'[') {
            return self.cursor.scanner.value();
        }
        let tools = &mut self.tools;
        self.cursor.array(|cursor, at| {
            if cursor.scanner.peek() != Some(b'{') {
                cursor.wrong(path(at), D::WORDS.object);
                return cursor.scanner.value().map(|_| ());
            }
            tools.push(tool(cursor, at)?);
            Ok(())
        })
    }

    /// Something is not as expected.
    pub(crate) fn wrong(&mut self, path: &str, expected: &'static str) {
        self.cursor.wrong(path.to_owned(), expected);
    }
}

/// The bit of a field that is read; none for another.
fn field_bit<D: Dialect>(name: &[u8]) -> u32 {
    let at = D::FIELDS.iter().position(|field| field.as_bytes() == name);
    at.map_or(0, |at| 1 << at)
}
