//! Converts blocks of the contract to blocks of the protocol and back.

use sluice_protocol as protocol;

use crate::Cause;
use crate::wit::types as wit;

/// The most blocks in one verdict. All policies further out judge each of them, so without a bound
/// a policy could cause endless work.
const MADE_MAX: usize = 64;

impl From<protocol::Block> for wit::Block {
    fn from(block: protocol::Block) -> Self {
        match block {
            protocol::Block::Text(text) => Self::Text(text),
            protocol::Block::Thinking(text) => Self::Thinking(text),
            protocol::Block::ToolCall(call) => Self::ToolCall(wit::ToolCall {
                id: call.id,
                name: call.name,
                arguments: call.arguments,
            }),
            protocol::Block::ToolResult(result) => Self::ToolResult(wit::ToolResult {
                call_id: result.call_id,
                content: result.content,
                is_error: result.is_error,
            }),
            protocol::Block::Other(json) => Self::Other(json),
        }
    }
}

impl From<wit::Block> for protocol::Block {
    fn from(block: wit::Block) -> Self {
        match block {
            wit::Block::Text(text) => Self::Text(text),
            wit::Block::Thinking(text) => Self::Thinking(text),
            wit::Block::ToolCall(call) => Self::ToolCall(protocol::ToolCall {
                id: call.id,
                name: call.name,
                arguments: call.arguments,
            }),
            wit::Block::ToolResult(result) => Self::ToolResult(protocol::ToolResult {
                call_id: result.call_id,
                content: result.content,
                is_error: result.is_error,
            }),
            wit::Block::Other(json) => Self::Other(json),
        }
    }
}

impl From<wit::BlockAddress> for protocol::BlockAddress {
    fn from(at: wit::BlockAddress) -> Self {
        Self {
            message: at.message,
            block: at.block,
        }
    }
}

impl From<protocol::PlacedBlock> for wit::PlacedBlock {
    fn from(placed: protocol::PlacedBlock) -> Self {
        Self {
            at: wit::BlockAddress {
                message: placed.at.message,
                block: placed.at.block,
            },
            role: placed.role,
            block: placed.block.into(),
        }
    }
}

impl From<protocol::TextPage> for wit::TextPage {
    fn from(page: protocol::TextPage) -> Self {
        Self {
            texts: page.texts.into_iter().map(Into::into).collect(),
            has_more: page.has_more,
        }
    }
}

impl From<protocol::PlacedText> for wit::PlacedText {
    fn from(placed: protocol::PlacedText) -> Self {
        let place = match placed.place {
            protocol::TextPlace::System => wit::TextPlace::System,
            protocol::TextPlace::Text => wit::TextPlace::Text,
            protocol::TextPlace::ToolCall => wit::TextPlace::ToolCall,
            protocol::TextPlace::ToolResult => wit::TextPlace::ToolResult,
            protocol::TextPlace::Document => wit::TextPlace::Document,
        };
        Self {
            place,
            text: placed.text,
        }
    }
}

/// Converts the blocks of a verdict. Fails if there are too many.
pub(crate) fn made(made: Vec<wit::Block>) -> Result<Vec<protocol::Block>, Cause> {
    if made.len() > MADE_MAX {
        let count = made.len();
        return Err(Cause::illegal(format_args!(
            "it made {count} blocks in one verdict, over {MADE_MAX}"
        )));
    }
    Ok(blocks(made))
}

pub(crate) fn blocks(blocks: Vec<wit::Block>) -> Vec<protocol::Block> {
    blocks.into_iter().map(Into::into).collect()
}
