//! `OpenAI` Chat Completions.

mod alike;
mod checker;
mod clients;
mod fixtures;
mod goes_on;
mod hostile;
mod letters;
mod plain;
mod render;
mod servers;
mod snapshots;
mod stops;
mod texts;

use bytes::Bytes;
use sluice_protocol::{Api, Limits, Reply, RequestError, Wants, openai_chat::Request};

use crate::{
    dialect::{Content, Dialect, Received},
    generate::{Draft, Upstream},
    readers::{Call, Json, Reader},
    suite::properties,
};

/// The dialect under test.
pub(crate) struct OpenaiChat;

impl Dialect for OpenaiChat {
    const STREAMS: &'static [(&'static str, &'static str)] = fixtures::STREAMS;
    const BODILESS: &'static [&'static str] = &[];
    const ODD: &'static [&'static str] = &["parallel"];
    const ENDS: &'static [&'static str] = &["[DONE]"];
    const NO_REPLIES: &'static [&'static str] =
        &[r#" {"error":{"message":"Overloaded","type":"server_error","param":null,"code":null}} "#];
    const ID: &'static str = "chatcmpl-01";
    const REQUEST: &'static str = r#"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"x"},{"role":"assistant","content":null,"reasoning_content":"r","tool_calls":[{"id":"a","type":"function","function":{"name":"n","arguments":"{\"k\":[1]}"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"t"}]}],"tools":[{"type":"function","function":{"name":"n"}}],"tool_choice":{"type":"function","function":{"name":"n"}},"parallel_tool_calls":true,"stream":true}"#;

    fn stream(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiChat.stream(wants, limits).unwrap()
    }

    fn stream_reading_each_frame(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiChat
            .stream_reading_each_frame(wants, limits)
            .unwrap()
    }

    fn whole(wants: Wants, limits: Limits) -> Box<dyn Reply> {
        Api::OpenaiChat.whole(wants, limits).unwrap()
    }

    fn request(body: Bytes) -> Result<Box<dyn sluice_protocol::Request>, RequestError> {
        Ok(Box::new(Request::parse(body, &Limits::default())?))
    }

    fn render(draft: &Draft) -> Option<Upstream> {
        Some(render::render(draft))
    }

    fn receive(stream: &[u8]) -> Result<Received, String> {
        checker::stream(stream)
    }

    fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
        clients::calls(stream, reader)
    }

    fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
        clients::calls_of_whole(body, reader)
    }

    fn receive_whole(body: &[u8]) -> Result<Received, String> {
        checker::whole(body)
    }

    fn joined(first: &Received, second: &Received) -> Vec<Content> {
        checker::joined(&first.body, &second.body)
    }

    fn check(received: &Received) -> Result<(), String> {
        checker::body(&received.body)
    }
}

properties!(OpenaiChat);
