//! Views of requests and their edits.

use super::*;
use crate::{
    Request as _, ToolResult,
    request::testing::{at, blocks, call, check_edited, result, text},
};

const BODY: &str = r#"{
  "model": "gpt-\u0034o", "temperature": 1.0e0, "unknown": {"x": [1, 2]}, "n": 2, "parallel_tool_calls": true,
  "tools": [{"type": "function", "function": {"name": "Bash", "parameters": {}}}, {"type": "custom", "custom": {"name": "sql"}}],
  "tool_choice": {"type": "function", "function": {"name": "Bash"}},
  "messages": [
    {"role": "developer", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "data:"}}]},
    {"role": "assistant", "content": null, "reasoning_content": "hm", "refusal": "no", "tool_calls": [
      {"id": "call_1", "type": "function", "function": {"name": "Bash", "arguments": "{\"command\": \"ls\"}"}},
      {"id": "call_2", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}
    ]},
    {"tool_call_id": "call_1", "role": "tool", "content": "a.txt"},
    {"tool_call_id": "call_2", "role": "tool", "content": [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]},
    {"role": "user", "content": "go on", "name": "ann"}
  ],
  "stream": true
}"#;

fn parse(body: &str) -> Result<Request, RequestError> {
    Request::parse(Bytes::copy_from_slice(body.as_bytes()), &Limits::default())
}

fn request() -> Request {
    parse(BODY).unwrap()
}

fn check(request: &mut Request, replacements: &[(&str, &str)]) {
    check_edited(request, BODY, replacements, parse);
}

/// What becomes of a small request, edited.
fn edited(body: &str, edit: impl Fn(&mut Request) -> Result<(), EditError>) -> String {
    let mut request = parse(body).unwrap();
    edit(&mut request).unwrap();
    String::from_utf8(request.body().to_vec()).unwrap()
}

fn refused(body: &str, expected: &str) {
    assert_eq!(parse(body).unwrap_err().to_string(), expected, "{body}");
}

#[test]
fn a_request_says_how_many_replies_it_asks_for() {
    for (field, expected) in [
        (r#""n":3,"#, 3),
        (r#""n":null,"#, 1),
        ("", 1),
        (r#""n":"x","#, 1),
    ] {
        let body = format!(r#"{{{field}"model":"m","messages":[]}}"#);
        let mut request = Request::parse(body.into(), &Limits::default()).unwrap();
        assert_eq!(request.choices(), expected, "{field}");
    }
}

#[test]
fn invariant_1_a_request_that_nobody_edits_shares_its_bytes() {
    let body = Bytes::from_static(BODY.as_bytes());
    let mut request = Request::parse(body.clone(), &Limits::default()).unwrap();
    request.news();
    assert!(request.replace(at(0, 0), &[text(" ")]).is_err());
    assert!(request.replace(at(9, 0), &[text("x")]).is_err());
    assert!(request.set("/messages", "7").is_err());
    assert!(!request.edited());
    assert_eq!(request.body().as_ptr(), body.as_ptr());
}

#[test]
fn a_request_is_read() {
    let mut request = request();
    assert_eq!(request.model(), "gpt-4o");
    assert!(request.streaming());
    assert_eq!(request.message_count(), 6);
    assert_eq!(request.tool_names(), ["Bash", "sql"]);
    assert_eq!(request.get("/n").as_deref(), Some("2"));
    assert_eq!(request.message(0)[0].role, "developer");
    let image = r#"{"type": "image_url", "image_url": {"url": "data:"}}"#;
    let parts = [text("hi"), Block::Other(image.to_owned())];
    assert_eq!(blocks(&mut request, 1), parts);
    let said = [
        Block::Thinking("hm".to_owned()),
        text("no"),
        call("call_1", "Bash", r#"{"command": "ls"}"#),
        call("call_2", "sql", r#""select 1""#),
    ];
    assert_eq!(blocks(&mut request, 2), said);
    assert_eq!(blocks(&mut request, 3), [result("call_1", "a.txt")]);
    assert_eq!(blocks(&mut request, 4), [result("call_2", "1\n2")]);
}

#[test]
fn news_is_what_follows_the_last_reply() {
    let news = request().news();
    let places: Vec<_> = news.iter().map(|placed| placed.at).collect();
    assert_eq!(places, [at(3, 0), at(4, 0), at(5, 0)]);
}

#[test]
fn legacy_functions_are_calls_and_results_without_an_id() {
    let body = r#"{"messages":[
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
        {"role":"function","name":"f","content":"x"}],
        "functions":[{"name":"f"},{"name":"g"}],"function_call":{"name":"f"}}"#;
    let mut request = parse(body).unwrap();
    assert_eq!(blocks(&mut request, 0), [call("", "f", "{}")]);
    assert_eq!(blocks(&mut request, 1), [result("f", "x")]);
    assert_eq!(request.tool_names(), ["f", "g"]);
    let gone = edited(body, |request| request.remove_tool("f"));
    assert_eq!(
        gone,
        body.replace(
            r#"{"name":"f"},{"name":"g"}],"function_call":{"name":"f"}"#,
            r#"{"name":"g"}]"#
        )
    );
    let renamed = edited(body, |request| {
        request.replace(at(0, 0), &[call("", "g", "{}")])
    });
    assert_eq!(renamed, body.replacen(r#""name":"f""#, r#""name":"g""#, 1));
}

#[test]
fn replacing_blocks_leaves_all_other_bytes_alone() {
    let mut request = request();
    request.replace(at(5, 0), &[text("\"stop\"")]).unwrap();
    request.replace(at(1, 0), &[text("hey")]).unwrap();
    request.replace(at(2, 1), &[text("yes")]).unwrap();
    let ls = call("call_1", "Bash", r#"{"command":"pwd"}"#);
    request.replace(at(2, 2), &[ls]).unwrap();
    request
        .replace(at(2, 3), &[call("call_2", "sql", r#""select 2""#)])
        .unwrap();
    request
        .replace(at(3, 0), &[result("call_1", "b.txt")])
        .unwrap();
    request.replace(at(4, 0), &[result("call_2", "3")]).unwrap();
    let check_all = [
        (r#""go on""#, r#""\"stop\"""#),
        (r#""text": "hi""#, r#""text": "hey""#),
        (r#""refusal": "no""#, r#""refusal": "yes""#),
        (r#""{\"command\": \"ls\"}""#, r#""{\"command\":\"pwd\"}""#),
        ("select 1", "select 2"),
        ("a.txt", "b.txt"),
        (
            r#"{"type": "text", "text": "1"}, {"type": "text", "text": "2"}"#,
            r#"{"type": "text", "text": "3"}"#,
        ),
    ];
    check(&mut request, &check_all);
}

#[test]
fn blocks_are_added_and_left_out() {
    let body = r#"{"messages":[{"role":"assistant","content":"a","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}]}"#;
    let without_call = edited(body, |request| request.replace(at(0, 1), &[]));
    assert_eq!(
        without_call,
        r#"{"messages":[{"role":"assistant","content":"a"}]}"#
    );
    let without_text = edited(body, |request| request.replace(at(0, 0), &[]));
    assert_eq!(without_text, body.replace(r#""a""#, "null"));
    let noted = edited(body, |request| request.replace(at(0, 1), &[text("b")]));
    assert_eq!(
        noted,
        r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}"#
    );
    let with_call = edited(
        r#"{"messages":[{"role":"assistant","content":"a"}]}"#,
        |request| request.replace(at(0, 0), &[text("b"), call("2", "g", "{}")]),
    );
    assert_eq!(
        with_call,
        r#"{"messages":[{"role":"assistant","content":"b","tool_calls":[{"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]}]}"#
    );
}

#[test]
fn edits_that_the_api_would_refuse_are_not_made() {
    let mut request = request();
    let mut illegal = |at, blocks: &[Block]| {
        let refused = request.replace(at, blocks);
        assert!(
            matches!(refused, Err(EditError::Illegal(_))),
            "{blocks:?}: {refused:?}"
        );
    };
    illegal(at(5, 0), &[]);
    illegal(at(5, 0), &[call("1", "f", "{}")]);
    illegal(at(5, 0), &[result("call_1", "x")]);
    illegal(at(3, 0), &[text("x")]);
    illegal(at(2, 0), &[text("thoughts")]);
    illegal(at(2, 2), &[call("", "f", "{}")]);
    illegal(at(2, 2), &[call("1", "", "{}")]);
    let failed = Block::ToolResult(ToolResult {
        call_id: "call_1".to_owned(),
        content: "x".to_owned(),
        is_error: true,
    });
    illegal(at(3, 0), &[failed]);
    assert!(!request.edited());
}

#[test]
fn a_text_is_added_to_the_system_prompt_or_goes_ahead() {
    let mut with_prompt = request();
    with_prompt.append_system("And brief.").unwrap();
    check(&mut with_prompt, &[("Be kind.", r"Be kind.\n\nAnd brief.")]);
    let body = r#"{"messages":[{"role":"user","content":"hi"}]}"#;
    let mut request = parse(body).unwrap();
    request.append_system("one").unwrap();
    request.append_system("two").unwrap();
    assert_eq!(request.message(0)[0].block, text("hi"), "addresses stay");
    request.replace(at(0, 0), &[text("ho")]).unwrap();
    assert_eq!(
        request.body(),
        r#"{"messages":[{"role":"system","content":"one\n\ntwo"},{"role":"user","content":"ho"}]}"#
    );
}

#[test]
fn a_tool_is_taken_out_with_what_names_it() {
    let mut one = request();
    one.remove_tool("Bash").unwrap();
    check(
        &mut one,
        &[
            (
                r#"{"type": "function", "function": {"name": "Bash", "parameters": {}}}, "#,
                "",
            ),
            (
                r#",
  "tool_choice": {"type": "function", "function": {"name": "Bash"}}"#,
                "",
            ),
        ],
    );
    one.remove_tool("sql").unwrap();
    assert_eq!(one.tool_names(), [""; 0]);
    for field in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert_eq!(one.get(&format!("/{field}")), None, "{field}");
    }
    assert!(one.remove_tool("sql").is_err());
    let allowed = r#"{"messages":[],"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}]}}}"#;
    let fewer = edited(allowed, |request| request.remove_tool("a"));
    assert_eq!(
        fewer,
        allowed.replace(r#"{"type":"function","function":{"name":"a"}},"#, "")
    );
}

#[test]
fn a_body_that_is_no_request_is_refused_and_says_why() {
    refused("", "the body is empty; a JSON object is expected");
    refused("[]", "body: an object is expected");
    refused("{}", "messages: this parameter is missing");
    refused(r#"{"messages":7}"#, "messages: an array is expected");
    refused(r#"{"messages":[7]}"#, "messages[0]: an object is expected");
    refused(
        r#"{"messages":[{"content":"x"}]}"#,
        "messages[0].role: this parameter is missing",
    );
    refused(
        r#"{"messages":[{"role":"user","content":7}]}"#,
        "messages[0].content: a string or an array of objects is expected",
    );
    refused(
        r#"{"messages":[],"model":7}"#,
        "model: a string is expected",
    );
    refused(
        r#"{"messages":[],"stream":"yes"}"#,
        "stream: a boolean is expected",
    );
    assert!(parse(r#"{"messages":[],"stream":null,"model":null}"#).is_ok());
}

#[test]
fn a_key_that_is_read_must_not_stand_twice() {
    refused(
        r#"{"messages":[],"message\u0073":[]}"#,
        "messages: this parameter stands twice",
    );
    for (message, place) in [
        (r#""content":"a","content":"b""#, ".content"),
        (
            r#""content":[{"type":"text","text":"a","text":"b"}]"#,
            ".content[0]",
        ),
        (r#""tool_calls":[],"tool_calls":[]"#, ".tool_calls"),
        (r#""tool_calls":[{"id":"a","id":"b"}]"#, ".tool_calls"),
        (
            r#""tool_calls":[{"function":{"name":"a","name":"b"}}]"#,
            ".tool_calls",
        ),
        (
            r#""function_call":{"name":"a","name":"b"}"#,
            ".function_call",
        ),
    ] {
        let body = format!(r#"{{"messages":[{{"role":"assistant",{message}}}]}}"#);
        refused(
            &body,
            &format!("messages[0]{place}: this parameter stands twice"),
        );
    }
    let tools = r#"{"messages":[],"tools":[{"function":{"name":"a","name":"b"}}]}"#;
    refused(tools, "tools[0]: this parameter stands twice");
    let both = r#"{"messages":[{"role":"assistant","content":"a","reasoning":"r","reasoning_content":"r"}]}"#;
    assert!(
        parse(both).is_ok(),
        "clients send back what servers gave them"
    );
}
