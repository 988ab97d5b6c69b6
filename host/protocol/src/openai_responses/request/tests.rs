//! Views of requests and their edits.

use super::*;
use crate::{
    Request as _,
    request::testing::{at, blocks, call, check_edited, result, text},
};

const BODY: &str = r#"{
  "model": "gpt-5", "store": false, "background": true, "previous_response_id": "resp_0", "unknown": [1.50],
  "instructions": "Be kind.", "parallel_tool_calls": true,
  "tools": [{"type": "function", "name": "Bash", "parameters": {}}, {"type": "web_search"}, {"type": "custom", "name": "sql"}],
  "tool_choice": {"type": "function", "name": "Bash"},
  "input": [
    {"role": "user", "content": "hi"},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "look"}, {"type": "input_image", "image_url": "data:"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "c2ln"},
    {"type": "message", "role": "assistant", "id": "msg_1", "content": [{"type": "output_text", "text": "well", "annotations": []}]},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "Bash", "arguments": "{\"command\": \"ls\"}"},
    {"type": "custom_tool_call", "call_id": "call_2", "name": "sql", "input": "select 1"},
    {"type": "web_search_call", "id": "ws_1", "status": "completed"},
    {"type": "function_call_output", "call_id": "call_1", "output": "a.txt"},
    {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "1"}]},
    {"type": "computer_call_output", "call_id": "call_3", "output": {"type": "computer_screenshot"}},
    {"type": "item_reference", "id": "msg_0"}
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

fn refused(body: &str, expected: &str) {
    assert_eq!(parse(body).unwrap_err().to_string(), expected, "{body}");
}

#[test]
fn invariant_1_a_request_that_nobody_edits_shares_its_bytes() {
    let body = Bytes::from_static(BODY.as_bytes());
    let mut request = Request::parse(body.clone(), &Limits::default()).unwrap();
    request.news();
    assert!(request.replace(at(0, 0), &[text(" ")]).is_err());
    assert!(request.set("/input", "7").is_err());
    assert!(!request.edited());
    assert_eq!(request.body().as_ptr(), body.as_ptr());
}

#[test]
fn a_request_is_read_an_item_a_message() {
    let mut request = request();
    assert_eq!(request.model(), "gpt-5");
    assert!(request.streaming());
    assert_eq!(request.message_count(), 11);
    assert_eq!(request.tool_names(), ["Bash", "web_search", "sql"]);
    assert_eq!(request.get("/input/4/name").as_deref(), Some("\"Bash\""));
    assert_eq!(blocks(&mut request, 0), [text("hi")]);
    let image = r#"{"type": "input_image", "image_url": "data:"}"#;
    assert_eq!(
        blocks(&mut request, 1),
        [text("look"), Block::Other(image.to_owned())]
    );
    assert_eq!(blocks(&mut request, 2), [Block::Thinking("hm".to_owned())]);
    assert_eq!(blocks(&mut request, 3), [text("well")]);
    let ls = call("call_1", "Bash", r#"{"command": "ls"}"#);
    assert_eq!(blocks(&mut request, 4), [ls]);
    assert_eq!(
        blocks(&mut request, 5),
        [call("call_2", "sql", r#""select 1""#)]
    );
    assert_eq!(blocks(&mut request, 7), [result("call_1", "a.txt")]);
    assert_eq!(blocks(&mut request, 8), [result("call_2", "1")]);
    for message in [6, 9, 10] {
        assert!(matches!(
            blocks(&mut request, message)[..],
            [Block::Other(_)]
        ));
    }
    let roles: Vec<_> = (0..11)
        .map(|at| request.message(at)[0].role.clone())
        .collect();
    let expected = [
        "user",
        "user",
        "assistant",
        "assistant",
        "assistant",
        "assistant",
        "assistant",
        "tool",
        "tool",
        "tool",
        "user",
    ];
    assert_eq!(roles, expected);
}

#[test]
fn news_is_what_follows_what_the_model_said() {
    let places: Vec<_> = request()
        .news()
        .iter()
        .map(|placed| placed.at.message)
        .collect();
    assert_eq!(places, [7, 8, 9, 10]);
}

#[test]
fn an_input_that_is_one_string_is_one_message() {
    let mut request = parse(r#"{"model":"m","input":"hi"}"#).unwrap();
    assert_eq!(request.message_count(), 1);
    assert_eq!(request.news()[0].block, text("hi"));
    assert!(request.replace(at(0, 0), &[text("a"), text("b")]).is_err());
    request.replace(at(0, 0), &[text("ho")]).unwrap();
    assert_eq!(request.body(), r#"{"model":"m","input":"ho"}"#);
    assert_eq!(request.get("/input").as_deref(), Some("\"ho\""));
}

#[test]
fn a_request_of_nothing_or_of_a_stored_prompt_has_no_messages() {
    for body in ["{}", r#"{"prompt":{"id":"pmpt_1"},"input":null}"#] {
        let mut request = parse(body).unwrap();
        assert_eq!(
            (request.message_count(), request.model()),
            (0, String::new())
        );
        assert_eq!(request.news(), []);
    }
}

#[test]
fn replacing_blocks_leaves_all_other_bytes_alone() {
    let mut request = request();
    request.replace(at(0, 0), &[text("\"hey\"")]).unwrap();
    request.replace(at(1, 0), &[text("see")]).unwrap();
    request.replace(at(3, 0), &[text("so")]).unwrap();
    let pwd = call("call_1", "Bash", r#"{"command":"pwd"}"#);
    request.replace(at(4, 0), &[pwd]).unwrap();
    request
        .replace(at(5, 0), &[call("call_2", "sql", r#""select 2""#)])
        .unwrap();
    request
        .replace(at(7, 0), &[result("call_1", "b.txt")])
        .unwrap();
    request.replace(at(8, 0), &[result("call_2", "2")]).unwrap();
    let replacements = [
        (r#""hi""#, r#""\"hey\"""#),
        (r#""look""#, r#""see""#),
        (r#""well""#, r#""so""#),
        (r#""{\"command\": \"ls\"}""#, r#""{\"command\":\"pwd\"}""#),
        ("select 1", "select 2"),
        ("a.txt", "b.txt"),
        (r#""text": "1""#, r#""text": "2""#),
    ];
    check(&mut request, &replacements);
}

#[test]
fn a_message_takes_more_parts_in_the_words_of_its_role() {
    let mut request = request();
    request.replace(at(0, 0), &[text("a"), text("b")]).unwrap();
    request.replace(at(1, 1), &[]).unwrap();
    request.replace(at(3, 0), &[text("c"), text("d")]).unwrap();
    let replacements = [
        (
            r#""hi""#,
            r#"[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]"#,
        ),
        (r#", {"type": "input_image", "image_url": "data:"}"#, ""),
        (
            r#"{"type": "output_text", "text": "well", "annotations": []}"#,
            r#"{"type":"output_text","text":"c","annotations":[]},{"type":"output_text","text":"d","annotations":[]}"#,
        ),
    ];
    check(&mut request, &replacements);
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
    illegal(at(0, 0), &[]);
    illegal(at(0, 0), &[call("1", "f", "{}")]);
    illegal(at(2, 0), &[text("thoughts")]);
    illegal(at(4, 0), &[]);
    illegal(at(4, 0), &[text("x")]);
    illegal(at(4, 0), &[call("", "f", "{}")]);
    illegal(at(7, 0), &[text("x")]);
    illegal(at(7, 0), &[result("call_1", "x"), text("y")]);
    assert!(!request.edited());
}

#[test]
fn a_text_is_added_to_the_instructions() {
    let mut request = request();
    request.append_system("And brief.").unwrap();
    check(&mut request, &[("Be kind.", r"Be kind.\n\nAnd brief.")]);
    let mut request = parse(r#"{"input":"hi"}"#).unwrap();
    request.append_system("one").unwrap();
    request.append_system("two").unwrap();
    assert_eq!(
        request.body(),
        r#"{"input":"hi","instructions":"one\n\ntwo"}"#
    );
}

#[test]
fn a_tool_is_taken_out_with_what_names_it() {
    let mut some = request();
    some.remove_tool("Bash").unwrap();
    let replacements = [
        (
            r#"{"type": "function", "name": "Bash", "parameters": {}}, "#,
            "",
        ),
        (
            r#",
  "tool_choice": {"type": "function", "name": "Bash"}"#,
            "",
        ),
    ];
    check(&mut some, &replacements);
    some.remove_tool("web_search").unwrap();
    some.remove_tool("sql").unwrap();
    for field in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert_eq!(some.get(&format!("/{field}")), None, "{field}");
    }
    let allowed = r#"{"tools":[{"type":"function","name":"a"},{"type":"function","name":"b"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"b"},{"type":"function","name":"a"}]}}"#;
    let mut request = parse(allowed).unwrap();
    request.remove_tool("a").unwrap();
    assert_eq!(
        request.body(),
        r#"{"tools":[{"type":"function","name":"b"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"b"}]}}"#
    );
}

#[test]
fn each_text_in_the_commands_of_a_search_is_read_and_replaced_as_news() {
    let body = r#"{"id":"s","model":"m","input":[{"role":"assistant","content":"ok"}],"commands":{"search_query":[{"q":"a","recency":7,"domains":["b", "c"]}],"open":[{"ref_id":"d"}] }}"#;
    let mut search = parse(body).unwrap();
    let news: Vec<_> = search.news().into_iter().map(|news| news.block).collect();
    assert_eq!(news, ["a", "b", "c", "d"].map(text));
    search.replace(at(1, 0), &[text("a")]).unwrap();
    assert_eq!(search.body(), body);
    search.replace(at(1, 0), &[text("x")]).unwrap();
    search.replace(at(4, 0), &[text("y")]).unwrap();
    let expected = body.replace("\"a\"", "\"x\"").replace("\"d\"", "\"y\"");
    assert_eq!(search.body(), expected);
    assert!(search.replace(at(2, 0), &[call("c", "n", "{}")]).is_err());
    for nothing in ["null", "7", "{}", "[[],{}]"] {
        let mut search = parse(&format!(r#"{{"commands":{nothing}}}"#)).unwrap();
        assert_eq!(search.message_count(), 0, "{nothing}");
    }
    let deep = format!(r#"{{"commands":{}}}"#, "[".repeat(200));
    assert!(parse(&deep).unwrap_err().to_string().contains("JSON"));
    refused(
        r#"{"commands":{},"c\u006fmmands":{}}"#,
        "commands: this parameter stands twice",
    );
}

#[test]
fn a_body_that_is_no_request_is_refused_and_says_why() {
    refused("[]", "body: an object is expected");
    refused(
        r#"{"input":7}"#,
        "input: a string or an array of objects is expected",
    );
    refused(r#"{"input":["x"]}"#, "input[0]: an object is expected");
    refused(r#"{"model":7}"#, "model: a string is expected");
    for twice in [
        r#"{"role":"user","content":"a","cont\u0065nt":"b"}"#,
        r#"{"role":"user","content":[{"text":"a","text":"b"}]}"#,
        r#"{"type":"function_call","name":"a","name":"b"}"#,
        r#"{"type":"function_call_output","output":[{"text":"a","text":"b"}]}"#,
    ] {
        let body = format!(r#"{{"input":[{twice}]}}"#);
        refused(&body, "input[0]: this parameter stands twice");
    }
    refused(
        r#"{"input":[],"input":"x"}"#,
        "input: this parameter stands twice",
    );
}
