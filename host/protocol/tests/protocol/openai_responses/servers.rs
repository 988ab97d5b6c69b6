//! Replies as servers send them that offer this API for other models: each is delivered under policies that want everything,
//! and says the same as without. Where a shape was seen stands beside it.

mod events;
mod numbers;

use serde_json::{Value, json};
use sluice_protocol::{Delivery, Step, Wants};

use super::OpenaiResponses;
use crate::{
    dialect::{Content, Dialect as _},
    drive::{self, KeepAll},
    joined_recorded::goes_on,
    readers::READERS,
    recorded::EVERYTHING,
    rulings::TOOLS,
    sse,
};

/// What a server sends.
struct Case {
    /// What is its own in that, and where it was seen.
    server: &'static str,
    /// The events by their names, without `response.`, and the fields of each besides its type.
    events: &'static [(&'static str, &'static str)],
    blocks: &'static [Said],
}

/// A block of a reply.
enum Said {
    Text(&'static str),
    Thinking(&'static str),
    /// The call of `Bash` with `LS`, by its id.
    Call(&'static str),
}

const LS: &str = r#"{"command":"ls"}"#;

impl Case {
    fn all() -> impl Iterator<Item = &'static Self> {
        numbers::CASES.iter().chain(events::CASES)
    }

    /// The events as a stream, each with its name or without.
    fn stream(&self, is_named: bool) -> String {
        let events = self.events.iter().map(|(name, fields)| {
            let name = format!("response.{name}");
            let data = format!("data: {{\"type\":\"{name}\",{fields}}}\n\n");
            match is_named {
                true => format!("event: {name}\n{data}"),
                false => data,
            }
        });
        events.collect()
    }

    fn blocks(&self) -> Vec<Content> {
        let blocks = self.blocks.iter().map(|said| match said {
            Said::Text(text) => Content::Text((*text).to_owned()),
            Said::Thinking(text) => Content::Thinking((*text).to_owned()),
            Said::Call(id) => Content::ToolCall {
                id: (*id).to_owned(),
                name: "Bash".to_owned(),
                arguments: json!({ "command": "ls" }),
            },
        });
        blocks.collect()
    }

    /// All texts in one.
    fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|said| match said {
            Said::Text(text) => Some(*text),
            _ => None,
        });
        texts.collect()
    }

    fn has_call(&self) -> bool {
        self.blocks.iter().any(|said| matches!(said, Said::Call(_)))
    }
}

/// What clients that add up deltas have of the texts.
fn added_up(sent: &[u8]) -> String {
    let events = sse::events(sent).into_iter();
    let deltas = events.filter(|(name, _)| name == "response.output_text.delta");
    let said = deltas.map(|(_, data)| serde_json::from_str::<Value>(&data).unwrap());
    said.map(|event| event["delta"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_other_servers_send_is_delivered_and_judged_as_what_it_is() {
    for case in Case::all() {
        let named = case.stream(true);
        for stream in [&named, &case.stream(false)] {
            let outcome =
                drive::stream::<OpenaiResponses>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
            assert_eq!(outcome.error, None, "{}", case.server);
            assert_eq!(outcome.blocks(), case.blocks(), "{}", case.server);
            check_sent(case, &named, &outcome.sent);
        }
    }
}

/// What goes out of a case is what clients read without Sluice. `named` is what came, each event with its name.
fn check_sent(case: &Case, named: &str, bytes: &[u8]) {
    let server = case.server;
    let sent = String::from_utf8_lossy(bytes);
    // Where a strict client could read it, it still can.
    let received = OpenaiResponses::receive(bytes);
    let was_received = OpenaiResponses::receive(named.as_bytes()).is_ok();
    assert!(
        !was_received || received.is_ok(),
        "{server}: {received:?}\n{sent}"
    );
    let call = ("Bash".to_owned(), LS.to_owned());
    for reader in &READERS {
        let found = OpenaiResponses::calls(bytes, reader);
        assert_eq!(!found.is_empty(), case.has_call(), "{server}: {sent}");
        // Who goes by ids alone reads so much without Sluice too.
        let raw = OpenaiResponses::calls(named.as_bytes(), reader);
        let is_right = found.iter().all(|one| *one == call || raw.contains(one));
        assert!(is_right, "{server}, {}: {found:?}", reader.name);
    }
    let added_up = added_up(bytes);
    assert!(
        added_up.is_empty() || added_up == case.text(),
        "{server}: {sent}"
    );
    let ending = sse::events(bytes).pop().unwrap().0;
    let end = case.events.last().unwrap().0;
    assert_eq!(ending, format!("response.{end}"), "{server}");
}

#[test]
fn texts_of_other_servers_in_pieces_are_the_same_texts() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..EVERYTHING
    };
    for case in Case::all() {
        let stream = case.stream(true);
        let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut KeepAll);
        assert_eq!(outcome.error, None, "{}", case.server);
        let heard = outcome.steps.iter().filter_map(|step| match step {
            Step::Piece { text, .. } => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(heard.collect::<String>(), case.text(), "{}", case.server);
    }
}

#[test]
fn an_item_with_another_id_than_upstreams_is_repeated_so() {
    let frame = |name: &str, number: u64, fields: &str| {
        format!(
            "event: {name}\ndata: {{\"type\":\"{name}\",\"sequence_number\":{number},{fields}}}\n\n"
        )
    };
    let item =
        |status: &str| format!(r#"{{"id":"same","type":"web_search_call","status":"{status}"}}"#);
    let mut stream = frame(
        "response.created",
        0,
        r#""response":{"id":"resp_1","status":"in_progress","output":[]}"#,
    );
    for at in 0..2 {
        let added = format!(r#""output_index":{at},"item":{}"#, item("in_progress"));
        let done = format!(r#""output_index":{at},"item":{}"#, item("completed"));
        stream += &frame("response.output_item.added", 1 + 2 * at, &added);
        stream += &frame("response.output_item.done", 2 + 2 * at, &done);
    }
    let output = format!(
        r#""response":{{"id":"resp_1","status":"completed","output":[{0},{0}]}}"#,
        item("completed")
    );
    stream += &frame("response.completed", 5, &output);
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], TOOLS, &mut KeepAll);
    let (_, end) = sse::events(&outcome.sent).pop().unwrap();
    let end: Value = serde_json::from_str(&end).unwrap();
    let output = &end["response"]["output"];
    assert_eq!([&output[0]["id"], &output[1]["id"]], ["same", "same_1"]);
}

#[test]
fn what_other_servers_send_goes_on_with_what_they_send_then() {
    for case in Case::all() {
        goes_on::<OpenaiResponses>(case.server, &case.stream(true), &case.blocks());
    }
}
