//! Views of requests and their edits.

use super::*;
use crate::{PlacedBlock, Request as _, ToolCall, ToolResult};

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

fn at(message: u32, block: u32) -> BlockAddress {
    BlockAddress { message, block }
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

/// The body after edits is the original with these replacements, and reads as a request again.
fn check(request: &mut Request, replacements: &[(&str, &str)]) {
    let mut expected = BODY.to_owned();
    for (old, new) in replacements {
        assert_eq!(expected.matches(old).count(), 1, "{old}");
        expected = expected.replace(old, new);
    }
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    assert_eq!(body, expected);
    let mut again = parse(&body).unwrap();
    assert_eq!(again.news(), request.news());
    assert!(request.edited());
}

fn refused(body: &str, expected: &str) {
    assert_eq!(parse(body).unwrap_err().to_string(), expected, "{body}");
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
fn replacing_blocks_leaves_all_other_bytes_alone() {
    let mut request = request();
    request.replace(at(2, 1), &[text("stop")]).unwrap();
    request.replace(at(0, 0), &[text("\"hey\"")]).unwrap();
    let result = ToolResult {
        call_id: "toolu_1".to_owned(),
        content: "b.txt".to_owned(),
        is_error: false,
    };
    request
        .replace(at(2, 0), &[Block::ToolResult(result)])
        .unwrap();
    check(
        &mut request,
        &[
            ("go on", "stop"),
            (r#""hi""#, r#""\"hey\"""#),
            ("a.txt", "b.txt"),
        ],
    );
}

#[test]
fn replacing_one_block_by_two_moves_those_behind_it() {
    let mut request = request();
    request
        .replace(at(2, 0), &[text("one"), text("two")])
        .unwrap();
    request.replace(at(2, 2), &[text("three")]).unwrap();
    request.replace(at(2, 0), &[]).unwrap();
    assert_eq!(request.message(2).len(), 3);
    let old = r#"{"type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt", "cache_control": {"type": "ephemeral"}}"#;
    check(
        &mut request,
        &[(old, r#"{"type":"text","text":"two"}"#), ("go on", "three")],
    );
    request.replace(at(2, 0), &[]).unwrap();
    request.replace(at(2, 0), &[]).unwrap();
    let last = request.replace(at(2, 0), &[]).unwrap_err();
    assert_eq!(last.to_string(), "a message must have content");
    assert_eq!(request.message(2).len(), 1);
}

#[test]
fn content_that_is_a_string_becomes_a_list_where_it_must() {
    let mut request = request();
    request.replace(at(0, 0), &[text("a"), text("b")]).unwrap();
    request.replace(at(0, 1), &[text("c")]).unwrap();
    let list = r#"[{"type":"text","text":"a"},{"type":"text","text":"c"}]"#;
    check(&mut request, &[(r#""hi""#, list)]);
}

#[test]
fn a_replacement_that_upstream_refuses_is_illegal() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(123), "]".repeat(123));
    let call = |arguments: &str| {
        Block::ToolCall(ToolCall {
            id: "toolu_1".to_owned(),
            name: "Bash".to_owned(),
            arguments: arguments.to_owned(),
        })
    };
    let mut request = request();
    for block in [
        text("\n"),
        Block::Thinking("x".to_owned()),
        Block::Other("[]".to_owned()),
        Block::Other("{".to_owned()),
        call("[]"),
        call("{\"a\":}"),
        call(&deep),
    ] {
        assert!(
            request
                .replace(at(2, 1), std::slice::from_ref(&block))
                .is_err(),
            "{block:?}"
        );
    }
    assert!(request.replace(at(1, 0), &[text("x")]).is_err());
    assert!(!request.edited());
}

#[test]
fn the_model_is_set_in_place() {
    let mut request = request();
    request.set_model("other").unwrap();
    assert_eq!(request.model(), "other");
    check(&mut request, &[(r"claude-\u0073onnet", "other")]);
    assert!(request.set_model("").is_err());
}

#[test]
fn a_text_is_added_to_the_system_prompt() {
    let mut listed = request();
    listed.append_system("And \"brief\".").unwrap();
    let added = r#""Be kind.", "cache_control": {"type": "ephemeral"}},{"type":"text","text":"And \"brief\"."}"#;
    check(
        &mut listed,
        &[(
            r#""Be kind.", "cache_control": {"type": "ephemeral"}}"#,
            added,
        )],
    );
    for (system, expected) in [
        (r#""#, r#","system":"b""#),
        (r#", "system": null"#, r#", "system": "b""#),
        (r#", "system": """#, r#", "system": "b""#),
        (r#", "system": "a\u0021""#, r#", "system": "a\u0021\n\nb""#),
        (
            r#", "system": [ ]"#,
            r#", "system": [{"type":"text","text":"b"} ]"#,
        ),
    ] {
        let body = |system: &str| format!(r#"{{"model":"m","messages":[]{system}}}"#);
        let mut request = parse(&body(system)).unwrap();
        request.append_system("b").unwrap();
        assert_eq!(request.body(), body(expected));
    }
    let mut odd = parse(r#"{"model":"m","messages":[],"system":7}"#).unwrap();
    assert!(odd.append_system("b").is_err());
}

#[test]
fn a_tool_is_taken_out_and_with_it_the_choice_of_it() {
    let mut request = request();
    request.remove_tool("Bash").unwrap();
    let tool = r#"{"name": "Bash", "input_schema": {"type": "object"}}, "#;
    let choice = ",\n  \"tool_choice\": {\"type\": \"tool\", \"name\": \"Bash\"}";
    check(&mut request, &[(tool, ""), (choice, "")]);
    assert!(matches!(
        request.remove_tool("Bash"),
        Err(EditError::NotFound(_))
    ));
    request.remove_tool("web_search").unwrap();
    assert_eq!(request.tool_names(), [] as [&str; 0]);
    assert_eq!(request.get("/tools"), None);
}

#[test]
fn the_last_tool_takes_the_list_and_any_choice_with_it() {
    let body = r#"{"tool_choice":{"type":"any"},"model":"m","messages":[],"tools":[{"name":"a"},{"name":"a"}]}"#;
    let mut request = parse(body).unwrap();
    request.remove_tool("a").unwrap();
    assert_eq!(request.body(), r#"{"model":"m","messages":[]}"#);
}

#[test]
fn fields_are_set_by_pointer() {
    let mut request = request();
    request.replace(at(2, 1), &[text("stop")]).unwrap();
    request.set("/max_tokens", "5").unwrap();
    request.set("/unknown/x/-", "3").unwrap();
    request
        .set("/messages/1/content/1/input/a~1b", "null")
        .unwrap();
    request.set("/stream", "false").unwrap();
    assert!(!request.streaming());
    check(
        &mut request,
        &[
            ("go on", "stop"),
            ("1.0e3", "5"),
            ("[1, 2]", "[1, 2,3]"),
            (r#""command": "ls""#, r#""command": "ls","a/b":null"#),
            (r#""stream": true"#, r#""stream": false"#),
        ],
    );
}

#[test]
fn an_edit_that_breaks_the_shape_is_not_made() {
    let mut request = request();
    for (pointer, value) in [
        ("/messages", "1"),
        ("/messages/0", "null"),
        ("/messages/0/role", "1"),
        ("/model", "\"\""),
        ("/stream", "1"),
        ("", "[]"),
        ("/max_tokens", "{"),
        ("/nothing/here", "1"),
        ("/unknown/x/2", "1"),
        ("max_tokens", "1"),
    ] {
        assert!(request.set(pointer, value).is_err(), "{pointer}");
    }
    assert!(!request.edited());
    assert_eq!(request.body(), BODY);
}

#[test]
fn a_body_of_the_wrong_shape_is_refused_in_the_apis_words() {
    refused("", "the body is empty; a JSON object is expected");
    refused(
        "[1,]",
        "the body is not valid JSON: a value is expected at byte 3",
    );
    refused("[]", "body: Input should be a valid dictionary");
    refused("{}", "model: Field required");
    refused(r#"{"model":"m"}"#, "messages: Field required");
    refused(
        r#"{"model":1,"messages":[]}"#,
        "model: Input should be a valid string",
    );
    refused(
        r#"{"model":"","messages":[]}"#,
        "model: String should have at least 1 character",
    );
    refused(
        r#"{"model":"m","messages":{}}"#,
        "messages: Input should be a valid list",
    );
    refused(
        r#"{"model":"m","messages":[],"stream":1}"#,
        "stream: Input should be a valid boolean",
    );
    let message = |message: &str| format!(r#"{{"model":"m","messages":[{message}]}}"#);
    refused(
        &message("1"),
        "messages.0: Input should be a valid dictionary",
    );
    refused(
        &message(r#"{"content":""}"#),
        "messages.0.role: Field required",
    );
    refused(
        &message(r#"{"role":"user"}"#),
        "messages.0.content: Field required",
    );
    refused(
        &message(r#"{"role":1,"content":""}"#),
        "messages.0.role: Input should be a valid string",
    );
    refused(
        &message(r#"{"role":"user","content":1}"#),
        "messages.0.content: Input should be a valid string or list",
    );
    refused(
        &message(r#"{"role":"user","content":["x"]}"#),
        "messages.0.content.0: Input should be a valid dictionary",
    );
    assert_eq!(
        parse(r#"{"model":"m","messages":[]}"#)
            .unwrap()
            .message_count(),
        0
    );
}

#[test]
fn a_body_that_is_not_utf_8_is_refused() {
    let body = Bytes::from_static(b"{\"model\":\"\xff\"}");
    let refused = Request::parse(body, &Limits::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the body is not valid JSON: it is not UTF-8 at byte 10"
    );
}

#[test]
fn too_many_messages_are_refused() {
    let message = r#"{"role":"user","content":""}"#;
    let body = format!(r#"{{"model":"m","messages":[{}]}}"#, [message; 4].join(","));
    let limits = Limits {
        messages: 3,
        ..Limits::default()
    };
    let refused = Request::parse(Bytes::from(body), &limits).unwrap_err();
    assert_eq!(
        refused,
        RequestError::TooManyMessages { count: 4, limit: 3 }
    );
}

#[test]
fn a_key_that_stands_twice_cannot_smuggle_content_past_the_policies() {
    let twice = "Field stands twice";
    refused(
        r#"{"model":"m","messages":[],"messages":[]}"#,
        &format!("messages: {twice}"),
    );
    refused(
        r#"{"model":"m","m\u006fdel":"n","messages":[]}"#,
        &format!("model: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"stream":true,"stream":false}"#,
        &format!("stream: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"system":"","system":""}"#,
        &format!("system: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"tools":[{"name":"a","name":"b"}]}"#,
        &format!("tools: {twice}"),
    );
    let message =
        |fields: &str| format!(r#"{{"model":"m","messages":[{{"role":"user",{fields}}}]}}"#);
    refused(
        &message(r#""content":"","content":"""#),
        &format!("messages.0.content: {twice}"),
    );
    refused(
        &message(r#""content":"","role":"x""#),
        &format!("messages.0.role: {twice}"),
    );
    let block = |fields: &str| message(&format!(r#""content":[{{{fields}}}]"#));
    let place = format!("messages.0.content.0: {twice}");
    refused(
        &block(r#""type":"text","text":"a","te\u0078t":"b""#),
        &place,
    );
    refused(
        &block(r#""type":"tool_result","content":[{"type":"text","text":"a","text":"b"}]"#),
        &place,
    );
    assert!(parse(&block(r#""type":"x","y":1,"y":2"#)).is_ok());
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
