//! The one loop that drives a reply in these tests.

use bytes::Bytes;
use sluice_protocol::{Block, Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants};

use crate::dialect::{Content, Dialect};

/// What policies decide, call by call; keeps everything unless told otherwise.
pub(crate) trait Judge {
    fn block(&mut self, _block: &Block) -> Ruling {
        Ruling::Keep
    }
    fn piece(&mut self, _text: &str, _last: bool) -> PieceRuling {
        PieceRuling::Keep
    }
    fn end(&mut self, _stop_reason: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Keeps everything.
pub(crate) struct KeepAll;
impl Judge for KeepAll {}

/// What came of a reply.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) sent: Vec<u8>,
    /// Each step, `More` left out and bytes that are sent in a row taken together.
    pub(crate) steps: Vec<Step>,
    pub(crate) error: Option<ReplyError>,
    /// How many bytes were sent when the reply said that it has ended.
    pub(crate) ended_at: Option<usize>,
    /// Whether the caller is cut off, since no ending is legal.
    pub(crate) is_cut: bool,
}

impl Outcome {
    /// The blocks that were shown to policies.
    pub(crate) fn blocks(&self) -> Vec<Content> {
        let blocks = self.steps.iter().filter_map(|step| match step {
            Step::Judge(block) | Step::Observe(block) => Some(block.clone()),
            _ => None,
        });
        blocks.map(Content::from).collect()
    }
}

/// Drives a streamed reply whose bytes come in these pieces.
pub(crate) fn stream<'a, D: Dialect>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    wants: Wants,
    judge: &mut dyn Judge,
) -> Outcome {
    drive(&mut *D::stream(wants, Limits::default()), pieces, judge)
}

/// Drives a whole reply.
pub(crate) fn whole<D: Dialect>(body: &[u8], wants: Wants, judge: &mut dyn Judge) -> Outcome {
    drive(
        &mut *D::whole(wants, Limits::default()),
        body.chunks(100),
        judge,
    )
}

/// Drives a reply, and ends it as a server would where it fails.
pub(crate) fn drive<'a>(
    reply: &mut dyn Reply,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    judge: &mut dyn Judge,
) -> Outcome {
    drive_to(reply, pieces, End::Well, judge)
}

/// How the bytes of a reply end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Well,
    BrokenOff,
}

/// Drives a reply whose bytes end in this way.
pub(crate) fn drive_to<'a>(
    reply: &mut dyn Reply,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    end: End,
    judge: &mut dyn Judge,
) -> Outcome {
    let mut outcome = Outcome {
        sent: Vec::new(),
        steps: Vec::new(),
        error: None,
        ended_at: None,
        is_cut: false,
    };
    let mut pieces = pieces.into_iter();
    loop {
        let step = reply.next();
        match &step {
            Step::More => match pieces.next() {
                Some(piece) => reply.push(Bytes::copy_from_slice(piece)),
                None => match end {
                    End::Well => reply.end(),
                    End::BrokenOff => reply.break_off(),
                },
            },
            Step::Send(bytes) => {
                outcome.sent.extend_from_slice(bytes);
                if reply.has_ended() {
                    outcome.ended_at.get_or_insert(outcome.sent.len());
                }
            }
            Step::Judge(block) => reply.rule(judge.block(block)),
            Step::Observe(_) => {}
            Step::Piece { text, last } => reply.rule_piece(judge.piece(text, *last)),
            Step::End { stop_reason } => reply.finish(judge.end(stop_reason)),
            Step::Fail(error) => {
                match reply.fail(error) {
                    Some(ending) => outcome.sent.extend_from_slice(&ending),
                    None => outcome.is_cut = true,
                }
                outcome.error = Some(error.clone());
            }
            Step::Done => return outcome,
        }
        match (step, outcome.steps.last_mut()) {
            (Step::More, _) => {}
            (Step::Send(bytes), Some(Step::Send(sent))) => {
                *sent = [&sent[..], &bytes[..]].concat().into()
            }
            (step, _) => outcome.steps.push(step),
        }
    }
}
