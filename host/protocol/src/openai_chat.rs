//! `OpenAI` Chat Completions (`POST /v1/chat/completions`), whole and streamed.
//!
//! The API's own words rule in here: choices, deltas and messages, finish reasons. What leaves this folder
//! speaks of [`Block`](crate::Block)s.

mod amend;
mod answer;
mod chunk;
mod content;
mod made;
mod place;
mod reader;
mod request;
mod watch;
mod writer;

pub use answer::answer;
pub use request::Request;

use chunk::Form;
use reader::Reader;
use writer::Writer;

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

/// A choice with this index is malformed; the API's own bound on `n`.
const MAX_CHOICES: u64 = 128;

/// A streamed reply of which policies want to see what `wants` says.
pub(crate) fn stream(wants: Wants, limits: Limits) -> Core<Reader, Writer> {
    reply(Form::Delta, Source::stream(limits.frame), (wants, limits))
}

/// A whole reply of which policies want to see what `wants` says.
pub(crate) fn whole(wants: Wants, limits: Limits) -> Core<Reader, Writer> {
    reply(Form::Message, Source::whole(limits.whole), (wants, limits))
}

fn reply(form: Form, source: Source, (wants, limits): (Wants, Limits)) -> Core<Reader, Writer> {
    let (reader, writer) = (Reader::new(form, wants), Writer::new(form));
    Core::new(&RULES, (wants, limits), source, reader, writer)
}
