//! The conversation with a reply: bytes go in, steps come out, rulings answer them.
//!
//! A streamed and a whole reply speak the same way, so that policies see the same blocks of both and
//! one loop drives either. Nothing here waits: whoever drives a [`Reply`] does the I/O and asks the
//! policies.

mod agenda;
mod agendas;
mod blocks;
mod body;
mod choice;
mod choices;
mod closing;
pub(crate) mod core;
mod costs;
pub(crate) mod dispositions;
mod incoming;
mod judging;
mod kept;
mod outgoing;
pub(crate) mod passing;
mod queue;
pub(crate) mod reading;
mod rejected;
pub(crate) mod rules;
pub(crate) mod source;
mod spent;
pub(crate) mod tally;
pub(crate) mod watching;
pub(crate) mod writing;

use bytes::Bytes;
use thiserror::Error;

pub use self::rejected::{Irrevocable, Rejected};

use crate::Block;

/// What reading a reply comes to, if upstream sent one.
pub(crate) type Result<T = (), E = ReplyError> = std::result::Result<T, E>;

/// A reply on its way from upstream to the caller.
///
/// Drive it so: [`push`](Self::push) bytes as they arrive, and [`end`](Self::end) or [`break_off`](Self::break_off) after
/// the last; between, pull [`next`](Self::next) until it says [`Step::More`] or [`Step::Done`]. A step that asks
/// ([`Step::Judge`], [`Step::Piece`], [`Step::End`]) is answered by the method it names before `next` is called again.
pub trait Reply: Send {
    /// Takes the next bytes of upstream's body.
    fn push(&mut self, bytes: Bytes);
    /// Upstream's body is over.
    fn end(&mut self);
    /// Upstream's body broke off. Where it can be read what is missing, that decides.
    fn break_off(&mut self) {
        self.end();
    }
    /// The next thing to do.
    fn next(&mut self) -> Step;
    /// Whether the reply ends with what the last [`Step::Send`] sent: for a client that reads its dialect, nothing
    /// behind it has a meaning. False for a body that passes unread and for a stream whose end can't be told from its
    /// frames; these end with [`Step::Done`].
    fn has_ended(&self) -> bool;
    /// Answers [`Step::Judge`].
    fn rule(&mut self, ruling: Ruling);
    /// Answers [`Step::Judge`] so that upstream can be asked again, and says what that request needs.
    ///
    /// What was delivered stays. The block goes, and so does all of upstream's reply that waits or comes behind it. Tool calls
    /// that were judged before it wait for the end of the content, so they go too. From here on [`Step::More`] asks for
    /// another reply: start it with [`continue_anew`](Self::continue_anew). Bytes that are pushed before that are still of the
    /// first one, of which nothing more is read than what it costs.
    ///
    /// Needs [`Wants::redo`](crate::Wants::redo). On an error the block still waits to be ruled on.
    fn reject(&mut self) -> Result<Rejected, Irrevocable> {
        Err(Irrevocable::NotAsked)
    }
    /// Goes on with another reply of upstream's, behind a block that was [rejected](Self::reject). The bytes that are pushed
    /// from now on are its, and it has to be of the same dialect and form: a stream in a stream, a body in place of a body.
    ///
    /// The caller gets one reply: with one start, the id and the model that it knows, numbers that go on, the last stop
    /// reason, and the usage of all of upstream's replies together. Its blocks can be rejected too. The bounds count for all
    /// of them together. Another reply that can't be read, or that breaks off, ends it as the first one would have. If there
    /// is none (an error of upstream's in its place), end the reply with [`fail`](Self::fail).
    fn continue_anew(&mut self) {}
    /// Answers [`Step::Piece`].
    fn rule_piece(&mut self, ruling: PieceRuling);
    /// Answers [`Step::End`] with the texts that policies add; they stand before the first tool call
    /// that was held. In Responses they stand at the end: there nothing may come between reasoning and
    /// the call that it led to.
    fn finish(&mut self, added: Vec<String>);
    /// The bytes that keep the caller waiting in peace; `None` while nothing is held or none is legal
    /// at this point.
    fn heartbeat(&self) -> Option<Bytes>;
    /// The legal ending of a reply that can't go on, in the dialect. What is held still is thrown away. Empty where the reply has
    /// already ended; `None` where none is legal, because a part of a frame or of a body went out: the caller has to be
    /// cut off.
    fn fail(&mut self, error: &ReplyError) -> Option<Bytes>;
}

/// A streamed reply.
pub(crate) trait Streamed: Reply {
    /// Reads each frame from now on, even one like the frame before.
    fn read_each_frame(&mut self);
}

/// What a [`Reply`] wants done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It needs more bytes of upstream: `push` or `end`.
    More,
    /// These bytes go to the caller now.
    Send(Bytes),
    /// A complete block to judge; answer with `rule`.
    Judge(Block),
    /// A complete block that nobody held; no answer.
    Observe(Block),
    /// A piece of a text block; answer with `rule_piece`. The last piece of a block is empty.
    Piece {
        /// The text that arrived.
        text: String,
        /// Whether the block ends here.
        last: bool,
    },
    /// All blocks are in; answer with `finish`.
    End {
        /// Upstream's word for why the model stopped; empty where it gave none.
        stop_reason: String,
    },
    /// The reply can't go on; `fail` renders the ending if bytes were sent, else it is an HTTP error.
    Fail(ReplyError),
    /// The reply has ended legally; upstream may be dropped.
    Done,
}

/// What the policies together decided on a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It goes out as it came.
    Keep,
    /// These blocks stand in its place: texts, of which blank ones are left out, and tool calls. A call
    /// with the judged call's id stands for it; any other gets an id of the host's making.
    Replace(Vec<Block>),
    /// It is left out. Text and tool calls alone can be replaced or left out; to others this is
    /// [`Keep`](Self::Keep). The notice stands in the place of a tool call, and of anything else where the
    /// reply would be empty.
    Drop {
        /// One sentence for the person at the agent.
        notice: String,
    },
    /// The reply ends here with the notice; nothing held is sent.
    Stop {
        /// One sentence for the person at the agent.
        notice: String,
    },
}

/// What the policies together decided on a piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceRuling {
    /// It goes out as it came.
    Keep,
    /// This text goes out in its place; it may be empty.
    Send(String),
    /// The reply ends here with the notice.
    Stop {
        /// One sentence for the person at the agent.
        notice: String,
    },
}

/// Why a reply can't go on.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReplyError {
    /// Upstream's body ended before its terminal event.
    #[error("upstream ended the reply before it was complete")]
    Truncated,
    /// Upstream's body is not what the dialect says.
    #[error("upstream sent a malformed reply: {0}")]
    Malformed(String),
    /// A single frame is larger than the limit.
    #[error("upstream sent a frame of over {limit} bytes (--max-frame-mib)")]
    FrameTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// What policies asked to hold is larger than the limit.
    #[error("more than {limit} bytes of the reply would be held for policies (--max-held-mib)")]
    HeldTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A whole reply is larger than the limit.
    #[error("upstream sent a reply of over {limit} bytes (--max-reply-mib)")]
    ReplyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A reply has more blocks than the limit.
    #[error("upstream sent a reply of over {limit} items (--max-reply-items)")]
    TooManyItems {
        /// The limit.
        limit: usize,
    },
    /// Upstream was silent for too long.
    #[error("upstream sent nothing for {seconds} s")]
    Idle {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Something else that ends a reply; the text is for the caller.
    #[error("{0}")]
    Other(String),
}

impl ReplyError {
    /// What the driver did wrong. The reply ends rather than that something passes unjudged.
    pub(crate) fn unanswered() -> Self {
        Self::Other("a question about the reply was not answered".to_owned())
    }
}
