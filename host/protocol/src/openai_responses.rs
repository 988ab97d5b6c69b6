//! `OpenAI` Responses (`POST /v1/responses`), whole and streamed.
//!
//! The API's own words rule in here: items, content parts, events. What leaves this folder speaks of
//! [`Block`](crate::Block)s.

mod account;
mod answer;
mod call;
mod event;
mod item;
mod made;
mod plain;
mod reader;
mod request;
mod response;
mod same;
mod shape;
mod transcript;
mod watch;
mod whole;
mod writer;

pub(crate) use account::Account;
pub use answer::answer;
pub use request::Request;
pub(crate) use request::Responses;

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
    reply_id: "resp_",
    call_id: "call_",
    stopped_to_call: &[],
    stopped: "completed",
    cut: "incomplete",
    texts: Texts::InPlace,
    opens_texts: true,
    continues_thinking: true,
};

/// A streamed reply of which policies want to see what `wants` says.
pub(crate) fn stream(wants: Wants, limits: Limits) -> Core<StreamReader, StreamWriter> {
    let source = Source::stream(limits.frame);
    let (reader, writer) = (StreamReader::new(wants), StreamWriter::new(wants));
    Core::new(&RULES, (wants, limits), source, reader, writer)
}

/// A whole reply of which policies want to see what `wants` says.
pub(crate) fn whole(wants: Wants, limits: Limits) -> Core<WholeReader, WholeWriter> {
    let source = Source::whole(limits.whole);
    let (reader, writer) = (WholeReader::new(wants), WholeWriter::default());
    Core::new(&RULES, (wants, limits), source, reader, writer)
}
