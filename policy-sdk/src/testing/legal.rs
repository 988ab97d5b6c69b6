//! Which verdicts the host accepts.

use serde_json::Value;

use crate::wants::Delivery;
use crate::{Block, BlockVerdict, RequestVerdict};

#[track_caller]
pub(super) fn check_request(verdict: &RequestVerdict) {
    match verdict {
        RequestVerdict::Answer(blocks) if blocks.is_empty() => {
            panic!("illegal verdict: an answer of no blocks")
        }
        RequestVerdict::Answer(blocks) => blocks.iter().for_each(check_made),
        RequestVerdict::Forward | RequestVerdict::Refuse(_) => {}
    }
}

#[track_caller]
pub(super) fn check_block(block: &Block, delivery: Delivery, verdict: &BlockVerdict) {
    if delivery == Delivery::Observe && *verdict != BlockVerdict::Keep {
        panic!("illegal verdict: {verdict:?} on a block that is already on its way");
    }
    let changeable = matches!(block, Block::Text(_) | Block::ToolCall(_));
    match verdict {
        BlockVerdict::Replace(_) | BlockVerdict::Drop(_) if !changeable => {
            panic!("illegal verdict: {verdict:?} on {block:?}, which can't be changed")
        }
        BlockVerdict::Replace(blocks) => blocks.iter().for_each(check_made),
        BlockVerdict::Keep | BlockVerdict::Drop(_) | BlockVerdict::Stop(_) => {}
    }
}

#[track_caller]
fn check_made(block: &Block) {
    match block {
        Block::Text(_) => {}
        Block::ToolCall(call) if call.name.is_empty() => {
            panic!("illegal verdict: a tool call without a name")
        }
        Block::ToolCall(call) => match serde_json::from_str(&call.arguments) {
            Ok(Value::Object(_)) => {}
            _ => panic!(
                "illegal verdict: the arguments of `{}` are not a JSON object: {}",
                call.name, call.arguments
            ),
        },
        other => panic!("illegal verdict: a policy can't make {other:?}"),
    }
}
