//! What blocks were before and after a policy's step, for recordings that keep contents.
//!
//! A block that policies leave as it is is kept once, whichever number of them is asked about it. What is kept is bounded for
//! each block and for each exchange; what is over a bound is cut off and counted.

use std::sync::Arc;

use sluice_protocol::{Block, ToolCall, ToolResult};

use crate::edits::Edits;
use crate::level::EventLevel;
use crate::text;

/// The most bytes that are kept of one block. `before` and `after` count as two.
const BLOCK_MAX: usize = 1 << 20;
/// The most bytes that are kept of all blocks of one exchange.
const EXCHANGE_MAX: usize = 16 << 20;

/// What a policy was given, and what it left of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Contents {
    /// There is nothing to tell: the policy was given the request and did not change it, or the event is a row that the
    /// policy wrote. Always so at [`EventLevel::Outcomes`].
    #[default]
    Nothing,
    /// The policy was given a block.
    Block {
        /// The block as the policy was given it. Of a text in pieces this is all that it was given by then.
        before: Content,
        /// What left the policy in its place, which is nothing if the policy kept it back. `None` if the block left as it
        /// was.
        after: Option<Vec<Content>>,
    },
    /// The policy made these blocks: its answer in upstream's place, or the texts that it added at the end.
    Made(Vec<Content>),
    /// The policy edited the request.
    Edits(Edits),
}

/// A block as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The block. All events that are about it share it.
    pub block: Arc<Block>,
    /// How many bytes were cut off its end. What is left of JSON is not JSON then.
    pub cut: usize,
}

/// Keeps the contents of one exchange, if they are wanted.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// How many more bytes may be kept. `None` if contents are not wanted.
    room: Option<usize>,
}

impl Keeper {
    pub(crate) fn new(level: EventLevel) -> Self {
        Self {
            room: match level {
                EventLevel::Outcomes => None,
                EventLevel::Contents => Some(EXCHANGE_MAX),
            },
        }
    }

    /// Whether contents are wanted.
    pub(crate) fn keeps(&self) -> bool {
        self.room.is_some()
    }

    /// Keeps a block. Returns `None` if contents are not wanted.
    pub(crate) fn keep(&mut self, block: &Arc<Block>) -> Option<Content> {
        let room = self.room.as_mut()?;
        let (size, most) = (block.size(), BLOCK_MAX.min(*room));
        let kept = match size <= most {
            true => Arc::clone(block),
            false => Arc::new(beginning(block, most)),
        };
        let cut = size - kept.size();
        *room -= kept.size();
        Some(Content { block: kept, cut })
    }

    /// Keeps a text of which `bytes` bytes there were.
    pub(crate) fn keep_text(&mut self, text: String, bytes: usize) -> Option<Content> {
        let missing = bytes.saturating_sub(text.len());
        let mut content = self.keep(&Arc::new(Block::Text(text)))?;
        content.cut += missing;
        Some(content)
    }
}

impl Content {
    /// How many bytes there were before it was cut.
    pub(crate) fn bytes(&self) -> usize {
        self.block.size() + self.cut
    }
}

/// A text that is collected from its pieces, as far as a block is kept.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    text: String,
    /// How many bytes there were in all.
    bytes: usize,
}

impl Collected {
    pub(crate) fn push(&mut self, piece: &str) {
        // Once a piece was cut, what follows it would stand in the wrong place.
        if self.bytes == self.text.len() {
            self.text += text::cut(piece, BLOCK_MAX - self.text.len());
        }
        self.bytes += piece.len();
    }

    /// Counts bytes that are not there to be collected.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The first bytes of a block.
fn beginning(block: &Block, mut room: usize) -> Block {
    let mut take = |text: &str| {
        let taken = text::cut(text, room);
        room -= taken.len();
        taken.to_owned()
    };
    match block {
        Block::Text(text) => Block::Text(take(text)),
        Block::Thinking(text) => Block::Thinking(take(text)),
        Block::Other(json) => Block::Other(take(json)),
        Block::ToolCall(call) => Block::ToolCall(ToolCall {
            id: take(&call.id),
            name: take(&call.name),
            arguments: take(&call.arguments),
        }),
        Block::ToolResult(result) => Block::ToolResult(ToolResult {
            call_id: take(&result.call_id),
            content: take(&result.content),
            is_error: result.is_error,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sluice_protocol::{Block, ToolCall, ToolResult};

    use super::{BLOCK_MAX, Collected, EXCHANGE_MAX, Keeper};
    use crate::level::EventLevel;

    fn keeper() -> Keeper {
        Keeper::new(EventLevel::Contents)
    }

    fn text(bytes: usize) -> Arc<Block> {
        Arc::new(Block::Text("a".repeat(bytes)))
    }

    #[test]
    fn a_block_within_the_bound_is_shared_and_not_copied() {
        let block = text(BLOCK_MAX);
        let content = keeper().keep(&block).unwrap();
        assert!(Arc::ptr_eq(&content.block, &block));
        assert_eq!(content.cut, 0);
    }

    #[test]
    fn nothing_is_kept_if_contents_are_not_wanted() {
        let mut keeper = Keeper::new(EventLevel::Outcomes);
        assert!(!keeper.keeps());
        assert_eq!(keeper.keep(&text(1)), None);
    }

    #[test]
    fn a_block_of_any_kind_is_cut_at_the_bound_and_says_by_how_much() {
        // Each letter has two bytes, and the bound is in the middle of one.
        let long = format!("x{}", "é".repeat(BLOCK_MAX / 2));
        let call = ToolCall {
            id: "i".to_owned(),
            name: long.clone(),
            arguments: "{}".to_owned(),
        };
        let result = ToolResult {
            call_id: "i".to_owned(),
            content: long.clone(),
            is_error: true,
        };
        for block in [
            Block::Text(long.clone()),
            Block::Thinking(long.clone()),
            Block::Other(long.clone()),
            Block::ToolCall(call),
            Block::ToolResult(result),
        ] {
            let block = Arc::new(block);
            let content = keeper().keep(&block).unwrap();
            assert_eq!(content.block.kind(), block.kind());
            assert!(content.block.size() <= BLOCK_MAX);
            assert!(content.block.size() >= BLOCK_MAX - 2);
            assert_eq!(content.bytes(), block.size());
        }
    }

    #[test]
    fn the_blocks_of_an_exchange_are_kept_within_one_bound() {
        let mut keeper = keeper();
        let block = text(BLOCK_MAX - 1);
        let kept = (0..40).map(|_| keeper.keep(&block).unwrap());
        let kept: Vec<_> = kept.map(|content| content.block.size()).collect();
        assert_eq!(kept.iter().sum::<usize>(), EXCHANGE_MAX);
        assert_eq!(kept.last(), Some(&0));
    }

    #[test]
    fn a_collected_text_is_the_beginning_of_what_came() {
        let mut collected = Collected::default();
        collected.push("é");
        for _ in 0..BLOCK_MAX {
            collected.push("é");
        }
        collected.push("x");
        assert_eq!(collected.text(), "é".repeat(BLOCK_MAX / 2));
        assert_eq!(collected.bytes(), 2 * BLOCK_MAX + 3);
    }
}
