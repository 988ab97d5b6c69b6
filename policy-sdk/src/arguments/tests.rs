//! What clients repair, what they read differently, and what is true of any text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    reader::{DEEPEST, Keys, Quotes, Reader},
    readings,
};
use crate::ToolCall;

const RM: &str = "rm -rf ~/work";

/// The call that a policy sees for arguments that upstream wrote like this.
fn call(raw: &str) -> ToolCall {
    let is_object = matches!(serde_json::from_str(raw), Ok(Value::Object(_)));
    let arguments = match is_object {
        true => raw.to_owned(),
        false => Value::from(raw).to_string(),
    };
    ToolCall {
        id: String::new(),
        name: "Bash".to_owned(),
        arguments,
    }
}

/// Asserts that one of the readings has this `command`.
#[track_caller]
fn assert_reads(raw: &str, command: impl Into<Value>) {
    let (readings, command) = (call(raw).readings(), command.into());
    let reads = |value: &Value| value.get("command").or(value[0].get("command")) == Some(&command);
    assert!(readings.iter().any(reads), "{raw}\n{readings:?}");
}

#[test]
fn what_clients_repair_is_read() {
    for raw in [
        // Cut off, at any place behind the command.
        r#"{"command":"rm -rf ~/work"#,
        r#"{"command":"rm -rf ~/work\"#,
        r#"{"command":"rm -rf ~/work\u00"#,
        r#"{"command":"rm -rf ~/work""#,
        r#"{"command":"rm -rf ~/work","#,
        r#"{"command":"rm -rf ~/work","x"#,
        r#"{"command":"rm -rf ~/work","x":tru"#,
        r#"{"command":"rm -rf ~/work","x":1."#,
        r#"{"command":"rm -rf ~/work","x":[{"y":["#,
        // As JavaScript, JSON5 and Python write it.
        "{'command': 'rm -rf ~/work',}",
        "{command: \"rm -rf ~/work\", x: +.5, y: 0x1F, z: Infinity, n: NaN}",
        "{\"command\": `rm -rf ~/work`}",
        "{'x': None, 'y': True, 'z': (1, 2), 'command': 'rm -rf ~/work'}",
        "{'command': r'rm -rf ~/work'}",
        "{'command': \"\"\"rm -rf ~/work\"\"\"}",
        "{'command': 'rm -rf' ' ~/work'}",
        r#"{"command": "rm " + "-rf ~/work"}"#,
        r#"{"command": "\x72m -rf ~\u{2f}work"}"#,
        "{// it goes\n/* away */ \"command\": # now\n \"rm -rf ~/work\"}",
        "{command = rm -rf ~/work}",
        "{“command”: “rm -rf ~/work”}",
        // With something missing.
        r#"{"x": 1 "command": "rm -rf ~/work"}"#,
        r#"{"command" "rm -rf ~/work"}"#,
        r#"{command": "rm -rf ~/work"}"#,
        r#""command": "rm -rf ~/work""#,
        r#"["command": "rm -rf ~/work"}"#,
        // With something around it.
        "\u{feff}{\"command\":\"rm -rf ~/work\"}",
        "\0{\"command\":\"rm -rf ~/work\"}\0",
        "```json\n{\"command\":\"rm -rf ~\\/work\"}\n```",
        "Here are the arguments: {\"command\":\"rm -rf ~/work\"} Good luck!",
        "<tool_call>{\"command\":\"rm -rf ~/work\"}</tool_call>",
        // Several documents.
        r#"{}{"command":"rm -rf ~/work"}"#,
        r#"{"command":"rm -rf ~/work"} {"command":"ls"}"#,
        "{\"x\":1}\n{\"command\":\"rm -rf ~/work\"}\n",
        // With a key twice.
        r#"{"command":"rm -rf ~/work","command":"ls"}"#,
        r#"{"command":"ls","command":"rm -rf ~/work"}"#,
        // With something that serde_json can't read.
        r#"{"command":"rm -rf ~/work","x":"\ud800"}"#,
        r#"{"command":"rm -rf ~/work","x":1e999,"y":-1E+999}"#,
        // Encoded again.
        r#"{\"command\": \"rm -rf ~/work\"}"#,
        r#""{"command": "rm -rf ~/work"}""#,
        r#"{\n  \"command\": \"rm -rf ~/work\"\n}"#,
        "{&quot;command&quot;: &quot;rm -rf ~/work&quot;}",
        r#"Arguments: "{\"command\": \"rm -rf ~/work\"}""#,
    ] {
        assert_reads(raw, RM);
    }
}

#[test]
fn quotes_within_a_string_are_read_in_each_way() {
    assert_reads(
        r#"{"command": "echo "hi" && rm -rf x"}"#,
        "echo \"hi\" && rm -rf x",
    );
    assert_reads(
        r#"{"command": "echo "a", "b"; rm -rf x", "y": 1}"#,
        "echo \"a\", \"b\"; rm -rf x",
    );
    assert_reads(r#"{"command": "ls", rm -rf x"}"#, "ls");
    assert_reads("{\"command\": \"ls \\\nrm x\"}", "ls rm x");
    assert_reads("{\"command\": \"ls \\\nrm x\"}", "ls \nrm x");
    assert_reads(
        r#"{"command": ["rm", "-rf" "x"]}"#,
        json!(["rm", "-rf", "x"]),
    );
}

#[test]
fn json_within_a_string_is_read_four_times_over() {
    let mut raw = json!({"command": RM}).to_string();
    for _ in 0..4 {
        raw = Value::from(raw).to_string();
        assert_reads(&raw, RM);
    }
    raw = Value::from(raw).to_string();
    assert_eq!(call(&raw).readings(), [json!(null); 0]);
}

#[test]
fn what_strict_readers_take_is_the_one_reading() {
    let arguments = json!({"command": "ls", "x": [1, -2.5e3, "\u{1f600} \" \n", {"": null}]});
    let call = call(&arguments.to_string());
    assert_eq!(call.readings(), std::slice::from_ref(&arguments));
    assert_eq!(call.arguments(), arguments);
}

#[test]
fn more_objects_than_anybody_means_have_no_readings() {
    let objects = |count: usize| format!("f({{a: [{}]}})", "{b: 1},".repeat(count));
    assert_eq!(call(&objects(1_000)).readings().len(), 1);
    assert_eq!(call(&objects(40_000)).readings(), [json!(null); 0]);
    // As JSON they are read.
    let plain = json!({"a": vec![json!({"b": 1}); 40_000]});
    assert_eq!(readings(&plain.to_string()), [plain]);
}

#[test]
fn what_is_no_object_has_no_readings() {
    for raw in ["rm -rf ~/work", "12", "\"ls\"", "true", "command: rm -rf x"] {
        assert_eq!(call(raw).readings(), [json!(null); 0], "{raw}");
    }
}

#[test]
fn no_arguments_are_an_empty_object() {
    for raw in ["", " \n", "null", "None", "\"\"", "{}"] {
        assert_eq!(call(raw).readings(), [json!({})], "{raw}");
    }
}

#[test]
fn what_lies_too_deep_is_a_string() {
    let deep = "[".repeat(100_000) + "\"]\"" + &"]".repeat(100_000);
    let raw = format!(r#"{{"x":{deep},"command":"{RM}"}}"#);
    assert_reads(&raw, RM);
    let mut value = &readings(&raw)[0]["x"];
    let mut depth = 1;
    while let Value::Array(values) = value {
        value = &values[0];
        depth += 1;
    }
    assert_eq!(depth, DEEPEST);
    let text = value.as_str().expect("a string");
    assert_eq!(text.len(), deep.len() - 2 * (DEEPEST - 1));
}

#[test]
fn long_texts_take_no_longer_than_their_length_says() {
    for piece in [
        "{",
        "[",
        "(",
        "\"",
        "'",
        "\\",
        "\\u{",
        "{\"a\":",
        "\"a\",",
        "{}",
        "/*",
        "//",
        "#",
        ")",
        "`",
        "\" ",
        "1\"",
        "“",
        "'''",
        "{a:1\"",
        "\"+",
        "&quot;",
        "{\\\"",
        ", ",
        "\"}",
        "{\"a\":\"b\",",
    ] {
        let text = piece.repeat(300_000 / piece.len());
        let start = std::time::Instant::now();
        readings(&text);
        let elapsed = start.elapsed();
        assert!(elapsed.as_secs() < 5, "{piece}: {elapsed:?}");
    }
}

/// Any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[ -~]{0,6}", inner, 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Texts made of the fragments that the reader looks for.
fn any_text() -> impl Strategy<Value = String> {
    let bit = prop::sample::select(
        &[
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "'",
            "`",
            "“",
            ",",
            ":",
            "=",
            "=>",
            "+",
            "\\",
            "\\u",
            "\\ud83d",
            "\\ude00",
            "\\x4",
            "\\7",
            "\\\n",
            "\n",
            " ",
            "#",
            "//",
            "/*",
            "*/",
            "```",
            "true",
            "nul",
            "1e9",
            "0x",
            "-",
            ".",
            "r",
            "é",
            "\u{1f600}",
            "&quot;",
            "a",
            "null",
            "\u{0}",
        ][..],
    );
    prop::collection::vec(bit, 0..40).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn valid_json_is_read_as_strict_readers_do(value in any_json(), is_pretty in any::<bool>()) {
        prop_assume!(value.is_object() || value.is_array());
        let text = match is_pretty {
            true => serde_json::to_string_pretty(&value).expect("JSON"),
            false => value.to_string(),
        };
        let read: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(readings(&text), [read]);
    }

    #[test]
    fn what_is_cut_off_keeps_its_complete_fields(value in any_json(), cut in 0.0..1.0) {
        let whole = json!({"command": RM, "x": value}).to_string();
        let least = "{\"command\":\"rm -rf ~/work\"".len();
        let at = least + ((whole.len() - least) as f64 * cut) as usize;
        let at = (0..=at).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(least);
        assert_reads(&whole[..at], RM);
    }

    #[test]
    fn no_text_panics_and_all_readings_have_parts(text in any_text()) {
        for reading in readings(&text) {
            prop_assert!(reading.is_object() || reading.is_array());
        }
        if let Ok(read @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&text) {
            prop_assert_eq!(&readings(&text)[0], &read);
        }
    }

    #[test]
    fn each_way_to_read_sees_the_same_valid_json(value in any_json()) {
        prop_assume!(value.is_object() || value.is_array());
        let text = value.to_string();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        for keys in [Keys::First, Keys::Last] {
            let mut reader = Reader::new(&text, keys, Quotes::First, usize::MAX);
            prop_assert_eq!(reader.documents(), [read.clone()]);
        }
    }
}
