//! Which blocks a policy may put into a reply.

use thiserror::Error;

use crate::{Block, BlockKind, json};

/// Why a policy's blocks can't stand in a reply.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IllegalBlock {
    /// There are none.
    #[error("a replacement needs at least one block; to leave one out is another verdict")]
    Empty,
    /// Blocks of the judged kind stay as they are.
    #[error("a block of the kind {0:?} can't be replaced")]
    Irreplaceable(BlockKind),
    /// Only texts and tool calls can be made.
    #[error("a block of the kind {0:?} can't be made by a policy")]
    Unmakeable(BlockKind),
    /// A tool call names no tool.
    #[error("a tool call has no name")]
    NoName,
    /// A tool call's arguments are not a JSON object.
    #[error("the arguments of the tool call `{name}` are not a JSON object")]
    Arguments {
        /// The tool's name.
        name: String,
    },
}

/// Whether `blocks` may stand in the place of a block of `kind`.
pub fn check_replacement(kind: BlockKind, blocks: &[Block]) -> Result<(), IllegalBlock> {
    match kind {
        BlockKind::Text | BlockKind::ToolCall => check_blocks(blocks),
        _ => Err(IllegalBlock::Irreplaceable(kind)),
    }
}

/// Whether `blocks` may be a reply, or part of one: texts and well-formed tool calls, at least one.
pub fn check_blocks(blocks: &[Block]) -> Result<(), IllegalBlock> {
    if blocks.is_empty() {
        return Err(IllegalBlock::Empty);
    }
    blocks.iter().try_for_each(check_block)
}

fn check_block(block: &Block) -> Result<(), IllegalBlock> {
    match block {
        Block::Text(_) => Ok(()),
        Block::ToolCall(call) if call.name.trim().is_empty() => Err(IllegalBlock::NoName),
        Block::ToolCall(call) if json::is_object(&call.arguments) => Ok(()),
        Block::ToolCall(call) => Err(IllegalBlock::Arguments {
            name: call.name.clone(),
        }),
        other => Err(IllegalBlock::Unmakeable(other.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    fn call(name: &str, arguments: &str) -> Block {
        Block::ToolCall(ToolCall {
            id: String::new(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        })
    }

    #[test]
    fn texts_and_tool_calls_replace_texts_and_tool_calls() {
        let blocks = [Block::Text(String::new()), call("ls", " {} ")];
        assert_eq!(check_replacement(BlockKind::Text, &blocks), Ok(()));
        assert_eq!(check_replacement(BlockKind::ToolCall, &blocks), Ok(()));
    }

    #[test]
    fn thinking_and_other_blocks_are_neither_replaced_nor_made() {
        let text = [Block::Text("x".to_owned())];
        for kind in [BlockKind::Thinking, BlockKind::Other, BlockKind::ToolResult] {
            let illegal = IllegalBlock::Irreplaceable(kind);
            assert_eq!(check_replacement(kind, &text), Err(illegal));
        }
        for block in [
            Block::Thinking("x".to_owned()),
            Block::Other("{}".to_owned()),
        ] {
            let illegal = IllegalBlock::Unmakeable(block.kind());
            assert_eq!(check_blocks(&[block]), Err(illegal));
        }
    }

    #[test]
    fn a_tool_call_needs_a_name_and_an_object() {
        assert_eq!(check_blocks(&[call(" ", "{}")]), Err(IllegalBlock::NoName));
        for arguments in ["", "[]", "\"{}\"", "{", "{}{}", "{\"a\":}"] {
            let illegal = IllegalBlock::Arguments {
                name: "ls".to_owned(),
            };
            assert_eq!(
                check_blocks(&[call("ls", arguments)]),
                Err(illegal),
                "{arguments}"
            );
        }
        assert_eq!(check_blocks(&[]), Err(IllegalBlock::Empty));
    }
}
