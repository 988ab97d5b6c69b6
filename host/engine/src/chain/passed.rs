//! The result of blocks passing through some of the policies on their way out.

use sluice_protocol::{Block, BlockKind, Ruling};

use super::offered::Offered;

/// The blocks that remain, or the fact that a policy ended the reply.
pub(super) enum Passed {
    /// These blocks remain.
    On {
        blocks: Vec<Offered>,
        /// Whether any policy changed anything.
        changed: bool,
        /// The notices for what was left out, in order.
        notices: Vec<(BlockKind, String)>,
    },
    /// A policy ended the reply.
    Stop { notice: String },
}

impl Passed {
    /// Turns the result for one original block into its ruling.
    pub(super) fn into_ruling(self) -> Ruling {
        match self {
            Self::Stop { notice } => Ruling::Stop { notice },
            Self::On { changed: false, .. } => Ruling::Keep,
            Self::On {
                blocks, notices, ..
            } => match left(blocks, notices) {
                Ok(blocks) => Ruling::Replace(blocks),
                Err(notice) => Ruling::Drop { notice },
            },
        }
    }

    /// Turns the result for an answer that a policy made into the answer to send. It is never
    /// empty.
    pub(super) fn into_answer(self) -> Vec<Block> {
        match self {
            Self::Stop { notice } => vec![Block::Text(notice)],
            Self::On {
                blocks, notices, ..
            } => left(blocks, notices).unwrap_or_else(|notice| vec![Block::Text(notice)]),
        }
    }
}

/// Returns the notices of dropped tool calls, then the remaining blocks. A dropped text leaves no
/// notice, but a dropped tool call always does. If no block remains, returns the first notice as
/// the error.
fn left(blocks: Vec<Offered>, notices: Vec<(BlockKind, String)>) -> Result<Vec<Block>, String> {
    if blocks.is_empty() {
        // A replacement has at least one block, so only a drop can leave none, and a drop has a
        // notice.
        let first = notices.into_iter().next();
        return Err(first.map(|(_, notice)| notice).unwrap_or_default());
    }
    let of_calls = notices
        .into_iter()
        .filter(|(kind, _)| *kind == BlockKind::ToolCall)
        .map(|(_, notice)| Block::Text(notice));
    let blocks = blocks.into_iter().map(Offered::into_block);
    Ok(of_calls.chain(blocks).collect())
}
