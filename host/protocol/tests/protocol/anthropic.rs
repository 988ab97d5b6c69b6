//! Anthropic Messages.

mod alike;
mod checker;
mod fixtures;
mod goes_on;
mod hostile;
mod reader;
mod render;
mod snapshots;

use bytes::Bytes;
use sluice_protocol::{Api, Limits, Reply, RequestError, Wants, anthropic::Request};

use crate::{
    dialect::{Dialect, Received},
    generate::{Draft, Upstream},
    readers::{Call, Json, Reader},
    suite::properties,
};

/// The dialect under test.
pub(crate) struct Anthropic;

impl Dialect for Anthropic {
    const STREAMS: &'static [(&'static str, &'static str)] = fixtures::STREAMS;
    // The input of a tool call that is cut off.
    const BODILESS: &'static [&'static str] = &["tool_cut_by_max_tokens"];
    const ENDS: &'static [&'static str] = &["\"message_stop\""];
    const NO_REPLIES: &'static [&'static str] =
        &[r#" {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}} "#];
    const ID: &'static str = "msg_01";
    const REQUEST: &'static str = r#"{"model":"m","system":"s","messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"n","input":{"k":[1]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"t"}]}]}],"tools":[{"name":"n"}],"stream":true}"#;

    fn stream(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::Anthropic.stream(wants, limits).unwrap()
    }

    fn stream_reading_each_frame(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::Anthropic
            .stream_reading_each_frame(wants, limits)
            .unwrap()
    }

    fn whole(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::Anthropic.whole(wants, limits).unwrap()
    }

    fn request(body: Bytes) -> Result<Box<dyn sluice_protocol::Request>, RequestError> {
        Ok(Box::new(Request::parse(body, &Limits::default())?))
    }

    fn render(draft: &Draft) -> Option<Upstream> {
        render::render(draft)
    }

    fn receive(stream: &[u8]) -> Result<Received, String> {
        checker::stream(stream)
    }

    fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
        reader::calls(stream, reader)
    }

    fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
        reader::calls_of_whole(body, reader)
    }

    fn receive_whole(body: &[u8]) -> Result<Received, String> {
        checker::whole(body)
    }

    fn check(received: &Received) -> Result<(), String> {
        checker::message(&received.body)
    }
}

properties!(Anthropic);
