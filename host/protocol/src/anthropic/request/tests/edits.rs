//! Edits of requests: each changes its place and leaves all other bytes alone.

use super::*;

fn check(request: &mut Request, replacements: &[(&str, &str)]) {
    check_edited(request, BODY, replacements, parse);
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
