//! Calls of chat messages, read and changed.

use super::*;

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

#[test]
fn calls_are_read_whatever_wrote_them() {
    for (json, read) in [
        (
            r#"{"id":"c","type":"function","function":{"name":"n","arguments":"{\"a\":1}"}}"#,
            call("c", "n", r#"{"a":1}"#),
        ),
        (
            r#"{"index":0,"function":{"name":"n","arguments":""}}"#,
            call("", "n", "{}"),
        ),
        (
            r#"{"function":{"name":"n","arguments":"{\"a"}}"#,
            call("", "n", r#""{\"a""#),
        ),
        (
            r#"{"function":{"name":"n","arguments":{"a":1}}}"#,
            call("", "n", r#"{"a":1}"#),
        ),
        (
            r#"{"id":"c","type":"custom","custom":{"name":"n","input":"ls -l"}}"#,
            call("c", "n", r#""ls -l""#),
        ),
        (
            r#"{"custom":{"name":"n","input":""}}"#,
            call("", "n", r#""""#),
        ),
    ] {
        assert_eq!(read_call(json), Some(read), "{json}");
    }
    for none in [
        "7",
        "{}",
        r#"{"function":7}"#,
        r#"{"function":{"name":"a","name":"b"}}"#,
        r#"{"id":"a","id":"b","function":{"name":"a"}}"#,
    ] {
        assert_eq!(read_call(none), None, "{none}");
    }
}

#[test]
fn a_changed_call_keeps_what_is_not_changed() {
    let json =
        r#"{ "id":"c", "x":1, "function":{"arguments":"{\u0022a\":1}","name":"\u006e","y":2}}"#;
    assert_eq!(set_call(json, &call("c", "n", r#"{"a":1}"#)), json);
    assert_eq!(
        set_call(json, &call("d", "n", r#"{"a":1}"#)),
        json.replace(r#""c""#, r#""d""#)
    );
    assert_eq!(
        set_call(json, &call("c", "m", r#"{"b":"x"}"#)),
        r#"{ "id":"c", "x":1, "function":{"arguments":"{\"b\":\"x\"}","name":"m","y":2}}"#
    );
    let custom = r#"{"id":"c","type":"custom","custom":{"name":"n","input":"ls"}}"#;
    assert_eq!(
        set_call(custom, &call("c", "n", r#""pwd""#)),
        custom.replace("ls", "pwd")
    );
    let raw = r#"{"id":"c","function":{"name":"n","arguments":{"a":1}}}"#;
    assert_eq!(
        set_call(raw, &call("c", "n", "{}")),
        r#"{"id":"c","function":{"name":"n","arguments":{}}}"#
    );
}

#[test]
fn what_is_written_reads_as_itself() {
    for arguments in [r#"{"a":"\"é"}"#, r#""cut {""#] {
        let call = call("c", "n", arguments);
        assert_eq!(read_call(&write_call(&call)).as_ref(), Some(&call));
        assert_eq!(set_call("7", &call), write_call(&call));
        let old = ToolCall {
            id: String::new(),
            ..call
        };
        let written = write_function_call(&old);
        assert_eq!(read_function_call(&written), Some(old));
    }
}

#[test]
fn a_function_call_of_old_has_no_id() {
    let json = r#"{"name":"n","arguments":"{}"}"#;
    assert_eq!(read_function_call(json), Some(call("", "n", "{}")));
    assert_eq!(
        set_function_call(json, &call("ignored", "m", "{}")),
        r#"{"name":"m","arguments":"{}"}"#
    );
}
