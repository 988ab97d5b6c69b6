//! Replies of servers that speak the API in their own way, and that clients read all the same.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, Step, Wants};

use super::{added, arguments, call, completed, created, done, event, message, text};
use crate::{
    dialect::Dialect as _,
    drive::{self, Judge, KeepAll, Outcome},
    openai_responses::OpenaiResponses,
    readers::READERS,
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled, TOOLS, drop_call},
};

fn outcome(events: &[String], wants: Wants, judge: &mut dyn Judge) -> Outcome {
    let stream = events.concat();
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, judge);
    assert_eq!(outcome.error, None, "{stream}");
    outcome
}

/// What goes out of a reply that policies keep.
fn sent(events: &[String], wants: Wants) -> String {
    String::from_utf8(outcome(events, wants, &mut KeepAll).sent).unwrap()
}

/// The data of the events that go out, by their names.
fn data_of(sent: &str, name: &str) -> Vec<Value> {
    let events = crate::sse::events(sent.as_bytes()).into_iter();
    let named = events.filter(|(known, _)| known == name);
    named
        .map(|(_, data)| serde_json::from_str(&data).unwrap())
        .collect()
}

/// What the reply repeats at its end.
fn output(sent: &str) -> Value {
    data_of(sent, "response.completed")[0]["response"]["output"].clone()
}

/// A legal reply, of which policies kept all.
fn legal(events: &[String]) -> String {
    let sent = sent(events, EVERYTHING);
    let received = OpenaiResponses::receive(sent.as_bytes());
    assert!(received.is_ok_and(|received| !received.failed), "{sent}");
    sent
}

/// Each client finds this call alone.
fn only_call(sent: &str, name: &str, said: &str) {
    for reader in READERS {
        for call in OpenaiResponses::calls(sent.as_bytes(), &reader) {
            let expected = (name.to_owned(), said.to_owned());
            assert_eq!(call, expected, "{} in {sent}", reader.name);
        }
    }
}

fn empty() -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [] })
}

fn part(step: &str, at: u64, text: &str) -> String {
    let part = json!({ "type": "output_text", "annotations": [], "text": text });
    let fields =
        json!({ "output_index": 0, "content_index": at, "item_id": "msg_1", "part": part });
    event(&format!("response.content_part.{step}"), fields)
}

/// A message with these deltas, of which the other events say this.
fn message_events(deltas: &[&str], said: &str) -> Vec<String> {
    let mut events = vec![created(), added(0, &empty()), part("added", 0, "")];
    events.extend(deltas.iter().map(|delta| text("delta", "delta", delta)));
    events.push(text("done", "text", said));
    events.push(part("done", 0, said));
    events.push(done(0, &message(said)));
    events
}

#[test]
fn a_text_is_repeated_as_its_deltas_said_it() {
    for said in ["Hi.", " Hi. \n\n", "Hi", ""] {
        let mut events = message_events(&[" Hi", ". \n"], said);
        events.push(completed(&json!([message(said)])));
        for wants in [Delivery::Whole, Delivery::Pieces] {
            let wants = Wants {
                text: wants,
                ..TOOLS
            };
            let sent = sent(&events, wants);
            let all = json!(" Hi. \n");
            assert_eq!(data_of(&sent, "response.output_text.done")[0]["text"], all);
            assert_eq!(
                data_of(&sent, "response.content_part.done")[0]["part"]["text"],
                all
            );
            let item = &data_of(&sent, "response.output_item.done")[0]["item"];
            assert_eq!(item["content"][0]["text"], all, "{sent}");
            assert_eq!(output(&sent)[0]["content"][0]["text"], all, "{sent}");
        }
        legal(&events);
    }
}

#[test]
fn a_call_is_what_any_of_its_events_says_where_others_say_nothing() {
    let open = call("Bash", "");
    let said = r#"{"command":"ls"}"#;
    let full = call("Bash", said);
    let no_name = json!({ "id": "fc_1", "type": "function_call", "arguments": said });
    let null = json!({ "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "Bash", "arguments": null });
    let delta = arguments("delta", "delta", said);
    let all = arguments("done", "arguments", said);
    for events in [
        vec![added(0, &open), delta.clone(), done(0, &open)],
        vec![added(0, &open), delta.clone(), done(0, &null)],
        vec![
            added(0, &open),
            delta.clone(),
            arguments("done", "arguments", ""),
            done(0, &full),
        ],
        vec![added(0, &open), all.clone(), done(0, &open)],
        vec![added(0, &open), all.clone(), done(0, &full)],
        vec![added(0, &open), done(0, &full)],
        vec![added(0, &open), delta.clone(), done(0, &no_name)],
        vec![added(0, &full), delta.clone(), all.clone(), done(0, &full)],
        vec![added(0, &open), delta.clone(), all.clone()],
        vec![added(0, &open), delta.clone()],
        vec![done(0, &full)],
    ] {
        for end in [json!([]), json!([full])] {
            let events = [vec![created()], events.clone(), vec![completed(&end)]].concat();
            let outcome = outcome(&events, EVERYTHING, &mut KeepAll);
            let judged = outcome.steps.iter().filter_map(|step| match step {
                Step::Judge(Block::ToolCall(call)) => Some(call.arguments.as_str()),
                _ => None,
            });
            assert_eq!(judged.collect::<Vec<_>>(), [said], "{events:?}");
            let sent = String::from_utf8(outcome.sent).unwrap();
            only_call(&sent, "Bash", said);
            let item = &data_of(&sent, "response.output_item.done")[0]["item"];
            assert_eq!(item["arguments"], said, "{sent}");
        }
    }
}

#[test]
fn an_end_that_repeats_less_than_what_came_is_left_so() {
    let (first, second) = (message("x"), call("n", "{}"));
    let all = || {
        let mut events = message_events(&["x"], "x");
        events.extend([added(1, &call("n", "")), done(1, &second)]);
        events
    };
    for end in [
        json!([]),
        json!([second]),
        json!([first]),
        json!([first, second]),
    ] {
        let mut events = all();
        events.push(completed(&end));
        assert_eq!(sent(&events, EVERYTHING), events.concat());
    }
}

#[test]
fn a_reply_may_end_with_response_done() {
    let mut events = message_events(&["x"], "x");
    let response = json!({ "id": "resp_1", "status": "completed", "output": [message("x")] });
    events.push(event("response.done", json!({ "response": response })));
    assert_eq!(sent(&events, EVERYTHING), events.concat());
    events.push(completed(&json!([call("agent_", "{}")])));
    assert_eq!(
        sent(&events, EVERYTHING),
        events[..events.len() - 1].concat()
    );
    let failed = json!({ "id": "resp_1", "status": "failed", "output": [call("agent_", "{}")] });
    let events = [
        created(),
        event("response.done", json!({ "response": failed })),
    ];
    let sent = sent(&events, EVERYTHING);
    assert!(
        sent.contains("failed") && !sent.contains("agent_"),
        "{sent}"
    );
}

#[test]
fn a_failure_behind_an_error_goes_out_without_content() {
    let error = event(
        "error",
        json!({ "code": "server_error", "message": "sorry" }),
    );
    for name in ["failed", "incomplete"] {
        let ended = |output: Value| {
            let response = json!({ "id": "resp_1", "status": name, "output": output,
                "error": { "code": "server_error" } });
            event(&format!("response.{name}"), json!({ "response": response }))
        };
        let begun = [created(), error.clone(), ended(json!([]))];
        assert_eq!(sent(&begun, EVERYTHING), begun.concat());
        let said = [
            created(),
            error.clone(),
            ended(json!([call("agent_", "{}")])),
        ];
        let sent = sent(&said, EVERYTHING);
        assert!(sent.ends_with(&ended(json!([]))), "{sent}");
    }
    let behind = [
        created(),
        error.clone(),
        completed(&json!([call("agent_", "{}")])),
    ];
    assert_eq!(sent(&behind, EVERYTHING), behind[..2].concat());
}

#[test]
fn a_letter_whose_halves_come_in_two_deltas_is_one() {
    let half = |name: &str, json: &str| {
        let data = format!(
            r#"{{"type":"{name}","output_index":0,"content_index":0,"item_id":"msg_1","delta":"{json}"}}"#
        );
        format!("event: {name}\ndata: {data}\n\n")
    };
    let said = "ok \u{1f600} fine\u{1f600}";
    let halves = [r"ok \ud83d", r"\ude00", r" fine\ud83d", r"\ude00"];
    let mut events = vec![created(), added(0, &empty()), part("added", 0, "")];
    events.extend(halves.map(|json| half("response.output_text.delta", json)));
    events.extend([
        text("done", "text", said),
        part("done", 0, said),
        done(0, &message(said)),
        completed(&json!([message(said)])),
    ]);
    let sent = legal(&events);
    let deltas = data_of(&sent, "response.output_text.delta").into_iter();
    let deltas: String = deltas
        .map(|delta| delta["delta"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(deltas, said);
    let said = "{\"a\":\"\u{1f600}\"}";
    let halves = [r#"{\"a\":\"\ud83d"#, r#"\ude00\"}"#];
    let mut events = vec![created(), added(0, &call("n", ""))];
    events.extend(
        halves.map(|json| {
            half("response.function_call_arguments.delta", json).replace("msg_1", "fc_1")
        }),
    );
    events.extend([
        done(0, &call("n", said)),
        completed(&json!([call("n", said)])),
    ]);
    only_call(&legal(&events), "n", said);
}

#[test]
fn texts_in_one_are_those_of_the_items() {
    let ended = |texts: Value| {
        let response = json!({ "id": "resp_1", "status": "completed", "output": [message("x")],
            "output_text": texts });
        event("response.completed", json!({ "response": response }))
    };
    for same in [json!(""), json!(null), json!("x")] {
        let events = [message_events(&["x"], "x"), vec![ended(same)]].concat();
        assert_eq!(sent(&events, EVERYTHING), events.concat());
    }
    let events = [message_events(&["x"], "x"), vec![ended(json!("agent_"))]].concat();
    let sent = legal(&events);
    let end = &data_of(&sent, "response.completed")[0]["response"];
    assert_eq!(end["output_text"], "x");
    let whole = json!({ "id": "resp_1", "status": "completed", "output": [message("x")], "output_text": "agent_" });
    let outcome =
        drive::whole::<OpenaiResponses>(whole.to_string().as_bytes(), EVERYTHING, &mut KeepAll);
    let body: Value = serde_json::from_slice(&outcome.sent).unwrap();
    assert_eq!(body["output_text"], "x");
}

/// The same events with something else in the place of their numbers.
fn renumbered(events: Vec<String>, from: &str, to: &str) -> Vec<String> {
    let events = events.into_iter();
    events.map(|event| event.replace(from, to)).collect()
}

#[test]
fn an_event_whose_number_does_not_fit_finds_its_item_by_the_order() {
    let ended = |mut events: Vec<String>| {
        events.push(completed(&json!([message("x")])));
        events
    };
    let plain = legal(&ended(message_events(&["x"], "x")));
    for (from, to) in [
        (r#""output_index":0,"#, r#""output_index":3,"#),
        (r#""content_index":0,"#, r#""content_index":1,"#),
        (r#""content_index":0,"#, ""),
        (r#""output_index":0,"#, ""),
        (r#""output_index":0,"#, r#""output_index":"0","#),
    ] {
        let events = renumbered(message_events(&["x"], "x"), from, to);
        let parsed = |sent: &str| -> Vec<Value> {
            let events = crate::sse::events(sent.as_bytes()).into_iter();
            events
                .map(|(_, data)| serde_json::from_str(&data).unwrap())
                .collect()
        };
        assert_eq!(parsed(&legal(&ended(events))), parsed(&plain), "{to}");
        // Those behind the start alone.
        let mut events = message_events(&["x"], "x");
        let rest = renumbered(events.split_off(3), from, to);
        events.extend(rest);
        assert_eq!(parsed(&legal(&ended(events))), parsed(&plain), "{to}");
    }
}

#[test]
fn items_that_share_a_number_are_told_apart_by_their_ids() {
    let said = r#"{"a":1}"#;
    let (open, full) = (call("n", ""), call("n", said));
    let mut events = message_events(&["x"], "x");
    let end = events.pop().unwrap();
    events.extend([
        added(0, &open),
        arguments("delta", "delta", said),
        done(0, &full),
        end,
        completed(&json!([message("x"), full])),
    ]);
    let sent = legal(&events);
    only_call(&sent, "n", said);
    let numbers = data_of(&sent, "response.output_item.added").into_iter();
    let numbers: Vec<Value> = numbers.map(|event| event["output_index"].clone()).collect();
    assert_eq!(numbers, [0, 1]);
}

#[test]
fn what_the_reply_says_of_itself_before_it_has_content_counts_once() {
    let again = event(
        "response.in_progress",
        json!({ "response": { "id": "resp_1", "output": [call("agent_", "{}")] } }),
    );
    let mut events = message_events(&["x"], "x");
    events.splice(1..1, [created(), again.clone()]);
    events.push(again);
    events.push(completed(&json!([message("x")])));
    let sent = legal(&events);
    assert!(!sent.contains("agent_"), "{sent}");
    assert_eq!(data_of(&sent, "response.created").len(), 1);
    assert_eq!(data_of(&sent, "response.in_progress").len(), 2);
}

#[test]
fn what_is_never_closed_is_over_with_the_reply() {
    let begun = vec![
        created(),
        added(0, &empty()),
        part("added", 0, ""),
        text("delta", "delta", "x"),
    ];
    let item = message("x");
    for (events, output) in [
        (begun.clone(), json!([])),
        (begun.clone(), json!([item])),
        (
            [begun.clone(), vec![text("done", "text", "x")]].concat(),
            json!([]),
        ),
        (
            [
                begun.clone(),
                vec![text("done", "text", "x"), part("done", 0, "x")],
            ]
            .concat(),
            json!([]),
        ),
    ] {
        let events = [events, vec![completed(&output)]].concat();
        for text in [Delivery::None, Delivery::Whole, Delivery::Pieces] {
            let wants = Wants { text, ..TOOLS };
            let sent = sent(&events, wants);
            let ended = &data_of(&sent, "response.output_item.done")[0]["item"];
            assert_eq!(ended["content"][0]["text"], "x", "{sent}");
        }
    }
}

#[test]
fn an_item_may_have_another_id_in_each_event() {
    let said = r#"{"a":1}"#;
    let named = |id: &str, mut item: Value| {
        item["id"] = json!(id);
        item
    };
    let mut events = renumbered(
        message_events(&["a", "b"], "ab"),
        "\"item_id\":\"msg_1\"",
        "\"item_id\":\"msg_other\"",
    );
    let end = named("msg_end", message("ab"));
    events.pop();
    let mut delta = arguments("delta", "delta", said);
    delta = delta
        .replace("fc_1", "fc_delta")
        .replace("\"output_index\":0", "\"output_index\":1");
    events.extend([
        done(0, &end),
        added(1, &named("fc_begun", call("n", ""))),
        delta,
        done(1, &named("fc_end", call("n", said))),
        completed(&json!([
            named("msg_9", message("ab")),
            named("fc_9", call("n", said))
        ])),
    ]);
    let sent = sent(&events, EVERYTHING);
    only_call(&sent, "n", said);
    // Clients look for the part of that id.
    for delta in data_of(&sent, "response.output_text.delta") {
        assert_eq!(delta["item_id"], "msg_1", "{sent}");
    }
    assert_eq!(output(&sent)[1]["call_id"], "call_1");
}

#[test]
fn of_what_the_end_repeats_nothing_is_changed_but_what_policies_changed() {
    let reasoning = |content: Value| json!({ "id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": content });
    let texts = |score: f64| {
        let part = |text: &str| {
            json!({ "type": "output_text", "annotations": [], "text": text,
            "logprobs": [{ "token": text, "logprob": score }] })
        };
        json!({ "id": "msg_1", "type": "message", "role": "assistant",
            "content": [part("secret"), part("fine")] })
    };
    let kept = call("n", "{}");
    let mut last = kept.clone();
    last["namespace"] = json!("only here");
    let end = json!([
        reasoning(json!("gAAA")),
        texts(-2.0),
        call("gone", "{}"),
        last
    ]);
    let mut end = end.as_array().unwrap().clone();
    end[2]["call_id"] = json!("call_2");
    end[2]["id"] = json!("fc_2");
    let events = [
        created(),
        added(0, &reasoning(json!(""))),
        done(0, &reasoning(json!("other"))),
        done(1, &texts(-1.0)),
        done(2, &end[2]),
        done(3, &kept),
        completed(&json!(end)),
    ];
    let mut ruled = Ruled {
        block: |block| match block {
            Block::Text(text) if text == "secret" => {
                Ruling::Replace(vec![Block::Text("[hidden]".to_owned())])
            }
            block => drop_call("gone", block),
        },
        ..KEEP
    };
    let outcome = outcome(&events, EVERYTHING, &mut ruled);
    let sent = String::from_utf8(outcome.sent).unwrap();
    let output = output(&sent);
    assert_eq!(output[0], end[0], "{output}");
    assert_eq!(output[1]["content"][0]["text"], "[hidden]");
    assert_eq!(output[1]["content"][1], end[1]["content"][1]);
    assert_eq!(output[2]["content"][0]["text"], "[no gone]");
    assert_eq!(output[3], end[3]);
}

#[test]
fn reasoning_stays_behind_the_call_that_it_followed() {
    let reasoning = json!({ "id": "rs_1", "type": "reasoning", "summary": [] });
    let calls = |name: &str| [added(0, &call(name, "")), done(0, &call(name, "{}"))];
    for name in ["n", "gone"] {
        let events = [
            vec![created()],
            calls(name).to_vec(),
            vec![
                added(1, &reasoning),
                done(1, &reasoning),
                done(2, &message("x")),
                completed(&json!([call(name, "{}"), reasoning, message("x")])),
            ],
        ];
        let mut ruled = Ruled {
            block: |block| drop_call("gone", block),
            ..KEEP
        };
        let outcome = outcome(&events.concat(), TOOLS, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        let kinds = data_of(&sent, "response.output_item.done").into_iter();
        let kinds: Vec<Value> = kinds.map(|event| event["item"]["type"].clone()).collect();
        let first = if name == "gone" {
            "message"
        } else {
            "function_call"
        };
        assert_eq!(kinds, [first, "reasoning", "message"], "{sent}");
        let repeated = output(&sent);
        let repeated = repeated.as_array().unwrap().iter();
        let repeated: Vec<Value> = repeated.map(|item| item["type"].clone()).collect();
        assert_eq!(kinds, repeated);
    }
}

/// Keeps back what may be half of a word.
#[derive(Default)]
struct KeepsBack(String);

impl Judge for KeepsBack {
    fn piece(&mut self, text: &str, last: bool) -> PieceRuling {
        let all = std::mem::take(&mut self.0) + text;
        if last {
            return PieceRuling::Send(all);
        }
        let cut = all.len() - 1;
        self.0 = all[cut..].to_owned();
        PieceRuling::Send(all[..cut].to_owned())
    }
}

#[test]
fn what_policies_keep_back_goes_out_before_upstreams_error() {
    let begun = [
        created(),
        added(0, &empty()),
        part("added", 0, ""),
        text("delta", "delta", "Hello."),
    ];
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let response = json!({ "response": { "id": "resp_1", "status": "failed", "output": [] } });
    for error in [
        event("error", json!({ "code": "x" })),
        event("response.failed", response),
    ] {
        let events = [begun.to_vec(), vec![error.clone()]].concat();
        let outcome = outcome(&events, wants, &mut KeepsBack::default());
        let sent = String::from_utf8(outcome.sent).unwrap();
        let deltas = data_of(&sent, "response.output_text.delta").into_iter();
        let said: String = deltas
            .map(|delta| delta["delta"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(said, "Hello.", "{sent}");
        let name = error.lines().next().unwrap();
        assert!(
            sent[sent.rfind("event: ").unwrap()..].starts_with(name),
            "{sent}"
        );
    }
}

#[test]
fn a_reply_that_does_not_say_that_it_begins_has_ids_of_its_own() {
    let made = |id: &str| {
        let mut item = call("gone", "{}");
        item["id"] = json!(id);
        let events = [done(0, &item), completed(&json!([item]))];
        let mut ruled = Ruled {
            block: |block| drop_call("gone", block),
            ..KEEP
        };
        let outcome = outcome(&events, TOOLS, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        output(&sent)[0]["id"].clone()
    };
    assert_ne!(made("fc_one"), made("fc_two"));
}

#[test]
fn a_text_of_no_item_is_that_of_a_message() {
    let events = [
        created(),
        text("delta", "delta", "x"),
        text("delta", "delta", "y"),
        completed(&json!([message("xy")])),
    ];
    let sent = sent(&events, EVERYTHING);
    assert_eq!(
        data_of(&sent, "response.output_item.added").len(),
        1,
        "{sent}"
    );
    assert_eq!(data_of(&sent, "response.output_text.delta").len(), 2);
    assert_eq!(output(&sent)[0]["content"][0]["text"], "xy");
}

#[test]
fn reasoning_may_have_parts_as_messages_do() {
    let open = json!({ "id": "msg_1", "type": "reasoning", "summary": [], "content": null, "encrypted_content": null });
    let closed = json!({ "id": "msg_1", "type": "reasoning", "summary": [],
        "content": [{ "type": "reasoning_text", "text": "hm" }] });
    let delta = |step: &str, key: &str| {
        event(
            &format!("response.reasoning_text.{step}"),
            json!({ "output_index": 0, "content_index": 0, "item_id": "msg_1", key: "hm" }),
        )
    };
    let events = [
        created(),
        added(0, &open),
        part("added", 0, ""),
        delta("delta", "delta"),
        delta("done", "text"),
        part("done", 0, "hm"),
        done(0, &closed),
        added(1, &call("n", "")),
        done(1, &call("n", "{}")),
        completed(&json!([closed, call("n", "{}")])),
    ];
    assert_eq!(sent(&events, EVERYTHING), events.concat());
}
