//! How such replies end, and what they repeat there.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, Wants};

use super::super::{added, call, completed, created, done, event, message, text};
use super::{data_of, empty, legal, message_events, outcome, output, part, sent};
use crate::{
    drive::{self, Judge, KeepAll},
    openai_responses::OpenaiResponses,
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled, TOOLS, drop_call},
};

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
    let evil = completed(&json!([call("agent_", "{}")]));
    let harmless = completed(&json!([]));
    let with = |end: &String| [&events[..], std::slice::from_ref(end)].concat().concat();
    let sent_with_evil = sent(&[&events[..], &[evil]].concat(), EVERYTHING);
    assert_eq!(sent_with_evil, with(&harmless));
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
fn an_end_that_is_told_by_two_names_goes_out_by_both() {
    let response = json!({ "id": "resp_1", "status": "completed",
        "output": [message("x"), call("gone", "{}")] });
    let ended = |name: &str| event(&format!("response.{name}"), json!({ "response": response }));
    for [first, second] in [
        ["done", "completed"],
        ["completed", "done"],
        ["done", "incomplete"],
    ] {
        let mut events = message_events(&["x"], "x");
        events.extend([added(1, &call("gone", "")), done(1, &call("gone", "{}"))]);
        events.extend([ended(first), ended(second)]);
        assert_eq!(sent(&events, EVERYTHING), events.concat());
        let mut ruled = Ruled {
            block: |block| drop_call("gone", block),
            ..KEEP
        };
        let outcome = outcome(&events, EVERYTHING, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        let said = |name: &str| {
            let data = data_of(&sent, &format!("response.{name}"));
            data[0]["response"]["output"].clone()
        };
        assert_eq!(said(first), said(second), "{sent}");
        assert!(!sent.contains("call_1"), "{sent}");
    }
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
fn an_item_that_another_of_its_number_follows_is_over_with_the_reply() {
    let open = json!({ "id": "x_1", "type": "news" });
    let full = call("n", "{}");
    for output in [json!([]), json!([full]), json!([open, full])] {
        let events = [
            created(),
            added(0, &open),
            done(0, &full),
            completed(&output),
        ];
        let sent = sent(&events, EVERYTHING);
        assert_eq!(
            data_of(&sent, "response.output_item.done").len(),
            2,
            "{sent}"
        );
        assert_eq!(data_of(&sent, "response.completed").len(), 1, "{sent}");
    }
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
