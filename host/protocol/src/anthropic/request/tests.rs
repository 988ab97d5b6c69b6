//! Views of requests: what is read.

mod edits;
mod refusals;

use super::*;
use crate::{
    PlacedBlock, Request as _, ToolCall, ToolResult,
    request::testing::{at, check_edited, text},
};

const BODY: &str = r#"{
  "model": "claude-\u0073onnet", "max_tokens": 1.0e3, "unknown": {"x": [1, 2]},
  "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
  "tools": [{"name": "Bash", "input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "web_search"}],
  "tool_choice": {"type": "tool", "name": "Bash"},
  "messages": [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": [
      {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
      {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}
    ]},
    {"content": [
      {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt", "cache_control": {"type": "ephemeral"}},
      {"type": "text", "text": "go on"},
      {"type": "image", "source": {"data": ""}}
    ], "role": "user"}
  ],
  "stream": true
}"#;

fn parse(body: &str) -> Result<Request, RequestError> {
    Request::parse(Bytes::copy_from_slice(body.as_bytes()), &Limits::default())
}

fn request() -> Request {
    parse(BODY).unwrap()
}

#[test]
fn invariant_1_a_request_that_nobody_edits_shares_its_bytes() {
    let body = Bytes::from_static(BODY.as_bytes());
    let mut request = Request::parse(body.clone(), &Limits::default()).unwrap();
    request.news();
    request.get("/system/0/text");
    assert!(request.replace(at(0, 0), &[text(" ")]).is_err());
    assert!(request.replace(at(9, 0), &[text("x")]).is_err());
    assert!(request.replace(at(2, 9), &[text("x")]).is_err());
    assert!(request.set("/messages", "7").is_err());
    assert!(!request.edited());
    assert_eq!(request.body().as_ptr(), body.as_ptr());
}

#[test]
fn a_request_is_read() {
    let mut request = request();
    assert_eq!(request.model(), "claude-sonnet");
    assert!(request.streaming());
    assert_eq!(request.message_count(), 3);
    assert_eq!(request.tool_names(), ["Bash", "web_search"]);
    assert_eq!(request.get("/unknown/x/1").as_deref(), Some("2"));
    assert_eq!(
        request.get("/messages/1/content/0/thinking").as_deref(),
        Some("\"hm\"")
    );
    assert_eq!(request.get("/messages/01"), None);
    assert_eq!(request.get("unknown"), None);
    assert_eq!(request.get("").as_deref(), Some(BODY));
    assert_eq!(request.message(7), []);
    let hi = PlacedBlock {
        at: at(0, 0),
        role: "user".to_owned(),
        block: text("hi"),
    };
    assert_eq!(request.message(0), [hi]);
}

#[test]
fn news_is_what_follows_the_last_reply() {
    let news = request().news();
    let kinds: Vec<_> = news.iter().map(|placed| placed.block.kind()).collect();
    use crate::BlockKind::{Other, Text, ToolResult};
    assert_eq!(kinds, [ToolResult, Text, Other]);
    assert_eq!(news[1].at, at(2, 1));
    let all = parse(
        r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#,
    );
    assert_eq!(all.unwrap().news().len(), 2);
    let prefilled = parse(
        r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
    );
    assert_eq!(prefilled.unwrap().news(), []);
}

#[test]
fn each_block_carries_a_short_role() {
    let role = "\u{e9}".repeat(1000);
    let blocks = vec![r#"{"type":"text","text":"x"}"#; 100].join(",");
    let body = format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"{role}","content":[{blocks}]}}]}}"#
    );
    let blocks = parse(&body).unwrap().message(0);
    assert_eq!(blocks.len(), 100);
    assert!(blocks.iter().all(|block| block.role.len() == 64));
}
