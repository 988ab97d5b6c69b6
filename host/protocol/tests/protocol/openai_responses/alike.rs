//! Deltas that pass as the one before did: later events repeat what they said although nobody read it.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Limits, ReplyError, Ruling, Step, Wants};

use super::OpenaiResponses;
use crate::{
    alike::{either_way, pieces_of_the_middle},
    drive::Outcome,
    rulings::{KEEP, Ruled, TOOLS, drop_call, stop_at_call},
};

/// Events with their numbers.
#[derive(Default)]
struct Events {
    all: Vec<String>,
}

impl Events {
    fn started() -> Self {
        let response = json!({ "id": "resp_1", "status": "in_progress", "output": [] });
        Self::default().event("response.created", json!({ "response": response }))
    }

    fn event(mut self, name: &str, mut fields: Value) -> Self {
        fields["type"] = json!(name);
        fields["sequence_number"] = json!(self.all.len());
        self.all.push(format!("event: {name}\ndata: {fields}\n\n"));
        self
    }

    fn item(self, step: &str, index: u64, item: &Value) -> Self {
        let name = format!("response.output_item.{step}");
        self.event(&name, json!({ "output_index": index, "item": item }))
    }

    fn call(self, index: u64, name: &str) -> Self {
        let begun = call(index, name, "");
        self.item("added", index, &begun)
            .item("done", index, &call(index, name, "{}"))
    }

    /// A message begins and says this.
    fn message(self, index: u64, kind: &str, said: &[&str]) -> Self {
        let key = if kind == "refusal" { kind } else { "text" };
        let part = json!({ "type": kind, key: "" });
        let part = json!({ "output_index": index, "content_index": 0, "part": part });
        self.item("added", index, &message(index, &json!([])))
            .event("response.content_part.added", part)
            .said(index, kind, "delta", "delta", said)
    }

    fn said(mut self, index: u64, kind: &str, step: &str, key: &str, said: &[&str]) -> Self {
        for said in said {
            let fields = json!({ "output_index": index, "content_index": 0,
                "item_id": format!("msg_{index}"), key: said });
            self = self.event(&format!("response.{kind}.{step}"), fields);
        }
        self
    }

    /// The message that said this ends.
    fn message_done(self, index: u64, said: &str) -> Self {
        let part = json!({ "type": "output_text", "annotations": [], "text": said });
        self.said(index, "output_text", "done", "text", &[said])
            .event(
                "response.content_part.done",
                json!({ "output_index": index, "content_index": 0, "part": part }),
            )
            .item("done", index, &message(index, &json!([part])))
    }

    fn arguments(mut self, index: u64, said: &[&str]) -> Self {
        for said in said {
            self = self.event(
                "response.function_call_arguments.delta",
                json!({ "output_index": index, "item_id": "fc", "delta": said }),
            );
        }
        self
    }

    fn ends(self, status: &str, output: &Value) -> Self {
        let response = json!({ "id": "resp_1", "status": status, "output": output });
        let name = format!("response.{status}");
        self.event(&name, json!({ "response": response }))
    }

    fn outcome(&self, wants: Wants, mut ruled: Ruled) -> Outcome {
        let stream = self.all.concat();
        either_way::<OpenaiResponses>(&stream, wants, Limits::default(), &mut ruled)
    }

    fn sent(&self, wants: Wants, ruled: Ruled) -> String {
        String::from_utf8(self.outcome(wants, ruled).sent).unwrap()
    }
}

fn call(index: u64, name: &str, arguments: &str) -> Value {
    json!({ "id": format!("fc_{index}"), "type": "function_call", "call_id": format!("call_{index}"),
        "name": name, "arguments": arguments })
}

fn message(index: u64, content: &Value) -> Value {
    json!({ "id": format!("msg_{index}"), "type": "message", "role": "assistant", "content": content })
}

/// The data of the events of this name.
fn data_of(sent: &str, name: &str) -> Vec<Value> {
    let start = format!("event: {name}\ndata: ");
    let frames = sent.split("\n\n");
    let data = frames.filter_map(|frame| frame.strip_prefix(&start));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// Each event has the number behind the one before it.
fn is_numbered_through(sent: &str) {
    let data = sent.lines().filter_map(|line| line.strip_prefix("data: "));
    for (at, data) in data.enumerate() {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["sequence_number"], json!(at), "{sent}");
    }
}

const STOPS: Ruled = Ruled {
    block: |block| stop_at_call("n", block),
    ..KEEP
};

const SAID: [&str; 5] = ["One", " \"two\"", "\n", "é\\", " three"];

#[test]
fn a_message_that_a_stop_ends_repeats_all_that_it_said() {
    for (kind, key) in [("output_text", "text"), ("refusal", "refusal")] {
        let events = Events::started()
            .message(0, kind, &SAID)
            .call(1, "n")
            .ends("completed", &json!([]));
        let sent = events.sent(TOOLS, STOPS);
        let all = json!(SAID.concat());
        let done = data_of(&sent, &format!("response.{kind}.done"));
        assert_eq!(done[0][key], all);
        let part = &data_of(&sent, "response.content_part.done")[0]["part"];
        assert_eq!(part[key], all);
        let item = &data_of(&sent, "response.output_item.done")[0]["item"];
        assert_eq!(item["content"][0][key], all);
        let end = &data_of(&sent, "response.completed")[0]["response"];
        assert_eq!(end["output"][0]["content"][0][key], all);
        is_numbered_through(&sent);
    }
}

#[test]
fn a_text_whose_end_came_twice_is_repeated_as_the_last_has_it() {
    let events = Events::started()
        .message(0, "output_text", &["a", "b"])
        .said(0, "output_text", "done", "text", &["ab", "abc", "abcd"])
        .call(1, "n")
        .ends("completed", &json!([]));
    let sent = events.sent(TOOLS, STOPS);
    let part = &data_of(&sent, "response.content_part.done")[0]["part"];
    assert_eq!(part["text"], json!("abcd"));
}

#[test]
fn a_call_that_a_stop_ends_repeats_all_of_its_arguments() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let stops = Ruled {
        block: |_| Ruling::Stop {
            notice: "[stop]".to_owned(),
        },
        ..KEEP
    };
    let said = ["{", "\"a\"", ":", "1"];
    let events = Events::started()
        .item("added", 0, &call(0, "n", ""))
        .arguments(0, &said)
        .message(1, "output_text", &SAID)
        .message_done(1, &SAID.concat())
        .ends("completed", &json!([]));
    let sent = events.sent(wants, stops);
    let done = &data_of(&sent, "response.function_call_arguments.done")[0];
    assert_eq!(done["arguments"], json!(said.concat()), "{sent}");
    is_numbered_through(&sent);
}

#[test]
fn a_text_is_put_behind_a_message_that_nobody_read() {
    let adds = Ruled {
        added: &["[added]"],
        ..KEEP
    };
    let wants = Wants { end: true, ..TOOLS };
    let said = SAID.concat();
    let part = json!({ "type": "output_text", "annotations": [], "text": said });
    let events = Events::started()
        .message(0, "output_text", &SAID)
        .message_done(0, &said)
        .ends("completed", &json!([message(0, &json!([part]))]));
    let sent = events.sent(wants, adds);
    let end = &data_of(&sent, "response.completed")[0]["response"];
    assert_eq!(end["output"][0]["content"][0]["text"], json!(said));
    assert_eq!(end["output"][1]["content"][0]["text"], json!("[added]"));
    is_numbered_through(&sent);
}

#[test]
fn a_failure_inside_a_message_has_the_number_behind_its_last_delta() {
    let events = Events::started().message(0, "output_text", &SAID);
    for wants in [Wants::NOTHING, TOOLS] {
        let sent = events.sent(wants, KEEP);
        assert_eq!(data_of(&sent, "response.failed").len(), 1, "{sent}");
        is_numbered_through(&sent);
    }
    let failed = Events::started()
        .message(0, "output_text", &SAID)
        .ends("failed", &json!([]));
    assert_eq!(failed.sent(TOOLS, KEEP), failed.all.concat());
}

#[test]
fn deltas_behind_a_dropped_call_are_numbered_anew() {
    let drops = Ruled {
        block: |block| drop_call("n", block),
        ..KEEP
    };
    let said = SAID.concat();
    let events = Events::started()
        .call(0, "n")
        .message(1, "output_text", &SAID)
        .message_done(1, &said)
        .call(2, "m")
        .ends("completed", &json!([]));
    let sent = events.sent(TOOLS, drops);
    assert!(!sent.contains("call_0"), "{sent}");
    is_numbered_through(&sent);
}

#[test]
fn arguments_behind_a_text_that_was_left_out_are_numbered_anew() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let drops = Ruled {
        block: |_| Ruling::Drop {
            notice: "[gone]".to_owned(),
        },
        ..KEEP
    };
    let said = ["{", "\"a\"", ":", "1", "}"];
    let events = Events::started()
        .message(0, "output_text", &SAID)
        .message_done(0, &SAID.concat())
        .item("added", 1, &call(1, "n", ""))
        .arguments(1, &said)
        .item("done", 1, &call(1, "n", &said.concat()))
        .ends("completed", &json!([]));
    let sent = events.sent(wants, drops);
    assert!(sent.contains("call_1") && !sent.contains("two"), "{sent}");
    is_numbered_through(&sent);
}

#[test]
fn a_delta_like_one_before_its_item_was_done_has_no_place_behind_that() {
    let events = Events::started()
        .message(0, "output_text", &SAID)
        .message_done(0, &SAID.concat())
        .said(0, "output_text", "delta", "delta", &["x", "y"])
        .ends("completed", &json!([]));
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let sent = events.sent(wants, KEEP);
    let deltas = data_of(&sent, "response.output_text.delta");
    assert_eq!(deltas.len(), SAID.len(), "{sent}");
    is_numbered_through(&sent);
}

#[test]
fn texts_that_come_in_pieces_are_asked_about_one_by_one() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let events = Events::started()
        .message(0, "output_text", &SAID)
        .message_done(0, &SAID.concat())
        .ends("completed", &json!([]));
    let steps = events.outcome(wants, KEEP).steps.into_iter();
    let pieces = steps.filter_map(|step| match step {
        Step::Piece { text, .. } if !text.is_empty() => Some(text),
        _ => None,
    });
    assert_eq!(pieces.collect::<Vec<_>>(), SAID);
}

#[test]
fn texts_that_are_seen_are_seen_whole() {
    let wants = Wants {
        text: Delivery::Observe,
        ..TOOLS
    };
    let events = Events::started()
        .message(0, "output_text", &SAID)
        .message_done(0, &SAID.concat())
        .ends("completed", &json!([]));
    let steps = events.outcome(wants, KEEP).steps;
    let seen = Step::Observe(Block::Text(SAID.concat()));
    assert!(steps.contains(&seen), "{steps:?}");
}

#[test]
fn text_that_passed_unread_counts_as_held() {
    let long = "x".repeat(100);
    let said = vec![long.as_str(); 40];
    let stream = Events::started().message(0, "output_text", &said).all;
    let limits = Limits {
        held: 2000,
        ..Limits::default()
    };
    let outcome = either_way::<OpenaiResponses>(&stream.concat(), TOOLS, limits, &mut { KEEP });
    assert_eq!(
        outcome.error,
        Some(ReplyError::HeldTooLarge { limit: 2000 })
    );
    let sent = String::from_utf8(outcome.sent).unwrap();
    let deltas = data_of(&sent, "response.output_text.delta").len();
    assert!((5..20).contains(&deltas), "{deltas}");
}

#[test]
fn deltas_like_the_one_before_go_out_together() {
    let begun = Events::started().message(0, "output_text", &["x"]).all;
    let all = Events::started().message(0, "output_text", &["x", "a", "b", "c", "d", "e"]);
    let deltas = &all.all[begun.len()..];
    for wants in [Wants::NOTHING, TOOLS] {
        let start = begun.concat();
        let pieces = pieces_of_the_middle::<OpenaiResponses>(&start, deltas, wants);
        assert!(pieces <= 2, "{pieces}");
    }
}
