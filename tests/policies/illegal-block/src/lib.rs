//! A policy for tests that answers with blocks it may not make.
//!
//! It replaces a block by thinking, and answers a request with a tool result. It drops thinking,
//! which it may not touch at all.

use sluice_policy_sdk::{Block, BlockVerdict, Reason, RequestVerdict, ToolResult};
use trigger::{Act, Triggered};

struct IllegalBlock;

impl Act for IllegalBlock {
    fn on_request(_: Option<u64>) -> RequestVerdict {
        RequestVerdict::Answer(vec![Block::ToolResult(ToolResult {
            call_id: "toolu_1".to_owned(),
            content: "made up".to_owned(),
            is_error: false,
        })])
    }

    fn on_block(block: Block, _: Option<u64>) -> BlockVerdict {
        match block {
            Block::Thinking(_) => BlockVerdict::Drop(Reason::new("test", "Thinking is dropped.")),
            _ => BlockVerdict::Replace(vec![Block::Thinking("made up".to_owned())]),
        }
    }
}

sluice_policy_sdk::export!(Triggered<IllegalBlock>);
