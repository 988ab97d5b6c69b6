//! Converts the contract's types to the SDK's and back. Strings are moved, never copied.

use crate::bindings::exports::sluice::policy::hooks as wit;
use crate::bindings::sluice::policy::{request as wit_request, types};
use crate::{
    Block, BlockAddress, BlockVerdict, PlacedBlock, Reason, RequestVerdict, TextVerdict, ToolCall,
    ToolResult,
};

impl From<wit::Block> for Block {
    fn from(block: wit::Block) -> Self {
        match block {
            wit::Block::Text(text) => Self::Text(text),
            wit::Block::Thinking(text) => Self::Thinking(text),
            wit::Block::ToolCall(call) => Self::ToolCall(ToolCall {
                id: call.id,
                name: call.name,
                arguments: call.arguments,
            }),
            wit::Block::ToolResult(result) => Self::ToolResult(ToolResult {
                call_id: result.call_id,
                content: result.content,
                is_error: result.is_error,
            }),
            wit::Block::Other(json) => Self::Other(json),
        }
    }
}

impl From<Block> for wit::Block {
    fn from(block: Block) -> Self {
        match block {
            Block::Text(text) => Self::Text(text),
            Block::Thinking(text) => Self::Thinking(text),
            Block::ToolCall(call) => Self::ToolCall(types::ToolCall {
                id: call.id,
                name: call.name,
                arguments: call.arguments,
            }),
            Block::ToolResult(result) => Self::ToolResult(types::ToolResult {
                call_id: result.call_id,
                content: result.content,
                is_error: result.is_error,
            }),
            Block::Other(json) => Self::Other(json),
        }
    }
}

impl From<Reason> for wit::Reason {
    fn from(reason: Reason) -> Self {
        Self {
            rule: reason.rule,
            message: reason.message,
            detail: reason.detail.to_string(),
        }
    }
}

impl From<RequestVerdict> for wit::RequestVerdict {
    fn from(verdict: RequestVerdict) -> Self {
        match verdict {
            RequestVerdict::Forward => Self::Forward,
            RequestVerdict::Answer(blocks) => Self::Answer(to_wit(blocks)),
            RequestVerdict::Refuse(reason) => Self::Refuse(reason.into()),
        }
    }
}

impl From<BlockVerdict> for wit::BlockVerdict {
    fn from(verdict: BlockVerdict) -> Self {
        match verdict {
            BlockVerdict::Keep => Self::Keep,
            BlockVerdict::Replace(blocks) => Self::Replace(to_wit(blocks)),
            BlockVerdict::Drop(reason) => Self::Drop(reason.into()),
            BlockVerdict::Stop(reason) => Self::Stop(reason.into()),
        }
    }
}

impl From<TextVerdict> for wit::TextVerdict {
    fn from(verdict: TextVerdict) -> Self {
        match verdict {
            TextVerdict::Keep => Self::Keep,
            TextVerdict::Send(text) => Self::Send(text),
            TextVerdict::Stop(reason) => Self::Stop(reason.into()),
        }
    }
}

impl From<wit_request::PlacedBlock> for PlacedBlock {
    fn from(placed: wit_request::PlacedBlock) -> Self {
        Self {
            at: BlockAddress {
                message: placed.at.message,
                block: placed.at.block,
            },
            role: placed.role,
            block: placed.block.into(),
        }
    }
}

fn to_wit(blocks: Vec<Block>) -> Vec<wit::Block> {
    blocks.into_iter().map(wit::Block::from).collect()
}
