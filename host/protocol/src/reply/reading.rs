//! What a dialect's reader tells of frames, by values.

use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::{
    Block, BlockKind, ReplyError, Wants, account::Account, json::Span, sse::Frame, template::Moved,
};

/// Names a block of a reply. A reader gives each block another number, from 1 upwards.
pub(crate) type BlockId = u64;

/// A frame with what it says. A frame without events is loose: a comment, a ping, an event newer than this crate. It has no
/// say in the order of the others.
#[derive(Debug)]
pub(crate) struct Reading<P> {
    pub(crate) frame: Frame,
    pub(crate) events: Events<P>,
}

/// The events of a frame, in order. Most frames have one.
pub(crate) type Events<P> = SmallVec<[Event<P>; 1]>;

/// Something that a frame says.
#[derive(Debug)]
pub(crate) struct Event<P> {
    /// Which of several replies to one request this is about; 0 where a dialect has just one.
    pub(crate) choice: u64,
    /// The block that this is about; 0 where it is about none.
    pub(crate) block: BlockId,
    /// Where in the frame it stands.
    pub(crate) place: P,
    pub(crate) what: What,
}

/// What happens to a reply.
#[derive(Debug)]
pub(crate) enum What {
    /// It begins, and has this id.
    Begins(String),
    /// A block begins.
    Opens(BlockKind),
    /// A block begins in this group, or as one of its own where it names itself. Policies hear of groups in the order in which
    /// they began, however their frames are mixed.
    OpensIn(BlockId, BlockKind),
    /// A group begins, of which this names the most usual kind of block. It goes out with the first of its blocks that does,
    /// and is left out where all of them are. Its end is told as the end of a block.
    Gathers(BlockKind),
    /// A block goes on. A text is there where policies want to see blocks of its kind.
    Grows(String),
    /// A call goes on behind the start of another one, which clients differ in reading. If it is kept, it goes out in one piece.
    Tears,
    /// A block is over. It is there where policies want to see blocks of its kind, and if it is complete, or a text that is as
    /// complete as it gets.
    Closes(Option<Block>),
    /// The content of the choice is complete; with upstream's word for why the model stopped, empty where it gave none.
    Finishes(String),
    /// The reply is over. It is the last event of its frame.
    Ends,
    /// Upstream has failed, which ends the reply. It is the last event of its frame.
    Fails,
    /// Something else that the writer has to know of.
    Passes,
}

/// Reads the frames of a reply.
///
/// Knows nothing of policies but which kinds of block they want to see, since a block that nobody wants need not be put
/// together.
pub(crate) trait Reader: std::fmt::Debug + Send {
    /// Where in a frame something stands.
    type Place: std::fmt::Debug + Clone + Send;

    /// Reads what a reply says of its costs.
    type Account: Account;

    /// A reader of another reply in the same form.
    fn anew(&self, wants: Wants) -> Self;

    /// Another reply of upstream's comes, which goes on in the reply that this one began: it does not begin, and what names
    /// it is as it was.
    fn go_on(&mut self);

    /// Reads the next frame of a stream, or a whole body, which comes as one frame.
    fn read(
        &mut self,
        frame: Frame,
        readings: &mut Readings<Self::Place>,
    ) -> Result<(), ReplyError>;

    /// The bytes of upstream are over, behind this frame if one was cut off. Err where the reply is not complete.
    fn end(
        &mut self,
        tail: Option<Frame>,
        readings: &mut Readings<Self::Place>,
    ) -> Result<(), ReplyError>;

    /// No more comes of a reply that is not complete. What ends with that, which is told as where upstream says that it failed.
    fn fail(&mut self) -> Events<Self::Place>;

    /// What ends with the last frame that was read, if no other comes and what came counts.
    fn left(&mut self) -> Events<Self::Place> {
        self.fail()
    }

    /// Whether a frame has no say in the order of the others.
    fn is_loose(&self, frame: &Frame) -> bool;

    /// What goes out of a frame behind the end of the reply. `None` where a client might take it for content, which nobody has
    /// judged: then nothing more goes out.
    fn behind(&self, frame: Frame) -> Option<Frame> {
        self.is_loose(&frame).then_some(frame)
    }

    /// Bytes that are kept of blocks that are not complete.
    fn held(&self) -> usize;

    /// Where a frame that says just this has its text and its number, if frames that are like it but for these two say the
    /// same of another piece of the block.
    fn repeatable(&self, frame: &Frame, event: &Event<Self::Place>) -> Option<Gaps>;

    /// Reads a frame that is like one that says just `event`, but for the values at these places. `None` where it has to be
    /// read as any other; nothing is taken in then.
    fn repeat(
        &mut self,
        _event: &Event<Self::Place>,
        _frame: &Repeated<'_>,
    ) -> Result<Option<Events<Self::Place>>, ReplyError> {
        Ok(None)
    }
}

/// Reads a whole body, which is a reply of one frame.
pub(crate) trait BodyReader: std::fmt::Debug + Send {
    /// Where in the body something stands.
    type Place: std::fmt::Debug + Clone + Send;

    /// Reads what a reply says of its costs.
    type Account: Account;

    /// A reader of another body.
    fn anew(&self, wants: Wants) -> Self;

    fn read_body(&self, body: Frame) -> Result<Reading<Self::Place>, ReplyError>;
}

impl<R: BodyReader> Reader for R {
    type Place = R::Place;

    type Account = R::Account;

    fn anew(&self, wants: Wants) -> Self {
        BodyReader::anew(self, wants)
    }

    fn go_on(&mut self) {}

    fn read(
        &mut self,
        frame: Frame,
        readings: &mut Readings<Self::Place>,
    ) -> Result<(), ReplyError> {
        readings.push_back(self.read_body(frame)?);
        Ok(())
    }

    fn end(
        &mut self,
        _tail: Option<Frame>,
        _readings: &mut Readings<Self::Place>,
    ) -> Result<(), ReplyError> {
        Err(ReplyError::Truncated)
    }

    fn fail(&mut self) -> Events<Self::Place> {
        Events::new()
    }

    fn is_loose(&self, _frame: &Frame) -> bool {
        false
    }

    fn held(&self) -> usize {
        0
    }

    fn repeatable(&self, _frame: &Frame, _event: &Event<Self::Place>) -> Option<Gaps> {
        None
    }
}

/// A frame that is like another one.
#[derive(Debug)]
pub(crate) struct Repeated<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) moved: Moved,
    /// Where data begins, in both.
    pub(crate) data: usize,
}

impl Repeated<'_> {
    /// Where a place of the other one's data is in this one's.
    pub(crate) fn span(&self, span: Span) -> Span {
        let at = |place| self.moved.at(place + self.data) - self.data;
        Span {
            start: at(span.start),
            end: at(span.end),
        }
    }
}

/// Readings in the order in which they go on.
pub(crate) type Readings<P> = VecDeque<Reading<P>>;

/// The places in a frame's data where frames like it have values of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gaps {
    pub(crate) text: Option<Span>,
    pub(crate) number: Option<Span>,
    /// Whether such frames make no other difference to the reader, and need not be read where they pass.
    pub(crate) are_free: bool,
}

pub(crate) fn malformed<T>(fault: &str) -> Result<T, ReplyError> {
    Err(ReplyError::Malformed(fault.to_owned()))
}
