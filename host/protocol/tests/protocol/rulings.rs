//! Rulings by the block alone, for tests that say what comes of them.

use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, Step, Wants};

use crate::{
    dialect::{Dialect, Received, recorded},
    drive::{self, Judge, KeepAll},
    recorded::EVERYTHING,
};

/// Tool calls are held.
pub(crate) const TOOLS: Wants = Wants {
    tool_call: Delivery::Whole,
    ..Wants::NOTHING
};

/// Rules by the block alone, adds these texts, and sends each piece as the function says.
#[derive(Clone, Copy)]
pub(crate) struct Ruled {
    pub(crate) block: fn(&Block) -> Ruling,
    pub(crate) piece: fn(&str) -> PieceRuling,
    pub(crate) added: &'static [&'static str],
}

/// Changes nothing.
pub(crate) const KEEP: Ruled = Ruled {
    block: |_| Ruling::Keep,
    piece: |_| PieceRuling::Keep,
    added: &[],
};

impl Judge for Ruled {
    fn block(&mut self, block: &Block) -> Ruling {
        (self.block)(block)
    }

    fn piece(&mut self, text: &str, _last: bool) -> PieceRuling {
        (self.piece)(text)
    }

    fn end(&mut self, _stop_reason: &str) -> Vec<String> {
        self.added.iter().map(|text| (*text).to_owned()).collect()
    }
}

/// Drops the calls of that tool.
pub(crate) fn drop_call(name: &str, block: &Block) -> Ruling {
    match block {
        Block::ToolCall(call) if call.name == name => Ruling::Drop {
            notice: format!("[no {name}]"),
        },
        _ => Ruling::Keep,
    }
}

/// Ends the reply at the calls of that tool.
pub(crate) fn stop_at_call(name: &str, block: &Block) -> Ruling {
    match block {
        Block::ToolCall(call) if call.name == name => Ruling::Stop {
            notice: "[stop]".to_owned(),
        },
        _ => Ruling::Keep,
    }
}

/// What policies see of a recorded-shape stream, a line per block, and the stop reason.
pub(crate) fn seen<D: Dialect>(fixture: &str) -> String {
    let stream = recorded::<D>(fixture);
    let outcome = drive::stream::<D>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let lines = outcome.steps.iter().filter_map(|step| match step {
        Step::Judge(block) => Some(match block {
            Block::ToolCall(call) => {
                format!("ToolCall {} {} {}", call.id, call.name, call.arguments)
            }
            block => format!("{block:?}"),
        }),
        Step::End { stop_reason } => Some(stop_reason.clone()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The bytes that go out of a recorded-shape stream, which have to be legal.
pub(crate) fn sent<D: Dialect>(fixture: &str, wants: Wants, mut ruled: Ruled) -> String {
    let stream = recorded::<D>(fixture);
    let outcome = drive::stream::<D>([stream.as_bytes()], wants, &mut ruled);
    let received = D::receive(&outcome.sent).unwrap();
    D::check(&received).unwrap();
    String::from_utf8(outcome.sent).unwrap()
}

/// What a client has of such a stream in the end.
pub(crate) fn delivered<D: Dialect>(fixture: &str, wants: Wants, ruled: Ruled) -> Received {
    D::receive(sent::<D>(fixture, wants, ruled).as_bytes()).unwrap()
}
