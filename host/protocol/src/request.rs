//! What every dialect's request can be asked, and how it may be edited.

#[cfg(test)]
pub(crate) mod testing;

use bytes::Bytes;
use thiserror::Error;

use crate::{Api, Block, BlockAddress, EditError, PlacedBlock, TextPage};

/// A request as a view over its original bytes.
///
/// Reading takes `&mut self` because edits are spliced in late: many edits between two reads cost one
/// copy of the body. Addresses count blocks as they stand now, so replacing one block by two moves
/// those behind it in the same message.
pub trait Request: Send {
    /// The dialect it is written in.
    fn api(&self) -> Api;
    /// The model it asks for.
    fn model(&mut self) -> String;
    /// Asks for another model.
    fn set_model(&mut self, model: &str) -> Result<(), EditError>;
    /// Whether the caller asked for a streamed reply.
    fn streaming(&self) -> bool;
    /// How many replies the caller asked for; 1 where the API has no such field.
    fn choices(&mut self) -> u64;
    /// How many messages the conversation has.
    fn message_count(&mut self) -> u32;
    /// The blocks of one message; none where there is no such message.
    fn message(&mut self, index: u32) -> Vec<PlacedBlock>;
    /// The block at `at`; nothing where there is none.
    fn block(&mut self, at: BlockAddress) -> Option<Block>;
    /// What the caller added since the last reply: the blocks of all messages after the last
    /// assistant message.
    fn news(&mut self) -> Vec<PlacedBlock>;
    /// Puts `blocks` in the place of the block at `at`.
    fn replace(&mut self, at: BlockAddress, blocks: &[Block]) -> Result<(), EditError>;
    /// The first message of [`news`](Self::news); how many messages there are where it is empty.
    fn first_new(&mut self) -> u32;
    /// The texts of a message, or of what stands beside the messages (the system prompt, a prompt's
    /// variables) for `None`: from the one numbered `start` on, counted from 0, about a megabyte.
    ///
    /// All that is to be read, however it is nested, and none of the media and signatures. Fails only
    /// where earlier edits can't be made.
    fn texts(&mut self, message: Option<u32>, start: u32) -> Result<TextPage, EditError>;
    /// The text with this number; nothing where there is none.
    fn text(&mut self, message: Option<u32>, number: u32) -> Option<String>;
    /// Puts texts in the place of those with these numbers, or changes nothing. What stands around
    /// them keeps its bytes. Numbers stay as they are.
    fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError>;
    /// Adds a text at the end of the system prompt.
    fn append_system(&mut self, text: &str) -> Result<(), EditError>;
    /// The names of the tools the caller declared, in order.
    fn tool_names(&mut self) -> Vec<String>;
    /// Takes every tool of that name out of the declaration.
    fn remove_tool(&mut self, name: &str) -> Result<(), EditError>;
    /// The JSON text at a JSON Pointer (RFC 6901) into the body.
    fn get(&mut self, pointer: &str) -> Option<String>;
    /// Sets the field at a JSON Pointer; the last step may name a new key of an object, or `-` to
    /// append to an array.
    fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError>;
    /// About how many bytes there are to read: those of the body, edits that wait left out.
    fn size(&self) -> usize;
    /// The body as it stands: the original bytes, shared and not copied, where nothing was edited.
    fn body(&mut self) -> Bytes;
    /// Whether anything was edited.
    fn edited(&self) -> bool;
}

/// Why a body is not a request.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// There is no body.
    #[error("the body is empty; a JSON object is expected")]
    Empty,
    /// The body is not JSON.
    #[error("the body is not valid JSON: {reason} at byte {at}")]
    NotJson {
        /// What is wrong.
        reason: &'static str,
        /// The offset of the offending byte.
        at: usize,
    },
    /// The body is JSON of the wrong shape.
    #[error("{path}: {expected}")]
    Shape {
        /// The field, in the providers' way of writing: `messages.0.role`.
        path: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// More messages than the limit.
    #[error("messages: {count} messages exceed the limit of {limit}")]
    TooManyMessages {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More of something than the limit.
    #[error("{count} {what} exceed the limit of {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}
