//! What a client gets of streams on whose texts policies ruled.

use insta::assert_snapshot;
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, ToolCall, Wants};

use super::{delivered, drops, sent};
use crate::rulings::{KEEP, Ruled, TOOLS};

const TEXTS: Wants = Wants {
    text: Delivery::Whole,
    ..Wants::NOTHING
};

const PIECES: Wants = Wants {
    text: Delivery::Pieces,
    ..Wants::NOTHING
};

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
    assert_snapshot!(sent("no_sequence", TEXTS, ruled), @r#"
    {"type":"response.created"
    {"type":"response.in_progress"
    {"type":"response.output_item.added","output_index":0,"item":{"id":"fc_sluice_00a1b481_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_sluice_00a1b481_1","name":"Look"}}
    {"type":"response.function_call_arguments.delta","item_id":"fc_sluice_00a1b481_1","output_index":0,"delta":"{}"}
    {"type":"response.function_call_arguments.done","item_id":"fc_sluice_00a1b481_1","output_index":0,"arguments":"{}"}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"fc_sluice_00a1b481_1","type":"function_call","status":"completed","arguments":"{}","call_id":"call_sluice_00a1b481_1","name":"Look"}}
    {"type":"response.completed"
    "#);
}

#[test]
fn a_text_is_changed_everywhere_it_is_said() {
    let ruled = || Ruled {
        block: |block| match block {
            Block::Text(text) => Ruling::Replace(vec![Block::Text(text.replace("grass", "sky"))]),
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(sent("two_parts", TEXTS, ruled()), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"in_progress","content":[],"role":"assistant"}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"the sky is green","logprobs":[],"obfuscation":"a"}
    {"type":"response.output_text.annotation.added","sequence_number":5,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}}
    {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"text":"the sky is green","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":7,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}],"logprobs":[],"text":"the sky is green"}}
    {"type":"response.content_part.added","sequence_number":8,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":9,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"delta":" and ","logprobs":[],"obfuscation":"h2LxT0"}
    {"type":"response.output_text.done","sequence_number":10,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"text":" and ","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":11,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":" and "}}
    {"type":"response.output_item.done","sequence_number":12,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"completed","content":[{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}],"logprobs":[],"text":"the sky is green"},{"type":"output_text","annotations":[],"logprobs":[],"text":" and "}],"role":"assistant"}}
    {"type":"response.completed","sequence_number":13
    "#);
}

#[test]
fn a_refusal_is_changed_in_its_own_field() {
    let ruled = Ruled {
        block: |_| Ruling::Replace(vec![Block::Text("No.".to_owned())]),
        ..KEEP
    };
    assert_snapshot!(delivered("refusal", TEXTS, ruled), @r#"
    {"content":[{"refusal":"No.","type":"refusal"}],"id":"msg_0101c8819086","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
}

#[test]
fn a_text_in_pieces_is_changed_as_it_comes() {
    let ruled = Ruled {
        piece: |text| match text {
            "" => PieceRuling::Send("!".to_owned()),
            text => PieceRuling::Send(text.replace("grass", "sky")),
        },
        ..KEEP
    };
    assert_snapshot!(sent("two_parts", PIECES, ruled), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"in_progress","content":[],"role":"assistant"}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"the sky","logprobs":[],"obfuscation":"a"}
    {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":" is green","logprobs":[],"obfuscation":"pQ9sVd0"}
    {"type":"response.output_text.annotation.added","sequence_number":6,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}}
    {"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"!","logprobs":[]}
    {"type":"response.output_text.done","sequence_number":8,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"text":"the sky is green!","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":9,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}],"logprobs":[],"text":"the sky is green!"}}
    {"type":"response.content_part.added","sequence_number":10,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":11,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"delta":" and ","logprobs":[],"obfuscation":"h2LxT0"}
    {"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"delta":"!","logprobs":[]}
    {"type":"response.output_text.done","sequence_number":13,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"text":" and !","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":14,"item_id":"msg_0101c8819086","output_index":0,"content_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":" and !"}}
    {"type":"response.output_item.done","sequence_number":15,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"completed","content":[{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":18,"title":"Example é","url":"https://example.com/?utm_source=openai"}],"logprobs":[],"text":"the sky is green!"},{"type":"output_text","annotations":[],"logprobs":[],"text":" and !"}],"role":"assistant"}}
    {"type":"response.completed","sequence_number":16
    "#);
}

#[test]
fn added_texts_stand_at_the_end() {
    let ruled = Ruled {
        added: &["[note]", " "],
        ..KEEP
    };
    assert_snapshot!(delivered("reasoning", Wants { end: true, ..TOOLS }, ruled), @r#"
    {"encrypted_content":"gAAAAABpJD0A4rXyQ2v0kN7bC1-mZ==","id":"rs_0301c8819086","summary":[{"text":"**Listing files**\n\nI need  to see the folder.","type":"summary_text"}],"type":"reasoning"}
    {"arguments":"{\"command\":\"ls\"}","call_id":"call_01A","id":"fc_0201c8819086","name":"Bash","status":"completed","type":"function_call"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[note]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
}

#[test]
fn a_reply_of_which_nothing_is_left_has_the_notice() {
    for fixture in ["text", "refusal", "two_parts", "no_sequence"] {
        let gone = delivered(fixture, TEXTS, drops("everything"));
        assert!(
            gone.contains(r#""text":"[gone]""#) && gone.lines().count() == 2,
            "{gone}"
        );
    }
}

#[test]
fn reasoning_is_not_left_without_what_it_led_to() {
    assert_snapshot!(delivered("reasoning_without_summary", TEXTS, drops("everything")), @r#"
    {"encrypted_content":"gAAAAABpJD0A4rXyQ2v0kN7bC1-mZ==","id":"rs_0302c8819086","summary":[],"type":"reasoning"}
    {"content":[{"annotations":[],"logprobs":[],"text":"[gone]","type":"output_text"}],"id":"msg_sluice_00a1b481_1","role":"assistant","status":"completed","type":"message"}
    "completed"
    "#);
}

#[test]
fn a_stop_inside_a_text_closes_it() {
    let ruled = Ruled {
        piece: |text| match text {
            " is green" => PieceRuling::Stop {
                notice: "[stop]".to_owned(),
            },
            _ => PieceRuling::Keep,
        },
        ..KEEP
    };
    assert_snapshot!(sent("two_parts", PIECES, ruled), @r#"
    {"type":"response.created","sequence_number":0
    {"type":"response.in_progress","sequence_number":1
    {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"in_progress","content":[],"role":"assistant"}}
    {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"delta":"the grass","logprobs":[],"obfuscation":"a"}
    {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"text":"the grass","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":6,"item_id":"msg_0101c8819086","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"the grass"}}
    {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_0101c8819086","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"the grass"}],"role":"assistant"}}
    {"type":"response.output_item.added","sequence_number":8,"output_index":1,"item":{"id":"msg_sluice_00a1b481_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
    {"type":"response.content_part.added","sequence_number":9,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","sequence_number":10,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"delta":"[stop]","logprobs":[]}
    {"type":"response.output_text.done","sequence_number":11,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"text":"[stop]","logprobs":[]}
    {"type":"response.content_part.done","sequence_number":12,"item_id":"msg_sluice_00a1b481_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"[stop]"}}
    {"type":"response.output_item.done","sequence_number":13,"output_index":1,"item":{"id":"msg_sluice_00a1b481_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"[stop]"}]}}
    {"type":"response.completed","sequence_number":14
    "#);
}
