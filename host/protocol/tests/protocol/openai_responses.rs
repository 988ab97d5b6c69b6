//! `OpenAI` Responses.

mod alike;
mod checker;
mod clients;
mod disorder;
mod fixtures;
mod goes_on;
mod hostile;
mod reader;
mod render;
mod servers;
mod snapshots;

use bytes::Bytes;
use sluice_protocol::{Api, Limits, Reply, RequestError, Wants, openai_responses::Request};

use crate::{
    dialect::{Dialect, Received},
    generate::{Draft, Upstream},
    readers::{Call, Json, Reader},
    suite::properties,
};

/// The dialect under test.
pub(crate) struct OpenaiResponses;

impl Dialect for OpenaiResponses {
    const STREAMS: &'static [(&'static str, &'static str)] = fixtures::STREAMS;
    const BODILESS: &'static [&'static str] = &[];
    const ENDS: &'static [&'static str] = &[
        "\"response.completed\"",
        "\"response.incomplete\"",
        "\"response.failed\"",
        "\"type\":\"error\"",
    ];
    const NO_REPLIES: &'static [&'static str] = &[
        r#" {"error":{"message":"Overloaded","type":"server_error","param":null,"code":null}} "#,
        r#"{"id":"resp_1","object":"response","status":"queued","background":true,"error":null,"output":[],"store":true}"#,
        r#"{"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"x"},"output":[]}"#,
    ];
    const ID: &'static str = "resp_01";
    const REQUEST: &'static str = r#"{"model":"m","instructions":"s","input":[{"role":"user","content":"x"},{"type":"function_call","id":"fc_a","call_id":"a","name":"n","arguments":"{\"k\":[1]}"},{"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"t"}]}],"tools":[{"type":"function","name":"n"}],"tool_choice":{"type":"function","name":"n"},"store":false,"stream":true}"#;

    fn stream(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiResponses.stream(wants, limits).unwrap()
    }

    fn stream_reading_each_frame(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiResponses
            .stream_reading_each_frame(wants, limits)
            .unwrap()
    }

    fn whole(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiResponses.whole(wants, limits).unwrap()
    }

    fn request(body: Bytes) -> Result<Box<dyn sluice_protocol::Request>, RequestError> {
        Ok(Box::new(Request::parse(body, &Limits::default())?))
    }

    fn render(draft: &Draft) -> Option<Upstream> {
        render::render(draft)
    }

    fn receive(stream: &[u8]) -> Result<Received, String> {
        reader::stream(stream)
    }

    fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
        clients::calls(stream, reader)
    }

    fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
        clients::calls_of_whole(body, reader)
    }

    fn receive_whole(body: &[u8]) -> Result<Received, String> {
        reader::whole(body)
    }

    fn check(received: &Received) -> Result<(), String> {
        checker::response(&received.body)
    }
}

properties!(OpenaiResponses);
