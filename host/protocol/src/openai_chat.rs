//! `OpenAI` Chat Completions (`POST /v1/chat/completions`), whole and streamed.
//!
//! The API's own words rule in here: choices, deltas and messages, finish reasons. What leaves this folder
//! speaks of [`Block`](crate::Block)s.

mod account;
mod amend;
mod answer;
mod chunk;
mod content;
mod made;
mod place;
mod plain;
mod reader;
mod request;
mod watch;
mod whole;
mod writer;

pub(crate) use account::Account;
pub use answer::answer;
pub(crate) use request::Chat;
pub use request::Request;

use chunk::Form;
use reader::StreamReader;
use whole::WholeReader;
use writer::Writer;

pub(crate) use watch::Watch;

use crate::{
    Limits, Wants,
    reply::{
        core::Core,
        rules::{Rules, Texts},
        source::Source,
    },
};

const RULES: Rules = Rules {
    reply_id: "chatcmpl-",
    call_id: "call_",
    stopped_to_call: &["tool_calls", "function_call"],
    stopped: "stop",
    cut: "length",
    texts: Texts::BeforeCalls,
    opens_texts: false,
    continues_thinking: false,
};

/// Stands between texts that become one.
const BETWEEN_TEXTS: &str = "\n\n";

/// The API's own bound on `n`. No choice has this index.
const MAX_CHOICES: u64 = 128;

/// A streamed reply of which policies want to see what `wants` says.
pub(crate) fn stream(wants: Wants, limits: Limits) -> Core<StreamReader, Writer> {
    let (reader, writer) = (StreamReader::new(wants, limits), Writer::new(Form::Delta));
    let source = Source::stream(limits.frame);
    Core::new(&RULES, (wants, limits), source, reader, writer)
}

/// A whole reply of which policies want to see what `wants` says.
pub(crate) fn whole(wants: Wants, limits: Limits) -> Core<WholeReader, Writer> {
    let (reader, writer) = (WholeReader::new(wants, limits), Writer::new(Form::Message));
    let source = Source::whole(limits.whole);
    Core::new(&RULES, (wants, limits), source, reader, writer)
}
