//! Calls in places where the API has none, but where some client finds them.

use sluice_protocol::{Block, Ruling};

use super::{call, close, end, event, input, open, said, start, stop};
use crate::{
    anthropic::Anthropic,
    drive,
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled},
};

/// Drops all calls.
const NO_CALLS: Ruled = Ruled {
    block: |block| match block {
        Block::ToolCall(_) => Ruling::Drop {
            notice: String::new(),
        },
        _ => Ruling::Keep,
    },
    ..KEEP
};

/// What goes out holds nothing of calls that are dropped.
fn leaks_no_call(stream: &str) {
    let mut ruled = NO_CALLS;
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut ruled);
    let sent = String::from_utf8_lossy(&outcome.sent);
    assert!(!sent.contains("Bash"), "{sent} for {stream}");
}

#[test]
fn content_cannot_be_smuggled_past_the_policies() {
    let call = call("toolu_1");
    let opened = format!(r#""type":"content_block_start","index":0,"content_block":{call}"#);
    let as_message = format!(r#"{{"id":"msg_1","content":[{call}]}}"#);
    for hostile in [
        // In the start of the message.
        event("message_start", &format!(r#","message":{as_message}"#)),
        event(
            "message_start",
            &format!(r#","message":{{"content":[],"Content":[{call}]}}"#),
        ),
        event(
            "message_start",
            &format!(r#","message":{{"content":[],"content":[{call}]}}"#),
        ),
        // Under keys that stand there twice, or that some parsers take for others.
        event(
            "content_block_start",
            &format!(
                r#","index":0,"content_block":{},"Content_Block":{call}"#,
                said("")
            ),
        ),
        event(
            "content_block_start",
            &format!(
                r#","index":0,"content_block":{},"content_bloc\u212a":{call}"#,
                said("")
            ),
        ),
        event(
            "content_block_start",
            r#","index":0,"content_block":{"type":"text","text":"","type":"tool_use","id":"a","name":"Bash"}"#,
        ),
        event(
            "content_block_start",
            r#","index":0,"content_block":{"type":"text","text":"","Type":"tool_use","id":"a","name":"Bash"}"#,
        ),
        format!(
            "event: ping\ndata: {{\"type\":\"ping\",\"ty\\u0070e\":\"content_block_start\",\"index\":0,\"content_block\":{call}}}\n\n"
        ),
        // Under the name of another event, or of none.
        format!("event: ping\ndata: {{{opened}}}\n\n"),
        format!("event: error\ndata: {{{opened}}}\n\n"),
        format!("event: news\ndata: {{{opened}}}\n\n"),
        format!("data: {{{opened}}}\n\n"),
        event("news", &format!(r#","content_block":{call}"#)),
        event("news", &format!(r#","message":{as_message}"#)),
        event("ping", &format!(r#","Content_block":{call}"#)),
        event(
            "message_delta",
            &format!(r#","delta":{{"stop_reason":"tool_use","content":[{call}]}}"#),
        ),
        // In lines that some clients cut in another way.
        format!(": note\u{2028}data: {{{opened}}}\n\n"),
        format!(
            "event: ping\ndata: {{\"type\":\"ping\",\"x\":\"\u{85}data: {{{opened}}}\u{85}\"}}\n\n"
        ),
        format!("event: ping\u{b}data: {{{opened}}}\u{b}\ndata: {{}}\n\n"),
        format!("event: news\n data: {{{opened}}}\n\n"),
        format!("id: x\rdata: {{{opened}}}\r\r"),
        format!("\u{feff}data: {{{opened}}}\n\n"),
        format!("event: ping\ndata: {{}}\ndata: {{{opened}}}\n\n"),
    ] {
        let rest = input(0, "{}") + &close(0) + &end() + &stop();
        leaks_no_call(&(hostile.clone() + &rest));
        leaks_no_call(&(start() + &hostile + &rest));
        leaks_no_call(&(start() + &open(0, &said("")) + &hostile + &rest));
    }
    for whole in [
        format!(r#"{{"type":"message","content":[],"content":[{call}]}}"#),
        format!(r#"{{"type":"message","content":[],"Content":[{call}]}}"#),
        format!(r#"{{"type":"error","Content":[{call}]}}"#),
        format!("\u{feff}{{\"type\":\"message\",\"content\":[{call}]}}"),
    ] {
        let outcome =
            drive::whole::<Anthropic>(whole.as_bytes(), EVERYTHING, &mut NO_CALLS.clone());
        let sent = String::from_utf8_lossy(&outcome.sent);
        assert!(!sent.contains("Bash"), "{sent} for {whole}");
    }
}
