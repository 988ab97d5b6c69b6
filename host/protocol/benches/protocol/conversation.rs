//! The request of a coding agent that is late in its conversation: a system prompt, two dozen tools with
//! their schemas, and turn after turn of text, calls and escaped code that the tools gave back. The text
//! is English, with the dash that models are fond of: not all of it is ASCII.

use std::fmt::Write as _;

const PROSE: &str =
    "Prefer small changes. Read a file before you edit it; never guess its content. ";
const CODE: &str = r#"    let value = map.get(\"key\").unwrap_or(&0);\n    if value > limit {\n\treturn Err(Error::new(\"over the limit\"));\n    }\n"#;
const SAID: &str = "I look at the file — and at what calls it.";

/// One turn: its number, and what the tool gave back.
type Turn<'a> = (usize, &'a str);

/// A request of the Messages API, as soon as it has `size` bytes.
pub(super) fn messages(size: usize) -> String {
    let tool = |n: usize| {
        let (description, schema) = (description(), schema());
        format!(r#"{{"name":"Tool{n}","description":"{description}","input_schema":{schema}}}"#)
    };
    let head = format!(
        r#"{{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"metadata":{{"user_id":"u"}},"system":[{{"type":"text","text":"{}","cache_control":{{"type":"ephemeral"}}}}],"tools":[{}],"messages":[{{"role":"user","content":"Go."}}"#,
        system(),
        tools(tool),
    );
    grown(head, size, |(turn, output)| {
        format!(
            r#",{{"role":"assistant","content":[{{"type":"text","text":"{SAID}"}},{{"type":"tool_use","id":"toolu_{turn}","name":"Tool1","input":{{"field_0":"src/file_{turn}.rs","limit":{turn}}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_{turn}","content":"{output}","is_error":false}}]}}"#
        )
    })
}

/// The same of the Chat Completions API.
pub(super) fn chat(size: usize) -> String {
    let tool = |n: usize| {
        let (description, schema) = (description(), schema());
        format!(
            r#"{{"type":"function","function":{{"name":"Tool{n}","description":"{description}","parameters":{schema}}}}}"#
        )
    };
    let head = format!(
        r#"{{"model":"gpt-5","stream":true,"stream_options":{{"include_usage":true}},"tools":[{}],"messages":[{{"role":"system","content":"{}"}},{{"role":"user","content":"Go."}}"#,
        tools(tool),
        system(),
    );
    grown(head, size, |(turn, output)| {
        format!(
            r#",{{"role":"assistant","content":"{SAID}","tool_calls":[{{"id":"call_{turn}","type":"function","function":{{"name":"Tool1","arguments":"{{\"field_0\":\"src/file_{turn}.rs\",\"limit\":{turn}}}"}}}}]}},{{"role":"tool","tool_call_id":"call_{turn}","content":"{output}"}}"#
        )
    })
}

/// The same of the Responses API.
pub(super) fn responses(size: usize) -> String {
    let tool = |n: usize| {
        let (description, schema) = (description(), schema());
        format!(
            r#"{{"type":"function","name":"Tool{n}","description":"{description}","parameters":{schema},"strict":false}}"#
        )
    };
    let head = format!(
        r#"{{"model":"gpt-5-codex","stream":true,"store":false,"instructions":"{}","tools":[{}],"input":[{{"type":"message","role":"user","content":[{{"type":"input_text","text":"Go."}}]}}"#,
        system(),
        tools(tool),
    );
    grown(head, size, |(turn, output)| {
        format!(
            r#",{{"type":"message","role":"assistant","content":[{{"type":"output_text","text":"{SAID}"}}]}},{{"type":"function_call","call_id":"call_{turn}","name":"Tool1","arguments":"{{\"field_0\":\"src/file_{turn}.rs\",\"limit\":{turn}}}"}},{{"type":"function_call_output","call_id":"call_{turn}","output":"{output}"}}"#
        )
    })
}

/// `head` with turns behind it until there are `size` bytes, and closed.
fn grown(head: String, size: usize, turn: impl Fn(Turn<'_>) -> String) -> String {
    let mut body = head;
    let mut number = 0;
    while body.len() < size {
        body += &turn((number, &CODE.repeat(1 + number % 30)));
        number += 1;
    }
    body + "]}"
}

fn system() -> String {
    PROSE.repeat(180).replace(". ", ".\\n")
}

fn tools(tool: impl Fn(usize) -> String) -> String {
    (0..24).map(tool).collect::<Vec<_>>().join(",")
}

fn description() -> String {
    PROSE.repeat(8) + r"\n\nUsage:\n- One thing.\n- Another."
}

fn schema() -> String {
    let mut properties = String::new();
    for n in 0..5 {
        let comma = if n == 0 { "" } else { "," };
        let property = r#"{"type":"string","description":"What the tool reads, and how: a path, from the root of the project."}"#;
        let _ = write!(properties, r#"{comma}"field_{n}":{property}"#);
    }
    format!(
        r#"{{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{{{properties}}},"required":["field_0"],"additionalProperties":false}}"#
    )
}
