//! Blocks read, written and rewritten.

use super::*;

fn result(call_id: &str, content: &str, is_error: bool) -> Block {
    Block::ToolResult(ToolResult {
        call_id: call_id.to_owned(),
        content: content.to_owned(),
        is_error,
    })
}

fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    })
}

fn rewrites(json: &str, block: &Block, expected: &str) {
    assert_eq!(rewrite(json, block).as_deref(), Some(expected));
    assert_eq!(read(expected), *block);
}

#[test]
fn each_kind_is_read() {
    for (json, block) in [
        (
            r#"{"type":"text","text":"a\nb"}"#,
            Block::Text("a\nb".to_owned()),
        ),
        (
            r#"{"thinking":"h","type":"thinking","signature":"s"}"#,
            Block::Thinking("h".to_owned()),
        ),
        (
            r#"{"type":"tool_use","id":"i","name":"n","input":{"a": 1.50}}"#,
            call("i", "n", r#"{"a": 1.50}"#),
        ),
        (
            r#"{"type":"tool_use","id":"i","name":"n","input":"{x"}"#,
            call("i", "n", r#""\"{x\"""#),
        ),
        (r#"{"type":"tool_use"}"#, call("", "", "{}")),
        (
            r#"{"type":"tool_result","tool_use_id":"i","content":"c"}"#,
            result("i", "c", false),
        ),
        (
            r#"{"type":"tool_result","tool_use_id":"i","is_error":true}"#,
            result("i", "", true),
        ),
        (
            r#"{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]}"#,
            result("i", "a\nb", false),
        ),
        (
            r#"{"type":"image","x":1}"#,
            Block::Other(r#"{"type":"image","x":1}"#.to_owned()),
        ),
        (r#"{"x":1}"#, Block::Other(r#"{"x":1}"#.to_owned())),
    ] {
        assert_eq!(read(json), block, "{json}");
    }
}

#[test]
fn what_is_written_reads_as_itself() {
    for block in [
        Block::Text("\"é\"".to_owned()),
        call("i", "n", "{}"),
        result("i", "c", true),
        Block::Other(r#"{"type":"image"}"#.to_owned()),
    ] {
        assert_eq!(read(&write(&block)), block);
    }
}

#[test]
fn rewriting_keeps_what_is_not_changed() {
    let json = r#"{ "type":"text", "text":"\u0061", "cache_control":{"type":"ephemeral"} }"#;
    rewrites(json, &Block::Text("a".to_owned()), json);
    let changed = json.replace(r"\u0061", "b");
    rewrites(json, &Block::Text("b".to_owned()), &changed);
    assert_eq!(rewrite(json, &call("i", "n", "{}")), None);
}

#[test]
fn a_tool_call_is_rewritten_with_its_other_fields() {
    let json = r#"{"type":"tool_use","caller":{"type":"direct"},"id":"i","name":"n","input":{}}"#;
    let expected =
        r#"{"type":"tool_use","caller":{"type":"direct"},"id":"i","name":"m","input":{"a":1}}"#;
    rewrites(json, &call("i", "m", r#"{"a":1}"#), expected);
}

#[test]
fn a_tool_results_string_is_rewritten() {
    let json = r#"{"type":"tool_result","tool_use_id":"i","content":"c","cache_control":{}}"#;
    let expected = r#"{"type":"tool_result","tool_use_id":"i","content":"d","cache_control":{},"is_error":true}"#;
    rewrites(json, &result("i", "d", true), expected);
}

#[test]
fn the_first_text_of_a_tool_result_takes_all_the_text() {
    let parts =
        |parts: &str| format!(r#"{{"type":"tool_result","tool_use_id":"i","content":{parts}}}"#);
    for (before, after) in [
        (
            r#"[{"type":"image"}, {"type":"text","text":"a","x":1}, {"type":"text","text":"b"}, {"type":"image"}]"#,
            r#"[{"type":"image"}, {"type":"text","text":"c","x":1}, {"type":"image"}]"#,
        ),
        (
            r#"[{"type":"image"}]"#,
            r#"[{"type":"text","text":"c"},{"type":"image"}]"#,
        ),
        (r#"[]"#, r#"[{"type":"text","text":"c"}]"#),
        (r#"null"#, r#""c""#),
    ] {
        rewrites(&parts(before), &result("i", "c", false), &parts(after));
    }
}
