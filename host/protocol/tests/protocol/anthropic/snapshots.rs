//! What a client gets of recorded-shape streams on which policies ruled.

use insta::assert_snapshot;
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, ToolCall, Wants};

use super::{Anthropic, checker};
use crate::{
    dialect::recorded,
    drive,
    rulings::{self, KEEP, Ruled, TOOLS, drop_call},
};

/// The content that is delivered, a line per block, and the stop reason.
fn delivered(fixture: &str, wants: Wants, ruled: Ruled) -> String {
    let body = rulings::delivered::<Anthropic>(fixture, wants, ruled).body;
    let blocks = body["content"].as_array().unwrap().iter();
    let lines = blocks
        .chain([&body["stop_reason"]])
        .map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_of_two_tool_calls_is_dropped() {
    let ruled = Ruled {
        block: |block| drop_call("Bash", block),
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", TOOLS, ruled), @r#"
    {"text":"Two at once.","type":"text"}
    {"text":"[no Bash]","type":"text"}
    {"id":"toolu_01B","input":{"file_path":"/tmp/a \"b\".txt"},"name":"Read","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn the_second_of_two_tool_calls_is_dropped() {
    let ruled = Ruled {
        block: |block| drop_call("Read", block),
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", TOOLS, ruled), @r#"
    {"text":"Two at once.","type":"text"}
    {"text":"[no Read]","type":"text"}
    {"id":"toolu_01A","input":{"command":"rm -rf /"},"name":"Bash","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn the_only_tool_call_is_dropped() {
    let ruled = Ruled {
        block: |block| drop_call("Bash", block),
        ..KEEP
    };
    assert_snapshot!(delivered("tool", TOOLS, ruled), @r#"
    {"text":"I'll list the files.","type":"text"}
    {"text":"[no Bash]","type":"text"}
    "end_turn"
    "#);
}

#[test]
fn a_tool_call_is_replaced_and_keeps_its_id() {
    let ruled = Ruled {
        block: |block| match block {
            Block::ToolCall(call) => Ruling::Replace(vec![Block::ToolCall(ToolCall {
                arguments: r#"{"command":"ls"}"#.to_owned(),
                ..call.clone()
            })]),
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(delivered("tool", TOOLS, ruled), @r#"
    {"text":"I'll list the files.","type":"text"}
    {"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","input":{"command":"ls"},"name":"Bash","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn a_text_becomes_a_tool_call_behind_the_texts_that_follow() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        block: |block| match block {
            Block::Text(text) if text.starts_with("the grass") => {
                Ruling::Replace(vec![Block::ToolCall(ToolCall {
                    id: String::new(),
                    name: "Look".to_owned(),
                    arguments: "{}".to_owned(),
                })])
            }
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(delivered("citations", wants, ruled), @r#"
    {"text":" and ","type":"text"}
    {"id":"toolu_sluice_01XFDUDYJgAACzvnptvVoYEL_1","input":{},"name":"Look","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn added_texts_stand_before_the_tool_calls_that_were_held() {
    let ruled = Ruled {
        added: &["[note]", " "],
        ..KEEP
    };
    assert_snapshot!(delivered("two_tools", Wants { end: true, ..TOOLS }, ruled), @r#"
    {"text":"Two at once.","type":"text"}
    {"text":"[note]","type":"text"}
    {"id":"toolu_01A","input":{"command":"rm -rf /"},"name":"Bash","type":"tool_use"}
    {"id":"toolu_01B","input":{"file_path":"/tmp/a \"b\".txt"},"name":"Read","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn added_texts_are_left_out_behind_a_tool_call_that_nobody_held() {
    let ruled = Ruled {
        added: &["[note]"],
        ..KEEP
    };
    assert_snapshot!(delivered("tool", Wants { end: true, ..Wants::NOTHING }, ruled), @r#"
    {"text":"I'll list the files.","type":"text"}
    {"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","input":{"command":"ls -la","description":"Lists files"},"name":"Bash","type":"tool_use"}
    "tool_use"
    "#);
}

#[test]
fn a_text_in_pieces_is_edited_with_its_citations_kept() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        piece: |text| PieceRuling::Send(text.to_uppercase() + "!"),
        ..KEEP
    };
    assert_snapshot!(delivered("citations", wants, ruled), @r#"
    {"citations":[{"cited_text":"The grass is green.","document_index":0,"document_title":"Example \\u00e9","end_char_index":20,"file_id":null,"start_char_index":0,"type":"char_location"}],"text":"THE GRASS IS GREEN!!","type":"text"}
    {"text":" AND !!","type":"text"}
    "end_turn"
    "#);
}

#[test]
fn a_text_of_which_nothing_is_sent_is_left_out() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        piece: |_| PieceRuling::Send(String::new()),
        ..KEEP
    };
    assert_snapshot!(delivered("thinking", wants, ruled), @r#"
    {"signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds==","thinking":"Let me think.\n\n27 * 453 = 12231","type":"thinking"}
    {"data":"EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP","type":"redacted_thinking"}
    "end_turn"
    "#);
}

#[test]
fn a_reply_of_which_nothing_is_left_has_the_notice() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let ruled = Ruled {
        block: |_| Ruling::Drop {
            notice: "[gone]".to_owned(),
        },
        ..KEEP
    };
    assert_snapshot!(delivered("text", wants, ruled), @r#"
    {"text":"[gone]","type":"text"}
    "end_turn"
    "#);
}

#[test]
fn thinking_and_other_blocks_stay_whatever_is_ruled() {
    let wants = Wants {
        thinking: Delivery::Whole,
        other: Delivery::Whole,
        ..Wants::NOTHING
    };
    let drop = |fixture| {
        let ruled = Ruled {
            block: |_| Ruling::Drop {
                notice: "[gone]".to_owned(),
            },
            ..KEEP
        };
        delivered(fixture, wants, ruled)
    };
    let keep = |fixture| delivered(fixture, wants, KEEP);
    assert_eq!(drop("thinking"), keep("thinking"));
    assert_eq!(drop("server_tools"), keep("server_tools"));
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
    {"text":"Two at once.","type":"text"}
    {"text":"[stop]","type":"text"}
    "end_turn"
    "#);
}

#[test]
fn a_stop_inside_a_text_closes_it() {
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
    let stream = recorded::<Anthropic>("text");
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], wants, &mut { ruled });
    let sent = String::from_utf8(outcome.sent).unwrap();
    let behind = sent.find(" How can I help").unwrap();
    assert_snapshot!(&sent[behind..], @r#"
     How can I help"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: content_block_start
    data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"[stop]"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":1}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":0}}

    event: message_stop
    data: {"type":"message_stop"}
    "#);
}

#[test]
fn only_the_index_of_a_moved_block_is_edited() {
    let stream = "event: content_block_stop\ndata: { \"index\" : 2, \"x\": 1.50, \"type\": \"content_block_stop\" }\n\n";
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let upstream = recorded::<Anthropic>("thinking");
    let (before, behind) = upstream.split_once("event: message_delta").unwrap();
    let block =
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"image","y":[ ]}}"#;
    let upstream = format!(
        "{before}event: content_block_start\ndata: {block}\n\n{}event: message_delta{behind}",
        stream.replace('2', "3")
    );
    let mut ruled = Ruled {
        block: |_| Ruling::Drop {
            notice: String::new(),
        },
        ..KEEP
    };
    let outcome = drive::stream::<Anthropic>([upstream.as_bytes()], wants, &mut ruled);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.contains(&block.replace('3', "2")));
    assert!(sent.contains(stream));
    checker::stream(sent.as_bytes()).unwrap();
}

#[test]
fn pings_and_unknown_events_inside_a_dropped_block_are_carried() {
    let ruled = || Ruled {
        block: |block| drop_call("Bash", block),
        ..KEEP
    };
    let stream = recorded::<Anthropic>("tool").replacen("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}", "event: ping\ndata: {}\n\nevent: news\ndata: x\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}", 1);
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], TOOLS, &mut ruled());
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(
        sent.contains("event: ping\ndata: {}\n\n") && sent.contains("event: news\ndata: x\n\n")
    );
}
