//! Sessions, as agents name them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use sluice_protocol::{Api, Limits};

use super::*;

const UUID: &str = "0189f7ea-ae2c-7000-8000-000000000001";

fn find(sessions: &Sessions, headers: &[(&'static str, &str)], api: Api, body: &str) -> Session {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let mut request = api.request(body, &Limits::default()).unwrap();
    sessions.find("clr_1", &headers, request.as_mut())
}

fn messages(rest: &str) -> String {
    format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"hello"}}]{rest}}}"#
    )
}

#[test]
fn a_session_is_what_the_agent_says_it_is() {
    let old = format!(r#","metadata":{{"user_id":"user_ab_account__session_{UUID}"}}"#);
    let new =
        format!(r#","metadata":{{"user_id":"{{\"device_id\":\"d\",\"session_id\":\"{UUID}\"}}"}}"#);
    for (headers, rest, found_by) in [
        (
            &[("x-claude-code-session-id", UUID)][..],
            &*old,
            "x-claude-code-session-id",
        ),
        (&[("x-session-id", UUID)], "", "x-session-id"),
        (&[("session_id", UUID)], "", "session_id"),
        (&[("agent-session-id", UUID)], "", "agent-session-id"),
        (&[("x-session-affinity", UUID)], &*old, "x-session-affinity"),
        (&[], &old, "metadata.user_id"),
        (&[], &new, "metadata.user_id"),
    ] {
        let session = find(
            &Sessions::default(),
            headers,
            Api::Anthropic,
            &messages(rest),
        );
        assert_eq!(
            (&*session.key, session.found_by),
            (UUID, found_by),
            "{rest}"
        );
    }
    let body = r#"{"model":"m","input":"hello","prompt_cache_key":"k"}"#;
    let session = find(&Sessions::default(), &[], Api::OpenaiResponses, body);
    assert_eq!((&*session.key, session.found_by), ("k", "prompt_cache_key"));
}

#[test]
fn without_a_name_the_first_thing_that_a_person_said_tells_the_session() {
    let sessions = Sessions::default();
    let turns = |first: &str, more: &str| {
        let body = format!(
            r#"{{"messages":[{{"role":"system","content":"{more}"}},{{"role":"user","content":"{first}"}}{more}],"model":"m"}}"#,
            more = more.replace('"', "")
        );
        find(&sessions, &[], Api::OpenaiChat, &body)
    };
    let one = turns("hello", "");
    assert_eq!(one.found_by, "first message");
    let later = r#"{"messages":[{"role":"system","content":"other"},{"role":"user","content":"hello"},{"role":"assistant","content":"hi"},{"role":"user","content":"go on"}],"model":"m"}"#;
    assert_eq!(find(&sessions, &[], Api::OpenaiChat, later).key, one.key);
    assert_ne!(turns("good bye", "").key, one.key);
    let nothing = find(
        &sessions,
        &[],
        Api::OpenaiChat,
        r#"{"messages":[],"model":"m"}"#,
    );
    assert_eq!((&*nothing.key, nothing.found_by), ("none", "nothing"));
}

#[test]
fn what_an_agent_always_begins_with_tells_no_session() {
    let sessions = Sessions::default();
    let key = |summary: &str, more: &str| {
        let body = format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"What did we do so far?"}},{{"role":"assistant","content":"{summary}"}}{more}]}}"#
        );
        find(&sessions, &[], Api::Anthropic, &body).key
    };
    let next = r#",{"role":"user","content":"go on"}"#;
    assert_eq!(key("one", ""), key("one", next));
    assert_ne!(key("one", next), key("two", next));
}

#[test]
fn what_goes_on_from_a_reply_is_in_the_session_of_that_reply() {
    let sessions = Sessions::default();
    let first = find(
        &sessions,
        &[],
        Api::OpenaiResponses,
        r#"{"model":"m","input":"hello"}"#,
    );
    sessions.replied("clr_1", "resp_1", &first);
    let next = r#"{"model":"m","input":"go on","previous_response_id":"resp_1"}"#;
    assert_eq!(
        find(&sessions, &[], Api::OpenaiResponses, next).key,
        first.key
    );
    let unknown = r#"{"model":"m","input":"go on","previous_response_id":"resp_2"}"#;
    assert_eq!(
        find(&sessions, &[], Api::OpenaiResponses, unknown).key,
        "resp_2"
    );

    // Nobody gets into another's session by naming a reply of it.
    sessions.replied("clr_2", "resp_2", &first);
    assert_eq!(
        find(&sessions, &[], Api::OpenaiResponses, unknown).key,
        "resp_2"
    );
}

#[test]
fn replies_are_forgotten_in_the_order_in_which_they_came() {
    let sessions = Sessions::default();
    let session = find(
        &sessions,
        &[],
        Api::OpenaiResponses,
        r#"{"model":"m","input":"hello"}"#,
    );
    for number in 0..=REMEMBERED {
        sessions.replied("clr_1", &format!("resp_{number}"), &session);
    }
    let of = |number: usize| {
        let body = format!(r#"{{"model":"m","input":"x","previous_response_id":"resp_{number}"}}"#);
        find(&sessions, &[], Api::OpenaiResponses, &body).key
    };
    assert_eq!(of(0), "resp_0");
    assert_eq!(of(1), session.key);
    assert_eq!(of(REMEMBERED), session.key);
}

#[test]
fn agents_of_a_session_are_told_apart_and_long_names_are_digests() {
    let long = "x".repeat(1000);
    let headers = [
        ("x-claude-code-session-id", &*long),
        ("x-claude-code-agent-id", "a2"),
        ("x-claude-code-parent-agent-id", "a1"),
    ];
    let session = find(
        &Sessions::default(),
        &headers,
        Api::Anthropic,
        &messages(""),
    );
    assert_eq!(session.agent.as_deref(), Some("a2"));
    assert_eq!(session.parent_agent.as_deref(), Some("a1"));
    assert_eq!(session.key, hash(long.as_bytes()));
}
