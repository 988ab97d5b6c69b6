//! What Chat Completions does not send.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Limits, ReplyError, Ruling, Step, Wants};

use super::OpenaiChat;
use crate::{
    dialect::{Content, Dialect as _, recorded},
    drive::{self, Judge, KeepAll},
    recorded::EVERYTHING,
};

/// Leaves out all that speaks of `agent_`.
struct Strict;

impl Judge for Strict {
    fn block(&mut self, block: &Block) -> Ruling {
        match format!("{block:?}").contains("agent_") {
            true => Ruling::Drop {
                notice: "[no]".to_owned(),
            },
            false => Ruling::Keep,
        }
    }
}

fn chunk(delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
    format!(
        "data: {}\n\n",
        json!({ "id": "chatcmpl-1", "choices": [choice] })
    )
}

fn call(index: u64, id: &str, name: &str) -> Value {
    let function = json!({ "name": name, "arguments": "{}" });
    json!({ "tool_calls": [{ "index": index, "id": id, "type": "function", "function": function }] })
}

/// Whatever becomes of the stream, what the judge leaves out does not go out.
fn leaks_nothing(stream: &str) {
    let texts = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let calls = Wants {
        tool_call: Delivery::Whole,
        ..Wants::NOTHING
    };
    for wants in [EVERYTHING, texts.union(calls)] {
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut Strict);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(!sent.contains("agent_"), "{sent} of {stream}");
        let received = OpenaiChat::receive(sent.as_bytes());
        assert!(received.is_ok(), "{received:?} of {sent}");
    }
}

#[test]
fn what_comes_too_late_does_not_pass_unjudged() {
    let first = chunk(&json!({ "role": "assistant", "content": "x" }), None);
    let text = chunk(&json!({ "content": "agent_" }), None);
    let refusal = chunk(&json!({ "refusal": "agent_" }), None);
    let harmless = chunk(&call(0, "call_0", "n"), None);
    let evil = chunk(&call(1, "call_1", "agent_"), None);
    let old = chunk(
        &json!({ "function_call": { "name": "agent_", "arguments": "{}" } }),
        None,
    );
    let renamed = json!({ "tool_calls": [{ "index": 0, "function": { "name": "agent_" } }] });
    let renamed = chunk(&renamed, None);
    let more = json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "agent_" } }] });
    let more = chunk(&more, None);
    let end = chunk(&json!({}), Some("tool_calls"));
    let stop = chunk(&json!({}), Some("stop"));
    let done = "data: [DONE]\n\n".to_owned();
    for chunks in [
        vec![&first, &stop, &text, &done],
        vec![&first, &stop, &refusal, &done],
        vec![&first, &stop, &evil, &done],
        vec![&first, &stop, &old, &done],
        vec![&first, &harmless, &text, &end, &done],
        vec![&first, &refusal, &text, &stop, &done],
        vec![&first, &harmless, &renamed, &end, &done],
        vec![&first, &harmless, &more, &end, &done],
        vec![&first, &harmless, &end, &evil, &done],
        vec![&first, &harmless, &end, &more, &end, &done],
        vec![&first, &stop, &done, &text, &evil],
        vec![&first, &stop, &done, &evil],
        vec![&evil, &first, &stop, &done],
        vec![&more, &first, &stop, &done],
    ] {
        leaks_nothing(&chunks.into_iter().map(String::as_str).collect::<String>());
    }
}

#[test]
fn content_cannot_be_smuggled_past_the_policies() {
    let evil =
        r#"[{"index":0,"id":"a","type":"function","function":{"name":"agent_","arguments":"{}"}}]"#;
    let deltas = [
        format!(r#""tool_calls":[],"tool_calls":{evil}"#),
        format!(r#""tool_calls":{evil},"tool_calls":[]"#),
        format!(r#""tool_calls":null,"tool\u005fcalls":{evil}"#),
        r#""content":"x","content":"agent_""#.to_owned(),
        r#""content":"agent_","cont\u0065nt":"x""#.to_owned(),
        r#""tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"n","name":"agent_","arguments":"{}"}}]"#.to_owned(),
        r#""tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"n"},"function":{"name":"agent_"}}]"#.to_owned(),
        r#""tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"n","arguments":"{}","arguments":"agent_"}}]"#.to_owned(),
        r#""tool_calls":{"index":0,"id":"a","type":"function","function":{"name":"agent_","arguments":"{}"}}"#.to_owned(),
        r#""content":[{"type":"text","text":"agent_"}]"#.to_owned(),
    ];
    for delta in deltas {
        let chunk = format!(
            r#"{{"id":"chatcmpl-1","choices":[{{"index":0,"delta":{{"role":"assistant",{delta}}},"finish_reason":null}}]}}"#
        );
        let end = r#"{"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
        leaks_unless_carried(&format!("data: {chunk}\n\ndata: {end}\n\ndata: [DONE]\n\n"));
    }
    let call = format!(r#"{{"role":"assistant","content":"x","tool_calls":{evil}}}"#);
    for choices in [
        format!(r#""choices":[],"choices":[{{"index":0,"delta":{call}}}]"#),
        format!(r#""choices":[{{"index":0,"delta":{call}}}],"choice\u0073":[]"#),
        format!(r#""choices":[{{"index":0,"delta":{{}},"delta":{call}}}]"#),
        format!(r#""choices":[{{"index":0,"index":1,"delta":{call}}}]"#),
        format!(r#""choices":{{"index":0,"delta":{call}}}"#),
        format!(r#""choices":[{{"index":"0","delta":{call}}}]"#),
        format!(r#""choices":[{{"index":0,"delta":[{call}]}}]"#),
    ] {
        let end = r#"{"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
        leaks_unless_carried(&format!(
            "data: {{\"id\":\"chatcmpl-1\",{choices}}}\n\ndata: {end}\n\ndata: [DONE]\n\n"
        ));
    }
    let whole = format!(
        r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"x"}},"message":{call},"finish_reason":"stop"}}]}}"#
    );
    let outcome = drive::whole::<OpenaiChat>(whole.as_bytes(), EVERYTHING, &mut Strict);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert_eq!(outcome.error, None);
    assert!(!sent.contains("agent_") && sent.contains("[no]"), "{sent}");
}

/// What is of no shape that a client reads may pass as it is or end the reply.
fn leaks_unless_carried(stream: &str) {
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut Strict);
    let sent = String::from_utf8(outcome.sent).unwrap();
    match OpenaiChat::receive(sent.as_bytes()) {
        Ok(received) => {
            let seen = format!("{:?}", received.choices);
            assert!(!seen.contains("agent_"), "{seen} of {stream}");
        }
        Err(_) => assert!(outcome.error.is_none(), "{sent} of {stream}"),
    }
    for key in [
        "tool_calls",
        "content",
        "function",
        "choices",
        "delta",
        "name",
        "arguments",
    ] {
        let twice = stream.matches(&format!("\"{key}\":")).count() > 1;
        assert!(
            outcome.error.is_some() || !sent.contains("agent_") || !twice,
            "{sent}"
        );
    }
}

#[test]
fn content_behind_the_end_of_a_reply_is_left_out_where_policies_want_something() {
    let stream = recorded::<OpenaiChat>("text");
    let more = chunk(&call(0, "call_1", "Bash"), None);
    let both = format!("{stream}: bye\n\n{more}");
    let outcome = drive::stream::<OpenaiChat>([both.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.starts_with(stream) && !sent.contains("Bash"), "{sent}");
    let outcome = drive::stream::<OpenaiChat>([both.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), both);
}

#[test]
fn a_reply_without_choices_takes_no_text() {
    struct Adds;
    impl Judge for Adds {
        fn end(&mut self, _: &str) -> Vec<String> {
            vec!["[added]".to_owned()]
        }
    }
    let body = r#"{"id":"chatcmpl-1","choices":[]}"#;
    let stream = format!("data: {body}\n\ndata: [DONE]\n\n");
    let whole = drive::whole::<OpenaiChat>(body.as_bytes(), EVERYTHING, &mut Adds);
    assert_eq!(
        (String::from_utf8(whole.sent).unwrap(), whole.error),
        (body.to_owned(), None)
    );
    let streamed = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut Adds);
    assert_eq!(
        (String::from_utf8(streamed.sent).unwrap(), streamed.error),
        (stream, None)
    );
}

#[test]
fn a_choice_without_a_finish_reason_does_not_hide_that_of_another() {
    let choice = |index: u64, reason: Option<&str>| json!({ "index": index, "delta": { "role": "assistant", "content": "x" }, "finish_reason": reason });
    let choices = [choice(0, None), choice(1, Some("length"))];
    let chunk = json!({ "id": "chatcmpl-1", "choices": choices });
    let stream = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let stop_reason = "length".to_owned();
    assert!(outcome.steps.contains(&Step::End { stop_reason }));
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
}

#[test]
fn a_stream_without_an_end_mark_is_complete_once_its_choices_are() {
    let stream = recorded::<OpenaiChat>("no_done");
    for wants in [Wants::NOTHING, EVERYTHING] {
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
        assert_eq!(outcome.error, None);
        assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
    }
    let two = recorded::<OpenaiChat>("n2");
    let one = two.find("\"finish_reason\":\"stop\"").unwrap();
    let end = one + two[one..].find("\n\n").unwrap() + 2;
    let outcome = drive::stream::<OpenaiChat>([&two.as_bytes()[..end]], EVERYTHING, &mut KeepAll);
    assert_eq!(outcome.error, Some(ReplyError::Truncated));
}

#[test]
fn a_stream_without_an_end_mark_is_cut_off_where_a_choice_before_another_is_missing() {
    let first = chunk(&json!({ "role": "assistant", "content": "x" }), None);
    let stream = first + &chunk(&json!({}), Some("stop"));
    let second = stream.replace("\"index\":0", "\"index\":1");
    for wants in [Wants::NOTHING, EVERYTHING] {
        let outcome = drive::stream::<OpenaiChat>([second.as_bytes()], wants, &mut KeepAll);
        assert_eq!(outcome.error, Some(ReplyError::Truncated), "{wants:?}");
        let both = [second.as_bytes(), stream.as_bytes()];
        let outcome = drive::stream::<OpenaiChat>(both, wants, &mut KeepAll);
        assert_eq!(outcome.error, None, "{wants:?}");
    }
}

#[test]
fn upstreams_error_goes_out_behind_the_text_that_was_held() {
    let stream = recorded::<OpenaiChat>("error_midway");
    let error = &stream[stream.find("data: {\"error\"").unwrap()..];
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(
        sent.ends_with(error) && sent.contains("Once upon"),
        "{sent}"
    );
}

#[test]
fn what_clients_read_differently_is_judged_as_it_goes_out() {
    let first = chunk(&json!({ "role": "assistant", "content": "x" }), None);
    let begun = |id: &str| {
        let function = json!({ "name": "n", "arguments": "{" });
        chunk(
            &json!({ "tool_calls": [{ "index": 0, "id": id, "type": "function", "function": function }] }),
            None,
        )
    };
    let named = |call: Value| chunk(&json!({ "tool_calls": [call] }), None);
    let mixed = json!([{ "type": "thinking" }, { "type": "text", "text": "agent_" }]);
    let message = json!({ "role": "assistant", "content": "agent_" });
    let double = json!({ "index": 0, "delta": { "role": "assistant" }, "message": message });
    let choices = |choice: &Value| {
        format!(
            "data: {}\n\n",
            json!({ "id": "chatcmpl-1", "choices": [choice] })
        )
    };
    for chunks in [
        [
            begun("a"),
            named(json!({ "index": 0, "function": { "name": "agent_" } })),
        ],
        [begun("a"), begun("agent_")],
        [chunk(&call(0, "a", "n"), None), begun("agent_")],
        [
            named(
                json!({ "id": "a", "type": "function", "function": { "name": "n", "arguments": "{}" } }),
            ),
            named(json!({ "function": { "name": "n", "arguments": "agent_" } })),
        ],
        [
            named(
                json!({ "index": 0, "id": "a", "type": "function", "function": { "name": "n" } }),
            ),
            named(json!({ "index": 0, "custom": { "input": "agent_" } })),
        ],
        [first.clone(), chunk(&json!({ "content": mixed }), None)],
        [first.clone(), choices(&double)],
    ] {
        let end = chunk(&json!({}), Some("tool_calls"));
        leaks_nothing(&format!("{first}{}{end}data: [DONE]\n\n", chunks.concat()));
    }
}

/// What goes out of a stream and of a body where one reply was asked for.
fn asked_for_one(stream: &str, whole: &str) -> [String; 2] {
    let limits = Limits {
        choices: 1,
        ..Limits::default()
    };
    let mut streamed = OpenaiChat::stream(EVERYTHING, limits);
    let streamed = drive::drive(&mut *streamed, [stream.as_bytes()], &mut KeepAll);
    let mut body = OpenaiChat::whole(EVERYTHING, limits);
    let body = drive::drive(&mut *body, [whole.as_bytes()], &mut KeepAll);
    assert_eq!((streamed.error, body.error), (None, None));
    [streamed.sent, body.sent].map(|sent| String::from_utf8(sent).unwrap())
}

#[test]
fn a_choice_that_nobody_asked_for_is_left_out() {
    let choice = |index: u64, form: &str, said: &str| json!({ "index": index, form: { "role": "assistant", "content": said }, "finish_reason": "stop" });
    for other in [1, 128, 4_000_000_000] {
        let choices = |form: &str| json!([choice(other, form, "agent_"), choice(0, form, "x")]);
        let chunk = json!({ "id": "chatcmpl-1", "choices": choices("delta") });
        let stream = format!("data: {chunk}\n\ndata: [DONE]\n\n");
        let whole = json!({ "id": "chatcmpl-1", "choices": choices("message") }).to_string();
        for sent in asked_for_one(&stream, &whole) {
            assert!(!sent.contains("agent_") && sent.contains("\"x\""), "{sent}");
        }
    }
}

#[test]
fn whole_calls_of_one_index_are_told_apart_by_their_ids() {
    let first = chunk(&json!({ "role": "assistant" }), None);
    let calls =
        ["agent_", "n", "m"].map(|name| chunk(&call(0, &format!("call_{name}"), name), None));
    let end = chunk(&json!({}), Some("tool_calls"));
    let stream = format!("{first}{}{end}data: [DONE]\n\n", calls.concat());
    let kept = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    assert_eq!(kept.blocks().len(), 3);
    let received = OpenaiChat::receive(&kept.sent).unwrap();
    let calls = received.body["choices"][0]["message"]["tool_calls"].as_array();
    assert_eq!(calls.map(Vec::len), Some(3));
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut Strict);
    let received = OpenaiChat::receive(&outcome.sent).unwrap();
    let calls = &received.body["choices"][0]["message"]["tool_calls"];
    assert_eq!(
        (&calls[0]["id"], &calls[1]["id"]),
        (&json!("call_n"), &json!("call_m"))
    );
}

#[test]
fn a_list_of_texts_is_judged_as_a_text() {
    let content = json!([{ "type": "text", "text": "agent" }, { "type": "text", "text": "_" }]);
    let said = json!({ "role": "assistant", "content": content });
    let choice = json!({ "index": 0, "message": said, "finish_reason": "stop" });
    let whole = json!({ "id": "chatcmpl-1", "choices": [choice] }).to_string();
    let end = chunk(&json!({}), Some("stop"));
    let stream = format!("{}{end}data: [DONE]\n\n", chunk(&said, None));
    for mut outcome in [
        drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut Strict),
        drive::whole::<OpenaiChat>(whole.as_bytes(), EVERYTHING, &mut Strict),
    ] {
        let sent = String::from_utf8(std::mem::take(&mut outcome.sent)).unwrap();
        assert_eq!(outcome.blocks(), [Content::Text("agent_".to_owned())]);
        assert!(
            !sent.contains("\"agent\"") && sent.contains("[no]"),
            "{sent}"
        );
    }
}
