//! The loop that drives a reply, and the policies that answer it.

use std::collections::BTreeSet;

use bytes::Bytes;
use sluice_protocol::{Block, PieceRuling, Reply, ReplyError, Ruling, Step, ToolCall};

use crate::choices::Choices;

/// How the questions about a reply are answered.
#[derive(Clone, Debug)]
pub(crate) enum Judge<'a> {
    /// Keeps everything.
    KeepAll,
    /// Drops every tool call and keeps the rest.
    NoToolCalls,
    /// Rules as the fuzzer chose.
    Chosen(Choices<'a>),
}

/// The outcome of a reply.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// What went out before the reply failed, if it did.
    pub(crate) sent: Vec<u8>,
    /// What a failure adds.
    pub(crate) ending: Vec<u8>,
    pub(crate) error: Option<ReplyError>,
    /// The names of the tool calls that may go out: those that were kept or made.
    pub(crate) allowed: BTreeSet<String>,
    /// Each step, without `More`. Bytes that are sent in a row are joined.
    pub(crate) steps: Vec<Step>,
}

/// The name of the tool in calls that policies make.
const MADE: &str = "made";

/// Drives a reply whose bytes arrive in pieces of `size`. If it fails, ends it as a server would.
pub(crate) fn drive(reply: &mut dyn Reply, data: &[u8], size: usize, judge: &Judge<'_>) -> Outcome {
    let mut judge = judge.clone();
    let mut outcome = Outcome::default();
    let mut pieces = data.chunks(size.max(1));
    // A byte from upstream gives a few steps at most, and each piece asks for one more.
    for _ in 0..1000 + 8 * data.len() {
        let step = reply.next();
        reply.heartbeat();
        match &step {
            Step::More => match pieces.next() {
                Some(piece) => reply.push(Bytes::copy_from_slice(piece)),
                None => reply.end(),
            },
            Step::Send(bytes) => outcome.sent.extend_from_slice(bytes),
            Step::Judge(block) => reply.rule(judge.block(block, &mut outcome.allowed)),
            Step::Observe(_) => {}
            Step::Piece { .. } => reply.rule_piece(judge.piece()),
            Step::End { .. } => reply.finish(judge.end()),
            Step::Fail(error) => {
                outcome.error = Some(error.clone());
                // Where no ending is legal the caller is cut off.
                outcome.ending = reply.fail(error).unwrap_or_default().to_vec();
                outcome.steps.push(step);
                return outcome;
            }
            Step::Done => return outcome,
        }
        outcome.note(step);
    }
    panic!("a reply of {} bytes does not end", data.len());
}

impl Outcome {
    fn note(&mut self, step: Step) {
        match (step, self.steps.last_mut()) {
            (Step::More, _) => {}
            (Step::Send(bytes), Some(Step::Send(sent))) => {
                *sent = [&sent[..], &bytes[..]].concat().into();
            }
            (step, _) => self.steps.push(step),
        }
    }

    /// Everything that the caller received.
    pub(crate) fn received(&self) -> Vec<u8> {
        [&self.sent[..], &self.ending[..]].concat()
    }
}

impl Judge<'_> {
    fn block(&mut self, block: &Block, allowed: &mut BTreeSet<String>) -> Ruling {
        let ruling = match (&mut *self, block) {
            (Self::NoToolCalls, Block::ToolCall(_)) => notice("stopped"),
            (Self::KeepAll | Self::NoToolCalls, _) => Ruling::Keep,
            (Self::Chosen(choices), _) => ruling(choices, block),
        };
        match (&ruling, block) {
            (Ruling::Keep, Block::ToolCall(call)) => drop(allowed.insert(call.name.clone())),
            (Ruling::Replace(_), _) => drop(allowed.insert(MADE.to_owned())),
            _ => {}
        }
        ruling
    }

    fn piece(&mut self) -> PieceRuling {
        let Self::Chosen(choices) = self else {
            return PieceRuling::Keep;
        };
        match choices.below(8) {
            0..3 => PieceRuling::Keep,
            3..7 => PieceRuling::Send(choices.text()),
            _ => PieceRuling::Stop {
                notice: choices.text(),
            },
        }
    }

    fn end(&mut self) -> Vec<String> {
        let Self::Chosen(choices) = self else {
            return Vec::new();
        };
        (0..choices.below(3)).map(|_| choices.text()).collect()
    }
}

fn notice(text: &str) -> Ruling {
    Ruling::Drop {
        notice: text.to_owned(),
    }
}

fn ruling(choices: &mut Choices<'_>, block: &Block) -> Ruling {
    match choices.below(8) {
        0..2 => Ruling::Keep,
        2..5 => Ruling::Replace(
            (0..choices.below(4))
                .map(|_| made(choices, block))
                .collect(),
        ),
        5..7 => notice(&choices.text()),
        _ => Ruling::Stop {
            notice: choices.text(),
        },
    }
}

/// A block that a policy makes to replace `judged`.
fn made(choices: &mut Choices<'_>, judged: &Block) -> Block {
    let id = match (choices.below(4), judged) {
        (0, _) => "other",
        (1, Block::ToolCall(call)) => &call.id,
        (1, _) => "",
        _ => return Block::Text(choices.text()),
    };
    Block::ToolCall(ToolCall {
        id: id.to_owned(),
        name: MADE.to_owned(),
        arguments: choices.of(&["{}", r#"{"made":"\u00e9"}"#]).to_owned(),
    })
}
