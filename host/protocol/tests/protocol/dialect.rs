//! What the tests need to know of a dialect, and the shape in which they compare replies.

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_protocol::{Block, Limits, Reply, Request, RequestError, Wants};

use crate::{
    generate::{Draft, Upstream},
    readers::{Call, Json, Reader},
};

/// One wire dialect under test.
pub(crate) trait Dialect {
    /// Streams in the shapes that the API sends, by name, each up to its terminal event.
    const STREAMS: &'static [(&'static str, &'static str)];
    /// Those of which a client makes a body that the API would not send.
    const BODILESS: &'static [&'static str];
    /// Those that clients differ in reading, so that they are written anew where calls are judged.
    const ODD: &'static [&'static str] = &[];
    /// What one of the frames says that end a stream, and no other.
    const ENDS: &'static [&'static str];
    /// Bodies with status 200 that are no reply.
    const NO_REPLIES: &'static [&'static str];
    /// The id of the replies that the generator makes.
    const ID: &'static str;
    /// A request that uses much of the API.
    const REQUEST: &'static str;

    /// The code under test, for a stream.
    fn stream(wants: Wants, limits: Limits) -> Box<dyn Reply>;
    /// The same, where even a frame like the one before is read.
    fn stream_reading_each_frame(wants: Wants, limits: Limits) -> Box<dyn Reply>;
    /// The code under test, for a whole reply.
    fn whole(wants: Wants, limits: Limits) -> Box<dyn Reply>;
    /// The code under test, for a request.
    fn request(body: Bytes) -> Result<Box<dyn Request>, RequestError>;

    /// Writes a draft down as the API would; nothing where it has no content.
    fn render(draft: &Draft) -> Option<Upstream>;

    /// Reads a stream as an SDK does, and says what is illegal about its order.
    fn receive(stream: &[u8]) -> Result<Received, String>;
    /// The calls that such a client finds in a stream.
    fn calls(_stream: &[u8], _reader: &Reader) -> Vec<Call> {
        Vec::new()
    }
    /// The calls that such a client finds in a whole reply.
    fn calls_of_whole(_body: &Json, _reader: &Reader) -> Vec<Call> {
        Vec::new()
    }
    /// Reads a whole reply.
    fn receive_whole(body: &[u8]) -> Result<Received, String>;
    /// What a client has of two replies that are one, the second behind the first.
    fn joined(first: &Received, second: &Received) -> Vec<Content> {
        [&first.choices[..], &second.choices].concat().concat()
    }
    /// Whether the reply may stand in a conversation that goes on.
    fn check(received: &Received) -> Result<(), String>;
}

/// A reply as a client has it in the end.
#[derive(Debug, PartialEq)]
pub(crate) struct Received {
    /// A whole reply's body, with the fields alone that a stream and a whole reply must agree in.
    pub(crate) body: Value,
    /// What it says and calls; more than one only where the caller asked for several replies.
    pub(crate) choices: Vec<Vec<Content>>,
    /// Whether an error ended it.
    pub(crate) failed: bool,
}

/// A block, with its JSON parsed, so that ways of writing it do not matter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Text(String),
    Thinking(String),
    ToolCall {
        id: String,
        name: String,
        arguments: Value,
    },
    Other(Value),
}

impl From<Block> for Content {
    fn from(block: Block) -> Self {
        let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap();
        match block {
            Block::Text(text) => Self::Text(text),
            Block::Thinking(text) => Self::Thinking(text),
            Block::ToolCall(call) => Self::ToolCall {
                id: call.id,
                name: call.name,
                arguments: parse(&call.arguments),
            },
            Block::ToolResult(result) => Self::Other(json!(result.content)),
            Block::Other(json) => Self::Other(parse(&json)),
        }
    }
}

/// The stream of that name.
pub(crate) fn recorded<D: Dialect>(name: &str) -> &'static str {
    let named = D::STREAMS.iter().find(|(other, _)| *other == name);
    named.map(|(_, stream)| *stream).unwrap()
}
