//! What blocks became on their way out through some of the policies.

use sluice_protocol::{Block, BlockKind, Ruling};

/// What is left of blocks, or that a policy ended the reply.
pub(super) enum Passed {
    /// These are left.
    On {
        blocks: Vec<Block>,
        /// Whether any policy changed anything.
        changed: bool,
        /// Of what was left out, in order.
        notices: Vec<(BlockKind, String)>,
    },
    /// A policy ended the reply.
    Stop { notice: String },
}

impl Passed {
    /// The ruling on the one block that set out.
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

    /// The answer that blocks of a policy's making became; never empty.
    pub(super) fn into_answer(self) -> Vec<Block> {
        match self {
            Self::Stop { notice } => vec![Block::Text(notice)],
            Self::On {
                blocks, notices, ..
            } => left(blocks, notices).unwrap_or_else(|notice| vec![Block::Text(notice)]),
        }
    }
}

/// What is left, after the notices of tool calls: those never vanish without a word, texts may. Where
/// nothing is left, the first notice.
fn left(blocks: Vec<Block>, notices: Vec<(BlockKind, String)>) -> Result<Vec<Block>, String> {
    if blocks.is_empty() {
        // A replacement has at least one block, so it was a drop that left none, and that has a notice.
        let first = notices.into_iter().next();
        return Err(first.map(|(_, notice)| notice).unwrap_or_default());
    }
    let of_calls = notices
        .into_iter()
        .filter(|(kind, _)| *kind == BlockKind::ToolCall)
        .map(|(_, notice)| Block::Text(notice));
    Ok(of_calls.chain(blocks).collect())
}
