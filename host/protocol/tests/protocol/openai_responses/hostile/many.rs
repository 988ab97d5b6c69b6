//! Replies of so many items or parts that to look at all of them for each would take minutes.

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_protocol::{Delivery, Limits, Ruling, Step, Wants};

use super::{Strict, added, completed, created, done, event, message};
use crate::{
    dialect::Dialect as _,
    drive::{self, Judge, KeepAll, Outcome},
    openai_responses::OpenaiResponses,
    recorded::EVERYTHING,
    rulings::TOOLS,
};

const COUNT: u64 = 100_000;

/// Nothing is judged, and something is.
const WANTS: [Wants; 3] = [
    Wants {
        other: Delivery::Observe,
        ..Wants::NOTHING
    },
    TOOLS,
    EVERYTHING,
];

/// As many items as one likes: work is linear in them.
fn limits() -> Limits {
    Limits {
        items: usize::MAX,
        ..Limits::default()
    }
}

fn whole(output: &[Value], wants: Wants, judge: &mut dyn Judge) -> (String, Outcome) {
    let body = json!({ "id": "resp_1", "status": "completed", "output": output }).to_string();
    let mut reply = OpenaiResponses::whole(wants, limits());
    let outcome = drive::drive(&mut *reply, body.as_bytes().chunks(100), judge);
    (body, outcome)
}

/// A stream goes out as it came; `None` where it is an error.
fn sent(stream: String, wants: Wants) -> Option<usize> {
    let mut reply = OpenaiResponses::stream(wants, limits());
    reply.push(Bytes::from(stream));
    reply.end();
    let mut sent = 0;
    loop {
        match reply.next() {
            Step::Send(bytes) => sent += bytes.len(),
            Step::Judge(_) => reply.rule(Ruling::Keep),
            Step::Done => return Some(sent),
            Step::Fail(_) => return None,
            step => assert!(matches!(step, Step::Observe(_)), "{step:?}"),
        }
    }
}

#[test]
fn a_whole_reply_may_have_very_many_items() {
    let mut output = vec![json!({}); usize::try_from(COUNT).unwrap()];
    for wants in WANTS {
        let (body, outcome) = whole(&output, wants, &mut KeepAll);
        assert_eq!(outcome.sent.len(), body.len());
    }
    output.push(super::call("agent_", "{}"));
    let (body, outcome) = whole(&output, TOOLS, &mut Strict);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.contains("[no]") && !sent.contains("agent_"));
    assert!(sent.len() > body.len() - 1000);
}

#[test]
fn a_message_may_have_very_many_parts() {
    let part = json!({ "type": "output_text", "text": "x" });
    let mut message = message("x");
    message["content"] = json!(vec![part; usize::try_from(COUNT).unwrap()]);
    for wants in WANTS {
        let (body, outcome) = whole(&[message.clone()], wants, &mut KeepAll);
        assert_eq!(outcome.sent.len(), body.len());
    }
}

#[test]
fn a_stream_may_have_very_many_items_open_at_once() {
    let item = json!({});
    let parts = [
        created(),
        (0..COUNT).map(|index| added(index, &item)).collect(),
        (0..COUNT).rev().map(|index| done(index, &item)).collect(),
        completed(&json!([])),
    ];
    let stream = parts.concat();
    for wants in [WANTS[0], TOOLS] {
        // What is known of them counts as held.
        let sent = sent(stream.clone(), wants);
        assert!(sent.is_none_or(|sent| sent == stream.len()));
    }
}

#[test]
fn a_streamed_message_may_have_very_many_parts() {
    let part = |step: &str, at: u64| {
        let part = json!({ "type": "output_text", "text": "" });
        let fields = json!({ "output_index": 0, "content_index": at, "part": part });
        event(&format!("response.content_part.{step}"), fields)
    };
    let open = json!({ "id": "msg_1", "type": "message", "content": [] });
    let mut closed = open.clone();
    let text = json!({ "type": "output_text", "text": "" });
    closed["content"] = json!(vec![text; usize::try_from(COUNT).unwrap()]);
    let stream = created()
        + &added(0, &open)
        + &(0..COUNT).map(|at| part("added", at)).collect::<String>()
        + &(0..COUNT).map(|at| part("done", at)).collect::<String>()
        + &done(0, &closed)
        + &completed(&json!([closed]));
    let length = stream.len();
    assert_eq!(sent(stream, TOOLS), Some(length));
}

#[test]
fn a_long_text_is_repeated_once_however_often_its_end_comes() {
    let long = "x".repeat(1_000_000);
    let open = json!({ "id": "msg_1", "type": "message", "content": [] });
    let mut stream = created() + &added(0, &open) + &super::text("delta", "delta", &long);
    for _ in 0..1000 {
        stream += &super::text("done", "text", "y");
    }
    stream += &(super::done(0, &message("y")) + &completed(&json!([message("y")])));
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut KeepAll);
    assert_eq!(outcome.error, None);
    assert!(outcome.sent.len() < 5_000_000, "{}", outcome.sent.len());
}
