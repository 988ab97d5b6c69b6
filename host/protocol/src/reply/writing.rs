//! What a dialect's writer is told to write.

use bytes::Bytes;
use smallvec::SmallVec;

use super::{
    dispositions::{Dispositions, Ticket},
    reading::BlockId,
};
use crate::{Block, ReplyError, ToolCall, sse::Frame};

/// A frame of upstream's with what stands in it, and what is put in.
#[derive(Debug)]
pub(crate) struct Pending<P> {
    /// None where something of our own goes out between frames.
    pub(crate) frame: Option<Frame>,
    pub(crate) slots: Slots<P>,
    pub(crate) inserts: Vec<Insert>,
}

/// The slots of a frame. Most frames have one.
pub(crate) type Slots<P> = SmallVec<[Slot<P>; 1]>;

/// A place in a frame with something of which it is to be known what becomes of it before the frame goes out.
#[derive(Debug)]
pub(crate) struct Slot<P> {
    pub(crate) choice: u64,
    pub(crate) block: BlockId,
    /// The group that the block stands in; 0 where it stands in none.
    pub(crate) group: BlockId,
    pub(crate) place: P,
    pub(crate) role: Role,
    pub(crate) ticket: Ticket,
    /// Whether it is the first of those with its ticket. The end of a block that is judged whole is not.
    pub(crate) is_first: bool,
}

/// What stands at a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The start of a block, or of a group.
    Opens,
    /// A piece of a block.
    Grows,
    /// The end of a block, or of a group. [`Disposition::Says`] is what goes out of it before it ends.
    Closes,
    /// The stop reason.
    Finishes,
    /// The end of the reply.
    Ends,
    Passes,
}

/// Something of a policy that stands before a slot of a frame, or behind all of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Insert {
    /// The slot's position in its frame.
    pub(crate) slot: usize,
    pub(crate) choice: u64,
    pub(crate) made: Made,
}

/// Something of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// Never blank.
    Text(String),
    /// With an id of the host's making.
    ToolCall(ToolCall),
}

impl From<Made> for Block {
    fn from(made: Made) -> Self {
        match made {
            Made::Text(text) => Self::Text(text),
            Made::ToolCall(call) => Self::ToolCall(call),
        }
    }
}

/// What becomes of something of upstream's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It goes out as it came.
    Keeps,
    /// It is left out.
    Goes,
    /// This text stands in its place.
    Says(String),
    /// These calls stand in the place of a call. At least one.
    Becomes(Vec<Call>),
}

/// A call in the place of upstream's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Upstream's with another name or other arguments.
    Rewritten(ToolCall),
    Made(ToolCall),
}

/// How a choice ends that policies end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) choice: u64,
    /// What goes out last; never blank.
    pub(crate) text: Option<String>,
    pub(crate) reason: String,
}

/// Writes what goes out of a reply, as legal bytes of its dialect.
pub(crate) trait Writer: std::fmt::Debug + Send {
    /// Where in a frame something stands.
    type Place;

    /// What keeps the caller waiting in peace. None where nothing is legal.
    const HEARTBEAT: Option<&'static [u8]>;

    /// The reply begins with this frame.
    fn begin(&mut self, frame: &Frame, place: &Self::Place);

    /// The frame with the end of a block has come, which may be long before its start goes out.
    fn block_ended(&mut self, _frame: &Frame, _place: &Self::Place) {}

    /// Bytes that are kept of what went out.
    fn held(&self) -> usize {
        0
    }

    /// Whether frames like the last one written would go out as they come, whatever their number.
    fn may_repeat(&self) -> bool {
        true
    }

    /// Writes what goes out of a frame. All of it is known.
    fn write(&mut self, pending: Pending<Self::Place>, known: &Dispositions, out: &mut Vec<Bytes>);

    /// Frames went out as they came, each like the last one written; this is told of each, with what stands between the
    /// quotes of its text, and its number.
    fn repeat(&mut self, _said: &[u8], _number: Option<u64>) {}

    /// What goes out of a frame behind the end of the reply.
    fn behind(&mut self, frame: Frame) -> Frame {
        frame
    }

    /// A block was rejected, and another reply of upstream's goes on behind what went out. Ends what is open there. Of a whole
    /// reply, returns its body with what is left of it, which goes out with the next one.
    fn cut(&mut self, out: &mut Vec<Bytes>) -> Option<Bytes>;

    /// Ends a reply in all choices that are not over.
    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>);

    /// The ending of a reply that can't go on.
    fn fail(&mut self, error: &ReplyError) -> Bytes;
}
