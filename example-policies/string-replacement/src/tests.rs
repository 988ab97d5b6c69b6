//! Rules, capitals, and pieces, run natively.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_policy_sdk::RequestVerdict;
use sluice_policy_sdk::testing::{Run, faults};

use super::*;

fn run(rules: Value) -> Run<StringReplacement> {
    Run::new(json!({ "rules": rules }))
}

#[track_caller]
fn check(rule: Value, text: &str, expected: &str) {
    assert_eq!(run(json!([rule])).text(&[text]), Ok(expected.to_owned()));
}

#[test]
fn a_literal_stands_for_itself() {
    check(json!({"from": "a.b$", "to": "$1"}), "axb$ a.b$", "axb$ $1");
}

#[test]
fn a_regex_carries_its_groups_over() {
    check(
        json!({"from": r"(?P<user>\w+)@(\w+)\.org", "to": "${user} at $2$$", "regex": true}),
        "ask me@example.org",
        "ask me at example$",
    );
}

#[test]
fn capitals_are_exact_unless_told_otherwise() {
    let text = "foo Foo FOO fOO";
    check(json!({"from": "foo", "to": "bar"}), text, "bar Foo FOO fOO");
    check(
        json!({"from": "foo", "to": "bAr", "capitals": "ignore"}),
        text,
        "bAr bAr bAr bAr",
    );
    check(
        json!({"from": "foo", "to": "bar", "capitals": "follow"}),
        text,
        "bar Bar BAR bar",
    );
}

#[test]
fn capitals_follow_in_every_alphabet() {
    check(
        json!({"from": "été", "to": "ça 1", "capitals": "follow"}),
        "ÉTÉ Été été",
        "ÇA 1 Ça 1 ça 1",
    );
    check(
        json!({"from": "a", "to": "an apple", "capitals": "follow"}),
        "A",
        "An apple",
    );
}

#[test]
fn the_earlier_rule_wins_and_nothing_is_replaced_twice() {
    let rules =
        json!([{"from": "ab", "to": "b"}, {"from": "abc", "to": "x"}, {"from": "b", "to": "y"}]);
    assert_eq!(run(rules).text(&["abcb"]), Ok("bcy".to_owned()));
}

#[test]
fn each_direction_has_its_rules() {
    let mut run = run(json!([
        {"from": "Apollo", "to": "Project X", "where": "request"},
        {"from": "Project X", "to": "Apollo", "where": "reply"},
    ]))
    .with_body(json!({
        "system": "You work on Apollo.",
        "messages": [
            {"role": "user", "content": "What is Apollo?"},
            {"role": "assistant", "content": [
                {"type": "text", "text": "Apollo is a project."},
                {"type": "tool_use", "id": "t", "name": "Read", "input": {"file": "Apollo.md"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "Apollo!"}]},
        ],
    }));
    assert_eq!(run.request(), RequestVerdict::Forward);
    let body = run.body();
    assert_eq!(body["system"], "You work on Project X.");
    assert_eq!(body["messages"][0]["content"], "What is Project X?");
    let reply = &body["messages"][1]["content"];
    assert_eq!(reply[0]["text"], "Project X is a project.");
    assert_eq!(reply[1]["input"]["file"], "Apollo.md");
    let result = &body["messages"][2]["content"][0];
    assert_eq!(result["content"], "Project X!");
    assert_eq!(run.text(&["Proj", "ect X"]), Ok("Apollo".to_owned()));
}

#[test]
fn a_direction_without_rules_is_not_asked_for() {
    let configure = |directions: &str| {
        let rule = json!({"from": "a", "to": "b", "where": directions});
        let config: Config =
            serde_json::from_value(json!({ "rules": [rule] })).expect("a configuration");
        StringReplacement::configure(config).expect("rules").wants()
    };
    assert_eq!(configure("request"), Wants::nothing().request());
    assert_eq!(configure("reply"), Wants::nothing().text_pieces());
    assert_eq!(configure("both"), Wants::nothing().request().text_pieces());
}

#[test]
fn faults_name_their_rule() {
    let fault = |rule: Value| faults::<StringReplacement>(&json!({"rules": [rule]})).concat();
    assert_eq!(
        fault(json!({"from": "", "to": "x"})),
        "rules[0].from: it matches the empty text"
    );
    assert_eq!(
        fault(json!({"from": "a(", "to": "x", "regex": true})),
        "rules[0].from: unclosed group"
    );
    assert!(fault(json!({"from": "a"})).starts_with("rules[0]: missing field `to`"));
    assert!(fault(json!({"from": "a", "to": "b", "case": 1})).contains("unknown field `case`"),);
    assert_eq!(
        faults::<StringReplacement>(&json!({"rules": []})),
        ["rules: at least one is needed"]
    );
}

proptest! {
    #[test]
    fn cuts_make_no_difference(
        text in "[abAB é]{0,30}",
        cuts in prop::collection::vec(0_usize..40, 0..8),
    ) {
        let rules = json!([
            {"from": "ab", "to": "xyz", "capitals": "follow"},
            {"from": r"\bb+(a?)", "to": "<$1>", "regex": true},
            {"from": "é", "to": ""},
        ]);
        let mut run = run(rules);
        let whole = run.text(&[&text]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.retain(|cut| text.is_char_boundary(*cut));
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        prop_assert_eq!(run.text(&pieces), whole);
    }
}
