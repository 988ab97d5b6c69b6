//! Which strings of a request are texts: `readable.json` has one of each that the APIs document.
//!
//! There a string that says `READ` is one, with its place and its number, and a string that says
//! `KEEP` is none: an id, a signature, media. The policy SDK holds its own reading against the file too.

mod addresses;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json, value::RawValue};
use sluice_protocol::{Api, EditError, Limits, PlacedText, Request, TextPage, TextPlace};
use std::collections::BTreeMap;

const APIS: [Api; 4] = [
    Api::Anthropic,
    Api::OpenaiChat,
    Api::OpenaiResponses,
    Api::OpenaiEmbeddings,
];

/// The example of an API, byte for byte.
fn example(api: Api) -> String {
    let file = include_str!("readable.json");
    let all: BTreeMap<String, Box<RawValue>> = serde_json::from_str(file).unwrap();
    all[api.as_str()].get().to_owned()
}

fn request(api: Api, body: impl Into<String>) -> Box<dyn Request> {
    api.request(body.into().into(), &Limits::default()).unwrap()
}

fn messages(body: &Value) -> Box<dyn Request> {
    request(Api::Anthropic, body.to_string())
}

/// A request whose one message has this content.
fn content(content: &Value) -> Box<dyn Request> {
    messages(&json!({"model": "m", "messages": [{"role": "user", "content": content}]}))
}

/// What stands beside the messages, and then each message.
fn parts(request: &mut dyn Request) -> Vec<Option<u32>> {
    let count = request.message_count();
    std::iter::once(None).chain((0..count).map(Some)).collect()
}

fn texts_of(request: &mut dyn Request, message: Option<u32>) -> Vec<PlacedText> {
    let mut texts = Vec::new();
    loop {
        let start = u32::try_from(texts.len()).unwrap();
        let page = request.texts(message, start).unwrap();
        texts.extend(page.texts);
        if !page.has_more {
            return texts;
        }
    }
}

fn texts(request: &mut dyn Request) -> Vec<PlacedText> {
    let parts = parts(request).into_iter();
    parts.flat_map(|part| texts_of(request, part)).collect()
}

fn said(request: &mut dyn Request) -> Vec<String> {
    texts(request).into_iter().map(|text| text.text).collect()
}

/// Has each text of the request go through `change`.
fn replace(request: &mut dyn Request, change: impl Fn(&str) -> String) -> Result<(), EditError> {
    for part in parts(request) {
        let changed = (0..).zip(texts_of(request, part));
        let changed: Vec<(u32, String)> = changed
            .map(|(number, text)| (number, change(&text.text)))
            .collect();
        request.replace_texts(part, &changed)?;
    }
    Ok(())
}

fn word(place: TextPlace) -> &'static str {
    match place {
        TextPlace::System => "system",
        TextPlace::Text => "text",
        TextPlace::ToolCall => "tool-call",
        TextPlace::ToolResult => "tool-result",
        TextPlace::Document => "document",
    }
}

/// The marks in a text: the word for their place, and their number.
fn marks(text: &str) -> Vec<(String, usize)> {
    let marks = text.split("READ ").skip(1);
    let mark = |mark: &str| {
        let (place, rest) = mark.split_once(' ').unwrap();
        let digits = rest.find(|char: char| !char.is_ascii_digit());
        let number = rest[..digits.unwrap_or(rest.len())].parse().unwrap();
        (place.to_owned(), number)
    };
    marks.map(mark).collect()
}

/// `READ ` as base64, with the first letter of what follows.
fn coded(word: &str) -> String {
    STANDARD.encode(format!("{word} d"))
}

#[test]
fn every_text_of_an_api_is_read_in_its_place_and_nothing_else() {
    for api in APIS {
        let body = example(api);
        let count = marks(&body).len() + body.matches(&coded("READ")).count();
        assert!(count > 1, "{api:?}");
        let mut numbers = Vec::new();
        for PlacedText { place, text } in texts(&mut *request(api, body)) {
            assert!(
                place == TextPlace::ToolCall || !text.contains("KEEP"),
                "{api:?}: {text}"
            );
            for (expected, number) in marks(&text) {
                assert_eq!(word(place), expected, "{api:?}: {text}");
                numbers.push(number);
            }
        }
        let all: Vec<usize> = (1..=count).collect();
        assert_eq!(numbers, all, "{api:?}");
    }
}

#[test]
fn texts_that_are_replaced_leave_every_other_byte_alone() {
    for api in APIS {
        let body = example(api);
        let mut request = request(api, body.clone());
        replace(&mut *request, |text| text.replace("READ", "DONE")).unwrap();
        let expected = body
            .replace("READ", "DONE")
            .replace(&coded("READ"), &coded("DONE"));
        assert_ne!(expected, body);
        assert_eq!(
            String::from_utf8(request.body().to_vec()).unwrap(),
            expected
        );
        assert!(!said(&mut *request).concat().contains("READ"), "{api:?}");
    }
}

#[test]
fn a_text_that_is_replaced_by_itself_is_no_edit() {
    for api in APIS {
        let body = example(api).replace("READ", r"R\u0045AD");
        let mut request = request(api, body.clone());
        replace(&mut *request, str::to_owned).unwrap();
        assert!(!request.edited(), "{api:?}");
        assert_eq!(request.body(), body, "{api:?}");
    }
}

#[test]
fn more_texts_than_are_handed_out_at_once_keep_their_numbers() {
    let parts: Vec<Value> = (0..10_000)
        .map(|number| json!({"type": "text", "text": format!("text {number}")}))
        .collect();
    let mut request = content(&Value::from(parts));
    let first = request.texts(Some(0), 0).unwrap();
    assert!(first.texts.len() < 10_000 && first.has_more);
    for start in [9_999, 0, 4_097] {
        let text = &request.texts(Some(0), start).unwrap().texts[0].text;
        assert_eq!(*text, format!("text {start}"));
    }
    assert_eq!(request.texts(Some(0), 10_000), Ok(TextPage::default()));
    // Whatever was read last, and though the body was put together in between.
    request
        .replace_texts(Some(0), &[(3, "new".to_owned()), (9_000, "new".to_owned())])
        .unwrap();
    request.get("/messages");
    request
        .replace_texts(Some(0), &[(4, "newer".to_owned())])
        .unwrap();
    let said = said(&mut *request);
    let changed: Vec<&str> = [3, 4, 9_000, 9_001]
        .map(|at: usize| said[at].as_str())
        .to_vec();
    assert_eq!(changed, ["new", "newer", "new", "text 9001"]);
}

#[test]
fn a_text_of_megabytes_is_handed_out_alone() {
    let long = "a".repeat(3 << 20);
    let parts = json!([{"type": "text", "text": long}, {"type": "text", "text": "b"}]);
    let mut request = content(&parts);
    assert_eq!(request.texts(Some(0), 0).unwrap().texts.len(), 1);
    assert_eq!(request.texts(Some(0), 1).unwrap().texts[0].text, "b");
}

#[test]
fn there_are_no_texts_where_there_is_no_message_and_none_can_be_put_there() {
    let mut request = content(&json!("a"));
    assert_eq!(request.texts(Some(1), 0), Ok(TextPage::default()));
    assert_eq!(request.texts(None, 0), Ok(TextPage::default()));
    for (part, number) in [(Some(0), 1), (Some(1), 0), (None, 0)] {
        let edit = request.replace_texts(part, &[(0, "b".to_owned()), (number, "b".to_owned())]);
        assert!(
            matches!(edit, Err(EditError::NotFound(_))),
            "{part:?} {number}"
        );
    }
    assert!(!request.edited());
}

#[test]
fn an_edit_that_can_not_be_made_makes_none_of_its_call() {
    let call = json!({"type": "tool_use", "id": "t", "name": "n", "input": {"a": "b"}});
    let mut request = content(&json!([{"type": "text", "text": "a"}, call]));
    let before = request.body();
    for (number, text) in [(0, " \n"), (1, "{"), (1, &"[".repeat(200))] {
        let texts = [(0, "fine".to_owned()), (number, text.to_owned())];
        assert!(request.replace_texts(Some(0), &texts).is_err(), "{text}");
        assert_eq!(request.body(), before);
    }
}

#[test]
fn a_key_that_stands_twice_hides_no_text() {
    let nested = r#"[{"type":"tool_result","tool_use_id":"t","content":[{"type":"document",
        "title":"one","title":"two","source":{"type":"text","data":"three","type":"base64","media_type":"image/png"}}]}]"#;
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{nested}}}]}}"#);
    let mut request = request(Api::Anthropic, body);
    assert_eq!(said(&mut *request), ["one", "two", "three"]);
}

#[test]
fn what_lies_deeper_than_content_can_is_all_read() {
    let mut deep = json!({"type": "image", "source": {"type": "base64", "data": "deep"}});
    for _ in 0..30 {
        deep = json!({"type": "tool_result", "tool_use_id": "t", "content": [deep]});
    }
    let mut request = content(&json!([deep]));
    assert!(said(&mut *request).contains(&"deep".to_owned()));
}

#[test]
fn probabilities_of_a_text_that_is_replaced_go() {
    let part = json!({"type": "output_text", "text": "a", "logprobs": [{"token": "a"}], "annotations": []});
    let body = json!({"input": [{"role": "assistant", "content": [part]}]});
    let mut request = request(Api::OpenaiResponses, body.to_string());
    request
        .replace_texts(Some(0), &[(0, "b".to_owned())])
        .unwrap();
    let part = request.get("/input/0/content/0").unwrap();
    let part: Value = serde_json::from_str(&part).unwrap();
    let expected = json!({"type": "output_text", "text": "b", "logprobs": [], "annotations": []});
    assert_eq!(part, expected);
}

#[test]
fn texts_and_blocks_are_the_same_request() {
    let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
    let mut request = content(&parts);
    let b = |text: &str| vec![(1, text.to_owned())];
    request.replace_texts(Some(0), &b("c")).unwrap();
    let sluice_protocol::Block::Text(second) = request.message(0)[1].block.clone() else {
        panic!("a text");
    };
    assert_eq!(second, "c");
    let at = request.message(0)[0].at;
    request.replace_texts(Some(0), &b("d")).unwrap();
    request
        .replace(at, &[sluice_protocol::Block::Text("e".to_owned())])
        .unwrap();
    assert_eq!(said(&mut *request), ["e", "d"]);
    request.replace_texts(Some(0), &b("f")).unwrap();
    request.append_system("s").unwrap();
    assert_eq!(said(&mut *request), ["s", "e", "f"]);
}

#[test]
fn a_list_or_a_body_of_more_elements_than_the_limit_is_refused() {
    let few = Limits {
        elements: 3,
        ..Limits::default()
    };
    let refused = |api: Api, body: String| match api.request(body.into(), &few) {
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let many = |element: &str, count: usize| vec![element; count].join(",");
    let text = r#"{"type":"text","text":"a"}"#;
    let bodies = |count: usize| {
        let texts = many(text, count);
        let result = format!(r#"{{"type":"tool_result","tool_use_id":"t","content":[{texts}]}}"#);
        let items = [&*texts, &*result].map(|content| {
            format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{content}]}}]}}"#)
        });
        let [blocks, parts] = items;
        let tool = many(r#"{"name":"t"}"#, count);
        [
            (Api::Anthropic, blocks.clone()),
            (Api::Anthropic, parts),
            (
                Api::Anthropic,
                format!(r#"{{"model":"m","messages":[],"tools":[{tool}]}}"#),
            ),
            (Api::OpenaiChat, blocks),
            (
                Api::OpenaiChat,
                format!(r#"{{"messages":[],"tools":[{tool}]}}"#),
            ),
            (
                Api::OpenaiResponses,
                format!(r#"{{"input":[{{"role":"user","content":[{texts}]}}]}}"#),
            ),
            (
                Api::OpenaiResponses,
                format!(r#"{{"input":[{{"type":"reasoning","summary":[{texts}]}}]}}"#),
            ),
            (
                Api::OpenaiEmbeddings,
                format!(r#"{{"input":[{}]}}"#, many("\"a\"", count)),
            ),
        ]
    };
    for (api, body) in bodies(3) {
        assert_eq!(refused(api, body.clone()), None, "{body}");
    }
    for (api, body) in bodies(4) {
        let expected = "4 elements of a list exceed the limit of 3";
        assert_eq!(
            refused(api, body.clone()).as_deref(),
            Some(expected),
            "{body}"
        );
    }
    let fields = r#"{"model":"m","messages":[],"a":1,"b":1}"#.to_owned();
    let expected = "4 fields of the body exceed the limit of 3";
    assert_eq!(refused(Api::Anthropic, fields).as_deref(), Some(expected));
    let four = many(r#"{"role":"user","content":"a"}"#, 4);
    let messages = format!(r#"{{"model":"m","messages":[{four}]}}"#);
    assert_eq!(
        refused(Api::Anthropic, messages),
        None,
        "messages have a limit of their own"
    );
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was_put_in(old in ".*", new in ".+", arguments in ".*") {
        prop_assume!(!new.trim().is_empty());
        let result = json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": old}]});
        let call = json!({"type": "tool_use", "id": "t", "name": "n", "input": {"a": old}});
        let mut request = content(&json!([result, call, {"type": "text", "text": "x"}]));
        let arguments = json!({"b": arguments}).to_string();
        let texts = [(0, new.clone()), (1, arguments.clone()), (2, new.clone())];
        request.replace_texts(Some(0), &texts).unwrap();
        prop_assert_eq!(said(&mut *request), [&*new, &*arguments, &*new]);
        let body: Value = serde_json::from_slice(&request.body()).unwrap();
        prop_assert_eq!(&body["messages"][0]["content"][0]["content"][0]["text"], &json!(new));
        prop_assert_eq!(body["messages"][0]["content"][1]["input"].to_string(), arguments);
    }
}
