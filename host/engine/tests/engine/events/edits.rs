//! What policies changed of a request.

use serde_json::json;
use sluice_engine::{Contents, Edit, EditAddress, Edited, Event, Outcome, RequestRuling};
use sluice_protocol::{Block, BlockAddress};

use super::{passing, scripted, steps, telling, telling_of};
use crate::support::{load, spec};

const EDITED: &str = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"text","text":"secret"}]}],"tools":[{"name":"rm","input_schema":{}}]}"#;

fn edits_of(event: &Event) -> &[Edit] {
    match &event.contents {
        Contents::Edits(edits) => &edits.kept,
        other => panic!("edits: {other:?}"),
    }
}

fn edit(at: EditAddress, before: Option<Edited>, after: Option<Edited>) -> Edit {
    Edit { at, before, after }
}

#[tokio::test]
async fn a_policy_that_edits_a_request_tells_what_it_changed() {
    let edits = json!([
        {"model": "n"},
        {"replace-news": {"contains": "secret", "text": "gone"}},
        {"set": {"pointer": "/max_tokens", "value": 2}},
        {"set": {"pointer": "/nowhere/1", "value": 2}},
        {"set": {"pointer": "/top_k", "value": 3}},
        {"append-system": "Be kind."},
        {"remove-tool": "rm"},
    ]);
    let policy = scripted("p", json!({"wants": {"request": true}, "edits": edits}));
    let mut chain = telling_of(&[&policy], EDITED);
    chain.on_request().await;
    let text = |text: &str| Some(Edited::Text(text.to_owned()));
    let json = |json: &str| Some(Edited::Json(json.to_owned()));
    let block = |text: &str| Some(Edited::Blocks(vec![Block::Text(text.to_owned())]));
    let field = |pointer: &str| EditAddress::Field(pointer.to_owned());
    let at = BlockAddress {
        message: 0,
        block: 1,
    };
    let events = chain.take_events();
    let event = events.last().expect("a verdict");
    assert_eq!(
        edits_of(event),
        [
            edit(EditAddress::Model, text("m"), text("n")),
            edit(EditAddress::Block(at), block("secret"), block("gone")),
            edit(field("/max_tokens"), json("1"), json("2")),
            edit(field("/top_k"), None, json("3")),
            edit(EditAddress::System, None, text("Be kind.")),
            edit(EditAddress::Tool("rm".to_owned()), text("rm"), None),
        ]
    );
}

#[tokio::test]
async fn a_text_that_is_replaced_by_its_number_is_told() {
    let rules = json!({"rules": [{"from": "secret", "to": "gone"}]});
    let policy = load(spec("p", "string-replacement", rules));
    let mut chain = telling_of(&[&policy], EDITED);
    chain.on_request().await;
    let at = EditAddress::Text {
        message: Some(0),
        number: 1,
    };
    let text = |text: &str| Some(Edited::Text(text.to_owned()));
    let events = chain.take_events();
    let verdict = events.last().expect("a verdict");
    assert_eq!(edits_of(verdict), [edit(at, text("secret"), text("gone"))]);
}

/// The edits stand, so the recording must not hide them.
#[tokio::test]
async fn a_policy_that_fails_after_an_edit_tells_what_it_changed() {
    let config = json!({"wants": {"request": true}, "edits": [{"model": "n"}],
        "request": {"answer": []}});
    let mut chain = telling(&[&passing("p", "scripted", config)]);
    assert_eq!(chain.on_request().await, RequestRuling::Forward);
    let events = chain.take_events();
    assert!(matches!(events[0].outcome, Outcome::Failed { .. }));
    let text = |text: &str| Some(Edited::Text(text.to_owned()));
    assert_eq!(
        edits_of(&events[0]),
        [edit(EditAddress::Model, text("m"), text("n"))]
    );
}

#[tokio::test]
async fn the_edits_of_one_policy_are_not_told_of_the_next() {
    let edits = json!({"wants": {"request": true}, "edits": [{"model": "n"}]});
    let looks = scripted("looks", json!({"wants": {"request": true}}));
    let mut chain = telling(&[&scripted("edits", edits), &looks]);
    chain.on_request().await;
    assert_eq!(steps(&mut chain), ["edits: 1 edits", "looks: nothing"]);
}
