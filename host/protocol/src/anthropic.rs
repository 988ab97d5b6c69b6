//! Anthropic Messages (`POST /v1/messages`), whole and streamed.
//!
//! The API's own words rule in here: a block's start, deltas and stop, content, stop reasons. What
//! leaves this folder speaks of [`Block`](crate::Block)s.

mod account;
mod answer;
mod assembly;
mod content;
mod emit;
mod error;
mod event;
mod place;
mod plain;
mod reader;
mod request;
mod waiting;
mod watch;
mod whole;
mod writer;

pub(crate) use account::Account;
pub use answer::answer;
pub use error::{ErrorType, error_body, error_frame};
pub(crate) use request::Messages;
pub use request::Request;

pub(crate) use watch::Watch;

use reader::StreamReader;
use whole::{WholeReader, WholeWriter};
use writer::StreamWriter;

use crate::{
    Limits, Wants,
    reply::{
        core::Core,
        rules::{Rules, Texts},
        source::Source,
    },
};

pub(crate) const RULES: Rules = Rules {
    reply_id: "msg_",
    call_id: "toolu_",
    stopped_to_call: &["tool_use"],
    stopped: "end_turn",
    cut: "max_tokens",
    texts: Texts::BeforeCallsOnly,
    opens_texts: true,
    continues_thinking: false,
};

/// A streamed reply of which policies want to see what `wants` says.
pub(crate) fn stream(wants: Wants, limits: Limits) -> Core<StreamReader, StreamWriter> {
    let source = Source::stream(limits.frame);
    let (reader, writer) = (StreamReader::new(wants), StreamWriter::default());
    Core::new(&RULES, (wants, limits), source, reader, writer)
}

/// A whole reply of which policies want to see what `wants` says.
pub(crate) fn whole(wants: Wants, limits: Limits) -> Core<WholeReader, WholeWriter> {
    let source = Source::whole(limits.whole);
    let (reader, writer) = (WholeReader, WholeWriter::default());
    Core::new(&RULES, (wants, limits), source, reader, writer)
}
