//! What a policy changed of a request, for recordings that keep contents.

use std::fmt;

use sluice_protocol::{Block, BlockAddress};

use crate::level::EventLevel;

/// The most edits of one call that are kept.
const EDITS_MAX: u64 = 256;
/// The most bytes of them.
const BYTES_MAX: usize = 1 << 20;

/// What a policy changed of a request, in the order in which it did so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// The edits that are kept.
    pub kept: Vec<Edit>,
    /// How many more there were: those behind the first 256, and those for which the bound of 1 MiB had no room.
    pub omitted: u64,
}

/// One edit of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What was edited.
    pub at: EditAddress,
    /// What was there. `None` if that was nothing.
    pub before: Option<Edited>,
    /// What is there now. `None` if that is nothing.
    pub after: Option<Edited>,
}

/// What of a request was edited. Addresses hold for the request as it was right before the edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditAddress {
    /// The model asked for.
    Model,
    /// A block of a message.
    Block(BlockAddress),
    /// A text, by its number in its message, or in what stands beside the messages for `None`.
    Text {
        /// The message, counted from 0.
        message: Option<u32>,
        /// The number of the text, counted from 0.
        number: u32,
    },
    /// The end of the system prompt.
    System,
    /// The declared tools of this name.
    Tool(String),
    /// Any field of the body, by its JSON Pointer (RFC 6901).
    Field(String),
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// A text: of a model, a text, the system prompt, or the name of a tool.
    Text(String),
    /// The JSON of a field.
    Json(String),
    /// Blocks.
    Blocks(Vec<Block>),
}

impl Edits {
    /// About how many bytes it holds.
    pub fn size(&self) -> usize {
        self.kept.iter().map(Edit::size).sum()
    }
}

/// Notes the edits of one call.
#[derive(Debug, Default)]
pub(crate) struct EditLog {
    level: EventLevel,
    made: u64,
    bytes: usize,
    edits: Edits,
}

impl EditLog {
    pub(crate) fn new(level: EventLevel) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Whether an edit was made.
    pub(crate) fn is_edited(&self) -> bool {
        self.made > 0
    }

    /// Whether it notes what the edits were.
    pub(crate) fn keeps(&self) -> bool {
        self.level == EventLevel::Contents
    }

    /// Takes what was noted since this was last called.
    pub(crate) fn take(&mut self) -> Self {
        let next = Self::new(self.level);
        std::mem::replace(self, next)
    }

    /// The edits. `None` if there were none, or if they were not noted.
    pub(crate) fn into_edits(self) -> Option<Edits> {
        (self.is_edited() && self.keeps()).then_some(self.edits)
    }

    /// Notes that an edit was made, with what was prepared for it.
    pub(crate) fn made(&mut self, prepared: Prepared) {
        self.made += 1;
        let Prepared { edits, bytes, .. } = prepared;
        self.bytes += bytes;
        self.edits.omitted += edits.omitted;
        self.edits.kept.extend(edits.kept);
    }

    /// Begins to note an edit that is about to be made.
    pub(crate) fn prepare(&self) -> Prepared {
        let noted = self.edits.kept.len() as u64 + self.edits.omitted;
        Prepared {
            left: EDITS_MAX.saturating_sub(noted),
            room: BYTES_MAX - self.bytes,
            ..Prepared::default()
        }
    }
}

/// What is noted of an edit that is not made yet.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// How many more edits may be looked at.
    left: u64,
    room: usize,
    bytes: usize,
    edits: Edits,
}

impl Prepared {
    /// Notes an edit if there is room for it. `bytes` is how much it puts in. What was there is only read if that has
    /// room.
    pub(crate) fn note(&mut self, bytes: usize, edit: impl FnOnce() -> Edit) {
        let room = self.room - self.bytes;
        let edit = (self.left > 0 && bytes <= room).then(edit);
        self.left = self.left.saturating_sub(1);
        match edit {
            Some(edit) if edit.size() <= room => {
                self.bytes += edit.size();
                self.edits.kept.push(edit);
            }
            _ => self.edits.omitted += 1,
        }
    }
}

impl Edit {
    fn size(&self) -> usize {
        let sides = [&self.before, &self.after].into_iter().flatten();
        self.at.size() + sides.map(Edited::size).sum::<usize>()
    }
}

impl EditAddress {
    fn size(&self) -> usize {
        match self {
            Self::Tool(text) | Self::Field(text) => text.len(),
            Self::Model | Self::Block(_) | Self::Text { .. } | Self::System => 0,
        }
    }
}

impl Edited {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Json(text) => text.len(),
            Self::Blocks(blocks) => blocks.iter().map(Block::size).sum(),
        }
    }
}

impl fmt::Display for EditAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => f.write_str("model"),
            Self::Block(at) => write!(f, "message {}, block {}", at.message, at.block),
            Self::Text {
                message: Some(message),
                number,
            } => write!(f, "message {message}, text {number}"),
            Self::Text {
                message: None,
                number,
            } => write!(f, "text {number} beside the messages"),
            Self::System => f.write_str("system prompt"),
            Self::Tool(name) => write!(f, "tool `{name}`"),
            Self::Field(pointer) => f.write_str(pointer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, EDITS_MAX, Edit, EditAddress, EditLog, Edited};
    use crate::level::EventLevel;

    fn edit(bytes: usize) -> Edit {
        Edit {
            at: EditAddress::Model,
            before: None,
            after: Some(Edited::Text("a".repeat(bytes))),
        }
    }

    fn log_of(sizes: impl IntoIterator<Item = usize>) -> EditLog {
        let mut log = EditLog::new(EventLevel::Contents);
        for bytes in sizes {
            let mut prepared = log.prepare();
            prepared.note(bytes, || edit(bytes));
            log.made(prepared);
        }
        log
    }

    #[test]
    fn edits_behind_the_bound_are_counted_and_not_read() {
        let mut log = log_of(vec![1; 300]);
        let mut prepared = log.prepare();
        prepared.note(1, || panic!("it is read"));
        log.made(prepared);
        let edits = log.into_edits().unwrap();
        assert_eq!((edits.kept.len() as u64, edits.omitted), (EDITS_MAX, 45));
    }

    #[test]
    fn an_edit_without_room_is_counted_and_a_smaller_one_is_kept() {
        let edits = log_of([BYTES_MAX + 1, BYTES_MAX - 1, 2, 1, 1]).into_edits();
        let edits = edits.unwrap();
        assert_eq!(edits.kept, [edit(BYTES_MAX - 1), edit(1)]);
        assert_eq!(edits.omitted, 3);
    }

    #[test]
    fn what_was_there_counts_too() {
        let mut log = EditLog::new(EventLevel::Contents);
        let mut prepared = log.prepare();
        prepared.note(1, || Edit {
            before: Some(Edited::Json("a".repeat(BYTES_MAX))),
            ..edit(1)
        });
        log.made(prepared);
        assert_eq!(log.into_edits().unwrap().omitted, 1);
    }

    #[test]
    fn what_was_prepared_and_not_made_is_no_edit() {
        let log = EditLog::new(EventLevel::Contents);
        log.prepare().note(1, || edit(1));
        assert!(!log.is_edited());
        assert_eq!(log.into_edits(), None);
    }

    #[test]
    fn at_the_level_of_outcomes_edits_are_told_by_the_verdict_alone() {
        let mut log = EditLog::new(EventLevel::Outcomes);
        let prepared = log.prepare();
        log.made(prepared);
        assert!(log.is_edited());
        assert_eq!(log.take().into_edits(), None);
        assert!(!log.is_edited());
    }

    #[test]
    fn an_address_is_shown_in_the_words_of_the_contract() {
        let text = |message| EditAddress::Text { message, number: 7 };
        let at = sluice_protocol::BlockAddress {
            message: 2,
            block: 1,
        };
        for (address, shown) in [
            (EditAddress::Model, "model"),
            (EditAddress::Block(at), "message 2, block 1"),
            (text(Some(3)), "message 3, text 7"),
            (text(None), "text 7 beside the messages"),
            (EditAddress::System, "system prompt"),
            (EditAddress::Tool("Bash".to_owned()), "tool `Bash`"),
            (EditAddress::Field("/a/0".to_owned()), "/a/0"),
        ] {
            assert_eq!(address.to_string(), shown);
        }
    }
}
