//! What the Responses API does not send.

mod leaks;
mod many;
mod servers;

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Limits, PieceRuling, Ruling, Step, Wants};

use super::OpenaiResponses;
use crate::{
    dialect::{Dialect as _, recorded},
    drive::{self, Judge, KeepAll},
    readers::READERS,
    recorded::EVERYTHING,
    rulings::TOOLS,
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

fn event(name: &str, mut fields: Value) -> String {
    fields["type"] = json!(name);
    format!("event: {name}\ndata: {fields}\n\n")
}

fn created() -> String {
    event(
        "response.created",
        json!({ "response": { "id": "resp_1", "output": [] } }),
    )
}

fn completed(output: &Value) -> String {
    event(
        "response.completed",
        json!({ "response": { "id": "resp_1", "status": "completed", "output": output } }),
    )
}

fn added(index: u64, item: &Value) -> String {
    event(
        "response.output_item.added",
        json!({ "output_index": index, "item": item }),
    )
}

fn done(index: u64, item: &Value) -> String {
    event(
        "response.output_item.done",
        json!({ "output_index": index, "item": item }),
    )
}

fn call(name: &str, arguments: &str) -> Value {
    json!({ "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments })
}

fn message(text: &str) -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [{ "type": "output_text", "annotations": [], "text": text }] })
}

fn arguments(step: &str, key: &str, said: &str) -> String {
    let name = format!("response.function_call_arguments.{step}");
    event(
        &name,
        json!({ "output_index": 0, "item_id": "fc_1", key: said }),
    )
}

fn text(step: &str, key: &str, said: &str) -> String {
    let name = format!("response.output_text.{step}");
    event(
        &name,
        json!({ "output_index": 0, "content_index": 0, "item_id": "msg_1", key: said }),
    )
}

#[test]
fn what_disagrees_is_carried_where_no_policy_judges_it() {
    let stream = [
        created(),
        added(0, &call("n", "")),
        arguments("delta", "delta", "{"),
        done(0, &call("m", "{}")),
        completed(&json!([])),
    ];
    let stream = stream.concat();
    let observed = Wants {
        tool_call: Delivery::Observe,
        text: Delivery::Observe,
        ..Wants::NOTHING
    };
    for wants in [Wants::NOTHING, observed] {
        let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut KeepAll);
        assert_eq!(
            (String::from_utf8(outcome.sent).unwrap(), outcome.error),
            (stream.clone(), None)
        );
    }
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], TOOLS, &mut KeepAll);
    assert_eq!(outcome.error, None);
    for reader in READERS {
        let calls = OpenaiResponses::calls(&outcome.sent, &reader).into_iter();
        let others: Vec<_> = calls
            .filter(|(name, said)| (&**name, &**said) != ("m", "{}"))
            .collect();
        assert_eq!(others, [], "{}", reader.name);
    }
}

#[test]
fn items_that_only_the_end_repeats_are_judged_there() {
    let end = [message("x"), call("agent_", "{}")];
    let stream = created() + &completed(&json!(end));
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], TOOLS, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], TOOLS, &mut Strict);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert_eq!(outcome.error, None);
    assert!(sent.contains("[no]") && !sent.contains("agent_"), "{sent}");
}

#[test]
fn content_behind_the_end_of_a_reply_is_left_out_where_policies_want_something() {
    let stream = recorded::<OpenaiResponses>("text");
    let more = done(9, &call("Bash", "{}"));
    let both = format!("{stream}: bye\n\ndata: [DONE]\n\n{more}");
    let outcome = drive::stream::<OpenaiResponses>([both.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert_eq!(sent, format!("{stream}: bye\n\ndata: [DONE]\n\n"));
    let outcome = drive::stream::<OpenaiResponses>([both.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), both);
}

#[test]
fn upstreams_error_goes_out_behind_the_text_that_was_held() {
    for fixture in ["error_midway", "failed"] {
        let stream = recorded::<OpenaiResponses>(fixture);
        let error = &stream[stream.rfind("event: ").unwrap()..];
        let outcome =
            drive::stream::<OpenaiResponses>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(
            sent.ends_with(error) && sent.contains("Once upon"),
            "{sent}"
        );
    }
}

#[test]
fn a_failure_repeats_no_call_that_was_held() {
    let evil = call("agent_", "{}");
    let failed = json!({ "response": { "id": "resp_1", "status": "failed", "error": { "code": "rate_limit_exceeded" }, "output": [evil] } });
    let stream = [
        created(),
        added(0, &evil),
        done(0, &evil),
        event("response.failed", failed),
    ]
    .concat();
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], TOOLS, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(
        sent.contains("rate_limit_exceeded") && !sent.contains("agent_"),
        "{sent}"
    );
    assert!(OpenaiResponses::receive(sent.as_bytes()).is_ok_and(|received| received.failed));
}

#[test]
fn a_host_that_ends_a_stream_says_so_where_agents_read_it() {
    let stream = recorded::<OpenaiResponses>("two_tools");
    let cut = &stream.as_bytes()[..stream.len() / 2];
    for wants in [Wants::NOTHING, EVERYTHING] {
        let outcome = drive::stream::<OpenaiResponses>([cut], wants, &mut KeepAll);
        let sent = String::from_utf8(outcome.sent).unwrap();
        let ending = &sent[sent.rfind("event: ").unwrap()..];
        assert!(ending.starts_with("event: response.failed\n"), "{ending}");
        assert!(
            ending.contains(r#""error":{"code":"server_error","message":"upstream ended"#),
            "{ending}"
        );
    }
}

#[test]
fn a_stream_that_nobody_reads_ends_with_an_error_of_the_response_that_began() {
    let instructions = "x".repeat(100 << 10);
    let begun = json!({ "id": "resp_1", "model": "m", "instructions": instructions });
    let begun = begun.to_string();
    for (first, second, number) in [
        // As OpenAI and as vLLM put it. Where the number is not in what is kept of an event, it is the next one.
        ("\"sequence_number\":4,", "", 5),
        ("\"sequence_number\":4,", ",\"sequence_number\":5", 6),
    ] {
        let created = format!(
            "event: response.created\ndata: {{{first}\"response\":{{\"id\":\"resp_1\",\"model\":\"m\",{}}}\n\n",
            &begun[1..]
        );
        let again =
            format!("event: response.in_progress\ndata: {{\"response\":{begun}{second}}}\n\n");
        let stream = match second {
            "" => created,
            _ => created + &again,
        };
        let pieces = stream.as_bytes().chunks(1000);
        let outcome = drive::stream::<OpenaiResponses>(pieces, Wants::NOTHING, &mut KeepAll);
        let ending = String::from_utf8(outcome.sent)
            .unwrap()
            .split_off(stream.len());
        let (_, failed) = crate::sse::events(ending.as_bytes()).remove(0);
        let failed: Value = serde_json::from_str(&failed).unwrap();
        assert_eq!(failed["type"], "response.failed");
        assert_eq!(failed["sequence_number"], number);
        assert_eq!(failed["response"]["id"], "resp_1");
        assert_eq!(failed["response"]["model"], "m");
    }
}

/// Stops the reply at a part that it does not know.
struct StopsAtUnknown;

impl Judge for StopsAtUnknown {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::Other(_) => Ruling::Stop {
                notice: "[stopped]".to_owned(),
            },
            _ => Ruling::Keep,
        }
    }
}

#[test]
fn a_stop_behind_a_held_call_leaves_nothing_of_the_message_in_a_whole_reply_either() {
    let call = json!({ "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "n",
        "arguments": "{}", "status": "completed" });
    let text = json!({ "type": "output_text", "text": "behind", "annotations": [] });
    let parts = [text, json!({ "type": "output_scent", "scent": "rose" })];
    let message = json!({ "type": "message", "id": "msg_1", "role": "assistant",
        "status": "completed", "content": parts });
    let wants = Wants {
        other: Delivery::Whole,
        ..TOOLS
    };
    for (output, left) in [
        (vec![call, message.clone()], "[stopped]"),
        (vec![message], "behind"),
    ] {
        let body = json!({ "id": "resp_1", "object": "response", "status": "completed",
            "output": output });
        let body = body.to_string();
        let outcome = drive::whole::<OpenaiResponses>(body.as_bytes(), wants, &mut StopsAtUnknown);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(sent.contains(left), "{sent}");
        assert_eq!(sent.contains("behind"), left == "behind", "{sent}");
        assert!(!sent.contains("call_1"), "{sent}");
    }
}

/// Leaves out what speaks of `agent_`, piece by piece.
struct StrictPieces;

impl Judge for StrictPieces {
    fn piece(&mut self, text: &str, _last: bool) -> PieceRuling {
        match text.contains("agent_") {
            true => PieceRuling::Send("[no]".to_owned()),
            false => PieceRuling::Keep,
        }
    }
}

#[test]
fn a_text_in_pieces_that_only_its_end_says_is_judged() {
    let empty = json!({ "id": "msg_1", "type": "message", "content": [] });
    let part = |step: &str, text: &str| {
        let part = json!({ "type": "output_text", "annotations": [], "text": text });
        let fields = json!({ "output_index": 0, "content_index": 0, "part": part });
        event(&format!("response.content_part.{step}"), fields)
    };
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let said = message("agent_");
    let end = [done(0, &said), completed(&json!([said]))].concat();
    for told in [
        String::new(),
        text("done", "text", "agent_"),
        part("added", "") + &text("done", "text", "agent_"),
        part("added", "") + &part("done", "agent_"),
        part("done", "agent_"),
    ] {
        let stream = created() + &added(0, &empty) + &told + &end;
        let bytes = [stream.as_bytes()];
        let outcome = drive::stream::<OpenaiResponses>(bytes, wants, &mut StrictPieces);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert_eq!(outcome.error, None, "{stream}");
        assert!(sent.contains("[no]") && !sent.contains("agent_"), "{sent}");
    }
}

#[test]
fn a_part_goes_out_as_soon_as_it_is_judged() {
    let empty = json!({ "id": "msg_1", "type": "message", "content": [] });
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let stream =
        created() + &added(0, &empty) + &text("delta", "delta", "x") + &text("done", "text", "x");
    let mut reply = OpenaiResponses::stream(wants, Limits::default());
    reply.push(Bytes::from(stream.clone()));
    let mut sent = 0;
    loop {
        match reply.next() {
            Step::Send(bytes) => sent += bytes.len(),
            Step::Judge(_) => {
                assert_eq!(sent, created().len());
                reply.rule(Ruling::Keep);
            }
            step => break assert_eq!(step, Step::More),
        }
    }
    assert_eq!(sent, stream.len());
}
