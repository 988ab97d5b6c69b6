//! Items of the Responses API, read and changed.

use super::*;

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

#[test]
fn every_call_that_the_agent_runs_is_read() {
    for (json, read) in [
        (
            r#"{"type":"function_call","id":"fc_1","call_id":"c","name":"n","arguments":"{\"a\":1}"}"#,
            call("c", "n", r#"{"a":1}"#),
        ),
        (
            r#"{"type":"custom_tool_call","call_id":"c","name":"n","input":"ls"}"#,
            call("c", "n", r#""ls""#),
        ),
        (
            r#"{"type":"local_shell_call","id":"c","call_id":null,"action":{"type":"exec"}}"#,
            call("c", "local_shell", r#"{"type":"exec"}"#),
        ),
        (
            r#"{"type":"shell_call","call_id":"c","action":{"commands":["ls"]}}"#,
            call("c", "shell", r#"{"commands":["ls"]}"#),
        ),
        (
            r#"{"type":"apply_patch_call","call_id":"c","operation":{"path":"p"}}"#,
            call("c", "apply_patch", r#"{"path":"p"}"#),
        ),
        (
            r#"{"type":"computer_call","call_id":"c","action":{"type":"wait"}}"#,
            call("c", "computer", r#"{"type":"wait"}"#),
        ),
        (
            r#"{"type":"computer_call","call_id":"c","actions":[{"type":"wait"}]}"#,
            call("c", "computer", r#""[{\"type\":\"wait\"}]""#),
        ),
        (r#"{"type":"shell_call"}"#, call("", "shell", "{}")),
    ] {
        assert_eq!(read_call(json), Some(read.clone()), "{json}");
        assert_eq!(set_call(json, &read), json);
    }
    for none in [
        "[]",
        "{}",
        r#"{"type":"web_search_call","action":{}}"#,
        r#"{"type":"function_call","name":"a","name":"b"}"#,
        r#"{"type":"function_call","arguments":"","arguments":""}"#,
    ] {
        assert_eq!(read_call(none), None, "{none}");
    }
    assert!(is_output("shell_call_output") && !is_output("shell_call"));
}

#[test]
fn a_changed_call_keeps_what_is_not_changed() {
    for (json, new, expected) in [
        (
            r#"{"type":"function_call", "id":"fc_1","call_id":"c","name":"n","arguments":"{}","status":"completed"}"#,
            call("d", "m", r#"{"a":1}"#),
            r#"{"type":"function_call", "id":"fc_1","call_id":"d","name":"m","arguments":"{\"a\":1}","status":"completed"}"#,
        ),
        (
            r#"{"type":"custom_tool_call","call_id":"c","name":"n","input":"ls"}"#,
            call("c", "n", r#"{"a":1}"#),
            r#"{"type":"custom_tool_call","call_id":"c","name":"n","input":"{\"a\":1}"}"#,
        ),
        (
            r#"{"type":"local_shell_call","id":"c","action":{"x":1}}"#,
            call("c", "local_shell", r#"{"x":2}"#),
            r#"{"type":"local_shell_call","id":"c","action":{"x":2}}"#,
        ),
        (
            r#"{"type":"computer_call","call_id":"c","actions":[{"x":1}]}"#,
            call("c", "computer", r#""[{\"x\":2}]""#),
            r#"{"type":"computer_call","call_id":"c","actions":[{"x":2}]}"#,
        ),
        (
            r#"{"type":"computer_call","call_id":"c","actions":[{"x":1}]}"#,
            call("c", "computer", r#"{"x":2}"#),
            r#"{"type":"computer_call","call_id":"c","actions":[{"x":2}]}"#,
        ),
        (
            r#"{"type":"shell_call","id":"sh_1","call_id":"c","action":{},"status":"completed"}"#,
            call("c", "Bash", r#"{"x":2}"#),
            r#"{"type":"function_call","call_id":"c","name":"Bash","arguments":"{\"x\":2}","id":"fc_sh_1","status":"completed"}"#,
        ),
    ] {
        assert_eq!(set_call(json, &new), expected);
        assert!(read_call(expected).is_some());
    }
    let made = call("c", "n", r#"{"a":1}"#);
    assert_eq!(read_call(&set_call("7", &made)), Some(made));
}

#[test]
fn texts_of_parts_are_read_and_changed() {
    for (part, changed) in [
        (
            r#"{"type":"output_text","text":"a","annotations":[],"logprobs":[{"token":"a"}]}"#,
            r#"{"type":"output_text","text":"b","annotations":[],"logprobs":[]}"#,
        ),
        (
            r#"{"type":"input_text","text":"\u0061"}"#,
            r#"{"type":"input_text","text":"b"}"#,
        ),
        (
            r#"{"type":"refusal","refusal":"a"}"#,
            r#"{"type":"refusal","refusal":"b"}"#,
        ),
    ] {
        assert_eq!(read_text(part).as_deref(), Some("a"));
        assert_eq!(set_text(part, "b"), changed);
    }
    assert_eq!(read_text(r#"{"type":"input_image"}"#), None);
    assert_eq!(read_text(r#"{"type":"text","text":"a","text":"b"}"#), None);
}

#[test]
fn reasoning_is_read_a_line_each() {
    let json = r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"a"}],"content":[{"type":"reasoning_text","text":"b"},7],"encrypted_content":"x"}"#;
    assert_eq!(read_reasoning(json), "a\nb");
    assert_eq!(read_reasoning(r#"{"type":"reasoning"}"#), "");
}
