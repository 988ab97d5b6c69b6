//! What has gone out of one choice, as far as it matters for what follows.

use crate::{compose::is_blank, openai_chat::BETWEEN_TEXTS, reply::reading::BlockId};

#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) has_role: bool,
    content: Content,
    pub(super) numbers: Numbers,
}

/// What its content says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Content {
    /// Nothing that is more than blank.
    #[default]
    Blank,
    Upstream,
    /// The latest text is over: it is a policy's, or one of a reply before this.
    Made,
}

/// The `index` of each tool call.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    next: u64,
    /// Whether calls are other ones than upstream's, or have other places.
    is_shifted: bool,
    /// The numbers of upstream's calls that began when they were.
    given: Vec<(BlockId, u64)>,
}

impl Sent {
    /// Another reply of upstream's goes on behind what went out. No call did.
    pub(super) fn begin_next(&mut self) {
        if self.content == Content::Upstream {
            self.content = Content::Made;
        }
        self.numbers = Numbers::default();
    }

    /// Whether it makes no difference what more of upstream's content says.
    pub(super) fn says_content(&self) -> bool {
        self.content == Content::Upstream
    }

    /// A text of upstream's as it stands in the content behind what is there.
    pub(super) fn go_on(&mut self, text: String) -> String {
        match self.content {
            Content::Made if !text.is_empty() => {
                self.content = Content::Upstream;
                format!("{BETWEEN_TEXTS}{text}")
            }
            Content::Blank if !is_blank(&text) => {
                self.content = Content::Upstream;
                text
            }
            _ => text,
        }
    }

    /// A text of a policy as it stands in the content behind what is there.
    pub(super) fn add(&mut self, text: &str) -> String {
        match std::mem::replace(&mut self.content, Content::Made) {
            Content::Blank => text.to_owned(),
            Content::Upstream | Content::Made => format!("{BETWEEN_TEXTS}{text}"),
        }
    }
}

impl Numbers {
    /// A call of upstream's begins: the number that it gets. `None` where it keeps its own.
    pub(super) fn begin(&mut self, block: BlockId, index: u64) -> Option<u64> {
        if !self.is_shifted {
            self.next = self.next.max(index + 1);
            return None;
        }
        let number = self.next();
        self.given.push((block, number));
        Some(number)
    }

    /// The number that a call got.
    pub(super) fn of(&self, block: BlockId) -> Option<u64> {
        let given = self.given.iter().find(|(given, _)| *given == block);
        given.map(|(_, number)| *number)
    }

    /// A call of upstream's does not go out.
    pub(super) fn leave_out(&mut self) {
        self.is_shifted = true;
    }

    /// The number of a call in the place of upstream's, or beside them.
    pub(super) fn next(&mut self) -> u64 {
        self.is_shifted = true;
        self.next += 1;
        self.next - 1
    }
}
