//! What policies see of recorded-shape streams, and what a client gets on which they ruled.

use insta::assert_snapshot;
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, ToolCall, Wants};

use super::OpenaiChat;
use crate::{
    dialect::recorded,
    rulings::{self, KEEP, Ruled, TOOLS, drop_call},
};

const TEXTS: Wants = Wants {
    text: Delivery::Whole,
    ..Wants::NOTHING
};

fn seen(fixture: &str) -> String {
    rulings::seen::<OpenaiChat>(fixture)
}

/// The messages that are delivered and their finish reasons, a line per field.
fn delivered(fixture: &str, wants: Wants, ruled: Ruled) -> String {
    let body = rulings::delivered::<OpenaiChat>(fixture, wants, ruled).body;
    let mut lines = Vec::new();
    for choice in body["choices"].as_array().unwrap() {
        for (name, value) in choice["message"].as_object().unwrap() {
            match value.as_array() {
                Some(calls) => lines.extend(calls.iter().map(ToString::to_string)),
                None if name == "role" => {}
                None => lines.push(format!("{name}: {value}")),
            }
        }
        lines.push(choice["finish_reason"].to_string());
    }
    lines.join("\n")
}

/// The choices of the chunks that go out.
fn sent(fixture: &str, wants: Wants, ruled: Ruled) -> String {
    let sent = rulings::sent::<OpenaiChat>(fixture, wants, ruled);
    let cut = |frame: &str| match frame.find("\"choices\":") {
        Some(at) => frame[at..].to_owned(),
        None => frame.to_owned(),
    };
    sent.split("\n\n").map(cut).collect::<Vec<_>>().join("\n")
}

fn dropping(name: &'static str) -> fn(&Block) -> Ruling {
    match name {
        "Bash" => |block| drop_call("Bash", block),
        _ => |block| drop_call("Read", block),
    }
}

#[test]
fn policies_see_texts_and_calls() {
    assert_snapshot!(seen("text"), @r#"
    Text("Hello! How can I help you today?")
    stop
    "#);
    assert_snapshot!(seen("tool"), @r#"
    Text("I'll list the files.")
    ToolCall call_T1x1fJ34qAmk2tNTrN7Up6aB Bash {"command": "ls -la", "description": "Lists files"}
    tool_calls
    "#);
    let two_tools = seen("two_tools");
    assert_snapshot!(two_tools, @r#"
    Text("Two at once.")
    ToolCall call_01A Bash {"command":"rm -rf /"}
    ToolCall call_01B Read {"file_path":"/tmp/a \"b\".txt"}
    tool_calls
    "#);
    assert_eq!(seen("crlf"), two_tools);
    assert_eq!(seen("one_chunk"), two_tools);
    assert_snapshot!(seen("parallel"), @r#"
    ToolCall call_01A Bash {"command":"rm -rf /"}
    ToolCall call_01B Read {"file_path":"/tmp/a \"b\".txt"}
    tool_calls
    "#);
}

#[test]
fn policies_see_a_refusal_as_a_text_and_reasoning_as_thinking() {
    assert_snapshot!(seen("refusal"), @r#"
    Text("I'm sorry, but I can't help with that.")
    stop
    "#);
    assert_snapshot!(seen("reasoning_content"), @r#"
    Thinking("Let me think.\n\n27 * 453 = 12231")
    Text("27 * 453 = **12,231**")
    stop
    "#);
    assert_snapshot!(seen("reasoning"), @r#"
    Thinking("Let me think.\n\n27 * 453 = 12231")
    ToolCall call_01A Bash {"command":"ls"}
    tool_calls
    "#);
}

#[test]
fn policies_see_calls_of_every_form() {
    assert_snapshot!(seen("function_call"), @r#"
    ToolCall  Bash {"command":"rm -rf /"}
    function_call
    "#);
    assert_snapshot!(seen("custom_tool"), @r#"
    ToolCall call_01P apply_patch "*** Begin Patch\n*** Delete File: a\n*** End Patch"
    tool_calls
    "#);
    assert_snapshot!(seen("length_cut_tool"), @r#"
    Text("Writing.")
    ToolCall call_01C Write "{\"file_path\": \"/tmp/x\", \"content\": \"fn main() {\\n    pri"
    length
    "#);
}

#[test]
fn policies_see_each_choice() {
    assert_snapshot!(seen("n2"), @r#"
    Text("Heads.")
    Text("Tails.")
    stop
    "#);
}

#[test]
fn the_first_of_two_tool_calls_is_dropped() {
    let ruled = || Ruled {
        block: dropping("Bash"),
        ..KEEP
    };
    let two_tools = delivered("two_tools", TOOLS, ruled());
    assert_snapshot!(two_tools, @r#"
    content: "Two at once.\n\n[no Bash]"
    {"function":{"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","name":"Read"},"id":"call_01B","type":"function"}
    "tool_calls"
    "#);
    assert_eq!(delivered("crlf", TOOLS, ruled()), two_tools);
    assert_eq!(delivered("one_chunk", TOOLS, ruled()), two_tools);
    assert_snapshot!(delivered("parallel", TOOLS, ruled()), @r#"
    content: "[no Bash]"
    {"function":{"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","name":"Read"},"id":"call_01B","type":"function"}
    "tool_calls"
    "#);
}

#[test]
fn the_second_of_two_tool_calls_is_dropped() {
    let ruled = Ruled {
        block: dropping("Read"),
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", TOOLS, ruled), @r#"
    content: "Two at once.\n\n[no Read]"
    {"function":{"arguments":"{\"command\":\"rm -rf /\"}","name":"Bash"},"id":"call_01A","type":"function"}
    "tool_calls"
    "#);
}

#[test]
fn the_only_tool_call_is_dropped() {
    let ruled = || Ruled {
        block: dropping("Bash"),
        ..KEEP
    };
    assert_snapshot!(delivered("tool", TOOLS, ruled()), @r#"
    content: "I'll list the files.\n\n[no Bash]"
    "stop"
    "#);
    assert_snapshot!(delivered("function_call", TOOLS, ruled()), @r#"
    content: "[no Bash]"
    "stop"
    "#);
}

#[test]
fn a_tool_call_is_replaced_and_keeps_its_id() {
    let ruled = || Ruled {
        block: |block| match block {
            Block::ToolCall(call) => Ruling::Replace(vec![Block::ToolCall(ToolCall {
                arguments: r#"{"command":"ls"}"#.to_owned(),
                ..call.clone()
            })]),
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(delivered("tool", TOOLS, ruled()), @r#"
    content: "I'll list the files."
    {"function":{"arguments":"{\"command\":\"ls\"}","name":"Bash"},"id":"call_T1x1fJ34qAmk2tNTrN7Up6aB","type":"function"}
    "tool_calls"
    "#);
    assert_snapshot!(delivered("function_call", TOOLS, ruled()), @r#"
    function_call: {"arguments":"{\"command\":\"ls\"}","name":"Bash"}
    "function_call"
    "#);
}

#[test]
fn a_text_becomes_a_tool_call() {
    let ruled = Ruled {
        block: |_| {
            Ruling::Replace(vec![Block::ToolCall(ToolCall {
                id: String::new(),
                name: "Look".to_owned(),
                arguments: "{}".to_owned(),
            })])
        },
        ..KEEP
    };
    assert_snapshot!(delivered("usage", TEXTS, ruled), @r#"
    {"function":{"arguments":"{}","name":"Look"},"id":"call_sluice_CfQ2mYk1n7ZbVtJ0aXo4LrPq8sWdE_1","type":"function"}
    "tool_calls"
    "#);
}

#[test]
fn added_texts_stand_in_the_content_before_the_tool_calls() {
    let ruled = Ruled {
        added: &["[note]", " "],
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", Wants { end: true, ..TOOLS }, ruled), @r#"
    content: "Two at once.\n\n[note]"
    {"function":{"arguments":"{\"command\":\"rm -rf /\"}","name":"Bash"},"id":"call_01A","type":"function"}
    {"function":{"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}","name":"Read"},"id":"call_01B","type":"function"}
    "tool_calls"
    "#);
}

#[test]
fn a_text_in_pieces_is_edited_and_what_repeats_it_is_left_out() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        piece: |text| PieceRuling::Send(text.replace("Yes", "No")),
        ..KEEP
    };
    let sent = sent("logprobs", wants, ruled);
    assert!(!sent.contains("Yes"), "{sent}");
    assert!(sent.contains(r#""content":"No""#), "{sent}");
}

#[test]
fn a_refusal_is_changed_in_its_own_field() {
    let ruled = Ruled {
        block: |_| Ruling::Replace(vec![Block::Text("No.".to_owned())]),
        ..KEEP
    };
    assert_snapshot!(delivered("refusal", TEXTS, ruled), @r#"
    refusal: "No."
    "stop"
    "#);
}

#[test]
fn a_reply_of_which_nothing_is_left_has_the_notice() {
    let ruled = || Ruled {
        block: |_| Ruling::Drop {
            notice: "[gone]".to_owned(),
        },
        ..KEEP
    };
    for fixture in ["text", "no_done", "logprobs", "azure"] {
        let gone = delivered(fixture, TEXTS, ruled());
        assert_eq!(gone, "content: \"[gone]\"\n\"stop\"", "{fixture}");
    }
}

#[test]
fn thinking_stays_whatever_is_ruled() {
    let wants = Wants {
        thinking: Delivery::Whole,
        ..Wants::NOTHING
    };
    let ruled = || Ruled {
        block: |_| Ruling::Drop {
            notice: "[gone]".to_owned(),
        },
        ..KEEP
    };
    for fixture in ["reasoning", "reasoning_content"] {
        let sent = rulings::sent::<OpenaiChat>(fixture, wants, ruled());
        assert_eq!(sent, recorded::<OpenaiChat>(fixture));
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
    content: "Two at once.\n\n[stop]"
    "stop"
    "#);
}

#[test]
fn a_stop_inside_a_text_ends_the_reply() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        piece: |text| match text {
            " you today?" => PieceRuling::Stop {
                notice: "[stop]".to_owned(),
            },
            _ => PieceRuling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(sent("text", wants, ruled), @r#"
    "choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"obfuscation":"zRj"}
    "choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"obfuscation":"8dW1kq"}
    "choices":[{"index":0,"delta":{"content":"! How can I help"},"logprobs":null,"finish_reason":null}],"obfuscation":""}
    "choices":[{"index":0,"delta":{"content":"\n\n[stop]"},"logprobs":null,"finish_reason":null}]}
    "choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}
    data: [DONE]
    "#);
}

#[test]
fn frames_around_a_dropped_call_go_out_as_they_came() {
    let ruled = Ruled {
        block: dropping("Bash"),
        ..KEEP
    };
    assert_snapshot!(sent("two_tools", TOOLS, ruled), @r#"
    "choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"zRj"}
    "choices":[{"index":0,"delta":{"content":"Two at"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"8dW1kq"}
    "choices":[{"index":0,"delta":{"content":" once."},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":""}
    "choices":[{"index":0,"delta":{"content":"\n\n[no Bash]"},"logprobs":null,"finish_reason":null}]}
    "choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_01B","type":"function","function":{"name":"Read","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"pQ9sVd0"}
    "choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"file_path\":\"/tmp/a \\\"b\\\".txt\"}"}}]},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"kk3"}
    "choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null,"obfuscation":"zRj"}
    "choices":[],"usage":{"prompt_tokens":472,"completion_tokens":89,"total_tokens":561,"prompt_tokens_details":{"cached_tokens":256,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
    data: [DONE]
    "#);
}

#[test]
fn one_chunk_that_touches_several_blocks_is_edited() {
    let ruled = Ruled {
        block: dropping("Read"),
        ..KEEP
    };
    assert_snapshot!(sent("one_chunk", TOOLS, ruled), @r#"
    "choices":[{"index":0,"delta":{"role":"assistant","content":"Two at once.\n\n[no Read]","tool_calls":[{"index":0,"id":"call_01A","type":"function","function":{"name":"Bash","arguments":"{\"command\":\"rm -rf /\"}"}}]},"finish_reason":"tool_calls"}]}
    data: [DONE]
    "#);
}

/// Clients add up the content of deltas: null would be a word to some of them.
#[test]
fn content_that_is_left_out_stays_a_string() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        piece: |_| PieceRuling::Send(String::new()),
        ..KEEP
    };
    let sent = sent("one_chunk", wants, ruled);
    assert!(
        sent.contains(r#""role":"assistant","content":"","#),
        "{sent}"
    );
}
