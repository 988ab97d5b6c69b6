//! Replies that clients read fine, or differ in reading, and that are written anew where policies want something.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Ruling, Wants};

use super::OpenaiChat;
use crate::{
    dialect::{Content, Dialect as _, Received},
    drive::{self, Judge, KeepAll},
    readers::READERS,
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled},
};

/// Calls that are told in turns.
const PARALLEL: &str = include_str!("../../../fixtures/openai_chat/parallel.sse");

const DONE: &str = "data: [DONE]\n\n";

fn chunk(choice: &Value) -> String {
    let chunk = json!({ "id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

fn delta(delta: &Value) -> String {
    chunk(&json!({ "index": 0, "delta": delta, "finish_reason": null }))
}

fn start() -> String {
    delta(&json!({ "role": "assistant", "content": "" }))
}

fn finish(reason: &str) -> String {
    chunk(&json!({ "index": 0, "delta": {}, "finish_reason": reason }))
}

fn pieces(pieces: &Value) -> String {
    delta(&json!({ "tool_calls": pieces }))
}

/// What a client has of a stream that policies keep, which every client reads alike.
fn kept(stream: &str, wants: Wants) -> Received {
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
    assert_eq!(outcome.error, None, "{stream}");
    let received = OpenaiChat::receive(&outcome.sent).unwrap();
    let read = READERS.map(|reader| OpenaiChat::calls(&outcome.sent, &reader));
    let sent = String::from_utf8_lossy(&outcome.sent);
    assert!(
        read.iter().all(|calls| *calls == read[0]),
        "{read:?} of {sent}"
    );
    received
}

fn message(received: &Received) -> Value {
    received.body["choices"][0]["message"].clone()
}

/// The names and arguments of the calls of a message.
fn calls(received: &Received) -> Vec<(String, String)> {
    let message = message(received);
    let calls = message["tool_calls"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let calls = calls.iter().map(|call| {
        let function = &call["function"];
        (text(&function["name"]), text(&function["arguments"]))
    });
    calls.collect()
}

fn call(name: &str, arguments: &str) -> (String, String) {
    (name.to_owned(), arguments.to_owned())
}

#[test]
fn calls_that_are_told_in_turns_go_out_one_after_the_other() {
    let received = kept(PARALLEL, EVERYTHING);
    assert_eq!(
        calls(&received),
        [
            call("Bash", r#"{"command":"rm -rf /"}"#),
            call("Read", r#"{"file_path":"/tmp/a \"b\".txt"}"#)
        ]
    );
    // Where nobody judges them they are what upstream says.
    let texts = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let outcome = drive::stream::<OpenaiChat>([PARALLEL.as_bytes()], texts, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), PARALLEL);
}

#[test]
fn calls_that_have_no_index_or_the_same_are_numbered() {
    let function = |name: &str, arguments: &str| json!({ "name": name, "arguments": arguments });
    let (ls, pwd) = (r#"{"command":"ls"}"#, r#"{"command":"pwd"}"#);
    for [one, other] in [
        [
            json!({ "id": "", "function": function("Bash", ls) }),
            json!({ "id": "", "function": function("Bash", pwd) }),
        ],
        [
            json!({ "id": "a", "index": 0, "function": function("Bash", ls) }),
            json!({ "id": "b", "index": 0, "function": function("Bash", pwd) }),
        ],
        [
            json!({ "id": "a", "index": 7, "function": function("Bash", ls) }),
            json!({ "id": "b", "index": 3, "function": function("Bash", pwd) }),
        ],
        [
            json!({ "function": { "name": "Bash", "arguments": { "command": "ls" } } }),
            json!({ "function": { "name": "Bash", "arguments": { "command": "pwd" } } }),
        ],
    ] {
        let both = pieces(&json!([one, other]));
        let apart = pieces(&json!([one])) + &pieces(&json!([other]));
        for said in [both, apart] {
            let stream = start() + &said + &finish("tool_calls") + DONE;
            let outcome =
                drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
            for reader in READERS {
                let found = OpenaiChat::calls(&outcome.sent, &reader);
                assert_eq!(
                    found,
                    [call("Bash", ls), call("Bash", pwd)],
                    "{}",
                    reader.name
                );
            }
        }
    }
}

#[test]
fn names_that_are_repeated_or_late_stand_at_the_start_of_their_call() {
    let piece = |name: Option<&str>, arguments: &str| json!([{ "index": 0, "id": "a", "type": "function", "function": { "name": name, "arguments": arguments } }]);
    for names in [
        [Some("Bash"), Some("Bash"), Some("Bash")],
        [Some("Bash"), None, Some("Read")],
        [None, Some("Bash"), None],
        [None, None, Some("Bash")],
    ] {
        let said = [
            piece(names[0], "{\"command\""),
            piece(names[1], ":"),
            piece(names[2], "\"ls\"}"),
        ];
        let said = said.iter().map(pieces).collect::<String>();
        let received = kept(
            &(start() + &said + &finish("tool_calls") + DONE),
            EVERYTHING,
        );
        assert_eq!(
            calls(&received),
            [call("Bash", r#"{"command":"ls"}"#)],
            "{names:?}"
        );
    }
}

#[test]
fn a_tool_that_says_nothing_beside_the_one_that_is_called_is_none() {
    let function = json!({ "name": "Bash", "arguments": "{}" });
    for custom in [json!({}), json!({ "name": "", "input": "" }), json!(null)] {
        let said = json!([{ "index": 0, "id": "a", "type": "function", "function": function, "custom": custom }]);
        let received = kept(
            &(start() + &pieces(&said) + &finish("tool_calls") + DONE),
            EVERYTHING,
        );
        assert_eq!(calls(&received), [call("Bash", "{}")], "{custom}");
    }
}

#[test]
fn what_was_said_so_far_beside_a_delta_is_left_out() {
    let beside = |said: &str, so_far: &str| {
        chunk(&json!({
            "index": 0, "finish_reason": null,
            "delta": { "role": "assistant", "content": said },
            "message": { "role": "assistant", "content": so_far },
            "text": so_far,
        }))
    };
    let stream = beside("Hel", "Hel") + &beside("lo", "Hello") + &finish("stop") + DONE;
    for text in [Delivery::Whole, Delivery::Pieces, Delivery::Observe] {
        let wants = Wants {
            text,
            ..Wants::NOTHING
        };
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(
            !sent.contains("Hello") && !sent.contains("message\""),
            "{sent}"
        );
        let received = OpenaiChat::receive(sent.as_bytes()).unwrap();
        assert_eq!(message(&received)["content"], "Hello");
    }
}

#[test]
fn fields_that_no_client_takes_for_others_stay_in_what_is_written_anew() {
    let said = json!({ "role": "assistant", "content": "Hi", "reasoning_details": [{ "x": 1 }] });
    let choice =
        json!({ "index": 0, "delta": said, "finish_reason": null, "mood": 2, "text": "Hi" });
    let odd = json!({ "id": "chatcmpl-1", "created": 1, "model": "m", "citations": ["u"], "choices": [choice] });
    let stream = format!("data: {odd}\n\n{}{DONE}", finish("stop"));
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    for field in [
        r#""citations":["u"]"#,
        r#""mood":2"#,
        r#""reasoning_details":[{"x":1}]"#,
    ] {
        assert!(sent.contains(field), "{field} in {sent}");
    }
    assert!(!sent.contains(r#""text""#), "{sent}");
}

/// Thinking and texts in one list.
fn list() -> Value {
    json!([
        { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] },
        { "type": "text", "text": "Hello " },
        { "type": "text", "text": "there" },
    ])
}

#[test]
fn each_part_of_a_list_is_judged_as_what_it_is() {
    let said = json!({ "role": "assistant", "content": list() });
    let whole = json!({ "id": "chatcmpl-1", "created": 1, "model": "m", "choices": [{ "index": 0, "message": said, "finish_reason": "stop" }] });
    let whole = whole.to_string();
    let stream = delta(&said) + &finish("stop") + DONE;
    let streamed = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let judged = drive::whole::<OpenaiChat>(whole.as_bytes(), EVERYTHING, &mut KeepAll);
    let blocks = [
        Content::Thinking("hm".to_owned()),
        Content::Text("Hello there".to_owned()),
    ];
    assert_eq!(
        (streamed.blocks(), judged.blocks()),
        (blocks.to_vec(), blocks.to_vec())
    );
    assert_eq!(String::from_utf8(streamed.sent).unwrap(), stream);
    assert_eq!(String::from_utf8(judged.sent).unwrap(), whole);
}

#[test]
fn a_text_in_a_list_is_edited_there() {
    let said = json!({ "role": "assistant", "content": list() });
    let whole = json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "message": said, "finish_reason": "stop" }] });
    let stream = delta(&said) + &finish("stop") + DONE;
    let replaces = || Ruled {
        block: |block| match block {
            Block::Text(_) => Ruling::Replace(vec![Block::Text("Bye".to_owned())]),
            _ => Ruling::Keep,
        },
        ..KEEP
    };
    let streamed = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut replaces());
    let whole =
        drive::whole::<OpenaiChat>(whole.to_string().as_bytes(), EVERYTHING, &mut replaces());
    let edited = r#"[{"thinking":[{"text":"hm","type":"text"}],"type":"thinking"},{"text":"Bye","type":"text"}]"#;
    for sent in [streamed.sent, whole.sent] {
        let sent = String::from_utf8(sent).unwrap();
        assert!(sent.contains(edited), "{sent}");
    }
}

#[test]
fn parts_that_come_one_after_the_other_are_pieces_of_their_blocks() {
    let [thinking, one, other] = [0, 1, 2].map(|at: usize| json!({ "content": [list()[at]] }));
    let stream = start() + &[thinking, one, other].iter().map(delta).collect::<String>();
    let stream = stream + &delta(&json!({ "content": "!" })) + &finish("stop") + DONE;
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let blocks = [
        Content::Thinking("hm".to_owned()),
        Content::Text("Hello there!".to_owned()),
    ];
    let text = &outcome.blocks()[..];
    assert!(text.ends_with(&blocks), "{text:?}");
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
}

/// Keeps what it is shown, and notes it.
#[derive(Default)]
struct Notes(Vec<String>);

impl Judge for Notes {
    fn block(&mut self, block: &Block) -> Ruling {
        self.0.push(format!("{block:?}"));
        Ruling::Keep
    }
}

#[test]
fn of_finish_reasons_behind_each_chunk_the_last_counts() {
    let said = |text: &str| delta(&json!({ "content": text })) + &finish("stop");
    let text = start() + &said("sk-") + &said("ant") + DONE;
    let function = |name: Option<&str>, arguments: &str| json!([{ "index": 0, "id": "a", "type": "function", "function": { "name": name, "arguments": arguments } }]);
    let called = start()
        + &pieces(&function(Some("Bash"), "{\"command\":"))
        + &finish("stop")
        + &pieces(&function(None, "\"ls\"}"))
        + &finish("tool_calls")
        + DONE;
    for (stream, block, reason) in [
        (text, r#"Text("sk-ant")"#, "stop"),
        (called, r#""{\"command\":\"ls\"}""#, "tool_calls"),
    ] {
        let mut notes = Notes::default();
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut notes);
        assert!(
            notes.0.iter().any(|note| note.contains(block)),
            "{:?}",
            notes.0
        );
        let received = OpenaiChat::receive(&outcome.sent).unwrap();
        assert_eq!(received.body["choices"][0]["finish_reason"], reason);
    }
}

#[test]
fn a_choice_that_goes_on_behind_its_last_finish_reason_ends_with_it() {
    for done in [DONE, ""] {
        let late = delta(&json!({ "content": "late" }));
        let stream = start() + &finish("length") + &late + done;
        let received = kept(&stream, EVERYTHING);
        assert_eq!(message(&received)["content"], "late");
        assert_eq!(received.body["choices"][0]["finish_reason"], "length");
    }
}

#[test]
fn what_says_nothing_of_a_choice_does_not_open_it_again() {
    let filtered =
        chunk(&json!({ "index": 0, "finish_reason": null, "content_filter_offsets": {} }));
    let usage = "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n";
    let stream = start() + &delta(&json!({ "content": "x" })) + &finish("stop");
    let stream = stream + &filtered + ": ping\n\n" + usage + DONE;
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
}
