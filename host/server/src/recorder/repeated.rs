//! What of a request an earlier reply may have said, so that a session is joined to the one from which it goes on.
//!
//! What the model said in the request, it said in a reply before. Only what tells that reply from all others counts: a long text, or a
//! call with an id that nobody has twice. Examples that an agent gives in each of its requests were never replies, so they
//! tell nothing, and neither do system prompts and declarations of tools.

use std::borrow::Cow;

use bytes::Bytes;
use sluice_protocol::{Api, Block, Limits, PlacedBlock, Request};
use sluice_store::{Repeated, ReplyBlock};

use super::{summary, verdict};

/// A longer request is not looked at. A conversation that was compacted is a tenth of it.
const LONGEST: usize = 4 << 20;
/// How many messages are looked at, at the beginning and at the end each.
const MESSAGES: u32 = 32;
/// The most blocks that are looked at.
const BLOCKS: usize = 512;
/// The shortest text that tells a reply from others. Shorter ones come again: "Let me look at the tests first."
pub(super) const SHORTEST: usize = 200;
/// How many letters and digits an id has that nobody has twice. Some providers count their calls: `functions.read:0`.
const UNIQUE: usize = 20;

/// What of a request may have come as a reply before, in its order.
pub(super) fn of(api: &str, request: &Bytes) -> Vec<Repeated> {
    let api = Api::from_name(api).filter(|_| request.len() <= LONGEST);
    let Some(mut request) =
        api.and_then(|api| api.request(request.clone(), &Limits::default()).ok())
    else {
        return Vec::new();
    };
    let blocks = ends(request.as_mut());
    let mut repeated = Vec::new();
    for (at, placed) in blocks.iter().enumerate() {
        let next = blocks.get(at + 1).map(|next| &next.block);
        match &placed.block {
            Block::Text(text) if placed.role != "assistant" => {
                repeated.extend(summary::candidates(text, next));
            }
            block if is_distinctive(block) => repeated.push(Repeated {
                block: as_replied(block),
                is_summary: false,
            }),
            _ => {}
        }
    }
    repeated
}

/// The blocks of the first and the last messages.
fn ends(request: &mut dyn Request) -> Vec<PlacedBlock> {
    let count = request.message_count();
    let first = 0..count.min(MESSAGES);
    let last = first.end.max(count.saturating_sub(MESSAGES))..count;
    // The last ones come first, so that they are there if all of them are too many.
    let mut blocks: Vec<PlacedBlock> = Vec::new();
    for at in last.rev().chain(first.rev()) {
        let mut message = request.message(at);
        message.truncate(BLOCKS - blocks.len());
        blocks.extend(message.into_iter().rev());
    }
    blocks.reverse();
    blocks
}

/// The block as the reply had it that said it.
fn as_replied(block: &Block) -> ReplyBlock {
    let (content, tool, text) = verdict::content(block);
    ReplyBlock {
        number: 0,
        kind: Cow::Borrowed(block.kind().as_str()),
        tool,
        content,
        text,
    }
}

fn is_distinctive(block: &Block) -> bool {
    match block {
        Block::Text(text) | Block::Thinking(text) | Block::Other(text) => text.len() >= SHORTEST,
        Block::ToolCall(call) => {
            let (name, id) = (&call.name, &call.id);
            let own = if name.is_empty() {
                id.clone()
            } else {
                id.replace(name, "")
            };
            let unique = own.chars().filter(char::is_ascii_alphanumeric).count() >= UNIQUE;
            !id.is_empty() && (unique || call.arguments.len() >= SHORTEST)
        }
        Block::ToolResult(_) => false,
    }
}
