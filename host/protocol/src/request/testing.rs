//! What the tests of every dialect's requests say blocks with.

use crate::{Block, BlockAddress, Request, RequestError, ToolCall, ToolResult};

pub(crate) fn at(message: u32, block: u32) -> BlockAddress {
    BlockAddress { message, block }
}

pub(crate) fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

pub(crate) fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    })
}

pub(crate) fn result(call_id: &str, content: &str) -> Block {
    Block::ToolResult(ToolResult {
        call_id: call_id.to_owned(),
        content: content.to_owned(),
        is_error: false,
    })
}

/// The blocks of a message.
pub(crate) fn blocks(request: &mut impl Request, message: u32) -> Vec<Block> {
    let placed = request.message(message).into_iter();
    placed.map(|placed| placed.block).collect()
}

/// The body after edits is the original with these replacements, each of which stands in it once, and reads as a request
/// again.
pub(crate) fn check_edited<R: Request>(
    request: &mut R,
    body: &str,
    replacements: &[(&str, &str)],
    parse: impl Fn(&str) -> Result<R, RequestError>,
) {
    let mut expected = body.to_owned();
    for (old, new) in replacements {
        assert_eq!(expected.matches(old).count(), 1, "{old}");
        expected = expected.replace(old, new);
    }
    let edited = String::from_utf8(request.body().to_vec()).unwrap();
    assert_eq!(edited, expected);
    assert_eq!(parse(&edited).unwrap().news(), request.news());
    assert!(request.edited());
}
