//! A request as a view over its body, whichever dialect it is written in.
//!
//! A body is [`Settled`] if it says all there is to say: parsing notes where things stand in it, and blocks are read when they
//! are asked for. Replaced blocks wait in a draft of their message, replaced texts beside the body, and both are spliced in when
//! the body is asked for. Every other edit makes another settled body at once.
//! What a message is, and how its blocks are written, is the [`Dialect`]'s to say.

mod bounded;
mod cursor;
mod draft;
mod index;
mod joined;
mod legal;
mod letters;
mod list;
mod pieces;
mod place;
mod reader;
mod request;
mod settled;
mod texts;

use std::{collections::BTreeMap, fmt::Debug};

use bytes::Bytes;

use crate::{
    Api, Block, BlockAddress, EditError, Limits, PlacedBlock, RequestError,
    json::{Edit, Fault, Span, splice},
    readable::Within,
};

use self::texts::ReplacedTexts;
pub(crate) use self::{
    bounded::Bounded,
    cursor::Cursor,
    draft::Draft,
    index::{FieldSpans, Index, ToolSpans},
    joined::{appended, joined, rejoined},
    legal::{check_block, illegal},
    list::List,
    pieces::pieces,
    reader::{Reader, Words},
    request::Viewed,
    settled::Settled,
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

    /// What adds a text, which is not blank, to the system prompt of a body, before the first message of which stands `ahead`.
    fn append_system(
        body: &Settled<Self>,
        ahead: Option<&str>,
        text: &str,
    ) -> Result<Prompt, EditError>;

    /// The edits of a body that take out the tools for which `gone` holds, all those called
    /// `name` and at least one, with what else names them.
    fn tools_removed(body: &Settled<Self>, name: &str, gone: &[bool]) -> Vec<Edit>;

    /// The path of an element of a list, in the API's way of writing.
    fn element(list: &str, at: usize) -> String {
        format!("{list}[{at}]")
    }

    /// The path of a message, or of something in it that its path goes on with.
    #[cold]
    fn message_path(at: usize, within: &str) -> String {
        format!("{}{within}", Self::element(Self::MESSAGES, at))
    }

    /// The path of a block, in the API's way of writing.
    fn block_path(at: BlockAddress) -> String {
        let message = Self::element(Self::MESSAGES, at.message as usize);
        format!("{message}, block {}", at.block)
    }
}

/// What adds a text to a system prompt.
#[derive(Debug)]
pub(crate) enum Prompt {
    /// This edit of the settled body.
    Edit(Edit),
    /// This message before the first one, in the place of one that was put there.
    Ahead(String),
}

/// A request of the dialect `D`.
#[derive(Debug)]
pub(crate) struct View<D: Dialect> {
    settled: Settled<D>,
    /// Messages of which blocks are replaced. There are none where texts are: each is put into the body before the other
    /// begins.
    drafts: BTreeMap<u32, D::Draft>,
    texts: ReplacedTexts,
    /// A message before the first one. It is no part of the body that is read, so that it moves no
    /// address, and goes out with it.
    ahead: Option<String>,
    edited: bool,
    /// The body with all that waits in it, as long as that does not change.
    rendered: Option<Bytes>,
}

impl<D: Dialect> View<D> {
    /// Reads a body in one pass, which copies nothing.
    pub(crate) fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        Ok(Self {
            settled: Settled::read(body, *limits)?,
            drafts: BTreeMap::new(),
            texts: ReplacedTexts::default(),
            ahead: None,
            edited: false,
            rendered: None,
        })
    }

    /// Adds a text to the system prompt.
    fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        self.settle()?;
        match D::append_system(&self.settled, self.ahead.as_deref(), text)? {
            Prompt::Edit(edit) => self.edit(vec![edit]),
            Prompt::Ahead(message) => {
                self.ahead = Some(message);
                self.note_edit();
                Ok(())
            }
        }
    }

    /// Makes these edits of a settled body, or none where they break its shape.
    fn edit(&mut self, edits: Vec<Edit>) -> Result<(), EditError> {
        self.adopt(splice(self.settled.text(), edits).into())?;
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
            _ => splice(self.settled.text(), self.waiting()).into(),
        };
        self.adopt(body)
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
    fn settle_texts(&mut self) {
        if !self.texts.is_empty() {
            let settled = self.settle();
            debug_assert_eq!(settled, Ok(()), "a text broke the request");
        }
    }

    fn adopt(&mut self, body: Bytes) -> Result<(), EditError> {
        let settled = self.settled.with(body);
        self.settled = settled.map_err(|error| EditError::Illegal(error.to_string()))?;
        self.drafts.clear();
        self.texts = ReplacedTexts::default();
        self.rendered = None;
        Ok(())
    }

    /// Something is not as it was.
    fn note_edit(&mut self) {
        self.rendered = None;
        self.edited = true;
    }

    /// The body as it goes out.
    fn render(&mut self) -> Bytes {
        if self.is_settled() && self.ahead.is_none() {
            return self.settled.body();
        }
        if let Some(rendered) = &self.rendered {
            return rendered.clone();
        }
        let mut edits = self.waiting();
        let ahead = self.ahead.as_deref();
        edits.extend(ahead.and_then(|message| self.settled.ahead(message)));
        let rendered = Bytes::from(splice(self.settled.text(), edits));
        self.rendered = Some(rendered.clone());
        rendered
    }

    fn is_settled(&self) -> bool {
        self.drafts.is_empty() && self.texts.is_empty()
    }

    /// The edits that wait.
    fn waiting(&self) -> Vec<Edit> {
        let drafts = self.drafts.values();
        let drafted = drafts.flat_map(|draft| draft.edits(self.settled.text()));
        drafted.chain(self.texts.edits()).collect()
    }

    fn message(&self, index: u32) -> Vec<PlacedBlock> {
        let role = self.settled.role(index);
        let blocks = self.drafted(index, |body, draft| {
            let blocks = (0..draft.count()).filter_map(|at| draft.block(body, at));
            blocks.collect::<Vec<_>>()
        });
        let place = |(block, content)| PlacedBlock {
            at: BlockAddress {
                message: index,
                block,
            },
            role: role.clone(),
            block: content,
        };
        (0..).zip(blocks.unwrap_or_default()).map(place).collect()
    }

    fn block(&self, at: BlockAddress) -> Option<Block> {
        self.drafted(at.message, |body, draft| {
            draft.block(body, at.block as usize)
        })?
    }

    /// Reads a message as it is now; nothing where there is none.
    fn drafted<R>(&self, message: u32, read: impl FnOnce(&[u8], &D::Draft) -> R) -> Option<R> {
        let spans = self.settled.message(message)?;
        let body = self.settled.text();
        Some(match self.drafts.get(&message) {
            Some(draft) => read(body, draft),
            None => read(body, &D::draft(body, spans)),
        })
    }

    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError> {
        let not_found = || EditError::NotFound(D::block_path(at));
        let message = self.settled.message(at.message).ok_or_else(not_found)?;
        // From the body down to a block there are four levels.
        let depth = self.settled.depth_in(4);
        for block in blocks {
            D::check(block, depth)?;
        }
        let body = self.settled.text();
        let draft = self.drafts.remove(&at.message);
        let mut draft = draft.unwrap_or_else(|| D::draft(body, message));
        let place = at.block as usize;
        let replaced = match draft.block(body, place) {
            None => Err(not_found()),
            Some(Block::Thinking(_)) => Err(illegal(
                "thinking is signed by the provider and can't be replaced",
            )),
            Some(_) => draft.replace(body, place, blocks),
        };
        if draft.is_changed() {
            self.drafts.insert(at.message, draft);
        }
        replaced?;
        self.note_edit();
        Ok(())
    }
}
