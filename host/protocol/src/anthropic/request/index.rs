//! The one pass over a request's body.
//!
//! Checks that it is JSON of the shape that is read, and notes where that stands. Of what is read no
//! key may stand twice in its object: upstream might read the other one than the policies judged.

mod content;

use crate::{
    Limits, RequestError,
    json::{Fault, Key, Scanner, Span},
};

/// Where in a body stands what policies read and edit.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The body's object.
    pub(super) whole: Span,
    pub(super) model: Span,
    pub(super) stream: bool,
    pub(super) messages: Vec<MessageSpans>,
    pub(super) tools: Vec<ToolSpans>,
    /// Every field of the body, in order.
    pub(super) fields: Vec<FieldSpans>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct MessageSpans {
    pub(super) whole: Span,
    pub(super) role: Span,
    pub(super) content: Span,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ToolSpans {
    pub(super) whole: Span,
    /// Its name's string; nothing where it has none.
    pub(super) name: Option<Span>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSpans {
    pub(super) key: Key,
    pub(super) value: Span,
}

impl FieldSpans {
    /// The field from its key's quote to its value's end.
    pub(super) fn whole(&self) -> Span {
        Span {
            start: self.key.span.start - 1,
            end: self.value.end,
        }
    }
}

/// Reads the index of `body`.
pub(super) fn read(body: &[u8], limits: &Limits) -> Result<Index, RequestError> {
    if body.trim_ascii().is_empty() {
        return Err(RequestError::Empty);
    }
    if let Err(error) = str::from_utf8(body) {
        return Err(RequestError::NotJson {
            reason: "it is not UTF-8",
            at: error.valid_up_to(),
        });
    }
    let mut reader = Reader::new(Scanner::new(body, limits.depth));
    match reader.body() {
        Ok(()) => reader.checked(limits),
        Err(Fault { reason, at }) => Err(RequestError::NotJson { reason, at }),
    }
}

const REQUIRED: &str = "Field required";
const TWICE: &str = "Field stands twice";
const STRING: &str = "Input should be a valid string";
const OBJECT: &str = "Input should be a valid dictionary";

struct Reader<'a> {
    scanner: Scanner<'a>,
    index: Index,
    /// The fields of the body that are read, as far as they were seen.
    seen: u8,
    /// The first thing of the wrong shape. The pass goes on: that it is no JSON at all is said first.
    wrong: Option<RequestError>,
}

impl<'a> Reader<'a> {
    fn new(scanner: Scanner<'a>) -> Self {
        Self {
            scanner,
            index: Index::default(),
            seen: 0,
            wrong: None,
        }
    }

    fn checked(self, limits: &Limits) -> Result<Index, RequestError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        for (bit, path) in [(1, "model"), (1 << 1, "messages")] {
            if self.seen & bit == 0 {
                return Err(shape(path.to_owned(), REQUIRED));
            }
        }
        let count = self.index.messages.len();
        if count > limits.messages {
            let limit = limits.messages;
            return Err(RequestError::TooManyMessages { count, limit });
        }
        Ok(self.index)
    }

    fn body(&mut self) -> Result<(), Fault> {
        if self.scanner.peek() != Some(b'{') {
            self.scanner.value()?;
            self.wrong("body", OBJECT);
        } else {
            self.index.whole = self.object(Self::field)?;
        }
        self.scanner.finish()
    }

    fn field(&mut self, key: Key) -> Result<(), Fault> {
        let name = key.name(self.scanner.text());
        let (bit, path) = match &*name {
            b"model" => (1, "model"),
            b"messages" => (1 << 1, "messages"),
            b"system" => (1 << 2, "system"),
            b"tools" => (1 << 3, "tools"),
            b"stream" => (1 << 4, "stream"),
            b"tool_choice" => (1 << 5, "tool_choice"),
            _ => (0, ""),
        };
        if self.seen & bit != 0 {
            self.wrong(path, TWICE);
        }
        self.seen |= bit;
        let value = match path {
            "messages" => self.messages()?,
            "tools" => self.tools()?,
            "system" => self.content("system")?,
            _ => self.scanner.value()?,
        };
        match path {
            "model" => self.model(value),
            "stream" => self.stream(value),
            _ => {}
        }
        self.index.fields.push(FieldSpans { key, value });
        Ok(())
    }

    fn model(&mut self, value: Span) {
        match value.bytes(self.scanner.text()) {
            b"\"\"" => self.wrong("model", "String should have at least 1 character"),
            [b'"', ..] => self.index.model = value,
            _ => self.wrong("model", STRING),
        }
    }

    fn stream(&mut self, value: Span) {
        match value.bytes(self.scanner.text()) {
            b"true" => self.index.stream = true,
            b"false" => {}
            _ => self.wrong("stream", "Input should be a valid boolean"),
        }
    }

    fn messages(&mut self) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'[') {
            self.wrong("messages", "Input should be a valid list");
            return self.scanner.value();
        }
        self.array(|reader, at| {
            if reader.scanner.peek() == Some(b'{') {
                return reader.message(at);
            }
            reader.wrong_at(at, "", OBJECT);
            reader.scanner.value().map(|_| ())
        })
    }

    fn message(&mut self, at: usize) -> Result<(), Fault> {
        let (mut role, mut content) = (None, None);
        let whole = self.object(|reader, key| {
            let name = key.name(reader.scanner.text());
            let twice = match &*name {
                b"role" => role.replace(reader.scanner.value()?).map(|_| ".role"),
                b"content" => content
                    .replace(reader.message_content(at)?)
                    .map(|_| ".content"),
                _ => {
                    reader.scanner.value()?;
                    None
                }
            };
            if let Some(field) = twice {
                reader.wrong_at(at, field, TWICE);
            }
            Ok(())
        })?;
        match (role, content) {
            (Some(role), Some(content)) => {
                if !role.bytes(self.scanner.text()).starts_with(b"\"") {
                    self.wrong_at(at, ".role", STRING);
                }
                self.index.messages.push(MessageSpans {
                    whole,
                    role,
                    content,
                });
            }
            (None, _) => self.wrong_at(at, ".role", REQUIRED),
            (_, None) => self.wrong_at(at, ".content", REQUIRED),
        }
        Ok(())
    }

    fn tools(&mut self) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'[') {
            return self.scanner.value();
        }
        self.array(|reader, _| {
            if reader.scanner.peek() != Some(b'{') {
                reader.wrong("tools", OBJECT);
                return reader.scanner.value().map(|_| ());
            }
            let mut name = None;
            let whole = reader.object(|reader, key| {
                let is_name = *key.name(reader.scanner.text()) == *b"name";
                let value = reader.scanner.value()?;
                if is_name && name.replace(value).is_some() {
                    reader.wrong("tools", TWICE);
                }
                Ok(())
            })?;
            reader.index.tools.push(ToolSpans { whole, name });
            Ok(())
        })
    }

    #[inline]
    fn object(
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

    #[inline]
    fn array(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut walk = self.scanner.open(b'[')?;
        let mut at = 0;
        while self.scanner.step(&mut walk)? {
            element(self, at)?;
            at += 1;
        }
        Ok(walk.span())
    }

    #[cold]
    fn wrong(&mut self, path: &str, expected: &'static str) {
        if self.wrong.is_none() {
            self.wrong = Some(shape(path.to_owned(), expected));
        }
    }

    #[cold]
    fn wrong_at(&mut self, message: usize, field: &str, expected: &'static str) {
        self.wrong(&format!("messages.{message}{field}"), expected);
    }
}

fn shape(path: String, expected: &'static str) -> RequestError {
    RequestError::Shape { path, expected }
}
