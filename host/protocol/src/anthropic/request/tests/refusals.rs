//! Bodies that are no requests, in the words of the API.

use super::*;

fn refused(body: &str, expected: &str) {
    assert_eq!(parse(body).unwrap_err().to_string(), expected, "{body}");
}

#[test]
fn a_body_of_the_wrong_shape_is_refused_in_the_apis_words() {
    refused("", "the body is empty; a JSON object is expected");
    refused(
        "[1,]",
        "the body is not valid JSON: a value is expected at byte 3",
    );
    refused("[]", "body: Input should be a valid dictionary");
    refused("{}", "model: Field required");
    refused(r#"{"model":"m"}"#, "messages: Field required");
    refused(
        r#"{"model":1,"messages":[]}"#,
        "model: Input should be a valid string",
    );
    refused(
        r#"{"model":"","messages":[]}"#,
        "model: String should have at least 1 character",
    );
    refused(
        r#"{"model":"m","messages":{}}"#,
        "messages: Input should be a valid list",
    );
    refused(
        r#"{"model":"m","messages":[],"stream":1}"#,
        "stream: Input should be a valid boolean",
    );
    let message = |message: &str| format!(r#"{{"model":"m","messages":[{message}]}}"#);
    refused(
        &message("1"),
        "messages.0: Input should be a valid dictionary",
    );
    refused(
        &message(r#"{"content":""}"#),
        "messages.0.role: Field required",
    );
    refused(
        &message(r#"{"role":"user"}"#),
        "messages.0.content: Field required",
    );
    refused(
        &message(r#"{"role":1,"content":""}"#),
        "messages.0.role: Input should be a valid string",
    );
    refused(
        &message(r#"{"role":"user","content":1}"#),
        "messages.0.content: Input should be a valid string or list",
    );
    refused(
        &message(r#"{"role":"user","content":["x"]}"#),
        "messages.0.content.0: Input should be a valid dictionary",
    );
    assert_eq!(
        parse(r#"{"model":"m","messages":[]}"#)
            .unwrap()
            .message_count(),
        0
    );
}

#[test]
fn a_body_that_is_not_utf_8_is_refused() {
    let body = Bytes::from_static(b"{\"model\":\"\xff\"}");
    let refused = Request::parse(body, &Limits::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the body is not valid JSON: it is not UTF-8 at byte 10"
    );
}

#[test]
fn too_many_messages_are_refused() {
    let message = r#"{"role":"user","content":""}"#;
    let body = format!(r#"{{"model":"m","messages":[{}]}}"#, [message; 4].join(","));
    let limits = Limits {
        messages: 3,
        ..Limits::default()
    };
    let refused = Request::parse(Bytes::from(body), &limits).unwrap_err();
    assert_eq!(
        refused,
        RequestError::TooManyMessages { count: 4, limit: 3 }
    );
}

#[test]
fn a_key_that_stands_twice_cannot_smuggle_content_past_the_policies() {
    let twice = "Field stands twice";
    refused(
        r#"{"model":"m","messages":[],"messages":[]}"#,
        &format!("messages: {twice}"),
    );
    refused(
        r#"{"model":"m","m\u006fdel":"n","messages":[]}"#,
        &format!("model: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"stream":true,"stream":false}"#,
        &format!("stream: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"system":"","system":""}"#,
        &format!("system: {twice}"),
    );
    refused(
        r#"{"model":"m","messages":[],"tools":[{"name":"a","name":"b"}]}"#,
        &format!("tools: {twice}"),
    );
    let message =
        |fields: &str| format!(r#"{{"model":"m","messages":[{{"role":"user",{fields}}}]}}"#);
    refused(
        &message(r#""content":"","content":"""#),
        &format!("messages.0.content: {twice}"),
    );
    refused(
        &message(r#""content":"","role":"x""#),
        &format!("messages.0.role: {twice}"),
    );
    let block = |fields: &str| message(&format!(r#""content":[{{{fields}}}]"#));
    let place = format!("messages.0.content.0: {twice}");
    refused(
        &block(r#""type":"text","text":"a","te\u0078t":"b""#),
        &place,
    );
    refused(
        &block(r#""type":"tool_result","content":[{"type":"text","text":"a","text":"b"}]"#),
        &place,
    );
    assert!(parse(&block(r#""type":"x","y":1,"y":2"#)).is_ok());
}
