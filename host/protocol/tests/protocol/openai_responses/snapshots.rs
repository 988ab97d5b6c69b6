//! What policies see of recorded-shape streams, and what a client gets on which they ruled.

mod texts;

use insta::assert_snapshot;
use sluice_protocol::{Block, Delivery, Ruling, ToolCall, Wants, openai_responses::answer};

use super::OpenaiResponses;
use crate::{
    dialect::{Dialect as _, recorded},
    rulings::{self, KEEP, Ruled, TOOLS, drop_call},
};

fn seen(fixture: &str) -> String {
    rulings::seen::<OpenaiResponses>(fixture)
}

/// The items that are delivered, a line each without what upstream made up for their ids, and the status.
fn delivered(fixture: &str, wants: Wants, ruled: Ruled) -> String {
    let body = rulings::delivered::<OpenaiResponses>(fixture, wants, ruled).body;
    let items = body["output"].as_array().unwrap().iter();
    let lines = items.chain([&body["status"]]).map(ToString::to_string);
    lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace("_0c9a3f6d2b7e41580069243d", "_")
}

/// The events that go out, a line each, without the responses in them.
fn sent(fixture: &str, wants: Wants, ruled: Ruled) -> String {
    brief(&rulings::sent::<OpenaiResponses>(fixture, wants, ruled))
}

fn brief(stream: &str) -> String {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let cut = |data: &str| {
        let end = data.find(",\"response\":").unwrap_or(data.len());
        data[..end].replace("_0c9a3f6d2b7e41580069243d", "_")
    };
    data.map(cut).collect::<Vec<_>>().join("\n")
}

fn drops(name: &'static str) -> Ruled {
    Ruled {
        block: match name {
            "Bash" => |block| drop_call("Bash", block),
            "Read" => |block| drop_call("Read", block),
            "local_shell" => |block| drop_call("local_shell", block),
            _ => |_| Ruling::Drop {
                notice: "[gone]".to_owned(),
            },
        },
        ..KEEP
    }
}

fn relisting() -> Ruled {
    Ruled {
        block: |block| match block {
            Block::ToolCall(call) => Ruling::Replace(vec![Block::ToolCall(ToolCall {
                arguments: r#"{"command":"ls"}"#.to_owned(),
                ..call.clone()
            })]),
            _ => Ruling::Keep,
        },
        ..KEEP
    }
}

#[test]
fn policies_see_texts_and_calls() {
    assert_snapshot!(seen("text"), @r#"
    Text("Hello! How can I help you today?")
    completed
    "#);
    let two_tools = seen("two_tools");
    assert_snapshot!(two_tools, @r#"
    Text("Two at once.")
    ToolCall call_01A Bash {"command":"rm -rf /"}
    ToolCall call_01B Read {"file_path":"/tmp/a \"b\".txt"}
    completed
    "#);
    assert_eq!(seen("crlf"), two_tools);
    assert_snapshot!(seen("parallel"), @r#"
    ToolCall call_01A Bash {"command":"rm -rf /"}
    ToolCall call_01B Read {"file_path":"/tmp/a \"b\".txt"}
    completed
    "#);
    assert_snapshot!(seen("custom_tool"), @r#"
    ToolCall call_01P apply_patch "*** Begin Patch\n*** Delete File: a\n*** End Patch"
    completed
    "#);
    assert_snapshot!(seen("local_shell"), @r#"
    Text("Cleaning up.")
    ToolCall call_01L local_shell {"type":"exec","command":["bash","-lc","rm -rf /"],"env":{},"timeout_ms":null,"user":null,"working_directory":null}
    completed
    "#);
    assert_snapshot!(seen("apply_patch"), @r#"
    ToolCall call_01Q apply_patch {"type":"update_file","path":"/tmp/a","diff":"@@\n-old\n+new\n"}
    completed
    "#);
    assert_snapshot!(seen("incomplete"), @r#"
    Text("Writing.")
    ToolCall call_01C Write "{\"file_path\": \"/tmp/x\", \"content\": \"fn main() {\\n    pri"
    max_output_tokens
    "#);
}

#[test]
fn policies_see_a_refusal_as_a_text_and_reasoning_as_thinking() {
    assert_snapshot!(seen("refusal"), @r#"
    Text("I'm sorry, but I can't help with that.")
    completed
    "#);
    assert_snapshot!(seen("reasoning"), @r#"
    Thinking("**Listing files**\n\nI need  to see the folder.")
    ToolCall call_01A Bash {"command":"ls"}
    completed
    "#);
    assert_snapshot!(seen("reasoning_without_summary"), @r#"
    Thinking("")
    Text("27 * 453 = **12,231**")
    completed
    "#);
}

#[test]
fn what_the_provider_runs_and_what_is_unknown_is_other() {
    assert_snapshot!(seen("web_search"), @r#"
    Other("{\"id\":\"ws_0c9a3f6d2b7e41580069243d0401c8819086\",\"type\":\"web_search_call\",\"status\":\"completed\",\"action\":{\"type\":\"search\",\"query\":\"weather NYC\"}}")
    Text("It is sunny.")
    completed
    "#);
    assert_snapshot!(seen("unknown"), @r#"
    Other("{\"id\":\"ho_01\",\"type\":\"hologram\",\"status\":\"completed\",\"payload\":{\"b\":[null,true,1.50]}}")
    Other("{\"type\":\"output_scent\",\"scent\":\"rose\"}")
    Text("Hi.")
    completed
    "#);
}

#[test]
fn a_dropped_call_leaves_its_notice_in_its_place() {
    let first = delivered("two_tools", TOOLS, drops("Bash"));
    assert_snapshot!(first, @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Two at once.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[no Bash]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    {"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","call_id":"call_01B","id":"fc_0202c8819086","name":"Read","status":"completed","type":"function_call"}
    "completed"
    "#);
    assert_eq!(delivered("crlf", TOOLS, drops("Bash")), first);
    assert_snapshot!(delivered("two_tools", TOOLS, drops("Read")), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Two at once.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"arguments":"{\"command\":\"rm -rf /\"}","call_id":"call_01A","id":"fc_0201c8819086","name":"Bash","status":"completed","type":"function_call"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[no Read]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
    assert_snapshot!(delivered("parallel", TOOLS, drops("Bash")), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"[no Bash]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    {"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","call_id":"call_01B","id":"fc_0202c8819086","name":"Read","status":"completed","type":"function_call"}
    "completed"
    "#);
    assert_snapshot!(delivered("local_shell", TOOLS, drops("local_shell")), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Cleaning up.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[no local_shell]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
}

#[test]
fn events_count_on_where_a_call_was_dropped() {
    assert_snapshot!(sent("two_tools", TOOLS, drops("Bash")), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"in_progress","content":[],"role":"assistant"}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"Two at","logprobs":[],"obfuscation":"a"}
    {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":" once.","logprobs":[],"obfuscation":"pQ9sVd0"}
    {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"text":"Two at once.","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":7,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Two at once."}}
    {"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Two at once."}],"role":"assistant"}}
    {"type":"response.output_item.added","sequence_number":9,"output_index":1,"item":{"id":"msg_sluice_00a1b481_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
    {"type":"response.content_part.added","sequence_number":10,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":11,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"delta":"[no Bash]","logprobs":[]}
    {"type":"response.output_text.done","sequence_number":12,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"text":"[no Bash]","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":13,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"[no Bash]"}}
    {"type":"response.output_item.done","sequence_number":14,"output_index":1,"item":{"id":"msg_sluice_00a1b481_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"[no Bash]"}]}}
    {"type":"response.output_item.added","sequence_number":15,"output_index":2,"item":{"id":"fc_0202c8819086","type":"function_call","status":"in_progress","arguments":"","call_id":"call_01B","name":"Read"}}
    {"type":"response.function_call_arguments.delta","sequence_number":16,"item_id":"fc_0202c8819086","output_index":2,"delta":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","obfuscation":"8dW1kqA"}
    {"type":"response.function_call_arguments.done","sequence_number":17,"item_id":"fc_0202c8819086","output_index":2,"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}"}
    {"type":"response.output_item.done","sequence_number":18,"output_index":2,"item":{"id":"fc_0202c8819086","type":"function_call","status":"completed","arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","call_id":"call_01B","name":"Read"}}
    {"type":"response.completed","sequence_number":19
    "#);
}

#[test]
fn a_call_is_replaced_and_keeps_its_ids() {
    assert_snapshot!(sent("tool", TOOLS, relisting()), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"in_progress","content":[],"role":"assistant"}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"I'll list","logprobs":[],"obfuscation":"a"}
    {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":" the files.","logprobs":[],"obfuscation":"pQ9sVd0"}
    {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"text":"I'll list the files.","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":7,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"I'll list the files."}}
    {"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"I'll list the files."}],"role":"assistant"}}
    {"type":"response.output_item.added","sequence_number":9,"output_index":1,"item":{"id":"fc_0201c8819086","type":"function_call","status":"in_progress","arguments":"","call_id":"call_T1x1fJ34qAmk2tNTrN7Up6aB","name":"Bash"}}
    {"type":"response.function_call_arguments.delta","sequence_number":10,"item_id":"fc_0201c8819086","output_index":1,"delta":"{\"command\":\"ls\"}"}
    {"type":"response.function_call_arguments.done","sequence_number":11,"item_id":"fc_0201c8819086","output_index":1,"arguments":"{\"command\":\"ls\"}"}
    {"type":"response.output_item.done","sequence_number":12,"output_index":1,"item":{"id":"fc_0201c8819086","type":"function_call","status":"completed","arguments":"{\"command\":\"ls\"}","call_id":"call_T1x1fJ34qAmk2tNTrN7Up6aB","name":"Bash"}}
    {"type":"response.completed","sequence_number":13
    "#);
    assert_snapshot!(delivered("local_shell", TOOLS, relisting()), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Cleaning up.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"action":{"command":"ls"},"call_id":"call_01L","id":"lsh_0601c8819086","status":"completed","type":"local_shell_call"}
    "completed"
    "#);
    assert_snapshot!(delivered("custom_tool", TOOLS, relisting()), @r#"
    {"call_id":"call_01P","id":"ctc_0501c8819086","input":"{\"command\":\"ls\"}","name":"apply_patch","status":"completed","type":"custom_tool_call"}
    "completed"
    "#);
}

#[test]
fn a_call_becomes_one_of_another_tool() {
    let ruled = Ruled {
        block: |block| match block {
            Block::ToolCall(call) => Ruling::Replace(vec![
                Block::Text("Instead:".to_owned()),
                Block::ToolCall(ToolCall {
                    name: "Look".to_owned(),
                    arguments: "{}".to_owned(),
                    ..call.clone()
                }),
            ]),
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(delivered("local_shell", TOOLS, ruled), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Cleaning up.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"content":[{"annotations":[],"logprobs":[],"text":"Instead:","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    {"arguments":"{}","call_id":"call_01L","id":"fc_lsh_0601c8819086","name":"Look","status":"completed","type":"function_call"}
    "completed"
    "#);
}

#[test]
fn thinking_and_what_the_provider_ran_stay_whatever_is_ruled() {
    let wants = Wants {
        thinking: Delivery::Whole,
        other: Delivery::Whole,
        ..Wants::NOTHING
    };
    for fixture in [
        "reasoning",
        "reasoning_without_summary",
        "web_search",
        "unknown",
    ] {
        let sent = rulings::sent::<OpenaiResponses>(fixture, wants, drops("everything"));
        assert_eq!(sent, recorded::<OpenaiResponses>(fixture));
    }
}

#[test]
fn a_stop_throws_away_what_is_held() {
    let ruled = Ruled {
        block: |block| match block {
            Block::ToolCall(call) if call.name == "Read" => Ruling::Stop {
                notice: "[stop]".to_owned(),
            },
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", TOOLS, ruled), @r#"
    {"content":[{"annotations":[],"logprobs":[],"text":"Two at once.","type":"output_text"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[stop]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
}

#[test]
fn an_answer_is_a_whole_reply_or_a_stream() {
    let call = ToolCall {
        id: String::new(),
        name: "ls".to_owned(),
        arguments: r#"{"a":1}"#.to_owned(),
    };
    let blocks = [
        Block::Text(" ".to_owned()),
        Block::Text("hi".to_owned()),
        Block::ToolCall(call),
    ];
    let whole = answer("m", "x1", &blocks, false);
    assert_snapshot!(str::from_utf8(&whole).unwrap(), @r#"
    {"id":"resp_x1","object":"response","created_at":0,"status":"completed","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"m","output":[{"id":"msg_sluice_x1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"hi"}]},{"id":"fc_sluice_x1_1","type":"function_call","status":"completed","arguments":"{\"a\":1}","call_id":"call_sluice_x1_1","name":"ls"}],"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":null}
    "#);
    let stream = answer("m", "x1", &blocks, true);
    assert_snapshot!(brief(str::from_utf8(&stream).unwrap()), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_sluice_x1_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_sluice_x1_1","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_sluice_x1_1","output_index":0,"content_index":0,"delta":"hi","logprobs":[]}
    {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_sluice_x1_1","output_index":0,"content_index":0,"text":"hi","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":6,"item_id":"msg_sluice_x1_1","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"hi"}}
    {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_sluice_x1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"hi"}]}}
    {"type":"response.output_item.added","sequence_number":8,"output_index":1,"item":{"id":"fc_sluice_x1_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_sluice_x1_1","name":"ls"}}
    {"type":"response.function_call_arguments.delta","sequence_number":9,"item_id":"fc_sluice_x1_1","output_index":1,"delta":"{\"a\":1}"}
    {"type":"response.function_call_arguments.done","sequence_number":10,"item_id":"fc_sluice_x1_1","output_index":1,"arguments":"{\"a\":1}"}
    {"type":"response.output_item.done","sequence_number":11,"output_index":1,"item":{"id":"fc_sluice_x1_1","type":"function_call","status":"completed","arguments":"{\"a\":1}","call_id":"call_sluice_x1_1","name":"ls"}}
    {"type":"response.completed","sequence_number":12
    "#);
    let read = OpenaiResponses::receive(&stream).unwrap();
    assert_eq!(read, OpenaiResponses::receive_whole(&whole).unwrap());
    OpenaiResponses::check(&read).unwrap();
    let nothing = OpenaiResponses::receive(&answer("m", "x1", &[], true)).unwrap();
    OpenaiResponses::check(&nothing).unwrap();
}
