//! Real tools of agents, with what each writes.

use serde_json::json;

use sluice_policy_sdk::ToolCall;

use super::*;

fn written(name: &str, arguments: &Value) -> Vec<(String, Option<String>)> {
    let call = ToolCall {
        id: "toolu_1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_string(),
    };
    let written = of(&Input::of(&call, None)).into_iter();
    written
        .map(|written| (written.path, written.content))
        .collect()
}

#[test]
fn the_tools_of_agents_write_a_text_to_a_file() {
    let expected = [("a".to_owned(), Some("x".to_owned()))];
    for (name, arguments) in [
        ("Write", json!({"file_path": "a", "content": "x"})),
        (
            "Edit",
            json!({"file_path": "a", "old_string": "y", "new_string": "x"}),
        ),
        (
            "MultiEdit",
            json!({"file_path": "a", "edits": [{"old_string": "y", "new_string": "x"}]}),
        ),
        (
            "NotebookEdit",
            json!({"notebook_path": "a", "new_source": "x"}),
        ),
        ("write_file", json!({"path": "a", "content": "x"})),
        (
            "write_to_file",
            json!({"path": "a", "content": "x", "line_count": 1}),
        ),
        (
            "write_to_file",
            json!({"TargetFile": "a", "CodeContent": "x", "EmptyFile": false}),
        ),
        ("create_file", json!({"filePath": "a", "content": "x"})),
        (
            "edit_file",
            json!({"target_file": "a", "instructions": "y", "code_edit": "x"}),
        ),
        (
            "str_replace_editor",
            json!({"command": "create", "path": "a", "file_text": "x"}),
        ),
        (
            "str_replace_based_edit_tool",
            json!({"command": "str_replace", "path": "a", "old_str": "y", "new_str": "x"}),
        ),
        (
            "mcp__filesystem__edit_file",
            json!({"path": "a", "edits": [{"oldText": "y", "newText": "x"}], "dryRun": false}),
        ),
        ("replace_in_file", json!({"path": "a", "diff": "x"})),
        ("fsWrite", json!({"path": "a", "text": "x"})),
        (
            "replace",
            json!({"file_path": "a", "old_string": "y", "new_string": "x"}),
        ),
        (
            "push_files",
            json!({"files": [{"path": "a", "content": "x"}]}),
        ),
        (
            "insert_edit",
            json!({"arguments": {"uri": "a", "newContent": ["x"]}}),
        ),
    ] {
        assert_eq!(written(name, &arguments), expected, "{name} {arguments}");
    }
}

#[test]
fn patches_write_the_files_that_they_name() {
    let patch = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch";
    let expected = [("a".to_owned(), Some("x\n".to_owned()))];
    for (name, arguments) in [
        ("apply_patch", json!({"input": patch})),
        ("apply_patch", json!({"patchText": patch})),
        ("apply_patch", json!(patch)),
        ("shell", json!({"command": ["apply_patch", patch]})),
        (
            "exec",
            json!({"code": format!("tools.apply_patch({:?})", patch)}),
        ),
        (
            "exec",
            json!(format!("const p = {patch:?};\ntools.apply_patch(p)")),
        ),
        (
            "patch",
            json!({"patch": "--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+x\n"}),
        ),
    ] {
        assert_eq!(written(name, &arguments), expected, "{name} {arguments}");
    }
}

#[test]
fn a_file_that_is_put_elsewhere_is_written_there() {
    let expected = [("b".to_owned(), None)];
    for (name, arguments) in [
        ("move_file", json!({"source": "a", "destination": "b"})),
        (
            "copy_path",
            json!({"source_path": "a", "destination_path": "b"}),
        ),
        ("rename_file", json!({"old_path": "a", "new_path": "b"})),
    ] {
        assert_eq!(written(name, &arguments), expected, "{name} {arguments}");
    }
}

#[test]
fn reading_removing_and_shortening_write_nothing() {
    for (name, arguments) in [
        ("Read", json!({"file_path": "a"})),
        ("Grep", json!({"path": "a", "pattern": "x", "content": "y"})),
        ("search_files", json!({"path": "a", "text": "x"})),
        (
            "str_replace_editor",
            json!({"command": "view", "path": "a", "text": "x"}),
        ),
        (
            "Edit",
            json!({"file_path": "a", "old_string": "y", "new_string": ""}),
        ),
        (
            "Edit",
            json!({"file_path": "a", "old_string": "x y", "new_string": "x"}),
        ),
        (
            "edit_file",
            json!({"path": "a", "edits": [{"newText": "x"}], "dryRun": true}),
        ),
        ("delete_file", json!({"path": "a"})),
        (
            "apply_patch",
            json!({"input": "*** Begin Patch\n*** Delete File: a\n*** End Patch"}),
        ),
        ("Task", json!({"prompt": "write x to a"})),
        ("Bash", json!({"command": "ls"})),
    ] {
        assert_eq!(written(name, &arguments), [], "{name} {arguments}");
    }
}
