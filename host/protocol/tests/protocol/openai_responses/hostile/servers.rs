//! Replies of servers that speak the API in their own way, and that clients read all the same.

mod ends;
mod places;

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Step, Wants};

use super::{added, arguments, call, completed, created, done, event, message, text};
use crate::{
    dialect::Dialect as _,
    drive::{self, Judge, KeepAll, Outcome},
    openai_responses::OpenaiResponses,
    readers::READERS,
    recorded::EVERYTHING,
    rulings::TOOLS,
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
fn an_input_that_is_empty_is_not_one_that_is_missing() {
    let call = |input: Value| json!({ "id": "ctc_1", "type": "custom_tool_call", "call_id": "call_1", "name": "patch", "input": input });
    let events = [
        created(),
        added(0, &call(json!(""))),
        done(0, &call(json!(null))),
        completed(&json!([call(json!(""))])),
    ];
    let outcome = outcome(&events, EVERYTHING, &mut KeepAll);
    let judged = outcome.steps.iter().find_map(|step| match step {
        Step::Judge(Block::ToolCall(call)) => Some(call.arguments.as_str()),
        _ => None,
    });
    assert_eq!(judged, Some("\"\""));
    let sent = String::from_utf8(outcome.sent).unwrap();
    let item = &data_of(&sent, "response.output_item.done")[0]["item"];
    assert_eq!(item["input"], "", "{sent}");
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
