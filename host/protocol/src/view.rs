//! A request as a view over its body, whichever dialect it is written in.
//!
//! Parsing notes where things stand; blocks are read when they are asked for. Replaced blocks wait in
//! a draft of their message and are spliced in when the body is asked for, every other edit at once.
//! What a message is, and how its blocks are written, is the [`Dialect`]'s to say.

mod draft;
mod index;
mod legal;
mod list;
mod pieces;
mod place;
mod reader;
mod reading;
mod request;
mod texts;

use std::{collections::BTreeMap, fmt::Debug};

use bytes::Bytes;

use crate::{
    Api, Block, BlockAddress, EditError, Limits, RequestError,
    json::{Edit, Fault, Span, insertion, quote, removals, splice},
    readable::Within,
};

use self::reading::Reading;
pub(crate) use self::{
    draft::Draft,
    index::{FieldSpans, Index, ToolSpans},
    legal::{check_block, illegal},
    list::List,
    pieces::pieces,
    reader::{Reader, Words},
    request::Viewed,
    texts::{appended, joined, rejoined},
};

/// What the requests of an API have of their own.
pub(crate) trait Dialect: Debug + Sized {
    /// Which API this is.
    const API: Api;
    /// The field of the body that holds the messages.
    const MESSAGES: &'static str;
    /// The fields of the body that are read, and so may stand there once.
    const FIELDS: &'static [&'static str];
    /// Those of them that must be there.
    const REQUIRED: &'static [&'static str];
    /// Whether a field that is `null` counts as absent.
    const NULL_IS_ABSENT: bool;
    /// The fields of the body that hold texts, but for the messages, and what is in them.
    const BESIDE: &'static [(&'static str, Within)];
    /// The JSON Pointer to the number of replies that are asked for.
    const CHOICES: Option<&'static str> = None;
    /// How the API says what is wrong with a body.
    const WORDS: Words;

    /// Where a message stands.
    type Message: Copy + Debug + Send;
    /// A message while its blocks are replaced.
    type Draft: Draft;

    /// Steps over the value of a field of [`FIELDS`](Self::FIELDS), and notes what is read of it.
    fn field(reader: &mut Reader<'_, Self>, name: &str) -> Result<Span, Fault>;

    /// The message from its first byte to its last.
    fn whole(message: Self::Message) -> Span;

    /// The role of a message.
    fn role(body: &[u8], message: Self::Message) -> String;

    /// What holds the texts of a message. `None` if it has none that may be changed.
    fn texts(body: &[u8], message: Self::Message) -> Option<(Span, Within)>;

    /// A draft of a message as it stands in the body.
    fn draft(body: &[u8], message: Self::Message) -> Self::Draft;

    /// Whether a policy may put `block` into a request; its JSON may take `depth` levels.
    fn check(block: &Block, depth: usize) -> Result<(), EditError>;

    /// Adds a text, which is not blank, to the system prompt of a settled body.
    fn append_system(view: &mut View<Self>, text: &str) -> Result<(), EditError>;

    /// The edits of a settled body that take out the tools for which `gone` holds, all those called
    /// `name` and at least one, with what else names them.
    fn tools_removed(view: &View<Self>, name: &str, gone: &[bool]) -> Vec<Edit>;

    /// The path of an element of a list, in the API's way of writing.
    fn element(list: &str, at: usize) -> String {
        format!("{list}[{at}]")
    }

    /// The path of a block, in the API's way of writing.
    fn block_path(at: BlockAddress) -> String {
        let message = Self::element(Self::MESSAGES, at.message as usize);
        format!("{message}, block {}", at.block)
    }
}

/// A request of the dialect `D`.
#[derive(Debug)]
pub(crate) struct View<D: Dialect> {
    body: Bytes,
    index: Index<D::Message>,
    limits: Limits,
    edited: bool,
    drafts: BTreeMap<u32, D::Draft>,
    /// Texts in the place of those of the body, by where they begin. There are none where there are
    /// drafts: each is put into the body before the other begins.
    replaced: BTreeMap<usize, Edit>,
    reading: Option<Reading>,
    /// A message before the first one. It is no part of the body that is read, so that it moves no
    /// address, and goes out with it.
    ahead: Option<String>,
    /// The body with all that waits in it, as long as that does not change.
    rendered: Option<Bytes>,
}

/// The longest name of a role, in bytes.
const LONGEST_ROLE: usize = 64;

impl<D: Dialect> View<D> {
    /// Reads a body in one pass, which copies nothing.
    pub(crate) fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        Ok(Self {
            index: reader::read::<D>(&body, limits)?,
            body,
            limits: *limits,
            edited: false,
            drafts: BTreeMap::new(),
            replaced: BTreeMap::new(),
            reading: None,
            ahead: None,
            rendered: None,
        })
    }

    /// The body without the edits that wait and the message ahead.
    pub(crate) fn text(&self) -> &[u8] {
        &self.body
    }

    /// Where in [`text`](Self::text) stands what is read.
    pub(crate) fn index(&self) -> &Index<D::Message> {
        &self.index
    }

    /// The role of a message; empty if there is no such message. Each of its blocks carries it, so of a text that is too long
    /// for the name of a role only the start is taken.
    pub(crate) fn role(&self, message: u32) -> String {
        let message = self.index.messages.get(message as usize);
        let role = message.map(|message| D::role(&self.body, *message));
        let role = role.unwrap_or_default();
        match role.len() > LONGEST_ROLE {
            true => role[..role.floor_char_boundary(LONGEST_ROLE)].to_owned(),
            false => role,
        }
    }

    /// A field of the body; of those that stand there twice, which are none that are read, the last.
    pub(crate) fn field(&self, name: &str) -> Option<FieldSpans> {
        let named = |field: &&FieldSpans| *field.key.name(&self.body) == *name.as_bytes();
        self.index.fields.iter().rev().find(named).copied()
    }

    /// Sets a field of a settled body.
    pub(crate) fn set_field(&mut self, name: &str, value: &str) -> Result<(), EditError> {
        let edit = match self.field(name) {
            Some(field) => Edit {
                span: field.value,
                with: value.to_owned(),
            },
            None => {
                let entry = format!("{}:{value}", quote(name));
                insertion(&self.body, self.index.whole, &entry)
            }
        };
        self.edit(vec![edit])
    }

    /// The edits that take fields out of the body.
    pub(crate) fn without(&self, names: &[&str]) -> Vec<Edit> {
        let fields = &self.index.fields;
        let wholes: Vec<Span> = fields.iter().map(FieldSpans::whole).collect();
        removals(&wholes, |at| {
            let name = fields[at].key.name(&self.body);
            names.iter().any(|gone| *name == *gone.as_bytes())
        })
    }

    /// The message before the first one, if one was put there.
    pub(crate) fn ahead(&self) -> Option<&str> {
        self.ahead.as_deref()
    }

    /// Puts a message before the first one, in the place of one that was put there.
    pub(crate) fn put_ahead(&mut self, message: String) {
        self.ahead = Some(message);
        self.rendered = None;
        self.edited = true;
    }

    /// Makes these edits of a settled body, or none where they break its shape.
    pub(crate) fn edit(&mut self, edits: Vec<Edit>) -> Result<(), EditError> {
        self.adopt(Bytes::from(splice(&self.body, edits)))?;
        self.edited = true;
        Ok(())
    }

    /// Puts the edits that wait into the body, for what edits or reads the body itself.
    fn settle(&mut self) -> Result<(), EditError> {
        if self.is_settled() {
            return Ok(());
        }
        let body = match self.rendered.take() {
            Some(rendered) if self.ahead.is_none() => rendered,
            _ => Bytes::from(splice(&self.body, self.waiting())),
        };
        self.adopt(body)
    }

    fn adopt(&mut self, body: Bytes) -> Result<(), EditError> {
        let index = reader::read::<D>(&body, &self.limits);
        self.index = index.map_err(|error| EditError::Illegal(error.to_string()))?;
        self.body = body;
        self.drafts.clear();
        self.replaced.clear();
        self.reading = None;
        self.rendered = None;
        Ok(())
    }

    /// The body as it goes out.
    fn render(&mut self) -> Bytes {
        if self.is_settled() && self.ahead.is_none() {
            return self.body.clone();
        }
        if let Some(rendered) = &self.rendered {
            return rendered.clone();
        }
        let mut edits = self.waiting();
        edits.extend(self.first());
        let rendered = Bytes::from(splice(&self.body, edits));
        self.rendered = Some(rendered.clone());
        rendered
    }

    fn is_settled(&self) -> bool {
        self.drafts.is_empty() && self.replaced.is_empty()
    }

    /// The edits that wait.
    fn waiting(&self) -> Vec<Edit> {
        let drafts = self.drafts.values();
        let drafted = drafts.flat_map(|draft| draft.edits(&self.body));
        drafted.chain(self.replaced.values().cloned()).collect()
    }

    /// The edit that puts the message ahead into the list of messages.
    fn first(&self) -> Option<Edit> {
        let list = self.field(D::MESSAGES)?.value;
        let message = self.ahead.as_deref()?;
        let comma = if self.index.messages.is_empty() {
            ""
        } else {
            ","
        };
        let at = list.start + 1;
        Some(Edit {
            span: Span { start: at, end: at },
            with: format!("{message}{comma}"),
        })
    }
}
